import Testing
import Wire

@testable import OrderEntry

/// Reads a reply's frame, after a look at what all replies have in common.
private func open<View>(
    _ reply: (number: ReplyNumber, to: UInt32, frame: [UInt8]), _ template: UInt16, _ read: (UnsafeRawPointer) -> View
) -> View {
    reply.frame.withUnsafeBytes { bytes in
        let base = bytes.baseAddress!
        #expect(FrameHeader.encoding(base) == FrameHeader.sbeLittleEndian)
        #expect(FrameHeader.length(base) == UInt32(reply.frame.count))
        let place = base + FrameHeader.size
        #expect(MessageHeader(place).templateId == template)
        #expect(MessageStructure.refusal(place, count: reply.frame.count - FrameHeader.size) == nil)
        // Account, index, sequence and time stand at the same place in every reply.
        let accepted = OrderAcceptedMessage(place)
        #expect(accepted.account == reply.to && accepted.index == reply.number.index)
        #expect(accepted.sequence == reply.number.sequence && accepted.time == reply.number.sequence * 1000)
        #expect(accepted.durability == .journaled)
        return read(place)
    }
}

@Suite struct ReplyTests {
    private func replies(_ effects: [[UInt8]], command: [UInt8] = newOrder(nonce: 41) + signature)
        -> [(number: ReplyNumber, to: UInt32, frame: [UInt8])]
    {
        var context = CommandContext()
        return Record(sequence: 6, command: command, effects: effects).replies(&context)
    }

    @Test func anOrderThatTradesAndRests() {
        let found = replies([Effects.accepted(), Effects.executed(entry: 3), Effects.rested()])
        #expect(found.map(\.number.index) == [0, 2, 3] && found.map(\.to) == [7, 7, 8])
        open(found[0], Template.orderAccepted) {
            let reply = OrderAcceptedMessage($0)
            #expect(reply.orderId == 100 && reply.clientOrderId == 11 && reply.instrument == 2)
            #expect(reply.priceTicks == 500 && reply.quantityLots == 9 && reply.side == .sell)
            #expect(reply.entry == Null.u16 && reply.resent == 0)
        }
        open(found[1], Template.orderExecuted) {
            let reply = OrderExecutedMessage($0)
            #expect(reply.orderId == 100 && reply.clientOrderId == 11 && reply.leavesLots == 6)
            #expect(reply.fee == 10 && reply.feeAsset == 1 && reply.side == .sell && reply.liquidity == .taker)
            #expect(reply.matchNumber == 55 && reply.entry == 3)
        }
        open(found[2], Template.orderExecuted) {
            let reply = OrderExecutedMessage($0)
            #expect(reply.orderId == 90 && reply.clientOrderId == 12 && reply.leavesLots == 1)
            #expect(reply.fee == -4 && reply.feeAsset == 0 && reply.side == .buy && reply.liquidity == .maker)
            #expect(reply.entry == Null.u16, "the entry is of the taker's batch")
        }
    }

    @Test func cancelledReplacedRejected() {
        let found = replies([Effects.cancelled(), Effects.replaced(), Effects.rejected(entry: 2)])
        #expect(found.map(\.number.index) == [0, 2, 4])
        open(found[0], Template.orderCancelled) {
            let reply = OrderCancelledMessage($0)
            #expect(reply.reason == .selfTrade && reply.quantityLots == 6 && reply.leavesLots == 0 && reply.entry == 4)
        }
        open(found[1], Template.orderReplaced) {
            let reply = OrderReplacedMessage($0)
            #expect(reply.originalOrderId == 100 && reply.orderId == 101 && reply.keptPriority == 1)
            #expect(reply.originalClientOrderId == 11 && reply.clientOrderId == 13 && reply.quantityLots == 5)
        }
        open(found[2], Template.commandRejected) {
            let reply = CommandRejectedMessage($0)
            #expect(reply.reason == .priceOutOfRange && reply.expected == 200 && reply.entry == 2)
            #expect(reply.nonce == 41 && reply.templateId == Template.newOrder && reply.clientOrderId == 11)
        }
    }

    @Test func aDepositIsToldToBoth() {
        let command = message(DepositMessage.size) {
            DepositMessage.encode(
                at: $0, account: 1, keySlot: 0, nonce: 5, deadline: 0, target: 9, asset: 1, amount: 70,
                reference: .zero)
        }
        let found = replies([Effects.balance(cause: .deposit, amount: 70)], command: command + signature)
        #expect(found.map(\.number.index) == [0, 1] && found.map(\.to) == [9, 1])
        open(found[0], Template.balanceUpdate) {
            let reply = BalanceUpdateMessage($0)
            #expect(reply.amount == 70 && reply.available == 70 && reply.held == 5 && reply.cause == .deposit)
        }
        open(found[1], Template.commandAccepted) {
            let reply = CommandAcceptedMessage($0)
            #expect(reply.nonce == 5 && reply.templateId == Template.deposit && reply.subject == 9)
        }
        #expect(replies([Effects.balance(cause: .withdrawal, amount: -5)]).map(\.to) == [9])
    }

    @Test func administrationIsAcceptedWithItsSubject() {
        for (effect, subject) in Effects.administration() {
            let found = replies([effect])
            #expect(found.count == 1 && found[0].to == 1)
            open(found[0], Template.commandAccepted) {
                let reply = CommandAcceptedMessage($0)
                #expect(reply.subject == subject && reply.nonce == 41 && reply.value == 0)
            }
        }
    }

    /// Every effect of the schema is in the table of OrderEntry.md: answered, or one of the two that are not.
    @Test func everyEffectIsMapped() {
        let silent: Set<UInt16> = [Template.rested, Template.feedSessionStarted]
        for template in Template.accepted...Template.feedSessionStarted {
            guard let block = Template.journalBlockLength(template) else { continue }
            var effect = [UInt8](repeating: 1, count: MessageHeader.size + Int(block))
            for (index, value) in [block, template, MessageHeader.journalSchema, 0].enumerated() {
                withUnsafeBytes(of: value) { effect.replaceSubrange(index * 2..<index * 2 + 2, with: $0) }
            }
            let record = Record(sequence: 6, effects: [effect])
            var cursor = ReplyCursor(record.view, CommandContext())
            let reply = cursor.next()
            #expect((reply == nil) == silent.contains(template), "template \(template)")
        }
    }

    @Test func recordsOfTheNodeHaveNoReplies() {
        var context = CommandContext()
        let started = message(FeedSessionStartedMessage.size) {
            FeedSessionStartedMessage.encode(at: $0, generation: 2)
        }
        let record = Record(
            sequence: 1, kind: .restart, command: [UInt8](repeating: 0, count: RestartMessage.size),
            effects: [started])
        #expect(record.replies(&context).isEmpty)
    }

    @Test func aContinuationKnowsItsCommand() {
        var context = CommandContext()
        let first = Record(
            sequence: 6, command: batch(nonce: 41, entries: 2) + signature, effects: [Effects.accepted()])
        let more = Record.continuation(
            sequence: 7, of: 6, effects: [Effects.massCancelCompleted(), Effects.rejected()])
        _ = first.replies(&context)
        let found = more.replies(&context)
        #expect(found.map(\.number) == [ReplyNumber(sequence: 7, index: 0), ReplyNumber(sequence: 7, index: 2)])
        open(found[0], Template.commandAccepted) {
            let reply = CommandAcceptedMessage($0)
            #expect(reply.nonce == 41 && reply.templateId == Template.batch && reply.value == 600)
        }
        open(found[1], Template.commandRejected) { #expect(CommandRejectedMessage($0).nonce == 41) }
        var fresh = CommandContext()
        let cause = fresh.enter(more.view)
        #expect(cause == 6)
    }

    @Test func refusalsSayWhatCanBeKnown() {
        func refusal(_ content: [UInt8], _ reason: Reason = .badSignature) -> [UInt8] {
            content.withUnsafeBytes { bytes in
                message(SessionReplies.frameBytesMax) {
                    _ = SessionReplies.refusal(
                        at: $0, bytes.baseAddress!, count: bytes.count, reason: reason, expected: 3)
                }
            }
        }
        func check(_ frame: [UInt8], _ body: (CommandRejectedMessage) -> Void) {
            frame.withUnsafeBytes {
                let reply = CommandRejectedMessage($0.baseAddress! + FrameHeader.size)
                #expect(MessageHeader(reply.base).templateId == Template.commandRejected)
                #expect(reply.sequence == 0 && reply.time == 0 && reply.durability == .notJournaled)
                #expect(reply.expected == 3 && reply.index == 0 && reply.entry == Null.u16)
                body(reply)
            }
        }
        check(refusal(newOrder(nonce: 9))) {
            #expect($0.account == 7 && $0.nonce == 9 && $0.clientOrderId == 11 && $0.orderId == Null.u64)
            #expect($0.templateId == Template.newOrder && $0.reason == .badSignature)
        }
        check(refusal([UInt8](newOrder(nonce: 9).prefix(20)), .invalidLength)) {
            #expect($0.account == 0 && $0.nonce == 0 && $0.templateId == Template.newOrder)
        }
        check(refusal([1, 2], .invalidLength)) { #expect($0.templateId == 0) }
        let rejected = refusal([UInt8](logon(challenge: .zero).prefix(LogonMessage.size)), .unknownKey)
        rejected.withUnsafeBytes {
            let reply = LogonRejectedMessage($0.baseAddress! + FrameHeader.size)
            #expect(MessageHeader(reply.base).templateId == Template.logonRejected)
            #expect(reply.account == 7 && reply.reason == .unknownKey)
        }
    }
}

@Suite struct ReplyHistoryTests {
    private let records = [
        Record(sequence: 5, effects: [Effects.accepted(), Effects.rested()]),
        Record(sequence: 6, effects: [Effects.accepted(account: 8), Effects.executed(taker: 8, maker: 7)]),
        Record(
            sequence: 7, command: batch(nonce: 50, entries: 128) + signature,
            effects: (0..<60).map { Effects.accepted(orderId: UInt64($0)) }),
        Record.continuation(sequence: 8, of: 7, effects: [Effects.rejected(), Effects.executed(maker: 7)]),
        Record(sequence: 9, effects: [Effects.cancelled(account: 3)]),
        Record(sequence: 10, effects: [Effects.replaced()]),
    ]

    /// What an account would have received live, from a number on.
    private func live(_ account: UInt32, from first: ReplyNumber) -> [UInt8] {
        var context = CommandContext()
        return records.flatMap { $0.replies(&context, resent: true) }.filter { $0.to == account && $0.number >= first }
            .flatMap(\.frame)
    }

    private func read(_ account: UInt32, from first: ReplyNumber, buffer: Int) -> [UInt8] {
        var history = ReplyHistory(account: account, from: first, durability: .journaled, resent: true)
        var found: [UInt8] = []
        let memory = Memory(buffer)
        let space = UnsafeMutableRawBufferPointer(start: memory.base, count: buffer)
        var index = records.firstIndex { $0.view.sequence >= first.sequence } ?? records.count
        while index < records.count {
            switch history.append(records[index].view, to: space) {
            case .done(let count):
                found += space[..<count]
                index += 1
            case .full(let count): found += space[..<count]
            case .needsCause(let cause): index = records.firstIndex { $0.view.sequence == cause }!
            }
        }
        return found
    }

    @Test func givesTheBytesThatWereSentLive() {
        for buffer in [Reply.frameBytesMax, 150, 333, 1 << 16] {
            for account in [3, 7, 8, 9] as [UInt32] {
                for sequence in 1...11 as ClosedRange<UInt64> {
                    for index in [0, 1, 2, 3, 50, 118] as [UInt32] {
                        let first = ReplyNumber(sequence: sequence, index: index)
                        #expect(read(account, from: first, buffer: buffer) == live(account, from: first))
                    }
                }
            }
        }
    }

    @Test func knowsWhereACommandEnds() {
        var history = ReplyHistory(
            account: 7, from: ReplyNumber(sequence: 7, index: 0), durability: .journaled, resent: true)
        let memory = Memory(1 << 16)
        _ = history.append(records[2].view, to: UnsafeMutableRawBufferPointer(start: memory.base, count: memory.count))
        #expect(history.continues(records[3].view))
        #expect(!history.continues(records[4].view))
        #expect(history.next == ReplyNumber(sequence: 8, index: 0))
    }
}

import Wire

@testable import OrderEntry

/// A journal record in memory; its hash is not computed, because replies do not depend on it.
final class Record {
    private let memory: Memory
    var view: RecordView { RecordView(UnsafeRawPointer(memory.base)) }

    init(
        sequence: UInt64, kind: RecordKind = .command, command: [UInt8] = newOrder(nonce: 41) + signature,
        effects: [[UInt8]]
    ) {
        let padded = RecordLayout.padded(command.count)
        let all = effects.flatMap { $0 }
        memory = Memory(RecordLayout.bytesMin + padded + all.count)
        let base = memory.base
        base.storeBytes(of: UInt32(memory.count), toByteOffset: RecordLayout.length, as: UInt32.self)
        base.storeBytes(of: sequence, toByteOffset: RecordLayout.sequence, as: UInt64.self)
        base.storeBytes(of: sequence * 1000, toByteOffset: RecordLayout.time, as: UInt64.self)
        base.storeBytes(of: kind.rawValue, toByteOffset: RecordLayout.kind, as: UInt16.self)
        base.storeBytes(of: UInt32(command.count), toByteOffset: RecordLayout.commandLength, as: UInt32.self)
        base.storeBytes(of: UInt32(all.count), toByteOffset: RecordLayout.effectsLength, as: UInt32.self)
        for (index, byte) in command.enumerated() {
            base.storeBytes(of: byte, toByteOffset: RecordLayout.body + index, as: UInt8.self)
        }
        for (index, byte) in all.enumerated() {
            base.storeBytes(of: byte, toByteOffset: RecordLayout.body + padded + index, as: UInt8.self)
        }
    }

    /// A continuation of an earlier record.
    static func continuation(sequence: UInt64, of cause: UInt64, effects: [[UInt8]]) -> Record {
        let command = message(ContinuationMessage.size) { ContinuationMessage.encode(at: $0, cause: cause) }
        return Record(sequence: sequence, kind: .continuation, command: command, effects: effects)
    }

    /// All its replies, as frames.
    func replies(_ context: inout CommandContext, resent: Bool = false) -> [(
        number: ReplyNumber, to: UInt32, frame: [UInt8]
    )] {
        context.enter(view)
        var cursor = ReplyCursor(view, context)
        var found: [(ReplyNumber, UInt32, [UInt8])] = []
        while let reply = cursor.next() {
            let bytes = message(reply.frameBytes) { _ = reply.encode(at: $0, durability: .journaled, resent: resent) }
            found.append((reply.number, reply.account, bytes))
        }
        return found
    }
}

enum Effects {
    static func accepted(account: UInt32 = 7, orderId: UInt64 = 100, entry: UInt16 = Null.u16) -> [UInt8] {
        message(AcceptedMessage.size) {
            AcceptedMessage.encode(
                at: $0, account: account, instrument: 2, orderId: orderId, clientOrderId: 11, priceTicks: 500,
                quantityLots: 9, side: .sell, orderType: .limit, timeInForce: .goodTillCancel,
                selfTradePrevention: .cancelTaker, entry: entry)
        }
    }

    static func rested() -> [UInt8] {
        message(RestedMessage.size) {
            RestedMessage.encode(
                at: $0, orderId: 100, instrument: 2, priceTicks: 500, quantityLots: 9, side: .sell)
        }
    }

    static func executed(taker: UInt32 = 7, maker: UInt32 = 8, entry: UInt16 = Null.u16) -> [UInt8] {
        message(ExecutedMessage.size) {
            ExecutedMessage.encode(
                at: $0, takerAccount: taker, makerAccount: maker, instrument: 2, priceTicks: 500, quantityLots: 3,
                takerLeavesLots: 6, makerLeavesLots: 1, takerSide: .sell, entry: entry, takerOrderId: 100,
                makerOrderId: 90, takerClientOrderId: 11, makerClientOrderId: 12, matchNumber: 55, takerFee: 10,
                makerFee: -4, takerFeeAsset: 1, makerFeeAsset: 0)
        }
    }

    static func cancelled(account: UInt32 = 7) -> [UInt8] {
        message(CancelledMessage.size) {
            CancelledMessage.encode(
                at: $0, account: account, instrument: 2, orderId: 100, clientOrderId: 11, priceTicks: 500,
                quantityLots: 6, leavesLots: 0, reason: .selfTrade, entry: 4, side: .sell, displayed: 1)
        }
    }

    static func replaced() -> [UInt8] {
        message(ReplacedMessage.size) {
            ReplacedMessage.encode(
                at: $0, account: 7, instrument: 2, originalOrderId: 100, orderId: 101, originalClientOrderId: 11,
                clientOrderId: 13, priceTicks: 501, quantityLots: 5, originalQuantityLots: 6, side: .buy,
                flags: .keptPriority, entry: Null.u16)
        }
    }

    static func rejected(account: UInt32 = 7, entry: UInt16 = Null.u16) -> [UInt8] {
        message(RejectedMessage.size) {
            RejectedMessage.encode(
                at: $0, account: account, reason: .priceOutOfRange, entry: entry, clientOrderId: 11,
                orderId: Null.u64, expected: 200)
        }
    }

    static func balance(cause: BalanceCause, amount: Int64) -> [UInt8] {
        message(BalanceChangedMessage.size) {
            BalanceChangedMessage.encode(
                at: $0, account: 9, asset: 1, amount: amount, available: 70, held: 5, cause: cause)
        }
    }

    static func massCancelCompleted() -> [UInt8] {
        message(MassCancelCompletedMessage.size) {
            MassCancelCompletedMessage.encode(at: $0, account: 7, cancelled: 600)
        }
    }

    /// Each effect that is answered with CommandAccepted and is about a number, and that number.
    static func administration() -> [(effect: [UInt8], subject: UInt32)] {
        let key = Bytes32(1, 2, 3, 4)
        return [
            (
                message(AccountCreatedMessage.size) {
                    AccountCreatedMessage.encode(at: $0, account: 1, newAccount: 33, ownerKey: key)
                }, 33
            ),
            (
                message(KeyAddedMessage.size) {
                    KeyAddedMessage.encode(at: $0, account: 1, slot: 3, flags: [], key: key)
                }, 3
            ),
            (message(KeyRevokedMessage.size) { KeyRevokedMessage.encode(at: $0, account: 1, slot: 4) }, 4),
            (
                message(AssetListedMessage.size) {
                    AssetListedMessage.encode(at: $0, account: 1, asset: 5, symbol: 0, decimals: 2)
                }, 5
            ),
            (
                message(TradingStateChangedMessage.size) {
                    TradingStateChangedMessage.encode(
                        at: $0, account: 1, instrument: Null.u32, reason: 0, state: .halted)
                }, Null.u32
            ),
            (
                message(KillSwitchChangedMessage.size) {
                    KillSwitchChangedMessage.encode(at: $0, account: 1, target: 8, engaged: 1)
                }, 8
            ),
            (
                message(LimitsChangedMessage.size) {
                    LimitsChangedMessage.encode(at: $0, account: 1, target: 6, scope: .instrument)
                }, 6
            ),
            (
                message(VenueKeyRotatedMessage.size) {
                    VenueKeyRotatedMessage.encode(
                        at: $0, account: 1, purpose: .venueOperator, slot: 2, newKey: key)
                }, 2
            ),
            (
                message(CommitmentAcceptedMessage.size) {
                    CommitmentAcceptedMessage.encode(at: $0, account: 1, through: 77)
                }, 0
            ),
        ]
    }
}

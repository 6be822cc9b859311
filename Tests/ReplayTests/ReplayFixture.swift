import Foundation
import Journal
import Venue
import Wire

/// A journal of a small venue, in real files of a directory of its own, written as a node writes it. A test may
/// change what is journaled on the way; length, chain and hashes are then made of what was changed, so that only a
/// replay finds it.
final class ReplayFixture {
    let directory: String
    /// Sequence of every record, in the order of the script, and what it holds.
    private(set) var sequences: [Step: UInt64] = [:]
    private(set) var lastSequence: UInt64 = 0
    private(set) var trades = 0

    /// Records that tests refer to.
    enum Step: Hashable {
        case genesis, firstDeposit, firstOrder, crossing, continuation, afterCrossing, restart, last
    }

    /// What is about to be journaled.
    struct Planned {
        var kind: RecordKind
        var flags: RecordFlags
        var command: [UInt8]
        var effects: [UInt8]
        var feedSequence: UInt64

        /// Changes a field of the command.
        mutating func set<Value: FixedWidthInteger>(_ value: Value, at offset: Int) {
            command.withUnsafeMutableBytes { $0.storeBytes(of: value, toByteOffset: offset, as: Value.self) }
        }
    }

    /// Changes a record that is about to be journaled; false leaves it out.
    typealias Change = (Step?, inout Planned) -> Bool

    private var writer: JournalWriter
    private var venue: Venue
    private let change: Change
    private let scratch = UnsafeMutableRawPointer.allocate(byteCount: EffectWriter.capacity, alignment: 64)
    private var nonces: [UInt32: UInt64] = [:]
    /// As the venue counts, which knows nothing of records that are left out.
    private var sequence: UInt64 = 0
    private var time: UInt64 = 1_700_000_000_000_000_000

    init(_ change: @escaping Change = { _, _ in true }) throws {
        directory = NSTemporaryDirectory() + "/glassbook-replay-\(UUID().uuidString)"
        let genesis = Self.message(GenesisMessage.size) {
            GenesisMessage.encode(
                at: $0, random: Bytes32(1, 2, 3, 4), operatorKey: Bytes32(1), logKey: Bytes32(2),
                receiptKey: Bytes32(3), settlementKey: Bytes32(4), time: 1, promiseSeconds: 60, rulesVersion: 1,
                venueName: FixedText.four("TEST")!, accountsMax: 8, keySlots: 2, assetsMax: 2, instrumentsMax: 1,
                ordersMax: 2000, levelsMax: 2000, referencesMax: 16, openOrdersMax: 2000)
        }
        var options = JournalOptions()
        options.segmentBytes = JournalOptions.segmentBytesMin
        options.populateBytes = 0
        writer = try JournalWriter.create(directory: directory, venueId: Bytes32(9), options: options)
        scratch.copyMemory(from: genesis, byteCount: genesis.count)
        venue = Venue(genesis: GenesisMessage(scratch))
        self.change = change
        append(.genesis, genesis, step: .genesis)
        runScript()
    }

    deinit {
        scratch.deallocate()
        try? FileManager.default.removeItem(atPath: directory)
    }

    // MARK: Script

    /// 600 resting sells, one buy that meets all of them and needs continuations, a restart, and orders that rest.
    private func runScript() {
        command(1, ListAssetMessage.size) { base, nonce in
            ListAssetMessage.encode(
                at: base, account: 1, keySlot: 0, nonce: nonce, deadline: 0, asset: 0, decimals: 2,
                symbol: FixedText.eight("USD")!)
        }
        command(1, ListAssetMessage.size) { base, nonce in
            ListAssetMessage.encode(
                at: base, account: 1, keySlot: 0, nonce: nonce, deadline: 0, asset: 1, decimals: 2,
                symbol: FixedText.eight("GLD")!)
        }
        command(1, ListInstrumentMessage.size) { base, nonce in
            ListInstrumentMessage.encode(
                at: base, account: 1, keySlot: 0, nonce: nonce, deadline: 0, instrument: 0, baseAsset: 1,
                quoteAsset: 0, priceMultiplier: 100, symbol: FixedText.eight("GLDUSD")!, lotSize: 1, tickValue: 1,
                priceMinTicks: 1, priceMaxTicks: 900, referencePriceTicks: 100, bandBasisPoints: 0,
                protectionBasisPoints: 0, makerFee: 10, takerFee: 30, feeMode: .quote, state: .continuous,
                quantityMaxLots: 1_000_000, notionalMax: 1 << 40)
        }
        for account in UInt32(3)...4 {
            command(1, CreateAccountMessage.size, proofsHold: true) { base, nonce in
                CreateAccountMessage.encode(
                    at: base, account: 1, keySlot: 0, nonce: nonce, deadline: 0, newAccount: account, flags: 0,
                    ownerKey: Bytes32(UInt64(account)), proof: Bytes64())
            }
            for asset in UInt32(0)...1 {
                command(1, DepositMessage.size, step: account == 3 && asset == 0 ? .firstDeposit : nil) { base, nonce in
                    DepositMessage.encode(
                        at: base, account: 1, keySlot: 0, nonce: nonce, deadline: 0, target: account, asset: asset,
                        amount: 1 << 40, reference: Bytes32(nonce))
                }
            }
        }
        for index in UInt32(0)..<600 {
            order(3, .sell, 100 + index % 50, 1, step: index == 0 ? .firstOrder : nil)
        }
        order(4, .buy, 200, 700, step: .crossing)
        order(3, .sell, 300, 5, step: .afterCrossing)
        let generation = venue.feedGeneration + 1
        append(
            .restart,
            Self.message(RestartMessage.size) {
                RestartMessage.encode(
                    at: $0, previousHead: writer.headHash, bootId: Bytes32(5), cutBytes: 0, feedGeneration: generation)
            }, step: .restart)
        order(3, .sell, 301, 5)
        order(4, .buy, 300, 7, step: .last)
    }

    private func order(_ account: UInt32, _ side: Side, _ price: UInt32, _ quantity: UInt32, step: Step? = nil) {
        command(account, NewOrderMessage.size, step: step) { base, nonce in
            NewOrderMessage.encode(
                at: base, account: account, keySlot: 0, nonce: nonce, deadline: 0, instrument: 0, side: side,
                orderType: .limit, timeInForce: .goodTillCancel, selfTradePrevention: .cancelTaker,
                clientOrderId: nonce, priceTicks: price, quantityLots: quantity, expiry: Null.u64,
                displayLots: Null.u32, minimumLots: Null.u32, stopPriceTicks: Null.u32, flags: [])
        }
    }

    private func command(
        _ account: UInt32, _ size: Int, proofsHold: Bool = false, step: Step? = nil,
        _ encode: (UnsafeMutableRawPointer, UInt64) -> Void
    ) {
        nonces[account, default: 0] += 1
        append(
            .command, Self.message(size) { encode($0, nonces[account]!) }, flags: proofsHold ? .proofsHold : [],
            step: step)
        var isFirst = true
        while let cause = venue.pendingCause {
            append(
                .continuation,
                Self.message(ContinuationMessage.size) { ContinuationMessage.encode(at: $0, cause: cause) },
                step: isFirst ? .continuation : nil)
            isFirst = false
        }
    }

    private static func message(_ size: Int, _ encode: (UnsafeMutableRawPointer) -> Void) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: size)
        bytes.withUnsafeMutableBytes { encode($0.baseAddress!) }
        return bytes
    }

    // MARK: Journaling

    private func append(_ kind: RecordKind, _ message: [UInt8], flags: RecordFlags = [], step: Step? = nil) {
        time += 1000
        sequence += 1
        var effects = EffectWriter(scratch)
        message.withUnsafeBytes {
            let command = Command(
                message: $0.baseAddress!, count: message.count, kind: kind, sequence: sequence, time: time,
                proofsHold: flags.contains(.proofsHold))
            _ = venue.apply(command, into: &effects)
        }
        let beginsSession = kind == .genesis || kind == .restart
        if beginsSession { writer.feedGeneration = venue.feedGeneration }
        var planned = Planned(
            kind: kind, flags: flags,
            command: message + [UInt8](repeating: 0, count: kind == .command ? Limits.signatureBytes : 0),
            effects: Array(UnsafeRawBufferPointer(start: scratch, count: effects.length)),
            feedSequence: beginsSession ? 1 : writer.nextFeedSequence)
        if let step { sequences[step] = writer.nextSequence }
        guard change(step, &planned) else { return }
        lastSequence = write(planned, feedMessages: effects.feedMessages)
        var cursor = EffectCursor(scratch, count: effects.length)
        while let effect = cursor.read() { trades += effect.template == Template.executed ? 1 : 0 }
    }

    private func write(_ planned: Planned, feedMessages: Int) -> UInt64 {
        while true {
            guard let draft = writer.reserve(commandLength: planned.command.count) else {
                precondition(writer.waitForSpare() == nil, "a disk with room")
                continue
            }
            planned.command.withUnsafeBytes { draft.command.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
            planned.effects.withUnsafeBytes { bytes in
                if let base = bytes.baseAddress { draft.effects.copyMemory(from: base, byteCount: bytes.count) }
            }
            return writer.commit(
                draft,
                RecordHead(
                    time: time, arrivalTime: time, arrivalTicket: 0, kind: planned.kind, flags: planned.flags,
                    feedSequence: planned.feedSequence, feedMessages: feedMessages,
                    effectsLength: planned.effects.count))
        }
    }
}

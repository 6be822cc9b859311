import Cryptography
import GlassbookClient
import Venue
import Wire

/// A venue of an operator who may cheat: the real rules, the real signatures of clients, and a hook at each place where
/// an operator could put their hand in. Without hooks it is an honest one.
///
/// What it journals it keeps as a `History`, which chains whatever stands in it.
public final class LyingVenue {
    public let keys = FixedKeys()
    public private(set) var history: History
    /// Sequences of the steps that the script has named.
    public var sequences: [String: UInt64] = [:]
    /// Changes what a client sent before the rules see it; false throws it away. The rules then run on the lie, so
    /// that the history agrees with itself.
    public var beforeRules: (_ name: String?, inout [UInt8]) -> Bool = { _, _ in true }
    /// Changes what is about to be chained, behind the back of the rules; false leaves it out.
    public var beforeChain: (_ name: String?, inout HistoryRecord) -> Bool = { _, _ in true }
    /// State root of canonical bytes (STA-1); replaced by who lies about it.
    public var stateRoot: (_ canonical: [UInt8], _ through: UInt64) -> Hash256
    /// What a commitment says of the data availability layer: records that are there, digest of the last batch.
    public var available: (History) -> (through: UInt64, digest: Hash256) = { _ in (0, .zero) }

    private var venue: Venue
    private let scratch = UnsafeMutableRawPointer.allocate(byteCount: EffectWriter.capacity, alignment: 64)
    private var signers: [UInt64: Signer] = [:]
    private var time: UInt64 = 1_700_000_000_000_000_000
    private var ticket: UInt64 = 0
    private var epoch: UInt32 = 1

    /// - Parameter random: another number makes another venue, with the same keys.
    public init(
        random: UInt64 = 7, stateRoot: @escaping (_ canonical: [UInt8], _ through: UInt64) -> Hash256
    ) {
        let genesis = Self.genesis(keys, random)
        self.stateRoot = stateRoot
        history = History(venueId: Blake2b256.hash(Array(genesis[MessageHeader.size...])))
        scratch.copyMemory(from: genesis, byteCount: genesis.count)
        venue = Venue(genesis: GenesisMessage(scratch))
        journal(.genesis, genesis, name: "genesis")
    }

    deinit { scratch.deallocate() }

    private static func genesis(_ keys: FixedKeys, _ random: UInt64) -> [UInt8] {
        func key(_ key: SigningKey) -> Bytes32 { Bytes32(key.publicKey.bytes) }
        return message(GenesisMessage.size) {
            GenesisMessage.encode(
                at: $0, random: Bytes32(random), operatorKey: key(keys.venueOperator), logKey: key(keys.log),
                receiptKey: key(keys.receipt), settlementKey: key(keys.settlement), time: 1_699_999_999_000_000_000,
                promiseSeconds: 60, rulesVersion: 1, venueName: FixedText.four("LIES")!, accountsMax: 64,
                keySlots: 4, assetsMax: 4, instrumentsMax: 4, ordersMax: 2000, levelsMax: 8000, referencesMax: 64,
                openOrdersMax: 1000)
        }
    }

    /// Sequence of the last record.
    public var lastSequence: UInt64 { UInt64(history.records.count) }

    /// Time passes.
    public func wait(nanoseconds: UInt64) { time += nanoseconds }

    /// The message of a command, signed by its client.
    public func signed(_ account: UInt32, _ body: CommandBody, slot: UInt16 = 0, deadline: UInt64 = 0) -> [UInt8] {
        let index = UInt64(account) << 16 | UInt64(slot)
        if signers[index] == nil {
            signers[index] = Signer(
                account: account, keySlot: slot, key: keys.trading(account, slot: slot), venue: history.venueId)
        }
        guard let frame = try? signers[index]!.frame(body, deadline: deadline) else {
            preconditionFailure("a command that can be encoded")
        }
        return Array(frame[FrameHeader.size...])
    }

    /// Sends a command of a client.
    @discardableResult
    public func send(
        _ account: UInt32, _ body: CommandBody, slot: UInt16 = 0, deadline: UInt64 = 0, name: String? = nil
    ) -> UInt64 {
        take(signed(account, body, slot: slot, deadline: deadline), name: name)
    }

    /// Takes message and signature as they came in, and goes on with what is left of it in further records.
    @discardableResult
    public func take(_ command: [UInt8], name: String? = nil) -> UInt64 {
        var command = command
        guard beforeRules(name, &command) else { return 0 }
        let sequence = journal(.command, command, name: name)
        while let cause = venue.pendingCause {
            let continuation = Self.message(ContinuationMessage.size) {
                ContinuationMessage.encode(at: $0, cause: cause)
            }
            journal(.continuation, continuation, name: name.map { "\($0) continued" })
        }
        return sequence
    }

    /// Starts again, in the same feed session.
    public func restart() {
        epoch += 1
        let head = history.chained().last.map { Array($0.suffix(32)) } ?? []
        let generation = venue.feedGeneration
        let message = Self.message(RestartMessage.size) { base in
            head.withUnsafeBytes {
                RestartMessage.encode(
                    at: base, previousHead: Bytes32(from: $0.baseAddress!), bootId: Bytes32(5), cutBytes: 0,
                    feedGeneration: generation)
            }
        }
        journal(.restart, message, name: "restart")
    }

    /// Commits the state as settlement does.
    @discardableResult
    public func commit(name: String? = nil) -> UInt64 {
        let through = lastSequence
        let head = history.chained()[Int(through) - 1].suffix(32)
        let chainHead = Array(head).withUnsafeBytes { Bytes32(from: $0.baseAddress!) }
        let root = stateRoot(canonicalState, through)
        let data = available(history)
        return send(
            WellKnownAccount.settlement,
            .stateCommitment(
                through: through, stateRoot: Bytes32(root), chainHead: chainHead, dataThrough: data.through,
                dataDigest: Bytes32(data.digest)),
            name: name)
    }

    /// The canonical bytes of the state as it is.
    public var canonicalState: [UInt8] {
        var sink = ByteSink()
        venue.writeState(into: &sink)
        return sink.bytes
    }

    // MARK: Journaling

    @discardableResult
    private func journal(_ kind: RecordKind, _ message: [UInt8], name: String?) -> UInt64 {
        time += 1000
        ticket += 1
        let sequence = lastSequence + 1
        let flags: RecordFlags = kind == .command && proofsHold(message) ? .proofsHold : []
        let length = kind == .command ? message.count - Limits.signatureBytes : message.count
        var effects = EffectWriter(scratch)
        message.withUnsafeBytes {
            let command = Command(
                message: $0.baseAddress!, count: length, kind: kind, sequence: sequence, time: time,
                proofsHold: flags.contains(.proofsHold))
            _ = venue.apply(command, into: &effects)
        }
        var record = HistoryRecord(
            kind: kind, flags: flags, time: time, ticket: ticket, epoch: epoch, command: message,
            effects: Array(UnsafeRawBufferPointer(start: scratch, count: effects.length)))
        if let name { sequences[name] = sequence }
        guard beforeChain(name, &record) else { return 0 }
        history.records.append(record)
        return sequence
    }

    /// As the node decides it: false for commands that carry no proofs of their own.
    private func proofsHold(_ message: [UInt8]) -> Bool {
        let prefixes = Prefixes(venue: history.venueId)
        return message.withUnsafeBytes { bytes in
            let base = bytes.baseAddress!
            switch MessageHeader(base).templateId {
            case Template.createAccount:
                let create = CreateAccountMessage(base)
                return prefixes.verifyPossession(
                    account: create.newAccount, publicKey: create.ownerKeyPointer, signature: create.proofPointer)
            case Template.addTradingKey:
                let add = AddTradingKeyMessage(base)
                return prefixes.verifyPossession(
                    account: add.account, publicKey: add.keyPointer, signature: add.proofPointer)
            default: return false
            }
        }
    }

    private static func message(_ size: Int, _ encode: (UnsafeMutableRawPointer) -> Void) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: size)
        bytes.withUnsafeMutableBytes { encode($0.baseAddress!) }
        return bytes
    }
}

/// Collects bytes.
public struct ByteSink: StateSink {
    public var bytes: [UInt8] = []

    public init() {}

    public mutating func write(_ more: UnsafeRawBufferPointer) { bytes.append(contentsOf: more) }
}

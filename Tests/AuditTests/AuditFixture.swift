import Availability
import Cryptography
import Foundation
import Proof
import Venue
import Wire

@testable import Audit

/// A small venue's history, made as its node makes it: by `Venue`, with signatures of real keys. A test may change a
/// record before it is sealed; length, chain and hashes are then made of what was changed, as a lying operator would.
final class AuditFixture {
    /// Records that tests refer to.
    enum Step: Hashable, Sendable {
        case genesis, createAccount, badProof, addKey, revokeKey, deposit, firstOrder, crossing, continuation
        case afterCrossing, cancel, rotateKey, restart, withdraw, firstCommitment, secondCommitment, last
    }

    /// A record before it is sealed.
    struct Draft {
        var sequence: UInt64
        var time: UInt64
        var epoch: UInt32
        var kind: RecordKind
        var flags: RecordFlags
        var feedSequence: UInt64
        var previousHash: Bytes32
        var message: [UInt8]
        /// Empty where the node is the author.
        var signature: [UInt8]
        var effects: [UInt8]

        /// Changes a field of the message.
        mutating func set<Value: FixedWidthInteger>(_ value: Value, at offset: Int) {
            message.withUnsafeMutableBytes { $0.storeBytes(of: value, toByteOffset: offset, as: Value.self) }
        }

        /// The record's bytes.
        var sealed: [UInt8] {
            let command = message + signature
            let padded = RecordLayout.padded(command.count)
            let length = RecordLayout.bytesMin + padded + effects.count
            var bytes = [UInt8](repeating: 0, count: length)
            bytes.withUnsafeMutableBytes { buffer in
                let base = buffer.baseAddress!
                base.storeBytes(of: UInt32(length), as: UInt32.self)
                base.storeBytes(of: ~UInt32(length), toByteOffset: RecordLayout.complement, as: UInt32.self)
                base.storeBytes(of: sequence, toByteOffset: RecordLayout.sequence, as: UInt64.self)
                base.storeBytes(of: time, toByteOffset: RecordLayout.time, as: UInt64.self)
                base.storeBytes(of: time, toByteOffset: RecordLayout.arrivalTime, as: UInt64.self)
                base.storeBytes(of: epoch, toByteOffset: RecordLayout.epoch, as: UInt32.self)
                base.storeBytes(of: kind.rawValue, toByteOffset: RecordLayout.kind, as: UInt16.self)
                base.storeBytes(of: flags.rawValue, toByteOffset: RecordLayout.flags, as: UInt16.self)
                base.storeBytes(of: feedSequence, toByteOffset: RecordLayout.feedSequence, as: UInt64.self)
                let lengths = (UInt32(command.count), UInt32(effects.count))
                base.storeBytes(of: lengths.0, toByteOffset: RecordLayout.commandLength, as: UInt32.self)
                base.storeBytes(of: lengths.1, toByteOffset: RecordLayout.effectsLength, as: UInt32.self)
                previousHash.store(to: base + RecordLayout.previousHash)
                (base + RecordLayout.body).copyMemory(from: command, byteCount: command.count)
                (base + RecordLayout.body + padded).copyMemory(from: effects, byteCount: effects.count)
                Blake2b256.hash(UnsafeRawPointer(base), count: length - RecordLayout.hashBytes)
                    .store(to: base + length - RecordLayout.hashBytes)
            }
            return bytes
        }
    }

    /// Changes a record; false leaves it out. Of records of the same step the first has it.
    typealias Change = (Step?, inout Draft) -> Bool

    let operatorKey = SigningKey(insecureDeterministic: 1)
    let logKey = SigningKey(insecureDeterministic: 2)
    let settlementKey = SigningKey(insecureDeterministic: 4)
    let newOperatorKey = SigningKey(insecureDeterministic: 5)
    let tradingKey = SigningKey(insecureDeterministic: 6)
    private(set) var records: [[UInt8]] = []
    private(set) var sequences: [Step: UInt64] = [:]
    /// The genesis message.
    let genesis: [UInt8]
    let venueId: Hash256
    let prefixes: Prefixes

    private let change: Change
    private var venue: Venue
    private let scratch = UnsafeMutableRawPointer.allocate(byteCount: EffectWriter.capacity, alignment: 64)
    private var nonces: [UInt64: UInt64] = [:]
    private var time: UInt64 = 1_700_000_000_000_000_000
    private var epoch: UInt32 = 1
    private var nextFeedSequence: UInt64 = 1
    /// As the venue counts, which knows nothing of records that are left out.
    private var sequence: UInt64 = 0
    private var operatorSlot: UInt16 = 0
    private var signer: SigningKey

    init(orders: UInt32 = 600, _ change: @escaping Change = { _, _ in true }) {
        let keys = (operatorKey.publicKey, logKey.publicKey, settlementKey.publicKey)
        genesis = Self.message(GenesisMessage.size) {
            GenesisMessage.encode(
                at: $0, random: Bytes32(1, 2, 3, 4), operatorKey: Self.bytes(keys.0), logKey: Self.bytes(keys.1),
                receiptKey: Self.bytes(SigningKey(insecureDeterministic: 3).publicKey),
                settlementKey: Self.bytes(keys.2), time: 1, promiseSeconds: 60, rulesVersion: 1,
                venueName: FixedText.four("TEST")!, accountsMax: 8, keySlots: 4, assetsMax: 2, instrumentsMax: 1,
                ordersMax: 2000, levelsMax: 2000, referencesMax: 16, openOrdersMax: 2000)
        }
        venueId = genesis.withUnsafeBytes {
            Blake2b256.hash(UnsafeRawBufferPointer(rebasing: $0[MessageHeader.size...]))
        }
        prefixes = Prefixes(venue: venueId)
        scratch.copyMemory(from: genesis, byteCount: genesis.count)
        venue = Venue(genesis: GenesisMessage(scratch))
        signer = operatorKey
        self.change = change
        append(.genesis, genesis, step: .genesis)
        runScript(orders: orders)
    }

    deinit { scratch.deallocate() }

    static func bytes(_ key: PublicKey) -> Bytes32 { withUnsafeBytes(of: key) { Bytes32(from: $0.baseAddress!) } }
    static func bytes(_ signature: Signature) -> Bytes64 {
        withUnsafeBytes(of: signature) { Bytes64(from: $0.baseAddress!) }
    }

    /// The owner key of a trader.
    static func traderKey(_ account: UInt32) -> SigningKey { SigningKey(insecureDeterministic: 100 + UInt64(account)) }

    static func message(_ size: Int, _ encode: (UnsafeMutableRawPointer) -> Void) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: size)
        bytes.withUnsafeMutableBytes { encode($0.baseAddress!) }
        return bytes
    }

    // MARK: Journaling

    /// Signs a command, journals it, and its continuations.
    func command(
        _ account: UInt32, slot: UInt16 = 0, _ size: Int, key: SigningKey, proofsHold: Bool = false,
        purpose: Purpose = .command, step: Step? = nil, _ encode: (UnsafeMutableRawPointer, UInt64) -> Void
    ) {
        nonces[UInt64(account) << 16 | UInt64(slot), default: 0] += 1
        let nonce = nonces[UInt64(account) << 16 | UInt64(slot)]!
        let message = Self.message(size) { encode($0, nonce) }
        append(
            .command, message, signature: sign(message, key, purpose), flags: proofsHold ? .proofsHold : [], step: step)
        var isFirst = true
        while let cause = venue.pendingCause {
            append(
                .continuation,
                Self.message(ContinuationMessage.size) { ContinuationMessage.encode(at: $0, cause: cause) },
                step: isFirst ? .continuation : nil)
            isFirst = false
        }
    }

    /// 64 bytes over prefix and message.
    func sign(_ message: [UInt8], _ key: SigningKey, _ purpose: Purpose = .command) -> [UInt8] {
        let prefix = prefixes[purpose].withUnsafeBytes { Array($0) }
        let signature = (prefix + message).withUnsafeBytes { key.sign($0) }
        return withUnsafeBytes(of: signature) { Array($0) }
    }

    /// The node starts again.
    func restart() {
        epoch += 1
        let head = records.last.map { bytes in bytes.withUnsafeBytes { RecordView($0.baseAddress!).hash } } ?? .zero
        let generation = venue.feedGeneration + 1
        append(
            .restart,
            Self.message(RestartMessage.size) {
                RestartMessage.encode(
                    at: $0, previousHead: head, bootId: Bytes32(5), cutBytes: 0, feedGeneration: generation)
            }, step: .restart)
    }

    /// Settlement commits to the state as it is now, and to a batch of the first `dataThrough` records.
    func commit(dataThrough: UInt64 = 0, digest: Hash256? = nil, step: Step? = nil) {
        let through = UInt64(records.count)
        let root = try! StateTree(venue).root(through: through)
        let head = records.last!.withUnsafeBytes { RecordView($0.baseAddress!).hash }
        let digest = dataThrough == 0 ? .zero : Bytes32(digest ?? batch(1...dataThrough).digest)
        command(2, StateCommitmentMessage.size, key: settlementKey, purpose: .commitment, step: step) { base, nonce in
            StateCommitmentMessage.encode(
                at: base, account: 2, keySlot: 0, nonce: nonce, deadline: 0, through: through,
                stateRoot: Bytes32(root), chainHead: head, dataThrough: dataThrough, dataDigest: digest)
        }
    }

    /// A batch of records.
    func batch(_ range: ClosedRange<UInt64>, previous: Hash256 = .zero) -> Batch {
        var draft = Batch.Draft(venue: venueId, previous: previous, first: range.lowerBound)
        for record in records[Int(range.lowerBound) - 1..<Int(range.upperBound)] {
            record.withUnsafeBytes { draft.append(RecordView($0.baseAddress!)) }
        }
        return draft.finish()
    }

    private func append(
        _ kind: RecordKind, _ message: [UInt8], signature: [UInt8] = [], flags: RecordFlags = [], step: Step? = nil
    ) {
        time += 1000
        sequence += 1
        var effects = EffectWriter(scratch)
        message.withUnsafeBytes {
            let command = Command(
                message: $0.baseAddress!, count: message.count, kind: kind, sequence: sequence, time: time,
                proofsHold: flags.contains(.proofsHold))
            _ = venue.apply(command, into: &effects)
        }
        let begins = kind == .genesis || kind == .restart
        let previous = records.last.map { bytes in bytes.withUnsafeBytes { RecordView($0.baseAddress!).hash } }
        var draft = Draft(
            sequence: UInt64(records.count) + 1, time: time, epoch: epoch, kind: kind, flags: flags,
            feedSequence: begins ? 1 : nextFeedSequence, previousHash: previous ?? .zero, message: message,
            signature: signature, effects: Array(UnsafeRawBufferPointer(start: scratch, count: effects.length)))
        nextFeedSequence = draft.feedSequence + UInt64(effects.feedMessages)
        let step = step.flatMap { sequences[$0] == nil ? $0 : nil }
        if let step { sequences[step] = draft.sequence }
        if change(step, &draft) { records.append(draft.sealed) }
    }
}

/// A mutant of code that node and verifier share: a verifier that is built of the same sources would agree with the
/// lie, so something else has to disagree.
struct SharedMutant: CustomStringConvertible, Sendable {
    /// What disagrees.
    enum Guard: String, CaseIterable, Sendable {
        /// Vectors that others have published.
        case vectors
        /// The format computed from its page by other code.
        case page
        /// Proofs and states that are false, and have to be refused.
        case forgeries
        /// Offsets as the schemas name them, read by other code.
        case schema
        /// What the honest run has always come to.
        case golden
    }

    let mutant: Mutant
    let `guard`: Guard

    init(_ mutant: Mutant, _ guard: Guard) {
        self.mutant = mutant
        self.guard = `guard`
    }

    var description: String { "\(mutant)" }
}

/// In `Wire`, `Cryptography`, `Proof`, `MarketData` and `Availability`.
enum SharedMutants {
    private static let ed25519 = "Cryptography/Ed25519.swift", node = "Proof/StateNode.swift"

    static let all: [SharedMutant] = wire + cryptography + proof + notes + published

    private static let wire = [
        SharedMutant(
            Mutant(
                60, "the two fees of a trade change places", "Wire/Generated/EffectMessages.swift",
                "pointer.storeBytes(of: matchNumber, toByteOffset: 72, as: UInt64.self)\n        "
                    + "pointer.storeBytes(of: ", "takerFee", "makerFee"), .schema),
        SharedMutant(
            Mutant(
                61, "the price of an order is read where its quantity stands", "Wire/Generated/TradingMessages.swift",
                "public var priceTicks: UInt32 { ", "base.loadUnaligned(fromByteOffset: 48, as: UInt32.self)",
                "base.loadUnaligned(fromByteOffset: 52, as: UInt32.self)"), .schema),
        SharedMutant(
            Mutant(
                62, "a record holds a unit less", "Wire/Effects.swift",
                "public var hasRoomForUnit: Bool {\n        ",
                "count + Limits.effectsPerUnitMax <= Limits.effectsPerRecordMax",
                "count + Limits.effectsPerUnitMax < Limits.effectsPerRecordMax"), .golden),
    ]

    private static let cryptography = [
        SharedMutant(
            Mutant(
                70, "every signature holds", ed25519,
                "return ",
                "crypto_sign_ed25519_verify_detached(\n            signature.assumingMemoryBound(to: UInt8.self), "
                    + "message.assumingMemoryBound(to: UInt8.self),\n            "
                    + "UInt64(truncatingIfNeeded: count), publicKey.assumingMemoryBound(to: UInt8.self)) == 0", "true"),
            .vectors),
        SharedMutant(
            Mutant(
                71, "every key can be registered", ed25519,
                "", "crypto_core_ed25519_is_valid_point(publicKey.assumingMemoryBound(to: UInt8.self)) == 1", "true"),
            .vectors),
        SharedMutant(
            Mutant(
                72, "what is signed at one venue holds at another", "Cryptography/SigningPrefix.swift",
                "venue.withUnsafeBytes { bytes.append(contentsOf: ", "$0",
                "UnsafeRawBufferPointer(rebasing: $0[..<0])"), .page),
        SharedMutant(
            Mutant(
                73, "the hash leaves the last byte out", "Cryptography/Blake2b256.swift",
                "finish(&state, source + offset, ", "count &- offset", "max(count &- offset &- 1, 0)"), .vectors),
    ]

    private static let proof = [
        SharedMutant(
            Mutant(80, "leaves of balances are tagged as nodes", node, "bytes[0] = ", "2", "3"), .page),
        SharedMutant(
            Mutant(
                81, "sums wrap at 2^128", node, "guard ", "!overflow", "true"), .forgeries),
        SharedMutant(
            Mutant(
                82, "a node hashes its left child's sum alone", node,
                "", "right.store(to: bytes.baseAddress! + 49)",
                "SumNode(hash: right.hash, sum: 0).store(to: bytes.baseAddress! + 49)", isStatement: true), .page),
        SharedMutant(
            Mutant(
                83, "liabilities need not be the total", "Proof/StateTree.swift",
                "guard ", "root.sum == UInt128(total)", "true"), .forgeries),
        SharedMutant(
            Mutant(
                84, "a balance proof may lead to any root", "Proof/BalanceProof.swift",
                "guard ", "try stateRoot() == root", "try stateRoot() != .zero"), .forgeries),
        SharedMutant(
            Mutant(
                85, "a balance proof may be of another account", "Proof/BalanceProof.swift",
                "guard ", "account == self.account", "true"), .forgeries),
        SharedMutant(
            Mutant(86, "nodes of the log are tagged as leaves", "Proof/MerkleHash.swift", "bytes[0] = ", "1", "0"),
            .page),
        SharedMutant(
            Mutant(
                87, "every log continues every other", "Proof/MerkleTree.swift",
                "", "return roots.old == oldRoot && roots.new == root", "return roots.new == root", isStatement: true),
            .forgeries),
        SharedMutant(
            Mutant(
                88, "a proof of a balance need not be backed", "Proof/BalanceProof.swift",
                "guard ", "node.sum == UInt128(total)", "true"), .forgeries),
    ]

    private static let notes = [
        SharedMutant(
            Mutant(
                90, "every signature of a note holds", "Proof/SignedNote.swift",
                "message.withUnsafeBytes { ",
                "Ed25519.verify(Signature(loading: signature.baseAddress!), of: $0, by: key.key)", "true"), .forgeries),
        SharedMutant(
            Mutant(
                91, "a cosignature does not sign its time", "Proof/SignedNote.swift",
                "", "Array(\"cosignature/v1\\ntime \\(time)\\n\\(checkpoint)\".utf8)",
                "Array(\"cosignature/v1\\ntime 0\\n\\(checkpoint)\".utf8)"), .page),
        SharedMutant(
            Mutant(
                92, "the id of a key leaves a byte out", "Proof/VerifierKey.swift",
                "Sha256.hash(Array(name.utf8) + ", "[0x0A, kind.rawValue]", "[kind.rawValue]"), .vectors),
        SharedMutant(
            Mutant(
                93, "the checkpoint of any log will do", "Proof/Checkpoint.swift",
                "guard ", "LogText.areEqual(checkpoint.origin, origin)", "true"), .forgeries),
        SharedMutant(
            Mutant(
                94, "a checkpoint need not be signed by its log", "Proof/Checkpoint.swift",
                "guard ", "!self.logs.isEmpty", "true"), .forgeries),
        SharedMutant(
            Mutant(
                95, "the root of a checkpoint is not read", "Proof/Checkpoint.swift",
                "let root = ", "LogText.hash(lines[2])", "LogText.hash(lines[2]).map { _ in Hash256.zero }"), .page),
    ]

    private static let published = [
        SharedMutant(
            Mutant(
                100, "an execution in the feed names the taker's order", "MarketData/FeedEncoder.swift",
                "time: time, reference: ", "executed.makerOrderId", "executed.takerOrderId"), .schema),
        SharedMutant(
            Mutant(
                101, "prices in the feed are ticks", "MarketData/FeedEncoder.swift",
                "UInt32(UInt64(ticks) * ", "UInt64(instruments[Int(instrument)].priceMultiplier)", "UInt64(1)"),
            .schema),
        SharedMutant(
            Mutant(
                102, "times in the feed are those of the journal", "MarketData/FeedEncoder.swift",
                "encodeAny(effect, ", "time % ITCH.dayNanoseconds", "time"), .schema),
        SharedMutant(
            Mutant(
                103, "a batch does not name the one before", "Availability/Batch.swift",
                "", "previous.store(to: base.baseAddress! + 64)", "Hash256.zero.store(to: base.baseAddress! + 64)",
                isStatement: true), .page),
        SharedMutant(
            Mutant(
                104, "the digest of a batch leaves its header out", "Availability/Batch.swift",
                "header.previous)\n        digest = ", "Sha256.hash(bytes)",
                "Sha256.hash(Array(bytes[Self.headerBytes...]))"), .page),
        SharedMutant(
            Mutant(
                105, "records of a batch may have any sequence", "Availability/Batch.swift",
                "sequence <= header.last,\n                ",
                "Self.word(bytes, offset + RecordLayout.sequence) == sequence", "true"), .forgeries),
    ]
}

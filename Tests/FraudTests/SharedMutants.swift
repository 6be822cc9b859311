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

/// In `Wire`, `Cryptography` and `Proof`.
enum SharedMutants {
    private static let ed25519 = "Cryptography/Ed25519.swift", node = "Proof/StateNode.swift"

    static let all: [SharedMutant] = wire + cryptography + proof

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
                "destination.assumingMemoryBound(to: UInt8.self), 32,\n            "
                    + "source.assumingMemoryBound(to: UInt8.self), UInt64(truncatingIfNeeded: ", "count",
                "max(count - 1, 0)"), .vectors),
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
}

/// What a signature is for. A signature made for one purpose is not valid for another, because each purpose has its
/// own prefix.
public enum Purpose: String, CaseIterable, Sendable {
    /// A command to the venue, or a batch of them.
    case command
    /// A session's answer to the server's challenge; nothing of it is journaled.
    case logon
    /// Proof that the owner of a key asked for it to be registered.
    case possession
    /// A state commitment, by the settlement key.
    case commitment
    /// A receipt of the venue, by the receipt key.
    case receipt
    /// The change of one of the venue's own keys, signed by the old and the new one.
    case rotation
}

/// The 32 bytes that stand before every signed message: BLAKE2b-256 of `glassbook/1/PURPOSE` in ASCII followed by the
/// venue id. What is signed is prefix ‖ message, so nothing signed for one venue or purpose is valid at another.
public enum SigningPrefix {
    /// Length in bytes.
    @inlinable public static var byteCount: Int { 32 }

    /// The prefix of a purpose at a venue.
    public static func make(_ purpose: Purpose, venue: Hash256) -> Hash256 {
        var bytes = Array("glassbook/1/\(purpose.rawValue)".utf8)
        venue.withUnsafeBytes { bytes.append(contentsOf: $0) }
        return Blake2b256.hash(bytes)
    }
}

/// The six prefixes of one venue, computed once.
@frozen
public struct Prefixes: Equatable, Sendable, BitwiseCopyable {
    public let command: Hash256
    public let logon: Hash256
    public let possession: Hash256
    public let commitment: Hash256
    public let receipt: Hash256
    public let rotation: Hash256

    /// The prefixes of the venue with this id.
    public init(venue: Hash256) {
        command = SigningPrefix.make(.command, venue: venue)
        logon = SigningPrefix.make(.logon, venue: venue)
        possession = SigningPrefix.make(.possession, venue: venue)
        commitment = SigningPrefix.make(.commitment, venue: venue)
        receipt = SigningPrefix.make(.receipt, venue: venue)
        rotation = SigningPrefix.make(.rotation, venue: venue)
    }

    /// The prefix of a purpose.
    @inlinable
    public subscript(purpose: Purpose) -> Hash256 {
        switch purpose {
        case .command: command
        case .logon: logon
        case .possession: possession
        case .commitment: commitment
        case .receipt: receipt
        case .rotation: rotation
        }
    }
}

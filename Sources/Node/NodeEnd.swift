import Cryptography
import Wire

/// What an orderly end leaves: what a replay of the journal has to come to.
public struct NodeEnd: Sendable, Equatable {
    /// Sequence of the last record.
    public let lastSequence: UInt64
    /// Its hash.
    public let headHash: Bytes32
    /// Hash of the venue's state; nil when the last command is not finished.
    public let stateHash: Hash256?

    /// One line for people and programs.
    public var line: String {
        let head = withUnsafeBytes(of: headHash) { Hexadecimal.encode($0) }
        return "stopped sequence=\(lastSequence) head=\(head) state=\(stateHash?.hexadecimal ?? "unfinished")"
    }
}

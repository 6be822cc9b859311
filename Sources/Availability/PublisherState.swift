import Cryptography
import Platform

/// Where a publisher is, on disk: a small text file, replaced whole.
///
/// The batch that is under way is written down before it leaves, so that after a crash it is the same bytes that leave
/// again, however late and whatever the limits are then.
struct PublisherState: Equatable {
    /// Last sequence that is available; 0 = none.
    var through: UInt64 = 0
    /// Digest of the batch that ends there.
    var digest = Hash256.zero
    /// The last sequence of the batch that is under way; nil = none.
    var pendingLast: UInt64?

    static let heading = "glassbook/1/availability"

    /// Reads the file; the beginning when there is none.
    init(path: String) throws {
        guard File.exists(path) else { return }
        let text = String(decoding: try File.readPrefix(path, limit: 1024), as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
            $0.split(separator: " ", omittingEmptySubsequences: false)
        }
        guard lines.count == 5, lines[0] == [Substring(Self.heading)], lines[1].count == 2, lines[1][0] == "through",
            let through = UInt64(lines[1][1]), lines[2].count == 2, lines[2][0] == "digest",
            let digest = Hash256(hexadecimal: lines[2][1]), lines[3].count == 2, lines[3][0] == "pending",
            let pending = UInt64(lines[3][1]), pending == 0 || pending > through
        else { throw PublisherError.position(path) }
        (self.through, self.digest, pendingLast) = (through, digest, pending == 0 ? nil : pending)
    }

    /// Writes the file.
    func write(path: String) throws(PlatformError) {
        let text = "\(Self.heading)\nthrough \(through)\ndigest \(digest)\npending \(pendingLast ?? 0)\n"
        try File.replace(path, with: Array(text.utf8))
    }
}

/// What a publisher cannot get past.
public enum PublisherError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file that says where it was cannot be read.
    case position(String)
    /// The journal does not hold the records of the batch that is under way, or they changed.
    case journal(String)
    /// The layer gave back other bytes under a commitment.
    case layer(String)

    public var description: String {
        switch self {
        case .position(let path):
            "\(path) is not the position of a publisher; remove it to publish from the first record again"
        case .journal(let text): text
        case .layer(let text): text
        }
    }
}

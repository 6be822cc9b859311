import Cryptography
import Platform

/// Where a publisher is, on disk: a small text file, replaced whole.
///
/// The batch that is under way is written down before it leaves, so that after a crash it is the same bytes that leave
/// again, however late and whatever the limits are then.
struct PublisherState: Equatable {
    /// A batch that was chosen: it may have left.
    struct Pending: Equatable {
        /// Its last sequence.
        var last: UInt64
        /// Its digest: the records have to be the same when it leaves again.
        var digest: Hash256
    }

    /// Last sequence that is available; 0 = none.
    var through: UInt64 = 0
    /// Digest of the batch that ends there.
    var digest = Hash256.zero
    /// Hash of that record: by the chain the journal has it, or is another one.
    var head = Hash256.zero
    /// The batch that is under way; nil = none.
    var pending: Pending?

    static let heading = "glassbook/2/availability"
    private static let names = ["through", "digest", "head", "pending", "pending-digest"]

    /// Reads the file; the beginning when there is none.
    init(path: String) throws {
        guard File.exists(path) else { return }
        let bytes = try File.readPrefix(path, limit: 1024)
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map
        {
            $0.split(separator: " ", omittingEmptySubsequences: false)
        }
        guard lines.count == Self.names.count + 2, lines[0] == [Substring(Self.heading)],
            zip(Self.names, lines.dropFirst()).allSatisfy({ $1.count == 2 && $1[0] == $0 }),
            let through = UInt64(lines[1][1]), let digest = Hash256(hexadecimal: lines[2][1]),
            let head = Hash256(hexadecimal: lines[3][1]), let last = UInt64(lines[4][1]),
            let pending = Hash256(hexadecimal: lines[5][1]), last == 0 || last > through
        else { throw PublisherError.position(path) }
        (self.through, self.digest, self.head) = (through, digest, head)
        self.pending = last == 0 ? nil : Pending(last: last, digest: pending)
        // Encoded again it is the same bytes: nothing is read in two ways.
        guard self.bytes == bytes else { throw PublisherError.position(path) }
    }

    /// The file's bytes.
    private var bytes: [UInt8] {
        let values = [
            "\(through)", "\(digest)", "\(head)", "\(pending?.last ?? 0)", "\(pending?.digest ?? .zero)",
        ]
        let lines = zip(Self.names, values).map { "\($0) \($1)\n" }
        return Array((Self.heading + "\n" + lines.joined()).utf8)
    }

    /// Writes the file.
    func write(path: String) throws(PlatformError) { try File.replace(path, with: bytes) }
}

/// What a publisher cannot get past.
public enum PublisherError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file that says where it was cannot be read.
    case position(String)
    /// The journal does not hold the records that are available, or those of the batch that is under way: it is
    /// another one, or shorter. Nothing more may leave.
    case journal(String)

    public var description: String {
        switch self {
        case .position(let path):
            "\(path) is not the position of a publisher; put back a copy of it: from the first record again, batches "
                + "would not be those that commitments name"
        case .journal(let text): text
        }
    }
}

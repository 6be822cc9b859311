import Cryptography

/// What a log signs (C2SP tlog-checkpoint): origin, size, root.
public struct Checkpoint: Hashable, Sendable {
    /// Which log: `DOMAIN/<16 hexadecimal digits of the venue id>`.
    public let origin: String
    /// Leaves.
    public let size: UInt64
    /// The root of RFC 6962.
    public let root: Hash256
    /// Further lines, which this log never has.
    public let extensions: [String]

    public init(origin: String, size: UInt64, root: Hash256) {
        (self.origin, self.size, self.root, extensions) = (origin, size, root, [])
    }

    /// Reads the text of a note.
    public init(text: String) throws(LogError) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 4, lines.removeLast().isEmpty, !lines[0].isEmpty, let size = LogText.decimal(lines[1]),
            let root = LogText.hash(lines[2]), !lines[3...].contains(where: \.isEmpty)
        else { throw .malformed("the checkpoint", expected: "lines: origin, decimal size, base64 of the root") }
        (origin, self.size, self.root) = (String(lines[0]), size, root)
        extensions = lines[3...].map(String.init)
    }

    /// The text that is signed: three lines, or more with extensions.
    public var text: String {
        "\(origin)\n\(size)\n\(LogText.base64(root))\n" + extensions.map { $0 + "\n" }.joined()
    }

    /// The origin of a venue's log.
    public static func origin(domain: String, venue: Hash256) -> String { "\(domain)/\(venue.hexadecimal.prefix(16))" }
}

/// A checkpoint with the signatures that were checked.
public struct SignedCheckpoint: Equatable, Sendable {
    public let checkpoint: Checkpoint
    public let note: SignedNote
    /// Witnesses whose cosignatures hold, with their times.
    public let witnesses: [NoteVerification]

    /// Reads and checks a signed checkpoint: the log's own signature has to be there and hold, the origin has to be the
    /// name of its key, and a cosignature of a known witness has to hold.
    public init(_ bytes: [UInt8], log: VerifierKey, witnesses: [VerifierKey] = []) throws(LogError) {
        note = try SignedNote(bytes)
        checkpoint = try Checkpoint(text: note.text)
        guard LogText.areEqual(checkpoint.origin, log.name) else {
            throw .otherLog(found: String(checkpoint.origin.prefix(80)), expected: log.name)
        }
        let verified = try note.verified(by: [log] + witnesses)
        guard verified.contains(where: { $0.key == log }) else { throw .signature("none of \(log.name)") }
        self.witnesses = verified.filter { $0.key != log }
    }
}

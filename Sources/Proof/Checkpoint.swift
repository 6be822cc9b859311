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
    /// Keys of the log whose signatures hold, at least one.
    public let logs: [VerifierKey]
    /// Witnesses whose cosignatures hold, with their times.
    public let witnesses: [NoteVerification]

    /// Reads and checks a signed checkpoint: a signature of the log has to be there and hold, the origin has to be the
    /// name of its keys, and a cosignature of a known witness has to hold.
    ///
    /// - Parameter logs: keys of one log, which are or were in force.
    public init(_ bytes: [UInt8], logs: [VerifierKey], witnesses: [VerifierKey] = []) throws(LogError) {
        note = try SignedNote(bytes)
        checkpoint = try Checkpoint(text: note.text)
        let origin = logs.first?.name ?? ""
        guard LogText.areEqual(checkpoint.origin, origin) else {
            throw .otherLog(found: String(checkpoint.origin.prefix(80)), expected: origin)
        }
        let verified = try note.verified(by: logs + witnesses)
        self.logs = verified.map(\.key).filter { logs.contains($0) }
        guard !self.logs.isEmpty else {
            throw .signature("none of \(origin) by a key that is known; one that was replaced needs newer anchors")
        }
        self.witnesses = verified.filter { !logs.contains($0.key) }
    }

    /// The same for a log of one key.
    public init(_ bytes: [UInt8], log: VerifierKey, witnesses: [VerifierKey] = []) throws(LogError) {
        try self.init(bytes, logs: [log], witnesses: witnesses)
    }
}

import Platform
import Wire

/// Snapshots of one venue in a directory: `<20 digits of the sequence>.snapshot`.
///
/// A file appears whole and durable (temporary file, fsync, rename, fsync of the directory) and never changes.
public struct SnapshotDirectory: Sendable {
    public let path: String
    private static let suffix = ".snapshot"

    public init(_ path: String) { self.path = path }

    /// A snapshot that was found and not used.
    public struct Refused: Sendable, CustomStringConvertible {
        public let file: String
        public let refusal: SnapshotRefusal
        public var description: String { "\(file): \(refusal)" }
    }

    /// What was found.
    public struct Found: Sendable {
        /// The newest snapshot that is good; nil when there is none.
        public let snapshot: StateSnapshot?
        /// Newer ones that are not.
        public let refused: [Refused]
    }

    /// The name of a snapshot's file.
    public static func name(_ sequence: UInt64) -> String {
        let digits = String(sequence)
        return String(repeating: "0", count: max(20 - digits.count, 0)) + digits + suffix
    }

    /// Sequences of the snapshots that are there, by their names, ascending. Empty when there is no directory.
    public func sequences() -> [UInt64] {
        guard let names = try? FileDirectory.names(path) else { return [] }
        return names.compactMap { name in
            guard name.hasSuffix(Self.suffix), name.utf8.count == 20 + Self.suffix.utf8.count else { return nil }
            return UInt64(name.dropLast(Self.suffix.count))
        }.sorted()
    }

    /// Writes a snapshot, and removes the oldest ones so that `kept` are left.
    public func write(_ snapshot: StateSnapshot, kept: Int) throws(PlatformError) {
        precondition(kept >= 1, "the snapshot that is written is kept")
        try FileDirectory.createDurably(path)
        try File.replace("\(path)/\(Self.name(snapshot.sequence))", with: snapshot.bytes)
        for old in sequences().dropLast(kept) where old != snapshot.sequence {
            try File.remove("\(path)/\(Self.name(old))")
        }
        // What a kill left on the way.
        for name in try FileDirectory.names(path) where name.hasSuffix(Self.suffix + ".draft") {
            try File.remove("\(path)/\(name)")
        }
    }

    /// The newest snapshot that is good: whole, of this venue and configuration, at or before a record, and accepted.
    ///
    /// - Parameters:
    ///   - genesis: the venue's genesis message, 224 bytes.
    ///   - through: last record that it may speak of.
    ///   - accept: why not, when the journal does not bear it out; nil takes it.
    public func newest(
        genesis: [UInt8], through: UInt64 = .max, accept: (StateSnapshot) -> SnapshotRefusal? = { _ in nil }
    ) -> Found {
        var refused: [Refused] = []
        for sequence in sequences().reversed() where sequence <= through {
            let name = Self.name(sequence)
            do throws(SnapshotRefusal) {
                let snapshot = try read(name, genesis)
                guard snapshot.sequence == sequence else { throw .name(snapshot.sequence) }
                if let refusal = accept(snapshot) { throw refusal }
                return Found(snapshot: snapshot, refused: refused)
            } catch { refused.append(Refused(file: "\(path)/\(name)", refusal: error)) }
        }
        return Found(snapshot: nil, refused: refused)
    }

    private func read(_ name: String, _ genesis: [UInt8]) throws(SnapshotRefusal) -> StateSnapshot {
        let file = "\(path)/\(name)"
        let bytes: [UInt8]
        do throws(PlatformError) {
            let size = try File.size(try File.open(file, .readOnly), path: file)
            let most = genesis.withUnsafeBytes { StateSnapshot.bytesMax(genesis: GenesisMessage($0.baseAddress!)) }
            guard size <= most else { throw .invalidArgument("\(size) bytes, expected at most \(most)") }
            bytes = try File.readPrefix(file, limit: Int(size))
        } catch { throw .system("\(error)") }
        return try StateSnapshot(bytes, genesis: genesis)
    }
}

import Cryptography
import Foundation
import Journal
import Platform
import Proof
import Wire

/// What a settlement plane published, held to the journal that it came from.
struct PublishedLog {
    let venue: SettledVenue
    /// RFC 6962 leaf hashes of the journal's records, all of them.
    let leaves: [Hash256]

    init(_ venue: SettledVenue, leaves: [Hash256]) { (self.venue, self.leaves) = (venue, leaves) }

    init(_ venue: SettledVenue) throws {
        self.venue = venue
        var leaves: [Hash256] = []
        var reader = try TailReader.open(directory: venue.settings.journalDirectory)
        while let record = try reader.next() {
            leaves.append(MerkleHash.leaf(UnsafeRawBufferPointer(start: record.base, count: record.length)))
        }
        self.leaves = leaves
    }

    func root(_ size: UInt64) -> Hash256 { MerkleTree.root(Array(leaves[..<Int(size)])) }

    /// The latest checkpoint, its signature checked; nil when there is none.
    func latest(witnesses: [VerifierKey] = []) throws -> SignedCheckpoint? {
        try Self.checkpoint(venue.published + "/checkpoint", venue, witnesses)
    }

    static func checkpoint(
        _ path: String, _ venue: SettledVenue, _ witnesses: [VerifierKey] = []
    ) throws -> SignedCheckpoint? {
        guard let bytes = FileManager.default.contents(atPath: path) else { return nil }
        return try SignedCheckpoint([UInt8](bytes), log: venue.logVerifier, witnesses: witnesses)
    }

    /// Every file below a directory, by its name below it.
    static func files(_ directory: String) throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: directory) {
            let path = "\(directory)/\(name)"
            if !FileDirectory.exists(path) { files[name] = try Data(contentsOf: URL(fileURLWithPath: path)) }
        }
        return files
    }

    /// Sizes of the archived checkpoints, ascending.
    var archived: [UInt64] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: venue.published + "/checkpoints")) ?? []
        return names.compactMap(UInt64.init).sorted()
    }

    /// The file of an archived checkpoint.
    static func archive(_ venue: SettledVenue, _ size: UInt64) -> String {
        "\(venue.published)/\(CheckpointFiles.path(size))"
    }

    /// Sizes of the checkpoints that the list has, as a reader takes it.
    var listed: [UInt64] {
        get throws {
            let bytes = FileManager.default.contents(atPath: "\(venue.published)/\(CheckpointFiles.index)")
            return try CheckpointFiles.sizes([UInt8](bytes ?? Data()))
        }
    }

    /// Everything that is signed is in the journal: every archived checkpoint and the latest one have a signature of
    /// the log and the root that the journal's records have at that size. So there is one head for each size.
    ///
    /// - Returns: what does not hold.
    func faults() throws -> [String] {
        var faults: [String] = []
        // Behind the list there is at most the one that is being archived.
        let listed = try listed
        if listed != archived, listed != archived.dropLast() { faults.append("listed \(listed) of \(archived)") }
        for size in archived {
            let path = Self.archive(venue, size)
            guard let signed = try Self.checkpoint(path, venue) else { continue }
            if signed.checkpoint.size != size { faults.append("\(path) says \(signed.checkpoint.size)") }
            faults += check(signed, path)
        }
        if let signed = try latest() {
            faults += check(signed, "checkpoint")
            let size = signed.checkpoint.size
            if size <= UInt64(leaves.count) {
                let files = TileReader(TileDirectory(venue.published), size: size)
                do throws(LogError) {
                    if try files.rootOfAllTiles() != signed.checkpoint.root { faults.append("tiles at \(size)") }
                } catch { faults.append("tiles at \(size): \(error)") }
            }
        }
        return faults
    }

    private func check(_ signed: SignedCheckpoint, _ name: String) -> [String] {
        let checkpoint = signed.checkpoint
        var faults: [String] = []
        if signed.note.text.split(separator: "\n").count != 3 { faults.append("\(name): not three lines") }
        if checkpoint.size > UInt64(leaves.count) {
            faults.append("\(name): \(checkpoint.size) records are signed, the journal has \(leaves.count)")
        } else if root(checkpoint.size) != checkpoint.root {
            faults.append("\(name): the journal has another root at \(checkpoint.size)")
        }
        return faults
    }
}

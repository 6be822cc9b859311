import Availability
import Cryptography
import Foundation
import Journal
import Proof
import Wire

@testable import Audit
@testable import Journal

/// Writes histories to where auditors find them.
final class Published {
    /// A directory of its own, which goes with this.
    let directory: String

    init() throws {
        directory = NSTemporaryDirectory() + "/glassbook-audit-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    var journal: String { directory + "/journal" }
    var tiles: String { directory + "/published" }

    /// Writes a journal of one segment, as a node leaves it.
    func writeJournal(_ records: [[UInt8]], venueId: Hash256) throws {
        try FileManager.default.createDirectory(atPath: journal, withIntermediateDirectories: true)
        let used = SegmentHeader.byteCount + records.reduce(0) { $0 + $1.count } + Limits.recordBytesMax
        let header = SegmentHeader(
            venueId: Bytes32(venueId), genesisHash: .zero, number: 1, firstSequence: 1, previousHash: .zero,
            feedSequence: 1, feedGeneration: 0, epoch: 1, segmentBytes: UInt64((used | 0xF_FFFF) + 1))
        var bytes = [UInt8](repeating: 0, count: Int(header.segmentBytes))
        bytes.withUnsafeMutableBytes { buffer in
            header.encode(at: buffer.baseAddress!)
            var offset = SegmentHeader.byteCount
            for record in records {
                (buffer.baseAddress! + offset).copyMemory(from: record, byteCount: record.count)
                offset += record.count
            }
        }
        try Data(bytes).write(to: URL(fileURLWithPath: journal + "/" + JournalFiles.segment(1)))
    }

    /// Writes tiles, entry bundles and a checkpoint for every size in `sizes`, the last of which is the latest.
    ///
    /// - Parameter entryCount: entries that are published, when it is not all.
    func writeTiles(
        _ records: [[UInt8]], sizes: [Int]? = nil, entryCount: Int = .max, log: NoteSigner,
        witnesses: [(NoteSigner, UInt64)] = []
    ) throws {
        try FileManager.default.createDirectory(atPath: tiles + "/checkpoints", withIntermediateDirectories: true)
        var hashes = try TileWriter(directory: tiles)
        var entries = EntryWriter(directory: tiles, size: 0)
        for (index, record) in records.enumerated() {
            record.withUnsafeBytes { hashes.append(LogTree.leaf($0)) }
            if index < entryCount { try record.withUnsafeBytes { try entries.append($0) } }
            guard (sizes ?? [records.count]).contains(index + 1) else { continue }
            try hashes.publish()
            try entries.publish()
            try writeCheckpoint(size: UInt64(index + 1), root: hashes.root, log: log, witnesses: witnesses)
        }
    }

    /// Signs a checkpoint, keeps it, lists it and makes it the latest.
    func writeCheckpoint(size: UInt64, root: Hash256, log: NoteSigner, witnesses: [(NoteSigner, UInt64)] = []) throws {
        let text = Checkpoint(origin: log.verifierKey.name, size: size, root: root).text
        let signatures = [log.sign(text)] + witnesses.map { $0.0.sign(text, time: $0.1) }
        let note = Data(SignedNote(text: text, signatures: signatures).bytes)
        try note.write(to: URL(fileURLWithPath: "\(tiles)/\(CheckpointFiles.path(size))"))
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(tiles)/\(CheckpointFiles.directory)")
        let list = names.compactMap(CheckpointFiles.size).sorted().flatMap(CheckpointFiles.line)
        try Data(list).write(to: URL(fileURLWithPath: "\(tiles)/\(CheckpointFiles.index)"))
        try note.write(to: URL(fileURLWithPath: tiles + "/checkpoint"))
    }

    var data: String { directory + "/da" }

    /// Puts batches to a directory layer and publishes their certificates.
    func writeBatches(_ batches: [Batch]) throws {
        try FileManager.default.createDirectory(atPath: tiles + "/da", withIntermediateDirectories: true)
        let layer = try DirectoryLayer(data)
        for batch in batches {
            let certificate = BatchCertificate(batch, layer: layer.name, commitment: try layer.submit(batch))
            let name = "\(tiles)/da/\(BatchCertificate.name(first: batch.first))"
            try Data(certificate.bytes).write(to: URL(fileURLWithPath: name))
        }
    }

    /// Changes bytes of a file.
    func change(_ name: String, _ body: (inout [UInt8]) -> Void) throws {
        let url = URL(fileURLWithPath: directory + "/" + name)
        var bytes = [UInt8](try Data(contentsOf: url))
        body(&bytes)
        try Data(bytes).write(to: url)
    }
}

extension AuditFixture {
    /// Signs checkpoints of this venue.
    var log: NoteSigner {
        NoteSigner(name: Checkpoint.origin(domain: "test.local", venue: venueId), key: logKey)!
    }

    /// What an auditor trusts.
    var anchors: Anchors { try! Anchors(venue: venueId, log: log.verifierKey) }
}

/// An audit without progress, on two workers.
func audit(_ source: Audit.Source, _ anchors: Anchors, _ change: (inout Audit.Options) -> Void = { _ in })
    -> AuditReport
{
    var options = Audit.Options(source: source, anchors: anchors)
    options.workers = 2
    change(&options)
    return Audit(options).run()
}

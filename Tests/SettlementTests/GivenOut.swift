import Availability
import Cryptography
import Foundation
import Proof
import Testing

@testable import Settlement

/// What a settlement plane has published when it has ended.
struct SettledOutcome {
    let log: PublishedLog
    /// Size of the latest checkpoint.
    let size: UInt64
    /// Everything below the directory of what is published.
    let files: [String: Data]
    /// Digests of the batches of the directory layer, by their first sequence.
    let batches: [UInt64: Set<String>]
    /// Last record of the batches that are read by their certificates, each of which is linked and of the journal.
    let available: UInt64
    let faults: [String]

    /// - Parameter leaves: leaf hashes of the journal's records; those that it has now when it is nil.
    init(_ venue: SettledVenue, leaves: [Hash256]? = nil) throws {
        let log = try leaves.map { PublishedLog(venue, leaves: $0) } ?? PublishedLog(venue)
        var faults = try log.faults()
        size = try log.latest()?.checkpoint.size ?? 0
        let files = try PublishedLog.files(venue.published)
        let batches = try Self.batches(venue)
        let layer = try DirectoryLayer("\(venue.directory)/da")
        var walk = BatchWalk(
            CertifiedBatches(certificates: "\(venue.published)/da", layer: layer), venue: venue.id)
        while let batch = try walk.nextBatch() {
            var sequence = batch.first
            batch.forEachRecord { record in
                if MerkleHash.leaf(record) != log.leaves[Int(sequence) - 1] {
                    faults.append("record \(sequence) in a batch is another one")
                }
                sequence += 1
            }
        }
        let available = walk.next - 1
        let certificates = files.keys.filter { $0.hasPrefix("da/") && !$0.hasSuffix(".draft") }
        if certificates.contains(where: { UInt64($0.dropFirst(3))! > available }) {
            faults.append("a certificate behind a gap: \(certificates.sorted())")
        }
        for (first, digests) in batches where digests.count > 1 { faults.append("two batches from record \(first)") }
        (self.log, self.files, self.batches, self.available) = (log, files, batches, available)
        self.faults = faults
    }

    private static func batches(_ venue: SettledVenue) throws -> [UInt64: Set<String>] {
        var batches: [UInt64: Set<String>] = [:]
        for (name, bytes) in try PublishedLog.files("\(venue.directory)/da") where !name.hasSuffix(".draft") {
            batches[try Batch([UInt8](bytes)).first, default: []].insert(name)
        }
        return batches
    }
}

/// What anybody may have taken from a settlement plane before the power was lost: it is true for ever.
struct GivenOut {
    /// Roots of signed heads, by size.
    private(set) var heads: [UInt64: Hash256] = [:]
    private let venue: SettledVenue
    /// Files that never change: certificates, archived checkpoints, full tiles and bundles.
    private var fixed: [String: [UInt8]] = [:]
    /// Published receipts, which grow.
    private var receipts: [String: [UInt8]] = [:]
    private var batches: [UInt64: Set<String>] = [:]

    init(_ venue: SettledVenue) { self.venue = venue }

    private var lastHead: UInt64 { heads.keys.max() ?? 0 }

    /// Takes what an operation made visible.
    mutating func look(at operation: FileOperation, _ disk: DiskModel) throws {
        let path: String
        switch operation {
        case .rename(_, let target): path = target
        case .write(let written, _, _): path = written
        default: return
        }
        guard !path.hasSuffix(".draft"), let content = disk.content(path) else { return }
        if path.hasPrefix(venue.directory + "/da/") {
            batches[try Batch(content).first, default: []].insert(String(path.split(separator: "/").last!))
        }
        guard path.hasPrefix(venue.published + "/") else { return }
        let name = String(path.dropFirst(venue.published.count + 1))
        // The list is made again of what is there.
        if name == CheckpointFiles.index { return }
        if name.hasPrefix("checkpoint") {
            let checkpoint = try SignedCheckpoint(content, log: venue.logVerifier).checkpoint
            let known = heads.updateValue(checkpoint.root, forKey: checkpoint.size)
            #expect(known == nil || known == checkpoint.root, "two heads of size \(checkpoint.size)")
        }
        if name.hasPrefix("receipts/"), name != "receipts/keys" {
            receipts[name] = content
        } else if name != "checkpoint", !name.contains(".p/") {
            let known = fixed.updateValue(content, forKey: name)
            #expect(known == nil || known == content, "\(name) changed")
        }
    }

    /// What was signed is on the disk, before anything is done about it.
    func checkBeforeStart(_ moment: String) throws {
        guard lastHead > 0 else { return }
        let signed = try SignedHead.load(venue.state, origin: venue.origin)
        #expect(signed?.size ?? 0 >= lastHead, "\(moment): a signature of \(lastHead) was given out")
        if let signed, let root = heads[signed.size] { #expect(signed.root == root, "\(moment)") }
    }

    /// Nothing that is published contradicts what was given out, and all of that is there again.
    ///
    /// - Parameter size: of the latest checkpoint, when it is known.
    func check(_ after: SettledOutcome, size: UInt64?, _ moment: String) throws {
        #expect(after.faults == [], "\(moment)")
        #expect(after.size >= lastHead, "\(moment)")
        if let size { #expect(after.size == size && after.available == size, "\(moment)") }
        for (size, root) in heads { #expect(after.log.root(size) == root, "\(moment): head of \(size)") }
        for (name, bytes) in fixed {
            let isCovered = !name.hasPrefix("tile/") || Self.isCovered(name, by: lastHead)
            if let found = after.files[name] {
                #expect([UInt8](found) == bytes, "\(moment): \(name) changed")
            } else if isCovered {
                Issue.record("\(moment): \(name) is gone")
            }
        }
        for (name, bytes) in receipts {
            #expect(after.files[name]?.starts(with: bytes) == true, "\(moment): receipts of \(name)")
        }
        for (first, digests) in batches {
            let all = digests.union(after.batches[first] ?? [])
            #expect(all.count == 1, "\(moment): \(all.count) batches from record \(first)")
        }
    }

    /// Whether a full tile or bundle is one of a head of that size.
    private static func isCovered(_ name: String, by size: UInt64) -> Bool {
        guard let path = TilePath(name) else { return false }
        switch path.kind {
        case .entries: return (path.index + 1) << 8 <= size
        case .hashes(let level): return (path.index + 1) << UInt64(8 * level + 8) <= size
        }
    }
}

import Availability
import Cryptography
import Foundation
import Glibc
import Journal
import Platform
import Proof
import Testing
import Wire

@testable import Settlement

/// kill -9 at every system call of a batch that changes a file, then a restart with other limits: what counts as
/// available reads back, the chain of batches has no gap, and no sequence begins two batches.
///
/// Everything else was published before, so that only the batches' own calls are left to be killed at.
/// GLASSBOOK_SWEEP_STEP is how many calls are passed over each time; 1 sweeps them all.
@Suite(.serialized, .enabled(if: Strace.isInstalled)) struct BatchSweepTests {
    static let step = ProcessInfo.processInfo.environment["GLASSBOOK_SWEEP_STEP"].flatMap { Int($0) } ?? 6
    private static let limits = [
        ("batch_ms", "600_000"), ("checkpoint_interval_ms", "600_000"), ("promise_seconds", "3_600"),
    ]
    private static let batchRecords: UInt64 = 60

    @Test("batches of the directory layer, killed at every call", arguments: ["write", "fsync", "rename", "mkdir"])
    func killedAt(_ call: String) throws {
        let venue = try SettledVenue(Self.limits + [("batch_records", "60")], isInMemory: true)
        try venue.startNode()
        try venue.trade(200)
        try venue.stopNode()
        try venue.startPlane().waitUntilReady()
        try venue.stopPlane()
        let size = try Chain(venue).records
        var (kills, number) = (0, 1)
        var batchesKilled: Set<UInt64> = []
        while true {
            let own = [Self.position(venue), venue.state + "/counters"]
            for path in ["\(venue.directory)/da", venue.published + "/da"] + own {
                try? FileManager.default.removeItem(atPath: path)
            }
            try venue.configure(Self.limits + [("batch_records", "60")])
            let plane = try venue.startPlane(tracer: Strace.killing(call, at: number))
            try waitUntil("an end") {
                try !plane.isRunning
                    || Chain.through(Self.position(venue)) >= size / Self.batchRecords * Self.batchRecords
            }
            if plane.isRunning { plane.stop() }
            if plane.wait() != 128 + SIGKILL { break }
            kills += 1
            let killed = try Chain(venue)
            #expect(killed.faults == [], "killed at \(call) \(number)")
            batchesKilled.insert(killed.position)

            // Other limits: a batch that may have left goes again as it was.
            try venue.configure(Self.limits + [("batch_records", "45")])
            try venue.startPlane().waitUntilReady()
            try venue.stopPlane()
            let whole = try Chain(venue)
            #expect(whole.faults == [], "restarted after \(call) \(number)")
            #expect(whole.position == size && whole.through == size, "\(call) \(number)")
            for (first, digests) in killed.blobs { #expect(whole.blobs[first] == digests, "\(call) \(number)") }
            number += Self.step
        }
        #expect(kills >= 2)
        #expect(call == "mkdir" || batchesKilled.count >= 3, "kills before, between and behind batches")
    }

    @Test("what commitments in the journal say of availability reads back, whatever was killed before them")
    func committed() throws {
        let venue = try SettledVenue([
            ("batch_records", "20"), ("batch_ms", "50"), ("checkpoint_interval_ms", "20"), ("accounts_max", "4_096"),
        ])
        try venue.startNode()
        for (call, number) in [("rename", 9), ("fsync", 31), ("write", 40)] {
            let plane = try venue.startPlane(tracer: Strace.killing(call, at: number))
            while plane.isRunning { try venue.trade(100) }
            #expect(plane.wait() == 128 + SIGKILL, "\(call) \(number)")
            let killed = try Chain(venue)
            #expect(killed.faults == [], "killed at \(call) \(number)")
        }
        try venue.startPlane().waitUntilReady()
        try venue.trade(30)
        try waitUntil("a commitment to what is available") {
            try CommitmentTests.isCommitted(venue) && Chain(venue).committed.contains { $0.through > 0 }
        }
        try venue.stopPlane()
        try venue.stopNode()
        #expect(try Chain(venue).faults == [])
    }

    private static func position(_ venue: SettledVenue) -> String { venue.state + "/da.position" }

    /// The batches of a venue as a stranger reads them, held to the journal and to what the plane says of them.
    private struct Chain {
        /// Records of the journal.
        let records: UInt64
        /// Last sequence that the plane holds to be available; what it counts, and what the journal's commitments say.
        let position: UInt64
        let committed: [DataProgress.Mark]
        /// Last sequence that is read back by certificates.
        let through: UInt64
        /// Digests of what the layer has, by first sequence.
        let blobs: [UInt64: Set<Hash256>]
        let faults: [String]

        init(_ venue: SettledVenue) throws {
            var faults: [String] = [], leaves: [[UInt8]] = [], committed: [DataProgress.Mark] = []
            var reader = try TailReader.open(directory: venue.settings.journalDirectory)
            while let record = try reader.next() {
                leaves.append(Array(UnsafeRawBufferPointer(start: record.base, count: record.length)))
                guard record.kind == .command, CommandHeader(record.command).templateId == Template.stateCommitment
                else { continue }
                let message = StateCommitmentMessage(record.command)
                let digest = withUnsafeBytes(of: message.dataDigest) { Hash256(loading: $0.baseAddress!) }
                committed.append(.init(through: message.dataThrough, digest: digest))
            }
            (records, self.committed) = (UInt64(leaves.count), committed)
            position = try Self.through(BatchSweepTests.position(venue))

            var ends: [UInt64: Hash256] = [0: .zero]
            let layer = try DirectoryLayer("\(venue.directory)/da")
            let source = CertifiedBatches(certificates: venue.published + "/da", layer: layer)
            var walk = BatchWalk(source, venue: venue.id)
            while let batch = try walk.nextBatch() {
                var index = Int(batch.first) - 1
                batch.forEachRecord { record in
                    if index >= leaves.count || !leaves[index].elementsEqual(record) {
                        faults.append("record \(index + 1) in a batch is another one")
                    }
                    index += 1
                }
                ends[batch.last] = batch.digest
            }
            through = walk.next - 1
            let said = [position, try Self.counted(venue)] + committed.map(\.through)
            for said in said where ends[said] == nil { faults.append("available through \(said), read back \(ends)") }
            for mark in committed where ends[mark.through] != mark.digest { faults.append("committed to \(mark)") }

            var blobs: [UInt64: Set<Hash256>] = [:]
            for name in try FileDirectory.names("\(venue.directory)/da") {
                guard let digest = Hash256(hexadecimal: name) else { continue }
                let batch = try Batch(layer.fetch(digest.withUnsafeBytes { Array($0) }))
                if batch.digest != digest { faults.append("\(name) has another digest") }
                blobs[batch.first, default: []].insert(digest)
            }
            for (first, digests) in blobs where digests.count > 1 { faults.append("two batches from record \(first)") }
            (self.blobs, self.faults) = (blobs, faults)
        }

        static func through(_ path: String) throws -> UInt64 {
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return 0 }
            let line = text.split(separator: "\n").first { $0.hasPrefix("through ") }
            return try #require(line.flatMap { UInt64($0.dropFirst(8)) })
        }

        /// What the plane told others, who map the same file.
        private static func counted(_ venue: SettledVenue) throws -> UInt64 {
            guard File.exists(venue.state + "/counters") else { return 0 }
            return try CounterReader(path: venue.state + "/counters").counter("availability.sequence") ?? 0
        }
    }
}

import Cryptography
import Foundation
import Testing

@testable import Availability
@testable import Journal

@Suite("Publishing batches")
struct PublisherTests {
    /// Publishes all that is due; returns how many batches that took.
    private func drain(_ publisher: inout DataPublisher, durable: UInt64) throws -> Int {
        var count = 0
        while case .published = try publisher.step(durable: durable, now: later, isClosing: true) { count += 1 }
        return count
    }

    @Test("batches of a count or of a length hold every record once, in order, linked")
    func whole() throws {
        for (records, bytes) in [(10, Batch.bytesMax), (1, Batch.bytesMax), (1000, 1500)] {
            let scratch = Scratch()
            let journal = try makeJournal(scratch.journal, count: 47)
            let layer = try DirectoryLayer(scratch.blobs)
            var publisher = try makePublisher(scratch, layer, records: records, bytes: bytes)
            let batches = try drain(&publisher, durable: 47)
            #expect(batches == scratch.names(scratch.blobs).count && batches > 4)
            #expect(batches == scratch.names(scratch.certificates).count)
            #expect(try walk(BatchDirectory(scratch.blobs)) == journal)
            #expect(try walk(CertifiedBatches(certificates: scratch.certificates, layer: layer)) == journal)
            for name in scratch.names(scratch.blobs) {
                let size = try Data(contentsOf: URL(fileURLWithPath: "\(scratch.blobs)/\(name)")).count
                #expect(size <= bytes)
            }
        }
    }

    @Test("nothing leaves above the durable mark, nor younger than the delay, nor before its time")
    func held() throws {
        let scratch = Scratch()
        try makeJournal(scratch.journal, count: 20)
        let layer = try DirectoryLayer(scratch.blobs)
        var publisher = try makePublisher(scratch, layer, records: 100, age: 500, delay: 5000)
        // Record n has the time 1000 + n.
        let young = try publisher.step(durable: 7, now: 6000)
        let waiting = try publisher.step(durable: 7, now: 6010)
        #expect(young == .idle && waiting == .idle && scratch.names(scratch.blobs).isEmpty)
        let old = try publisher.step(durable: 7, now: 6501)
        guard case .published(7, _) = old else {
            Issue.record("\(old)")
            return
        }
        let above = try publisher.step(durable: 7, now: later, isClosing: true)
        #expect(above == .idle)
        #expect(try walk(BatchDirectory(scratch.blobs)).count == 7)
    }

    /// Copies what is on disk whenever the layer is called: what a process killed there leaves.
    private struct CopyingLayer: DataLayer {
        let inner: DirectoryLayer
        let scratch: Scratch
        let copies: String
        var name: String { inner.name }

        private func copy(_ step: String, _ key: String) {
            let target = "\(copies)/\(key)-\(step)"
            let files = FileManager.default
            try! files.createDirectory(atPath: target, withIntermediateDirectories: true)
            try! files.copyItem(atPath: scratch.position, toPath: target + "/da.position")
            try! files.copyItem(atPath: scratch.certificates, toPath: target + "/certificates")
        }

        func submit(_ batch: Batch) throws(LayerError) -> [UInt8] {
            copy("before-submit", BatchCertificate.name(first: batch.first))
            let commitment = try inner.submit(batch)
            copy("submitted", BatchCertificate.name(first: batch.first))
            return commitment
        }

        func fetch(_ commitment: [UInt8]) throws(LayerError) -> [UInt8] { try inner.fetch(commitment) }
    }

    @Test("a publisher killed at any step of a batch sends the same bytes again, whatever its limits are then")
    func crashes() throws {
        let scratch = Scratch()
        let journal = try makeJournal(scratch.journal, count: 25)
        let copies = scratch.path + "/copies"
        let inner = try DirectoryLayer(scratch.blobs)
        var publisher = try makePublisher(
            scratch, CopyingLayer(inner: inner, scratch: scratch, copies: copies), records: 10)
        #expect(try drain(&publisher, durable: 25) == 3)
        let blobs = scratch.names(scratch.blobs)
        #expect(scratch.names(copies).count == 6)
        for name in scratch.names(copies) {
            let copy = "\(copies)/\(name)"
            // A certificate that was published before its position moved on, too.
            for isCertified in [false, true] {
                let first = name.prefix(20)
                let again = copy + (isCertified ? "/again-certified" : "/again")
                try FileManager.default.createDirectory(atPath: again, withIntermediateDirectories: true)
                try FileManager.default.copyItem(
                    atPath: copy + "/certificates", toPath: again + "/certificates")
                try FileManager.default.copyItem(atPath: copy + "/da.position", toPath: again + "/da.position")
                if isCertified {
                    try FileManager.default.copyItem(
                        atPath: "\(scratch.certificates)/\(first)", toPath: "\(again)/certificates/\(first)")
                }
                var resumed = try makePublisher(
                    scratch, inner, records: 3, position: again + "/da.position",
                    certificates: again + "/certificates")
                let step = try resumed.step(durable: 25, now: 0)
                guard case .published(_, let digest) = step else {
                    Issue.record("\(name): \(step)")
                    continue
                }
                #expect(blobs.contains(digest.hexadecimal), "\(name): the same bytes")
                _ = try drain(&resumed, durable: 25)
                let source = CertifiedBatches(certificates: again + "/certificates", layer: inner)
                #expect(try walk(source) == journal)
            }
        }
    }

    /// A journal that is not the one of which batches left.
    enum Exchange: CaseIterable { case shorterThanPending, otherPending, shorterThanAvailable, otherAvailable }

    @Test("a journal that is shorter than what left, or another one, ends the publisher; nothing leaves of it")
    func exchangedJournal() throws {
        for exchange in Exchange.allCases {
            let scratch = Scratch()
            try makeJournal(scratch.journal, count: 25)
            let layer = try DirectoryLayer(scratch.blobs)
            var publisher = try makePublisher(scratch, layer)
            let isPending = exchange == .shorterThanPending || exchange == .otherPending
            #expect(try publisher.step(durable: 25, now: later) != .idle)
            if isPending {
                // Batch 11 to 20 is chosen and does not get there.
                try FileManager.default.removeItem(atPath: scratch.blobs)
                guard case .failed = try publisher.step(durable: 25, now: later) else {
                    Issue.record("there is no directory to write to")
                    continue
                }
                try FileManager.default.createDirectory(atPath: scratch.blobs, withIntermediateDirectories: true)
            }
            let before = (scratch.names(scratch.blobs), scratch.names(scratch.certificates))
            let position = try Data(contentsOf: URL(fileURLWithPath: scratch.position))
            try FileManager.default.removeItem(atPath: scratch.journal)
            switch exchange {
            case .shorterThanPending: try makeJournal(scratch.journal, count: 18)
            case .otherPending: try makeJournal(scratch.journal, count: 25, changed: 15)
            case .shorterThanAvailable: try makeJournal(scratch.journal, count: 8)
            case .otherAvailable: try makeJournal(scratch.journal, count: 25, changed: 9)
            }
            let durable = try TailReader.open(directory: scratch.journal).durableSequence()
            do {
                var resumed = try makePublisher(scratch, layer)
                let step = try resumed.step(durable: durable, now: later, isClosing: true)
                Issue.record("\(exchange): \(step)")
            } catch PublisherError.journal(let text) {
                #expect(text.contains(isPending ? "11 to 20" : "up to 10"), "\(text)")
            }
            #expect((scratch.names(scratch.blobs), scratch.names(scratch.certificates)) == before)
            #expect(try Data(contentsOf: URL(fileURLWithPath: scratch.position)) == position)
        }
    }

    @Test("a mark that says less than before, as after a loss of power, does not keep a chosen batch back")
    func staleMark() throws {
        let scratch = Scratch()
        try makeJournal(scratch.journal, count: 25)
        var publisher = try makePublisher(scratch, try DirectoryLayer(scratch.blobs))
        try FileManager.default.removeItem(atPath: scratch.blobs)
        _ = try publisher.step(durable: 25, now: later)
        var resumed = try makePublisher(scratch, try DirectoryLayer(scratch.blobs))
        guard case .published(10, _) = try resumed.step(durable: 3, now: later) else {
            Issue.record("the batch that was chosen")
            return
        }
        #expect(try resumed.step(durable: 3, now: later, isClosing: true) == .idle)
    }

    @Test("a position that is cut or altered is refused or is another position, never a crash")
    func hostilePosition() throws {
        let scratch = Scratch()
        try makeJournal(scratch.journal, count: 5)
        var publisher = try makePublisher(scratch, try DirectoryLayer(scratch.blobs))
        #expect(try drain(&publisher, durable: 5) == 1)
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: scratch.position)))
        for length in 0..<bytes.count {
            try Data(bytes[..<length]).write(to: URL(fileURLWithPath: scratch.position))
            #expect(throws: PublisherError.position(scratch.position)) {
                _ = try PublisherState(path: scratch.position)
            }
        }
        for bit in 0..<(8 * bytes.count) {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            try Data(damaged).write(to: URL(fileURLWithPath: scratch.position))
            _ = try? PublisherState(path: scratch.position)
        }
    }

    @Test("a reader refuses a blob that changed, one of another venue, and two batches from one sequence")
    func readers() throws {
        let scratch = Scratch()
        try makeJournal(scratch.journal, count: 20)
        var publisher = try makePublisher(scratch, try DirectoryLayer(scratch.blobs))
        #expect(try drain(&publisher, durable: 20) == 2)
        var foreign = BatchWalk(try BatchDirectory(scratch.blobs), venue: Sha256.hash([1]))
        #expect(throws: BatchError.venue) { try foreign.nextBatch() }
        let path = "\(scratch.blobs)/\(try #require(scratch.names(scratch.blobs).first))"
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        for offset in stride(from: 0, to: bytes.count, by: 7) {
            var damaged = bytes
            damaged[offset] ^= 0x10
            try Data(damaged).write(to: URL(fileURLWithPath: path))
            let records = try? walk(BatchDirectory(scratch.blobs))
            #expect(records == nil || records!.count < 20)
        }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        var other = try makePublisher(
            scratch, try DirectoryLayer(scratch.blobs), records: 3, position: scratch.path + "/other.position",
            certificates: scratch.path + "/other")
        _ = try drain(&other, durable: 20)
        #expect(throws: BatchError.link(first: 1)) { try walk(BatchDirectory(scratch.blobs)) }
    }
}

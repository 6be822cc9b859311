import Cryptography
import Foundation
import Testing
import Wire

@testable import Availability

@Suite("Batches and certificates")
struct BatchTests {
    /// A batch of a few records of a real journal, and the records.
    private func make(_ count: Int = 6) throws -> (bytes: [UInt8], records: [[UInt8]]) {
        let scratch = Scratch()
        let records = try makeJournal(scratch.journal, count: count)
        var publisher = try makePublisher(scratch, try DirectoryLayer(scratch.blobs), records: count)
        _ = try publisher.step(durable: UInt64(count), now: later, isClosing: true)
        let name = try #require(scratch.names(scratch.blobs).first)
        return (Array(try Data(contentsOf: URL(fileURLWithPath: "\(scratch.blobs)/\(name)"))), records)
    }

    @Test("a batch holds the records byte for byte, at the documented offsets")
    func layout() throws {
        let (bytes, records) = try make()
        #expect(Array(bytes[..<8]) == Array("GLASBAT1".utf8))
        #expect(Array(bytes[8..<16]) == [1, 0, 0, 0, 6, 0, 0, 0])
        #expect(Array(bytes[16..<48]) == testVenueHash.withUnsafeBytes { Array($0) })
        #expect(Array(bytes[48..<64]) == [1, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0])
        #expect(bytes[64..<96].allSatisfy { $0 == 0 })
        #expect(Array(bytes[104...]) == records.flatMap(\.self))
        let batch = try Batch(bytes)
        #expect(batch.first == 1 && batch.last == 6 && batch.venue == testVenueHash && batch.previous == .zero)
        #expect(batch.digest == Sha256.hash(bytes))
    }

    @Test("a batch cut at any offset is refused, and so is one with more behind it")
    func truncated() throws {
        let (bytes, _) = try make()
        for length in 0..<bytes.count {
            #expect(throws: BatchError.self) { try Batch(Array(bytes[..<length])) }
        }
        #expect(throws: BatchError.self) { try Batch(bytes + [0]) }
        #expect(throws: BatchError.self) { try Batch(bytes + [UInt8](repeating: 0, count: 128)) }
    }

    @Test("each flipped bit gives another digest or is refused")
    func flipped() throws {
        let (bytes, _) = try make(2)
        let digest = try Batch(bytes).digest
        for bit in 0..<(8 * bytes.count) {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            guard let batch = try? Batch(damaged) else { continue }
            #expect(batch.digest != digest)
        }
    }

    @Test("a batch that ends with the largest of all sequences is refused")
    func largestSequence() throws {
        // One record is left, and it and the header say that it is a late one.
        var bytes = try make(1).bytes
        for (last, isTaken) in [(UInt64.max, false), (1 << 62 + 1, false), (1 << 62, true), (7, true)] {
            let word = withUnsafeBytes(of: last.littleEndian) { Array($0) }
            for offset in [48, 56, Batch.headerBytes + RecordLayout.sequence] {
                bytes.replaceSubrange(offset..<(offset + 8), with: word)
            }
            #expect(((try? Batch(bytes)) != nil) == isTaken, "\(last)")
        }
    }

    @Test("random splices never stop the parser, and what it takes can be walked")
    func spliced() throws {
        let (bytes, _) = try make()
        var random = SplitMix(state: 11)
        for _ in 0..<3000 {
            var damaged = bytes
            let from = Int.random(in: 0..<bytes.count, using: &random)
            let count = Int.random(in: 0...min(64, bytes.count - from), using: &random)
            let to = Int.random(in: 0...(bytes.count - count), using: &random)
            damaged.replaceSubrange(to..<(to + count), with: bytes[from..<(from + count)])
            if Bool.random(using: &random) { damaged.removeSubrange(from..<(from + count)) }
            guard let batch = try? Batch(damaged) else { continue }
            var records: UInt64 = 0
            batch.forEachRecord { _ in records += 1 }
            #expect(records == batch.last - batch.first + 1)
        }
    }

    @Test("a certificate is read as it was written, and hostile text is refused")
    func certificate() throws {
        let (bytes, _) = try make()
        let certificate = BatchCertificate(try Batch(bytes), layer: "eigenda", commitment: [3, 0xC0, 0xFF])
        let text = certificate.bytes
        #expect(try BatchCertificate(text) == certificate)
        for length in 0..<text.count {
            #expect(throws: BatchError.self) { try BatchCertificate(Array(text[..<length])) }
        }
        for bit in 0..<(8 * text.count) {
            var damaged = text
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            // What is taken says something else, and says it in the one way there is.
            if let other = try? BatchCertificate(damaged) { #expect(other != certificate && other.bytes == damaged) }
        }
        #expect(throws: BatchError.self) {
            try BatchCertificate([UInt8](repeating: 65, count: BatchCertificate.bytesMax + 1))
        }
    }
}

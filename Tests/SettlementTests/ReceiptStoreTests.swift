import Cryptography
import Foundation
import Platform
import Proof
import Testing

@testable import Settlement

/// What a crash or a loss of power can leave between any two of the store's steps, and what becomes of it.
@Suite struct ReceiptStoreTests {
    let key = SigningKey(insecureDeterministic: 3)
    let directory = NSTemporaryDirectory() + "/glassbook-receipt-store-" + UUID().uuidString
    let genesis: [UInt8]
    let venue: Hash256

    init() throws {
        let fixture = try ReceiptFixture()
        genesis = fixture.identity.genesisBytes
        venue = fixture.identity.id
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    private var privatePath: String { directory + "/receipts.private" }
    private var published: String { directory + "/receipts" }
    private func path(_ sequence: UInt64 = 1) -> String { "\(published)/\(ReceiptFile.name(of: sequence))" }

    private func open() throws -> ReceiptStore {
        try ReceiptStore(privatePath: privatePath, directory: published, genesis: genesis)
    }

    private func range(_ sequences: ClosedRange<UInt64>, time: UInt64 = 5) -> ReceiptRange {
        let leaves = sequences.map { sequence in
            ReceiptLeaf(
                sequence: sequence, commandHash: Sha256.hash(Array("command \(sequence)".utf8)),
                leafHash: Sha256.hash(Array("leaf \(sequence)".utf8)))
        }
        return ReceiptRange(
            signing: leaves, venue: venue, epoch: 1, time: time, prefix: SigningPrefix.make(.receipt, venue: venue),
            by: key)
    }

    private func bytes(_ ranges: [ReceiptRange]) -> [UInt8] {
        var bytes: [UInt8] = []
        for range in ranges { range.encode(into: &bytes) }
        return bytes
    }

    private func read(_ path: String) throws -> [UInt8] {
        try File.readPrefix(path, limit: ReceiptFile.byteCountMax + 1)
    }

    @Test func whatWasStoredIsThereAgain() throws {
        let ranges = [range(1...3), range(4...4), range(5...40)]
        do {
            let store = try open()
            for range in ranges { try store.append(range) }
        }
        let store = try open()
        #expect(store.position == 40)
        #expect(store.last == ranges[2])
        #expect(try read(path()) == bytes(ranges))
        try? FileManager.default.removeItem(atPath: directory)
    }

    @Test func aPublishedFileOfAnyLengthIsMadeGood() throws {
        let ranges = [range(1...3), range(4...4), range(5...6)]
        let whole = bytes(ranges)
        do {
            let store = try open()
            for range in ranges { try store.append(range) }
        }
        // Not yet written, cut anywhere, zeros behind, noise behind.
        for count in stride(from: 0, through: whole.count, by: 7) {
            for tail in [[], [UInt8](repeating: 0, count: 300), [UInt8](repeating: 0xA7, count: 300)] {
                try File.replace(path(), with: Array(whole[..<count]) + tail)
                let store = try open()
                #expect(store.position == 6)
                #expect(try read(path()) == whole)
            }
        }
        try FileManager.default.removeItem(atPath: path())
        #expect(try open().position == 6)
        #expect(try read(path()) == whole)
        try? FileManager.default.removeItem(atPath: directory)
    }

    @Test func aTornPrivateFileKeepsWhatWasWhole() throws {
        let ranges = [range(1...3), range(4...4), range(5...6)]
        let whole = bytes(ranges), kept = bytes(Array(ranges[..<2]))
        for count in stride(from: kept.count, to: whole.count, by: 5) {
            var torn = Array(whole[..<count])
            torn += [UInt8](repeating: 0, count: ReceiptFile.byteCountMax - torn.count)
            try FileDirectory.create(published)
            try File.replace(privatePath, with: torn)
            try File.replace(path(), with: kept)
            let store = try open()
            #expect(store.position == 4)
            try store.append(range(5...9, time: 6))
            #expect(try read(path()) == kept + bytes([range(5...9, time: 6)]))
        }
        try? FileManager.default.removeItem(atPath: directory)
    }

    @Test func staleRangesOfTheFileBeforeAreNotTaken() throws {
        let count = UInt64(ReceiptBody.recordsMax)
        do {
            let store = try open()
            try store.append(range(1...1))
            try store.append(range(2...2))
            try store.append(range(3...count))
            try store.append(range(count + 1...count + 1))
        }
        #expect(try open().position == count + 1)
        // The first range of the second file is private only; then not even its name is published.
        try File.replace(path(count + 1), with: [])
        #expect(try open().position == count + 1)
        try FileManager.default.removeItem(atPath: path(count + 1))
        let store = try open()
        #expect(store.position == count + 1)
        #expect(try read(path(count + 1)) == bytes([range(count + 1...count + 1)]))
        try store.append(range(count + 2...count + 5))
        #expect(try read(path()).count == bytes([range(1...1), range(2...2), range(3...count)]).count)
        try? FileManager.default.removeItem(atPath: directory)
    }

    @Test func aLostPrivateFileIsMadeFromThePublishedOne() throws {
        let ranges = [range(1...3), range(4...4)]
        do {
            let store = try open()
            for range in ranges { try store.append(range) }
        }
        for wreck in [[UInt8](), [UInt8](repeating: 0x55, count: ReceiptFile.byteCountMax)] {
            try File.replace(privatePath, with: wreck)
            let store = try open()
            #expect(store.position == 4)
            #expect(try read(privatePath).starts(with: bytes(ranges)))
        }
        try? FileManager.default.removeItem(atPath: directory)
    }

    @Test func twoReceiptsForOneSequenceAreRefused() throws {
        do {
            let store = try open()
            try store.append(range(1...3))
        }
        try File.replace(path(), with: bytes([range(1...3, time: 99)]))
        #expect(throws: SettlementError.self) { try open() }
        try? FileManager.default.removeItem(atPath: directory)
    }

    @Test func filesOfAnotherVenueAreRefused() throws {
        do {
            let store = try open()
            try store.append(range(1...3))
        }
        let other = try ReceiptFixture().identity.genesisBytes
        #expect(throws: SettlementError.self) {
            try ReceiptStore(privatePath: privatePath, directory: published, genesis: other)
        }
        try? FileManager.default.removeItem(atPath: directory)
    }
}

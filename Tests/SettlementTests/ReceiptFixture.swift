import Cryptography
import Foundation
import Journal
import Logging
import Platform
import Proof
import Settings
import Synchronization
import Testing
import Wire

@testable import Settlement

/// A venue's directory with a journal that the test writes, and a receipt follower over it.
final class ReceiptFixture {
    let directory: String
    let settings: NodeSettings
    let identity: VenueIdentity
    let receiptKey = SigningKey(insecureDeterministic: 3)
    let counters: SettlementCounters
    private var writer: JournalWriter
    private var time: UInt64 = 1_700_000_000_000_000_000

    init(changing: [(String, String)] = [], copying other: ReceiptFixture? = nil) throws {
        directory = NSTemporaryDirectory() + "/glassbook-receipts-" + UUID().uuidString
        let manager = FileManager.default
        for name in ["journal", "keys", "settlement"] {
            try manager.createDirectory(atPath: "\(directory)/\(name)", withIntermediateDirectories: true)
        }
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        var text = try String(contentsOf: root.appendingPathComponent("config.toml"), encoding: .utf8)
        let values = [
            ("data", "\"\(directory)\""), ("published", "\"\(directory)/published\""),
            ("keys", "\"\(directory)/keys\""),
        ]
        for (key, value) in values + changing {
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            text = lines.map { $0.hasPrefix("\(key) = ") ? "\(key) = \(value)" : String($0) }.joined(separator: "\n")
        }
        try text.write(toFile: directory + "/config.toml", atomically: true, encoding: .utf8)
        settings = try NodeSettings.load(directory + "/config.toml")
        let genesis = other?.identity.genesisBytes ?? Self.genesis(receiptKey.publicKey)
        identity = try VenueIdentity(genesis: genesis, domain: "test.example")
        try KeyFile.create(directory + "/keys/receipt.key", key: receiptKey, role: .receipt)
        counters = try SettlementCounters(path: directory + "/settlement/counters")
        var options = JournalOptions()
        options.segmentBytes = 4 << 20
        options.populateBytes = 64 << 10
        let venue = identity.id.withUnsafeBytes { Bytes32(from: $0.baseAddress!) }
        writer = try JournalWriter.create(directory: settings.journalDirectory, venueId: venue, options: options)
        append(genesis, kind: .genesis)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    /// Appends a record. Returns its sequence.
    @discardableResult
    func append(
        _ command: [UInt8], effects: [UInt8] = [], kind: RecordKind = .command
    ) -> UInt64 {
        time += 1_000
        while true {
            guard let draft = writer.reserve(commandLength: command.count) else {
                precondition(writer.waitForSpare() == nil, "no room for the journal")
                continue
            }
            command.withUnsafeBytes { draft.command.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
            effects.withUnsafeBytes { bytes in
                if let base = bytes.baseAddress { draft.effects.copyMemory(from: base, byteCount: bytes.count) }
            }
            return writer.commit(
                draft,
                RecordHead(
                    time: time, arrivalTime: time, arrivalTicket: 0, kind: kind, flags: [], feedSequence: 1,
                    feedMessages: 0, effectsLength: effects.count))
        }
    }

    /// Appends so many commands that differ from each other, and returns the last sequence.
    @discardableResult
    func append(_ count: Int, salt: UInt8 = 0) -> UInt64 {
        var last: UInt64 = 0
        for _ in 0..<count {
            var command = [UInt8](repeating: salt, count: 80)
            withUnsafeBytes(of: writer.nextSequence) { command.replaceSubrange(8..<16, with: $0) }
            last = append(command)
        }
        return last
    }

    /// Makes the journal durable.
    func synchronize() throws {
        var synchronizer = writer.makeSynchronizer()
        try synchronizer.synchronizeBlocking()
    }

    /// Runs a follower until the record of that sequence has a receipt, then lets it end.
    func follow(through sequence: UInt64) throws {
        try follow { try $0.counter("receipts.sequence").value >= sequence }
    }

    /// Runs a follower until a condition holds, then lets it end. An error of the follower is thrown on.
    func follow(until isDone: (SettlementCounters) throws -> Bool) throws {
        let stop = StopFlag()
        let outcome = Outcome()
        let context = FollowerContext(
            settings: settings, venue: identity, log: Logger(label: "test"), counters: counters)
        let thread = try PinnedThread(name: "receipts") {
            do {
                var follower = try ReceiptFollower(context)
                try follower.run(until: stop)
                outcome.end(nil)
            } catch {
                outcome.end(error)
            }
        }
        while try !isDone(counters), !outcome.hasEnded { SystemClock.sleep(nanoseconds: 1_000_000) }
        stop.stop()
        thread.join()
        if let error = outcome.error { throw error }
    }

    /// Bytes of the published file of a record; empty when there is none.
    func published(_ sequence: UInt64 = 1) -> [UInt8] {
        (try? File.readPrefix(publishedPath(sequence), limit: ReceiptFile.byteCountMax)) ?? []
    }

    func publishedPath(_ sequence: UInt64 = 1) -> String {
        "\(settings.settlement.published)/receipts/\(ReceiptFile.name(of: sequence))"
    }

    var privatePath: String { "\(directory)/settlement/receipts" }

    /// The file of the receipt keys.
    func keys() throws -> ReceiptKeys {
        try ReceiptKeys(
            File.readPrefix("\(settings.settlement.published)/receipts/\(ReceiptFile.keysName)", limit: 1 << 20))
    }

    /// The bytes of a record in the journal.
    func record(_ sequence: UInt64) throws -> [UInt8] {
        var reader = try TailReader.open(directory: settings.journalDirectory, from: .sequence(sequence))
        let record = try #require(try reader.next())
        return Array(UnsafeRawBufferPointer(start: record.base, count: record.length))
    }

    /// Checks that a record has a receipt, for this very record.
    func expectReceipt(_ sequence: UInt64, location: SourceLocation = #_sourceLocation) throws {
        let receipt = try ReceiptFile.receipt(for: sequence, in: published(sequence), keys: try keys())
        try Receipt(receipt.encoded).verify(venue: identity.id)
        try receipt.checkRecord(try record(sequence))
    }

    private static func genesis(_ receiptKey: PublicKey) -> [UInt8] {
        func bytes32(_ key: PublicKey) -> Bytes32 { key.bytes.withUnsafeBytes { Bytes32(from: $0.baseAddress!) } }
        return [UInt8](unsafeUninitializedCapacity: GenesisMessage.size) { buffer, count in
            GenesisMessage.encode(
                at: UnsafeMutableRawPointer(buffer.baseAddress!),
                random: Bytes32(1, 2, 3, UInt64.random(in: 0...(.max))),
                operatorKey: bytes32(SigningKey(insecureDeterministic: 1).publicKey),
                logKey: bytes32(SigningKey(insecureDeterministic: 2).publicKey), receiptKey: bytes32(receiptKey),
                settlementKey: bytes32(SigningKey(insecureDeterministic: 4).publicKey), time: 1, promiseSeconds: 60,
                rulesVersion: 1, venueName: FixedText.four("TEST")!, accountsMax: 16, keySlots: 4, assetsMax: 4,
                instrumentsMax: 4, ordersMax: 16, levelsMax: 16, referencesMax: 16, openOrdersMax: 16)
            count = GenesisMessage.size
        }
    }
}

/// How a thread ended.
private final class Outcome: Sendable {
    private let state = Mutex<(hasEnded: Bool, error: (any Error)?)>((false, nil))

    var hasEnded: Bool { state.withLock { $0.hasEnded } }
    var error: (any Error)? { state.withLock { $0.error } }

    func end(_ error: (any Error)?) { state.withLock { $0 = (true, error) } }
}

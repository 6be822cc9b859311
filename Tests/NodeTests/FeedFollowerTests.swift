import Cryptography
import Foundation
import Journal
import MarketData
import Settings
import Testing
import Venue
import Wire

@testable import Node

/// The feed that is made again from the journal, for those who missed some of it.
@Suite struct FeedFollowerTests {
    static let records = 6_000

    /// A journal whose every record but the first is one message of the feed.
    static func write(_ directory: String) throws -> Bytes32 {
        let genesis = message(GenesisMessage.size) {
            GenesisMessage.encode(
                at: $0, random: Bytes32(9), operatorKey: Bytes32(1), logKey: Bytes32(2), receiptKey: Bytes32(3),
                settlementKey: Bytes32(4), time: 5, promiseSeconds: 60, rulesVersion: 1,
                venueName: FixedText.four("TEST")!, accountsMax: 16, keySlots: 2, assetsMax: 2, instrumentsMax: 2,
                ordersMax: 1024, levelsMax: 1024, referencesMax: 1024, openOrdersMax: 16)
        }
        let id = genesis.withUnsafeBytes { GenesisFile.venueId($0.baseAddress!) }
        var options = JournalOptions()
        options.segmentBytes = 4 * JournalOptions.segmentBytesMin
        options.populateBytes = 0
        let writer = try JournalWriter.create(directory: directory, venueId: id, options: options)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: GenesisMessage.size, alignment: 8)
        defer { memory.deallocate() }
        genesis.withUnsafeBytes { memory.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
        let venue = Venue(genesis: GenesisMessage(UnsafeRawPointer(memory)))
        var sequencer = Sequencer(venue: venue, writer: writer, nonces: try NonceMemory(keysMax: 16))
        append(genesis, .genesis, genesis.count, &sequencer)
        let restart = message(RestartMessage.size) {
            RestartMessage.encode(at: $0, previousHead: .zero, bootId: .zero, cutBytes: 0, feedGeneration: 1)
        }
        append(restart, .restart, restart.count, &sequencer)
        for nonce in 3...UInt64(records) {
            let change = message(SetTradingStateMessage.size) {
                SetTradingStateMessage.encode(
                    at: $0, account: WellKnownAccount.venueOperator, keySlot: 0, nonce: nonce, deadline: 0,
                    instrument: Null.u32, state: nonce % 2 == 0 ? .halted : .continuous,
                    reason: FixedText.four("NEWS")!)
            }
            let signature = [UInt8](repeating: 0, count: Signature.byteCount)
            append(change + signature, .command, change.count, &sequencer)
        }
        return id
    }

    private static func message(_ size: Int, _ encode: (UnsafeMutableRawPointer) -> Void) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            encode(UnsafeMutableRawPointer(buffer.baseAddress!))
            count = size
        }
    }

    private static func append(
        _ command: [UInt8], _ kind: RecordKind, _ messageBytes: Int, _ sequencer: inout Sequencer
    ) {
        command.withUnsafeBytes {
            let input = Sequencer.Input(
                command: $0.baseAddress!, commandLength: $0.count, messageLength: messageBytes, kind: kind, flags: [],
                arrivalTime: 1, arrivalTicket: 0)
            // A segment is full sooner than the journal's own thread has made the next one, when the disk is busy.
            let end = ContinuousClock.now + .seconds(120)
            var ticks = sequencer.append(input, now: 1)
            while ticks == nil, ContinuousClock.now < end {
                sched_yield()
                ticks = sequencer.append(input, now: 1)
            }
            #expect(ticks != nil)
        }
    }

    static func facts(_ directory: String, _ id: Bytes32) throws -> NodeFacts {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        var settings = try NodeSettings.load(root.path + "/config.toml")
        settings.venue.ordersMax = 1_024
        return NodeFacts(
            venueId: id, venueName: FixedText.four("TEST")!, prefixes: Prefixes(venue: Hash256(id)),
            journalDirectory: directory, durability: .journaled, feedGeneration: 1, nextFeedSequence: 1,
            settings: settings)
    }

    /// First message of the packet that answers a request for one; nil when there is no answer.
    private func answer(_ sequence: UInt64, _ follower: inout FeedFollower) throws -> UInt64? {
        var bytes = [UInt8](repeating: 0, count: MoldUDP64.headerBytes)
        let session = follower.session, end = follower.history.nextSequence
        let request = bytes.withUnsafeMutableBytes { buffer -> FeedRequest? in
            session.store(to: buffer.baseAddress!)
            for shift in 0..<8 { buffer[10 + shift] = UInt8(truncatingIfNeeded: sequence >> UInt64(56 - 8 * shift)) }
            buffer[19] = 1
            return FeedRequest(UnsafeRawBufferPointer(buffer), session: session, nextSequence: end)
        }
        let wanted = try #require(request)
        let packet = UnsafeMutableRawPointer.allocate(byteCount: MoldUDP64.packetBytesMax, alignment: 8)
        defer { packet.deallocate() }
        guard follower.answer(wanted, at: packet) > 0 else { return nil }
        return (0..<8).reduce(0) { $0 << 8 | UInt64(packet.load(fromByteOffset: 10 + $1, as: UInt8.self)) }
    }

    @Test func aTurnLooksUpTwoPlacesOfTheJournal() throws {
        let directory = FileManager.default.temporaryDirectory.path + "/glassbook-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let id = try Self.write(directory)
        let gate = ReleaseGate()
        gate.release(through: UInt64(Self.records))
        // Nearly everything is older than what is in memory.
        var follower = FeedFollower(
            facts: try Self.facts(directory, id), gate: gate, history: FeedHistory(blockBytes: 1 << 12, messages: 16))
        while follower.doWork() > 0 {}
        #expect(follower.isCurrent && follower.history.nextSequence == UInt64(Self.records))
        let last = UInt64(Self.records) - 1
        // Each is far before the one before it.
        #expect(try answer(5_000, &follower) == 5_000)
        #expect(try answer(3_500, &follower) == 3_500)
        for sequence in [2_000, 500, 5_000] as [UInt64] { #expect(try answer(sequence, &follower) == nil) }
        // What needs no look-up is answered: in memory, and near the place that is open.
        for sequence in [last, 3_501, 3_600, 4_400] { #expect(try answer(sequence, &follower) == sequence) }
        // Another turn, another two.
        #expect(follower.doWork() == 0)
        #expect(try answer(2_000, &follower) == 2_000)
        #expect(try answer(500, &follower) == 500)
        #expect(try answer(5_000, &follower) == nil)
        #expect(try answer(last, &follower) == last)
    }
}

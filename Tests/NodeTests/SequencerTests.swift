import Cryptography
import Foundation
import Journal
import Testing
import Venue
import Wire

@testable import Node

/// What a sequencer writes, read back from the file.
@Suite struct SequencerTests {
    private let directory = FileManager.default.temporaryDirectory.path + "/glassbook-" + UUID().uuidString

    private struct Stamp: Equatable {
        let time: UInt64, arrival: UInt64, feedSequence: UInt64
        let kind: RecordKind?
    }

    private static let genesis = [UInt8](unsafeUninitializedCapacity: GenesisMessage.size) { buffer, count in
        GenesisMessage.encode(
            at: UnsafeMutableRawPointer(buffer.baseAddress!), random: Bytes32(9), operatorKey: Bytes32(1),
            logKey: Bytes32(2), receiptKey: Bytes32(3), settlementKey: Bytes32(4), time: 5, promiseSeconds: 60,
            rulesVersion: 1, venueName: FixedText.four("TEST")!, accountsMax: 16, keySlots: 2, assetsMax: 2,
            instrumentsMax: 2, ordersMax: 1024, levelsMax: 1024, referencesMax: 1024, openOrdersMax: 16)
        count = GenesisMessage.size
    }

    private func make() throws -> Sequencer {
        let id = Self.genesis.withUnsafeBytes { GenesisFile.venueId($0.baseAddress!) }
        var options = JournalOptions()
        options.segmentBytes = JournalOptions.segmentBytesMin
        options.populateBytes = 0
        let writer = try JournalWriter.create(directory: directory, venueId: id, options: options)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: GenesisMessage.size, alignment: 8)
        defer { memory.deallocate() }
        Self.genesis.withUnsafeBytes { memory.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
        let venue = Venue(genesis: GenesisMessage(UnsafeRawPointer(memory)))
        return Sequencer(venue: venue, writer: writer, nonces: try NonceMemory(keysMax: 16))
    }

    private func append(_ message: [UInt8], _ kind: RecordKind, now: UInt64, _ sequencer: inout Sequencer) {
        message.withUnsafeBytes {
            let input = Sequencer.Input(
                command: $0.baseAddress!, commandLength: $0.count, messageLength: $0.count, kind: kind, flags: [],
                arrivalTime: now, arrivalTicket: 0)
            #expect(sequencer.append(input, now: now) != nil)
        }
    }

    private func restart(generation: UInt32) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: RestartMessage.size) { buffer, count in
            RestartMessage.encode(
                at: UnsafeMutableRawPointer(buffer.baseAddress!), previousHead: .zero, bootId: .zero, cutBytes: 0,
                feedGeneration: generation)
            count = RestartMessage.size
        }
    }

    private func stamps() throws -> [Stamp] {
        var reader = try TailReader.open(directory: directory)
        var stamps: [Stamp] = []
        while let record = try reader.next() {
            stamps.append(
                Stamp(
                    time: record.time, arrival: record.arrivalTime, feedSequence: record.feedSequence,
                    kind: record.kind))
        }
        return stamps
    }

    @Test func timeNeverGoesBackWhateverTheClockDoes() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var sequencer = try make()
        append(Self.genesis, .genesis, now: 1_000, &sequencer)
        for now in [900, 2_000, 1, 2_001] as [UInt64] {
            append(restart(generation: 1), .restart, now: now, &sequencer)
        }
        let stamps = try stamps()
        #expect(stamps.map(\.time) == [1_000, 1_000, 2_000, 2_000, 2_001])
        #expect(stamps.map(\.arrival) == [1_000, 900, 2_000, 1, 2_001], "arrival is what the clock said")
    }

    @Test func feedSequencesCountWithinTheirSession() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var sequencer = try make()
        append(Self.genesis, .genesis, now: 1, &sequencer)
        // Without effects: the next sequence. With a session that begins: 1, whatever came before.
        append(restart(generation: 1), .restart, now: 2, &sequencer)
        append(restart(generation: 1), .restart, now: 3, &sequencer)
        append(restart(generation: 2), .restart, now: 4, &sequencer)
        append(restart(generation: 2), .restart, now: 5, &sequencer)
        #expect(try stamps().map(\.feedSequence) == [1, 2, 2, 1, 2])
    }
}

import Cryptography
import Foundation
import Journal
import Venue
import Wire

/// A journal as the tests compare it.
struct JournalContent {
    /// A record without what differs from run to run: times, tickets, hashes.
    struct Entry: Equatable {
        let sequence: UInt64
        let kind: RecordKind?
        let flags: UInt16
        let feedSequence: UInt64
        let command: [UInt8]
        let effects: [UInt8]
    }

    private(set) var entries: [Entry] = []
    /// Epoch of each.
    private(set) var epochs: [UInt32] = []
    /// Hash of the venue's state after the last record, or after `stateThrough`, with times that are the same in every
    /// run.
    private(set) var stateHash = Hash256.zero
    /// Hash of the last record.
    private(set) var headHash = Bytes32.zero

    /// Reads all of it, and replays it.
    init(_ directory: String, stateThrough: UInt64 = .max) throws {
        var reader = try TailReader.open(directory: directory)
        guard let first = try reader.next() else { return }
        var venue = Venue(genesis: GenesisMessage(first.command))
        let memory = UnsafeMutableRawPointer.allocate(byteCount: EffectWriter.capacity, alignment: 8)
        defer { memory.deallocate() }
        var next: RecordView? = first
        while let record = next {
            var effects = EffectWriter(memory)
            if record.sequence <= stateThrough { _ = venue.apply(Self.untimed(record), into: &effects) }
            entries.append(
                Entry(
                    sequence: record.sequence, kind: record.kind, flags: record.flags.rawValue,
                    feedSequence: record.feedSequence,
                    command: [UInt8](UnsafeRawBufferPointer(start: record.command, count: record.commandLength)),
                    effects: [UInt8](UnsafeRawBufferPointer(start: record.effectsBase, count: record.effectsLength))))
            epochs.append(record.epoch)
            headHash = record.hash
            next = try reader.next()
        }
        var sink = HashSink()
        venue.writeState(into: &sink)
        stateHash = sink.stream.finish()
    }

    /// The bytes of the last record of a journal.
    static func lastRecord(_ directory: String) throws -> [UInt8] {
        var reader = try TailReader.open(directory: directory)
        var last: [UInt8] = []
        while let record = try reader.next() {
            last = [UInt8](UnsafeRawBufferPointer(start: record.base, count: record.length))
        }
        return last
    }

    /// Leaves half a record behind the last one, as a kill in the middle of writing does.
    static func tear(_ directory: String) throws {
        let record = try lastRecord(directory)
        let path = directory + "/00000000000000000001.segment"
        var data = try Data(contentsOf: URL(fileURLWithPath: path))
        let end = data.range(of: Data(record))!.upperBound
        data.replaceSubrange(end + 8..<end + 8 + record.count / 2, with: record[8..<8 + record.count / 2])
        try data.write(to: URL(fileURLWithPath: path))
    }

    /// The state holds the time of the last record, which is another one in every run.
    private static func untimed(_ record: RecordView) -> Command {
        Command(
            message: record.command, count: record.messageLength, kind: record.kind!, sequence: record.sequence,
            time: record.sequence, proofsHold: record.flags.contains(.proofsHold))
    }

    /// Effects of a template in all records.
    func count(_ template: UInt16) -> Int {
        entries.reduce(0) { sum, entry in
            entry.effects.withUnsafeBytes { bytes in
                guard let base = bytes.baseAddress else { return sum }
                var cursor = EffectCursor(base, count: bytes.count)
                var count = 0
                while let effect = cursor.read() { count += effect.template == template ? 1 : 0 }
                return sum + count
            }
        }
    }
}

/// The hash of a venue's state.
struct HashSink: ~Copyable, StateSink {
    var stream = Blake2b256.Stream()

    mutating func write(_ bytes: UnsafeRawBufferPointer) {
        if let base = bytes.baseAddress { stream.update(base, count: bytes.count) }
    }
}

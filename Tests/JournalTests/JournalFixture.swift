import Foundation
import Testing
import Wire

@testable import Journal
@testable import Platform

/// A directory of its own for one test; removed with everything in it.
final class TemporaryDirectory: @unchecked Sendable {
    let path: String

    init(under parent: String = NSTemporaryDirectory()) {
        path = parent + "/glassbook-journal-\(UUID().uuidString)"
        try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The journal's directory inside.
    var journal: String { path + "/journal" }
}

/// Small segments, so that a roll takes few records.
let smallSegments: JournalOptions = {
    var options = JournalOptions()
    options.segmentBytes = 1 << 20
    options.populateBytes = 64 << 10
    return options
}()

let testVenue = Bytes32(0x1111, 0x2222, 0x3333, 0x4444)

/// What a record is made of, and what it was read back as.
struct TestRecord: Equatable, Sendable {
    var kind = RecordKind.command
    var flags: RecordFlags = []
    var time: UInt64
    var arrivalTime: UInt64 = 5
    var arrivalTicket: UInt64 = 6
    var feedSequence: UInt64 = 1
    var command: [UInt8]
    var effects: [UInt8]

    /// A record whose bytes follow from `seed`.
    init(seed: UInt64, commandLength: Int = 100, effectsLength: Int = 64) {
        var random = SplitMix(state: seed)
        time = 1000 + seed
        command = (0..<commandLength).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        effects = (0..<effectsLength).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }

    init(_ record: RecordView) {
        kind = record.kind!
        flags = record.flags
        time = record.time
        arrivalTime = record.arrivalTime
        arrivalTicket = record.arrivalTicket
        feedSequence = record.feedSequence
        command = Array(UnsafeRawBufferPointer(start: record.command, count: record.commandLength))
        effects = Array(UnsafeRawBufferPointer(start: record.effectsBase, count: record.effectsLength))
    }

    /// Bytes of the whole record.
    var length: Int { RecordLayout.bytesMin + RecordLayout.padded(command.count) + effects.count }
}

/// A small generator with a printed seed: the same numbers on every machine.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

extension JournalWriter {
    /// Appends a record, waiting for a spare segment where one is due. Returns its sequence.
    @discardableResult
    mutating func append(_ record: TestRecord) -> UInt64 {
        while true {
            guard let draft = reserve(commandLength: record.command.count) else {
                #expect(waitForSpare() == nil)
                continue
            }
            record.command.withUnsafeBytes { draft.command.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
            record.effects.withUnsafeBytes { bytes in
                if let base = bytes.baseAddress { draft.effects.copyMemory(from: base, byteCount: bytes.count) }
            }
            return commit(
                draft,
                RecordHead(
                    time: record.time, arrivalTime: record.arrivalTime, arrivalTicket: record.arrivalTicket,
                    kind: record.kind, flags: record.flags, feedSequence: record.feedSequence, feedMessages: 0,
                    effectsLength: record.effects.count))
        }
    }

    /// Makes all of it durable.
    func synchronize() throws {
        var synchronizer = makeSynchronizer()
        try synchronizer.synchronizeBlocking()
    }
}

/// Makes a journal of these records and closes it.
func makeJournal(
    _ directory: String, _ records: [TestRecord], options: JournalOptions = smallSegments, durable: Bool = false,
    venue: Bytes32 = testVenue
) throws {
    var writer = try JournalWriter.create(directory: directory, venueId: venue, options: options)
    for record in records { writer.append(record) }
    if durable { try writer.synchronize() }
}

/// What recovery made of a journal.
struct Recovered: Equatable {
    var records: [TestRecord] = []
    var opening: JournalOpening
}

/// Recovers a journal, and closes it.
func recover(_ directory: String, options: JournalOptions = smallSegments) throws -> Recovered {
    var recovery = try Recovery(directory: directory, options: options)
    var records: [TestRecord] = []
    while let record = try recovery.next() { records.append(TestRecord(record)) }
    let writer = try recovery.finish()
    return Recovered(records: records, opening: writer.opening)
}

/// The error that recovery ends with; nil when it succeeds.
func recoveryError(_ directory: String) -> JournalError? {
    do {
        _ = try recover(directory)
        return nil
    } catch { return error as? JournalError }
}

/// The damage that recovery reports; nil when it reports none.
func recoveryDamage(_ directory: String) -> Damage? {
    guard case .damage(let damage) = recoveryError(directory) else { return nil }
    return damage
}

/// Names of the segments in a journal, in order.
func segmentNames(_ directory: String) throws -> [String] {
    try JournalFiles.segments(directory).map(JournalFiles.segment)
}

/// Bytes of a file.
func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }

/// Replaces bytes of a file in place.
func overwrite(_ path: String, at offset: Int, _ bytes: [UInt8]) throws {
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    try file.seek(toOffset: UInt64(offset))
    try file.write(contentsOf: Data(bytes))
    try file.close()
}

/// Offsets and lengths of the records in a segment of small records, from their length words.
func recordExtents(_ segment: [UInt8]) -> [Range<Int>] {
    var extents: [Range<Int>] = []
    var offset = SegmentHeader.byteCount
    segment.withUnsafeBytes { bytes in
        while offset + 8 <= bytes.count {
            guard case .committed(let length) = LengthWord(bytes.load(fromByteOffset: offset, as: UInt64.self)) else {
                return
            }
            extents.append(offset..<offset + length)
            offset += length
        }
    }
    return extents
}

/// Whether all bytes from an offset on are zero.
func isZero(_ bytes: [UInt8], from offset: Int) -> Bool {
    bytes.withUnsafeBytes {
        $0[offset] == 0 && memcmp($0.baseAddress! + offset, $0.baseAddress! + offset + 1, $0.count - offset - 1) == 0
    }
}

/// Something that a test relies on is not there.
struct Missing: Error {}

/// The durable mark of a test journal.
func readMark(_ directory: String) throws -> DurableMark {
    guard let file = try DurableMarkFile(directory: directory, .readOnly) else { throw Missing() }
    return try file.read(venueId: testVenue)
}

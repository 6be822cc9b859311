import Cryptography
import Foundation
import Wire

@testable import Availability
@testable import Journal

/// A directory of its own for one test; removed with everything in it.
final class Scratch: Sendable {
    let path = NSTemporaryDirectory() + "/glassbook-availability-\(UUID().uuidString)"

    init() { try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var journal: String { path + "/journal" }
    var position: String { path + "/da.position" }
    var certificates: String { path + "/certificates" }
    var blobs: String { path + "/blobs" }

    /// Names in a directory below; none when there is no directory.
    func names(_ directory: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).sorted()
    }
}

let testVenue = Bytes32(0x1111, 0x2222, 0x3333, 0x4444)
let testVenueHash = withUnsafeBytes(of: testVenue) { Hash256(loading: $0.baseAddress!) }

/// A small generator with a seed: the same numbers on every machine.
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

/// Makes a journal of `count` records whose times are 1001, 1002, … ns; returns the records' bytes.
///
/// - Parameter changed: a record that is another one than it would be.
@discardableResult
func makeJournal(_ directory: String, count: Int, changed: Int? = nil) throws -> [[UInt8]] {
    var options = JournalOptions()
    options.segmentBytes = 1 << 20
    options.populateBytes = 64 << 10
    var writer = try JournalWriter.create(directory: directory, venueId: testVenue, options: options)
    var random = SplitMix(state: 7)
    for index in 1...count {
        let length = 80 + index % 50
        guard let draft = writer.reserve(commandLength: length) else { fatalError("a segment takes the records") }
        for offset in 0..<length {
            draft.command.storeBytes(
                of: UInt8(truncatingIfNeeded: random.next()), toByteOffset: offset, as: UInt8.self)
        }
        writer.commit(
            draft,
            RecordHead(
                time: 1000 + UInt64(index), arrivalTime: index == changed ? 4 : 5, arrivalTicket: 6, kind: .command,
                flags: [],
                feedSequence: 1, feedMessages: 0, effectsLength: 0))
    }
    var synchronizer = writer.makeSynchronizer()
    try synchronizer.synchronizeBlocking()
    var reader = try TailReader.open(directory: directory, from: .sequence(1), hashing: true)
    var records: [[UInt8]] = []
    while let record = try reader.next() {
        records.append(Array(UnsafeRawBufferPointer(start: record.base, count: record.length)))
    }
    return records
}

/// A publisher over the scratch directory's journal.
func makePublisher(
    _ scratch: Scratch, _ layer: any DataLayer, records: Int = 10, bytes: Int = Batch.bytesMax, age: UInt64 = 0,
    delay: UInt64 = 0, position: String? = nil, certificates: String? = nil
) throws -> DataPublisher {
    try DataPublisher(
        layer: layer, limits: PublisherLimits(records: records, bytes: bytes, age: age, delay: delay),
        journal: scratch.journal, positionPath: position ?? scratch.position,
        certificates: certificates ?? scratch.certificates)
}

/// All records that a source gives, checked as a reader checks them.
func walk(_ source: any BatchSource) throws -> [[UInt8]] {
    var walk = BatchWalk(source, venue: testVenueHash)
    var records: [[UInt8]] = []
    while let batch = try walk.nextBatch() { batch.forEachRecord { records.append(Array($0)) } }
    return records
}

/// A time behind every record's.
let later: UInt64 = 1 << 40

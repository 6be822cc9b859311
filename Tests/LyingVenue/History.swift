import Cryptography
import Foundation
import GlassbookClient
import Journal
import Wire

/// Records in an order, chained with hashes that hold: what an operator can always make, true or not.
///
/// Written from the pages of the formats, with no code of the journal's writer, which refuses most of it.
public struct History: Sendable {
    /// Hash of the genesis body.
    public var venueId: Hash256
    public var records: [HistoryRecord]
    /// Feed sequences that are written instead of those that follow from the effects, by index.
    public var feedSequences: [Int: UInt64] = [:]

    public init(venueId: Hash256, records: [HistoryRecord] = []) {
        self.venueId = venueId
        self.records = records
    }

    /// The history of a journal's directory.
    public init(journal directory: String) throws {
        var scan = try JournalScan(directory: directory)
        var records: [HistoryRecord] = []
        while let record = try scan.next() { records.append(HistoryRecord(record)) }
        guard let genesis = records.first, genesis.kind == .genesis else {
            throw JournalError.noJournal(directory: directory)
        }
        self.init(venueId: Self.venueId(of: genesis), records: records)
    }

    /// The venue id that a genesis record has.
    public static func venueId(of genesis: HistoryRecord) -> Hash256 {
        Blake2b256.hash(Array(genesis.command[MessageHeader.size...]))
    }

    /// A record by its sequence.
    public subscript(sequence: UInt64) -> HistoryRecord {
        get { records[Int(sequence) - 1] }
        set { records[Int(sequence) - 1] = newValue }
    }

    /// Every record's bytes: sequences, lengths, previous hashes and hashes hold.
    public func chained() -> [[UInt8]] {
        var copy = self
        return copy.chain { _, _, _ in }
    }

    /// Lets restarts and commitments name the chain as it is now, the commitments signed by settlement's key, and what
    /// they are told to name besides.
    ///
    /// - Parameters:
    ///   - first: what stands before this sequence stays as it is.
    ///   - key: settlement's.
    ///   - root: the state root of the commitment at a sequence; nil leaves the one that stands there.
    public mutating func seal(
        from first: UInt64 = 1, by key: SigningKey = FixedKeys().settlement,
        root: (_ sequence: UInt64) -> Hash256? = { _ in nil }
    ) {
        let prefix = SigningPrefix.make(.commitment, venue: venueId)
        _ = chain { record, sequence, previous in
            guard sequence >= first else { return }
            switch (record.kind, record.template) {
            case (.restart, _): record.set(Bytes32(previous), "previousHead")
            case (.command, Template.stateCommitment):
                record.changeCommand("through") { _ in sequence - 1 }
                record.set(Bytes32(previous), "chainHead")
                if let root = root(sequence) { record.set(Bytes32(root), "stateRoot") }
                if record.effectOffset(of: Template.commitmentAccepted) != nil {
                    record.changeEffect(Template.commitmentAccepted, "through") { _ in sequence - 1 }
                }
                record.sign(key, prefix)
            default: break
            }
        }
    }

    /// Chains the records; `change` sees each before it is hashed, with its sequence and the hash before it.
    private mutating func chain(
        _ change: (inout HistoryRecord, _ sequence: UInt64, _ previous: Hash256) -> Void
    ) -> [[UInt8]] {
        var previous = Hash256.zero
        var feedSequence: UInt64 = 1
        var result: [[UInt8]] = []
        result.reserveCapacity(records.count)
        for index in records.indices {
            change(&records[index], UInt64(index) + 1, previous)
            let record = records[index]
            if record.beginsSession { feedSequence = 1 }
            let bytes = Self.encode(
                record, sequence: UInt64(index) + 1, feedSequence: feedSequences[index] ?? feedSequence,
                previous: previous)
            feedSequence += UInt64(record.feedMessages)
            previous = bytes.withUnsafeBytes { Hash256(loading: $0.baseAddress! + (bytes.count - 32)) }
            result.append(bytes)
        }
        return result
    }

    private static func encode(
        _ record: HistoryRecord, sequence: UInt64, feedSequence: UInt64, previous: Hash256
    ) -> [UInt8] {
        let padded = RecordLayout.padded(record.command.count)
        let length = RecordLayout.bytesMin + padded + record.effects.count
        precondition(record.effects.count % 8 == 0 && length <= Limits.recordBytesMax, "no record holds that")
        var bytes = [UInt8](repeating: 0, count: length)
        bytes.withUnsafeMutableBytes { buffer in
            let base = buffer.baseAddress!
            base.storeBytes(of: UInt32(length), toByteOffset: RecordLayout.length, as: UInt32.self)
            base.storeBytes(of: ~UInt32(length), toByteOffset: RecordLayout.complement, as: UInt32.self)
            base.storeBytes(of: sequence, toByteOffset: RecordLayout.sequence, as: UInt64.self)
            base.storeBytes(of: record.time, toByteOffset: RecordLayout.time, as: UInt64.self)
            base.storeBytes(of: record.arrivalTime, toByteOffset: RecordLayout.arrivalTime, as: UInt64.self)
            base.storeBytes(of: record.arrivalTicket, toByteOffset: RecordLayout.arrivalTicket, as: UInt64.self)
            base.storeBytes(of: record.epoch, toByteOffset: RecordLayout.epoch, as: UInt32.self)
            base.storeBytes(of: record.kind.rawValue, toByteOffset: RecordLayout.kind, as: UInt16.self)
            base.storeBytes(of: record.flags.rawValue, toByteOffset: RecordLayout.flags, as: UInt16.self)
            base.storeBytes(of: feedSequence, toByteOffset: RecordLayout.feedSequence, as: UInt64.self)
            let sizes = (UInt32(record.command.count), UInt32(record.effects.count))
            base.storeBytes(of: sizes.0, toByteOffset: RecordLayout.commandLength, as: UInt32.self)
            base.storeBytes(of: sizes.1, toByteOffset: RecordLayout.effectsLength, as: UInt32.self)
            previous.store(to: base + RecordLayout.previousHash)
            UnsafeMutableRawBufferPointer(rebasing: buffer[RecordLayout.body...]).copyBytes(from: record.command)
            UnsafeMutableRawBufferPointer(rebasing: buffer[(RecordLayout.body + padded)...])
                .copyBytes(from: record.effects)
            let hashed = length - RecordLayout.hashBytes
            Blake2b256.hash(base, count: hashed, into: base + hashed)
        }
        return bytes
    }
}

/// A journal's files.
extension History {
    private static let headerBytes = 4096
    private static let segmentBytesMin = 256 << 10

    /// Writes one segment, and a durable mark that names the last record, into a new directory.
    public func write(journal directory: String) throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let records = chained()
        let content = records.reduce(0) { $0 + $1.count }
        // As the real one: room for the largest record behind the last.
        let size = max(Self.segmentBytesMin, (Self.headerBytes + content + (128 << 10)) & ~4095)
        var segment = header(size) + records.joined()
        segment += [UInt8](repeating: 0, count: size - segment.count)
        try Data(segment).write(to: URL(fileURLWithPath: "\(directory)/00000000000000000001.segment"))
        let last = records.last.map { Array($0.suffix(32)) } ?? [UInt8](repeating: 0, count: 32)
        try Data(mark(UInt64(records.count), last)).write(to: URL(fileURLWithPath: "\(directory)/durable"))
    }

    /// The header of segment 1: the table of `SegmentHeader`.
    private func header(_ size: Int) -> [UInt8] {
        var bytes = Array("GLASSJNL".utf8) + Self.little(UInt32(1)) + Self.little(UInt32(Self.headerBytes))
        bytes += venueId.withUnsafeBytes { Array($0) } + [UInt8](repeating: 0, count: 32)
        bytes += Self.little(UInt64(1)) + Self.little(UInt64(1)) + [UInt8](repeating: 0, count: 32)
        bytes += Self.little(UInt64(1)) + Self.little(UInt32(0)) + Self.little(UInt32(1)) + Self.little(UInt64(size))
        bytes += Self.little(UInt64(0))
        bytes += Blake2b256.hash(bytes).withUnsafeBytes { Array($0) }
        return bytes + [UInt8](repeating: 0, count: Self.headerBytes - bytes.count)
    }

    /// The file `durable`: the table of `DurableMark`.
    private func mark(_ sequence: UInt64, _ hash: [UInt8]) -> [UInt8] {
        var bytes = Array("GLASSDUR".utf8) + Self.little(UInt32(1)) + Self.little(UInt32(Self.headerBytes))
        bytes += venueId.withUnsafeBytes { Array($0) }
        bytes += Blake2b256.hash(bytes).withUnsafeBytes { Array($0) }
        bytes += [UInt8](repeating: 0, count: 512 - bytes.count)
        var slot = Self.little(sequence) + hash + [UInt8](repeating: 0, count: 32 + 48)
        slot += Blake2b256.hash(slot).withUnsafeBytes { Array($0.prefix(8)) }
        bytes += slot + [UInt8](repeating: 0, count: 512 - 128) + slot
        return bytes + [UInt8](repeating: 0, count: Self.headerBytes - bytes.count)
    }

    private static func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
}

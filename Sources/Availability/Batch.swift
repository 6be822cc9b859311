import Cryptography
import Proof
import Wire

/// What is wrong with a batch.
public enum BatchError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Bytes that are not a batch: what was expected.
    case malformed(expected: String)
    /// A batch of another venue.
    case venue
    /// A batch that does not continue the one before.
    case link(first: UInt64)
    /// Bytes that do not have the digest under which they were asked for.
    case digest(expected: Hash256, found: Hash256)
    /// No batch begins with this sequence.
    case missing(first: UInt64)

    public var description: String {
        switch self {
        case .malformed(let expected): "no batch: expected \(expected)"
        case .venue: "a batch of another venue"
        case .link(let first): "the batch from sequence \(first) does not continue the one before"
        case .digest(let expected, let found): "a batch has digest \(found), and not \(expected)"
        case .missing(let first): "the batch from sequence \(first) is missing"
        }
    }
}

/// Consecutive records as they are put to a data availability layer; `Availability.md` has the format byte by byte.
public struct Batch: Sendable {
    /// The bytes, header included.
    public let bytes: [UInt8]
    /// SHA-256 of the bytes.
    public let digest: Hash256
    public let venue: Hash256
    /// Sequences of the first and the last record.
    public let first: UInt64, last: UInt64
    /// Digest of the batch before; zeros for the first.
    public let previous: Hash256

    static let magic = Array("GLASBAT1".utf8)
    /// Bytes before the records.
    public static let headerBytes = 104
    /// Bytes of a batch at most: the longest payload that EigenDA takes.
    public static let bytesMax = 16_252_897

    /// Sequence of a batch's last record at most: no log gets there, and what is counted on from it does not overflow.
    static let lastMax: UInt64 = 1 << 62

    /// Reads a batch: header, lengths of the records, their sequences. The records themselves are not judged.
    public init(_ bytes: [UInt8]) throws(BatchError) {
        guard bytes.count >= Self.headerBytes, bytes.count <= Self.bytesMax, Array(bytes[..<8]) == Self.magic else {
            throw .malformed(expected: "GLASBAT1, and at most \(Self.bytesMax) bytes")
        }
        let header = bytes.withUnsafeBytes { Header($0.baseAddress!) }
        guard header.version == 1 else { throw .malformed(expected: "version 1, found \(header.version)") }
        guard header.first > 0, header.last >= header.first, header.last <= Self.lastMax,
            header.last - header.first < UInt64(Self.bytesMax),
            header.recordBytes == UInt64(bytes.count - Self.headerBytes),
            UInt64(header.count) == header.last - header.first + 1
        else { throw .malformed(expected: "as many records and bytes as the header says") }
        var (offset, sequence) = (Self.headerBytes, header.first)
        while offset < bytes.count {
            guard let length = Self.recordLength(bytes, offset), sequence <= header.last,
                Self.word(bytes, offset + RecordLayout.sequence) == sequence
            else { throw .malformed(expected: "whole records with consecutive sequences") }
            offset += length
            sequence += 1
        }
        guard sequence == header.last + 1 else { throw .malformed(expected: "\(header.count) records") }
        (venue, first, last, previous) = (header.venue, header.first, header.last, header.previous)
        self.bytes = bytes
        digest = Sha256.hash(bytes)
    }

    private init(bytes: [UInt8], _ header: Header) {
        self.bytes = bytes
        (venue, first, last, previous) = (header.venue, header.first, header.last, header.previous)
        digest = Sha256.hash(bytes)
    }

    /// Calls `body` with each record's bytes, in order.
    public func forEachRecord<Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        var offset = Self.headerBytes
        while offset < bytes.count {
            let length = Self.recordLength(bytes, offset)!
            var failure: Failure?
            bytes.withUnsafeBytes { all in
                do throws(Failure) {
                    try body(UnsafeRawBufferPointer(rebasing: all[offset..<(offset + length)]))
                } catch { failure = error }
            }
            if let failure { throw failure }
            offset += length
        }
    }

    /// Hash of the last record, which is its last 32 bytes.
    var lastHash: Hash256 { bytes.withUnsafeBytes { Hash256(loading: $0.baseAddress! + (bytes.count - 32)) } }

    /// The length of the record at `offset`; nil unless a whole one fits there.
    private static func recordLength(_ bytes: [UInt8], _ offset: Int) -> Int? {
        guard offset + RecordLayout.bytesMin <= bytes.count else { return nil }
        let word = word(bytes, offset)
        let length = Int(UInt32(truncatingIfNeeded: word))
        guard UInt32(truncatingIfNeeded: word >> 32) == ~UInt32(truncatingIfNeeded: word), length % 8 == 0,
            length >= RecordLayout.bytesMin, length <= Int(UInt16.max), offset + length <= bytes.count
        else { return nil }
        return length
    }

    private static func word(_ bytes: [UInt8], _ offset: Int) -> UInt64 {
        bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) }
    }

    private struct Header {
        var version: UInt32
        var count: UInt32
        var venue: Hash256
        var first: UInt64
        var last: UInt64
        var previous: Hash256
        var recordBytes: UInt64

        init(_ base: UnsafeRawPointer) {
            version = UInt32(littleEndian: base.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
            count = UInt32(littleEndian: base.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
            venue = Hash256(loading: base + 16)
            first = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: 48, as: UInt64.self))
            last = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: 56, as: UInt64.self))
            previous = Hash256(loading: base + 64)
            recordBytes = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: 96, as: UInt64.self))
        }

        init(_ draft: Draft) {
            (version, count, venue, previous) = (1, UInt32(draft.last - draft.first + 1), draft.venue, draft.previous)
            (first, last, recordBytes) = (draft.first, draft.last, UInt64(draft.bytes.count - Batch.headerBytes))
        }

        func store(to bytes: inout [UInt8]) {
            bytes.withUnsafeMutableBytes { base in
                base.copyBytes(from: Batch.magic)
                base.storeBytes(of: version.littleEndian, toByteOffset: 8, as: UInt32.self)
                base.storeBytes(of: count.littleEndian, toByteOffset: 12, as: UInt32.self)
                venue.store(to: base.baseAddress! + 16)
                base.storeBytes(of: first.littleEndian, toByteOffset: 48, as: UInt64.self)
                base.storeBytes(of: last.littleEndian, toByteOffset: 56, as: UInt64.self)
                previous.store(to: base.baseAddress! + 64)
                base.storeBytes(of: recordBytes.littleEndian, toByteOffset: 96, as: UInt64.self)
            }
        }
    }

    /// A batch that is being filled.
    public struct Draft: Sendable {
        let venue: Hash256
        let previous: Hash256
        /// Sequence of the first record.
        public let first: UInt64
        /// Sequence of the last record that was added; `first − 1` before any.
        public private(set) var last: UInt64
        private(set) var bytes: [UInt8]

        /// A batch whose first record is `first`.
        public init(venue: Hash256, previous: Hash256, first: UInt64) {
            (self.venue, self.previous, self.first, last) = (venue, previous, first, first - 1)
            bytes = Array(repeating: 0, count: Batch.headerBytes)
        }

        /// Records that were added.
        public var count: UInt64 { last + 1 - first }
        /// Bytes of the batch as it is.
        public var byteCount: Int { bytes.count }

        /// Adds the next record.
        public mutating func append(_ record: RecordView) {
            precondition(record.sequence == last + 1, "consecutive records")
            precondition(bytes.count + record.length <= Batch.bytesMax, "a batch that its layer takes")
            bytes.append(contentsOf: UnsafeRawBufferPointer(start: record.base, count: record.length))
            last += 1
        }

        /// The batch; at least one record was added.
        public func finish() -> Batch {
            precondition(last >= first, "a batch has records")
            var bytes = bytes
            let header = Header(self)
            header.store(to: &bytes)
            return Batch(bytes: bytes, header)
        }
    }
}

import Cryptography

/// Reads the fields of evidence from bytes that nobody vouches for: every read is checked, and nothing is allocated
/// beyond what the bytes hold.
public struct EvidenceReader {
    private let source: [UInt8]
    /// Where the next read begins.
    public private(set) var offset = 0

    /// Reads these bytes from their start.
    public init(_ bytes: [UInt8]) { source = bytes }

    /// Bytes that were not read.
    public var remaining: Int { source.count - offset }

    /// An integer, little-endian.
    public mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type) throws(EvidenceError) -> Value {
        let size = MemoryLayout<Value>.size
        guard size <= remaining else { throw .truncated }
        defer { offset += size }
        return source.withUnsafeBytes {
            Value(littleEndian: $0.baseAddress!.loadUnaligned(fromByteOffset: offset, as: Value.self))
        }
    }

    /// 32 bytes.
    public mutating func hash() throws(EvidenceError) -> Hash256 {
        guard remaining >= Hash256.byteCount else { throw .truncated }
        defer { offset += Hash256.byteCount }
        return source.withUnsafeBytes { Hash256(loading: $0.baseAddress! + offset) }
    }

    /// So many bytes.
    public mutating func bytes(_ count: Int) throws(EvidenceError) -> [UInt8] {
        guard count >= 0, count <= remaining else { throw .truncated }
        defer { offset += count }
        return Array(source[offset..<offset + count])
    }

    /// A list of hashes: u16 count, at most `max`, then 32 bytes each.
    public mutating func hashes(max: Int) throws(EvidenceError) -> [Hash256] {
        let count = Int(try integer(UInt16.self))
        guard count <= max else { throw .field }
        var hashes: [Hash256] = []
        for _ in 0..<count { hashes.append(try hash()) }
        return hashes
    }
}

/// Writes the fields of evidence.
public struct EvidenceWriter {
    /// What was written.
    public private(set) var bytes: [UInt8] = []

    public init() {}

    /// Appends an integer, little-endian.
    public mutating func write<Value: FixedWidthInteger>(_ value: Value) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Appends bytes.
    public mutating func write(_ more: [UInt8]) { bytes += more }

    /// Appends 32 bytes.
    public mutating func write(_ hash: Hash256) { hash.withUnsafeBytes { bytes.append(contentsOf: $0) } }

    /// Appends a list of hashes: u16 count, then 32 bytes each.
    public mutating func write(_ hashes: [Hash256]) {
        write(UInt16(hashes.count))
        for hash in hashes { write(hash) }
    }
}

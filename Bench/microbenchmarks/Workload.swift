import Glibc
import Platform

/// A file of the neutral workload (Bench/workload/lobw.h), mapped as it stands, and what must come out of it.
struct Workload {
    /// One command: 32 bytes.
    struct Record {
        var operation: UInt8
        /// 0 buy, 1 sell.
        var side: UInt8
        var instrument: UInt16
        var priceTicks: UInt32
        var quantityLots: UInt32
        var flags: UInt32
        /// New and immediate or cancel: the order's id; else the id of the order it is about.
        var orderId: UInt64
        /// Replace: the id of the replacement.
        var replacementOrderId: UInt64

        static var new: UInt8 { 1 }
        static var immediateOrCancel: UInt8 { 2 }
        static var cancel: UInt8 { 3 }
        static var replace: UInt8 { 4 }
    }

    static let headerBytes = 64
    /// "LOBWKLD1", little-endian.
    static let magic: UInt64 = 0x3144_4C4B_5742_4F4C

    let instruments: UInt32
    let commands: Int
    /// The first of the commands, which only fill the books.
    let prefill: Int
    let orderIdMax: Int
    let priceMinTicks: UInt32
    let priceMaxTicks: UInt32
    let records: UnsafePointer<Record>
    /// The line of FILE.expect.
    let expectation: String

    /// Maps a file for as long as the process lives.
    init(path: String) throws(BenchmarkError) {
        guard let bytes = Self.map(path), bytes.count >= Self.headerBytes, let base = bytes.baseAddress else {
            throw .file(path)
        }
        guard base.load(as: UInt64.self) == Self.magic else { throw .notAWorkload(path) }
        instruments = base.load(fromByteOffset: 12, as: UInt32.self)
        commands = base.load(fromByteOffset: 16, as: Int.self)
        prefill = base.load(fromByteOffset: 24, as: Int.self)
        orderIdMax = base.load(fromByteOffset: 32, as: Int.self)
        priceMinTicks = base.load(fromByteOffset: 40, as: UInt32.self)
        priceMaxTicks = base.load(fromByteOffset: 44, as: UInt32.self)
        guard bytes.count == Self.headerBytes + commands * MemoryLayout<Record>.stride else {
            throw .notAWorkload(path)
        }
        records = (base + Self.headerBytes).assumingMemoryBound(to: Record.self)
        guard let line = Self.map(path + ".expect") else { throw .file(path + ".expect") }
        expectation = String(decoding: line, as: UTF8.self)
    }

    private static func map(_ path: String) -> UnsafeRawBufferPointer? {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let count = Int(lseek(descriptor, 0, SEEK_END))
        guard count > 0, let base = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED else {
            return nil
        }
        return UnsafeRawBufferPointer(start: base, count: count)
    }
}

/// Why a benchmark cannot be run.
enum BenchmarkError: Error, CustomStringConvertible {
    case file(String)
    case notAWorkload(String)
    /// A directory that is to be made is there already.
    case exists(String)
    /// The journal has no room.
    case noSpace(String)
    /// What the venue did is not what the workload comes to.
    case outcome(found: String, expected: String)

    var description: String {
        switch self {
        case .file(let path): "\(path): cannot be read"
        case .notAWorkload(let path): "\(path): not a workload of version 1"
        case .noSpace(let error): "no room for the journal: \(error)"
        case .exists(let path): "\(path): exists already"
        case .outcome(let found, let expected): "found \(found), expected \(expected)"
        }
    }
}

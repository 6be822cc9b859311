import Foundation

/// A neutral workload, LOBW version 1: a header of 64 bytes, then records of 32, little-endian.
struct WorkloadFile {
    /// What a record asks for.
    enum Operation: UInt8 {
        case new = 1
        case immediateOrCancel = 2
        case cancel = 3
        case replace = 4
        case reduce = 5
    }

    /// One command.
    struct Record {
        var operation: Operation
        /// 0 buy, 1 sell.
        var side: UInt8
        var instrument: UInt16
        var price: UInt32
        /// Of a replace the new open quantity, of a reduce what is taken off.
        var quantity: UInt32
        var id: UInt64
        /// Of a replace: id of what takes the order's place.
        var newId: UInt64
    }

    let instruments: UInt32
    let count: Int
    let idMax: UInt64
    let priceMin: UInt32
    let priceMax: UInt32
    /// First line of `FILE.expect`; nil when there is none.
    let expectation: String?
    private let bytes: Data

    init(_ path: String) throws(BenchmarkError) {
        guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped) else {
            throw .input("\(path): cannot be read")
        }
        guard bytes.count >= 64, bytes.prefix(8).elementsEqual("LOBWKLD1".utf8), Self.u32(bytes, 8) == 1 else {
            throw .input("\(path): expected a LOBW file, version 1")
        }
        self.bytes = bytes
        instruments = Self.u32(bytes, 12)
        count = Int(Self.u64(bytes, 16))
        idMax = Self.u64(bytes, 32)
        priceMin = Self.u32(bytes, 40)
        priceMax = Self.u32(bytes, 44)
        guard bytes.count == 64 + 32 * count, instruments > 0, idMax < 1 << 32, priceMin > 0, priceMax >= priceMin
        else { throw .input("\(path): the header does not fit the file") }
        let text = try? String(contentsOfFile: path + ".expect", encoding: .utf8)
        expectation = text?.split(separator: "\n").first.map(String.init)
    }

    /// A record; nil when its operation is unknown.
    func record(_ index: Int) -> Record? {
        bytes.withUnsafeBytes { memory in
            let base = memory.baseAddress! + 64 + 32 * index
            guard let operation = Operation(rawValue: base.load(as: UInt8.self)) else { return nil }
            return Record(
                operation: operation, side: base.load(fromByteOffset: 1, as: UInt8.self),
                instrument: base.loadUnaligned(fromByteOffset: 2, as: UInt16.self),
                price: base.loadUnaligned(fromByteOffset: 4, as: UInt32.self),
                quantity: base.loadUnaligned(fromByteOffset: 8, as: UInt32.self),
                id: base.loadUnaligned(fromByteOffset: 16, as: UInt64.self),
                newId: base.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
        }
    }

    private static func u32(_ bytes: Data, _ offset: Int) -> UInt32 {
        bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self) }
    }

    private static func u64(_ bytes: Data, _ offset: Int) -> UInt64 {
        bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self) }
    }
}

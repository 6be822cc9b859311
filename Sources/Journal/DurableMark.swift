import CPlatform
import Cryptography
import Platform
import Wire

/// Why the file `durable` is not believed.
public enum MarkFault: String, Equatable, Sendable, CaseIterable, CustomStringConvertible {
    case size = "it has not 4096 bytes"
    case header = "its header does not hold"
    case venue = "it belongs to another venue"
    case slots = "neither of its slots holds"
    case beyondTail = "it names a record that the journal has not"

    public var description: String { rawValue }
}

/// The file `durable`: up to which record the journal survives a loss of power. 4096 bytes, little-endian:
///
/// | Offset | Size | Field |
/// |---|---|---|
/// | 0 | 8 | magic: `GLASSDUR` |
/// | 8 | 4 | version: 1 |
/// | 12 | 4 | file bytes: 4096 |
/// | 16 | 32 | venue id |
/// | 48 | 32 | BLAKE2b-256 of bytes 0 to 47 |
/// | 512 | 128 | slot A |
/// | 1024 | 128 | slot B |
/// | rest | | zero |
///
/// A slot: u64 sequence, 32 bytes hash of that record, 32 bytes boot id of the machine that wrote it (32 hex
/// digits), 48 bytes zero, u64 check = the first 8 bytes of BLAKE2b-256 of the slot's first 120 bytes. The writer
/// stores the slots in turn; of those whose check holds, the one with the higher sequence counts. So a writer that is
/// killed inside a slot leaves the other one.
///
/// The mark is stored after the fdatasync that it speaks of, so it never says too much; it may say too little. It
/// tells a torn tail from damage, and tells other processes what is durable. It is never used to find the tail.
public struct DurableMark: Equatable, Sendable {
    /// Sequence of the last durable record; 0 = none.
    public var sequence: UInt64
    /// Hash of that record.
    public var hash: Bytes32
    /// Boot id of the machine when it was written: 32 hex digits.
    public var bootId: Bytes32

    static let fileBytes = 4096
    static let magic: UInt64 = 0x5255_4453_5341_4C47
    static let version: UInt32 = 1
    static let slotBytes = 128
    static let slotOffsets = (512, 1024)

    /// Encodes a slot; the check is stored last.
    func encode(at slot: UnsafeMutableRawPointer) {
        slot.storeBytes(of: sequence, as: UInt64.self)
        hash.store(to: slot + 8)
        bootId.store(to: slot + 40)
        for offset in stride(from: 72, to: 120, by: 8) { slot.storeBytes(of: 0, toByteOffset: offset, as: UInt64.self) }
        platform_store_release_u64(slot + 120, Self.check(slot))
    }

    /// Decodes a slot, or nil when its check does not hold. The slot is copied first, because it may be written at
    /// the same time.
    static func decode(_ slot: UnsafeRawPointer) -> DurableMark? {
        withUnsafeTemporaryAllocation(byteCount: slotBytes, alignment: 8) { copy in
            copy.copyMemory(from: UnsafeRawBufferPointer(start: slot, count: slotBytes))
            let base = UnsafeRawPointer(copy.baseAddress!)
            guard base.load(fromByteOffset: 120, as: UInt64.self) == check(base) else { return nil }
            return DurableMark(
                sequence: base.load(as: UInt64.self), hash: Bytes32(from: base + 8), bootId: Bytes32(from: base + 40))
        }
    }

    private static func check(_ slot: UnsafeRawPointer) -> UInt64 {
        Blake2b256.hash(slot, count: 120).withUnsafeBytes { $0.load(as: UInt64.self) }
    }

    /// Reads the file's bytes.
    static func read(_ base: UnsafeRawPointer, venueId: Bytes32) throws(MarkFault) -> DurableMark {
        let headerHolds =
            base.load(as: UInt64.self) == magic && base.load(fromByteOffset: 8, as: UInt32.self) == version
            && base.load(fromByteOffset: 12, as: UInt32.self) == UInt32(fileBytes)
            && Blake2b256.hash(base, count: 48).matches(base + 48)
        if !headerHolds { throw .header }
        if Bytes32(from: base + 16) != venueId { throw .venue }
        let first = decode(base + slotOffsets.0), second = decode(base + slotOffsets.1)
        guard let mark = [first, second].compactMap({ $0 }).max(by: { $0.sequence < $1.sequence }) else {
            throw .slots
        }
        return mark
    }
}

extension MarkFault: Error {}

/// The file `durable`, mapped: by the writer for storing, by others for reading.
struct DurableMarkFile: ~Copyable, @unchecked Sendable {
    let descriptor: Descriptor
    let mapping: Mapping
    /// The slot that does not hold the latest mark: the one to store into.
    private var nextSlot: Int

    /// Opens the file; nil when there is none.
    init?(directory: String, _ access: Mapping.Access) throws(JournalError) {
        let path = "\(directory)/\(JournalFiles.durable)"
        guard File.exists(path) else { return nil }
        let opened = try system { () throws(PlatformError) in
            try File.open(path, access == .readOnly ? .readOnly : .readWrite)
        }
        let size = try system { () throws(PlatformError) in try File.size(opened, path: path) }
        guard size == UInt64(DurableMark.fileBytes) else { throw Self.damage(.size) }
        mapping = try system { () throws(PlatformError) in
            try Mapping(opened, byteCount: DurableMark.fileBytes, access, path: path)
        }
        descriptor = opened
        let slots = UnsafeRawPointer(mapping.base)
        let sequences = [DurableMark.slotOffsets.0, DurableMark.slotOffsets.1].map { offset in
            DurableMark.decode(slots + offset).map { Int64(bitPattern: $0.sequence) } ?? -1
        }
        nextSlot = sequences[0] <= sequences[1] ? 0 : 1
    }

    /// Makes the file, both slots holding `mark`: whole and safe on disk before it has its name.
    static func create(directory: String, venueId: Bytes32, mark: DurableMark) throws(PlatformError) {
        let path = "\(directory)/\(JournalFiles.durable)", temporary = path + ".new"
        try File.remove(temporary)
        do {
            let file = try File.open(temporary, .createNew)
            try File.allocate(file, bytes: UInt64(DurableMark.fileBytes), path: temporary)
            let mapping = try Mapping(file, byteCount: DurableMark.fileBytes, .readWrite, path: temporary)
            let base = mapping.base
            base.storeBytes(of: DurableMark.magic, as: UInt64.self)
            base.storeBytes(of: DurableMark.version, toByteOffset: 8, as: UInt32.self)
            base.storeBytes(of: UInt32(DurableMark.fileBytes), toByteOffset: 12, as: UInt32.self)
            venueId.store(to: base + 16)
            Blake2b256.hash(base, count: 48, into: base + 48)
            mark.encode(at: base + DurableMark.slotOffsets.0)
            mark.encode(at: base + DurableMark.slotOffsets.1)
            try File.synchronize(file, path: temporary)
        }
        try File.rename(temporary, to: path)
        try FileDirectory.synchronize(directory)
    }

    /// What the file says.
    func read(venueId: Bytes32) throws(JournalError) -> DurableMark {
        do { return try DurableMark.read(UnsafeRawPointer(mapping.base), venueId: venueId) } catch {
            throw Self.damage(error)
        }
    }

    /// Stores a mark into the slot that is not the latest.
    mutating func publish(_ mark: DurableMark) {
        let offset = nextSlot == 0 ? DurableMark.slotOffsets.0 : DurableMark.slotOffsets.1
        mark.encode(at: mapping.base + offset)
        nextSlot ^= 1
    }

    static func damage(_ fault: MarkFault, sequence: UInt64 = 0) -> JournalError {
        .damage(Damage(sequence: sequence, file: JournalFiles.durable, offset: 0, cause: .mark(fault)))
    }
}

import CPlatform
import Platform

/// A segment that is mapped for writing.
@usableFromInline struct MappedSegment {
    @usableFromInline let number: UInt64
    @usableFromInline let firstSequence: UInt64
    @usableFromInline let base: UnsafeMutableRawPointer
    @usableFromInline let byteCount: Int
    @usableFromInline let descriptor: Int32

    /// The last offset at which a record may begin: any record fits behind it.
    @usableFromInline var lastStart: Int { Segment.lastStart(byteCount) }
}

/// The mapped segments of one journal, by number: a ring of fixed capacity. The writer adds, the helper removes,
/// readers look up what a committed position names.
@usableFromInline struct SegmentTableHandle: @unchecked Sendable {
    /// One entry, 64 bytes: number (stored last, with release), first sequence, base, bytes, descriptor.
    private static let entryBytes = 64
    private let base: UnsafeMutableRawPointer
    let capacity: Int

    init(capacity: Int) {
        precondition(capacity > 0 && capacity & (capacity - 1) == 0)
        self.capacity = capacity
        base = .allocate(byteCount: capacity * Self.entryBytes, alignment: 128)
        base.initializeMemory(as: UInt8.self, repeating: 0, count: capacity * Self.entryBytes)
    }

    func deallocate() { base.deallocate() }

    private func entry(_ number: UInt64) -> UnsafeMutableRawPointer {
        base + Int(number & UInt64(capacity - 1)) * Self.entryBytes
    }

    /// Whether the place of segment `number` is empty.
    func isFree(_ number: UInt64) -> Bool { platform_load_acquire_u64(entry(number)) == 0 }

    /// Adds a segment; its place must be free.
    func add(_ segment: MappedSegment) {
        let entry = entry(segment.number)
        precondition(isFree(segment.number), "the segment's place in the table is taken")
        entry.storeBytes(of: segment.firstSequence, toByteOffset: 8, as: UInt64.self)
        entry.storeBytes(of: UInt(bitPattern: segment.base), toByteOffset: 16, as: UInt.self)
        entry.storeBytes(of: segment.byteCount, toByteOffset: 24, as: Int.self)
        entry.storeBytes(of: segment.descriptor, toByteOffset: 32, as: Int32.self)
        platform_store_release_u64(entry, segment.number)
    }

    /// The segment `number`, or nil when it is not mapped.
    func find(_ number: UInt64) -> MappedSegment? {
        let entry = entry(number)
        guard number != 0, platform_load_acquire_u64(entry) == number else { return nil }
        return MappedSegment(
            number: number, firstSequence: entry.load(fromByteOffset: 8, as: UInt64.self),
            base: UnsafeMutableRawPointer(bitPattern: entry.load(fromByteOffset: 16, as: UInt.self))!,
            byteCount: entry.load(fromByteOffset: 24, as: Int.self),
            descriptor: entry.load(fromByteOffset: 32, as: Int32.self))
    }

    /// Unmaps and closes a segment that nobody needs any more.
    func remove(_ segment: MappedSegment) {
        platform_store_release_u64(entry(segment.number), 0)
        segment.close()
    }

    /// Unmaps and closes everything.
    func removeAll() {
        for index in 0..<UInt64(capacity) {
            let number = platform_load_acquire_u64(entry(index))
            if let segment = find(number) { remove(segment) }
        }
    }
}

extension MappedSegment {
    /// Unmaps the memory and closes the file.
    func close() {
        Mapping.unmap(base, byteCount: byteCount)
        _ = Descriptor(owning: descriptor)
    }
}

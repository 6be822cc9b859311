import CPlatform

/// The words that the threads of one journal share, each with one writer, those of different writers on lines of
/// their own (128 bytes: the prefetcher takes lines in pairs).
///
/// | Offset | Word | Written by |
/// |---|---|---|
/// | 0 | end of the last committed record (`JournalPosition`) | writer |
/// | 8 | start of that record; 0 = none | writer |
/// | 16 | number of the current segment | writer |
/// | 128 | 1 while a spare is ready (the writer takes it by storing 0) | helper, writer |
/// | 136 | errno of the last failed attempt to make a spare; 0 = none | helper |
/// | 256 | number of the last segment whose name is safe on disk | helper |
/// | 264 | errno that stops the node: a rename or a directory's fsync failed; 0 = none | helper |
/// | 384 | durable sequence | synchroniser |
/// | 392 | number of the first segment that may still need an fdatasync | synchroniser |
/// | 400 | fdatasyncs done | synchroniser |
/// | 512 + 128 × i | position that reader i has passed, + 1; 0 = no reader | reader i |
@usableFromInline struct SharedWordsHandle: @unchecked Sendable {
    static let readersMax = 16
    static let byteCount = 512 + 128 * readersMax

    @usableFromInline let base: UnsafeMutableRawPointer

    init() {
        base = .allocate(byteCount: Self.byteCount, alignment: 128)
        base.initializeMemory(as: UInt8.self, repeating: 0, count: Self.byteCount)
    }

    func deallocate() { base.deallocate() }

    @usableFromInline enum Word: Int {
        case committed = 0
        case lastRecord = 8
        case currentSegment = 16
        case spareReady = 128
        case spareError = 136
        case linkedSegment = 256
        case fatalError = 264
        case durableSequence = 384
        case unsynchronizedSegment = 392
        case synchronizations = 400
    }

    /// Loads with acquire.
    @inlinable func load(_ word: Word) -> UInt64 { platform_load_acquire_u64(base + word.rawValue) }

    /// Stores with release.
    @inlinable func store(_ word: Word, _ value: UInt64) { platform_store_release_u64(base + word.rawValue, value) }

    /// The word of reader `index`.
    @usableFromInline func reader(_ index: Int) -> UnsafeMutableRawPointer {
        assert((0..<Self.readersMax).contains(index))
        return base + (512 + 128 * index)
    }

    /// The earliest position that some reader still needs, or nil without readers.
    func earliestReader() -> JournalPosition? {
        var earliest: UInt64?
        for index in 0..<Self.readersMax {
            let word = platform_load_acquire_u64(reader(index))
            if word != 0 { earliest = min(earliest ?? .max, word - 1) }
        }
        return earliest.map(JournalPosition.init(rawValue:))
    }
}

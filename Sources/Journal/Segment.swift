import Platform
import Wire

/// Rules about the files that hold records.
@usableFromInline enum Segment {
    /// The last offset at which a record may begin in a segment of `byteCount` bytes: a record of any size fits
    /// behind it. Where a record ends beyond it, the next one is the first of the next segment; so every reader
    /// knows from the offset alone in which file to look.
    @usableFromInline static func lastStart(_ byteCount: Int) -> Int { byteCount - Limits.recordBytesMax }

    /// Makes a segment file: allocated, all zero, and safe on disk under its name.
    ///
    /// A file that cannot be allocated is removed again.
    static func create(directory: String, name: String, byteCount: UInt64) throws(PlatformError) -> Descriptor {
        let path = "\(directory)/\(name)"
        let descriptor = try File.open(path, .createNew)
        do {
            try File.allocate(descriptor, bytes: byteCount, path: path)
            try File.synchronize(descriptor, path: path)
            return descriptor
        } catch {
            // The error that matters is the first one; a file that stays behind is removed by the next attempt.
            try? File.remove(path)
            throw error
        }
    }
}

/// A segment of a journal that is being read: open, mapped for reading, its header checked by itself.
struct SegmentReading: ~Copyable {
    let descriptor: Descriptor
    let mapping: Mapping
    let header: SegmentHeader
    let name: String

    /// Opens a segment by its file name.
    ///
    /// - Throws: `damage` when its header does not hold; `system` when the file cannot be opened.
    init(directory: String, name: String) throws(JournalError) {
        let path = "\(directory)/\(name)"
        let opened = try system { () throws(PlatformError) in try File.open(path, .readOnly) }
        let size = try system { () throws(PlatformError) in try File.size(opened, path: path) }
        let sequence = JournalFiles.firstSequence(name) ?? 0
        guard size >= JournalOptions.segmentBytesMin, size <= JournalOptions.segmentBytesMax else {
            throw .damage(Damage(sequence: sequence, file: name, offset: 0, cause: .header(.size)))
        }
        let mapped = try system { () throws(PlatformError) in
            try Mapping(opened, byteCount: Int(size), .readOnly, path: path)
        }
        header = try Self.header(UnsafeRawPointer(mapped.base), fileBytes: size, name: name)
        descriptor = opened
        mapping = mapped
        self.name = name
    }

    private static func header(_ base: UnsafeRawPointer, fileBytes: UInt64, name: String) throws(JournalError)
        -> SegmentHeader
    {
        let expected = JournalFiles.firstSequence(name)
        do throws(SegmentFault) {
            let header = try SegmentHeader.decode(base, fileBytes: fileBytes)
            if let expected, header.firstSequence != expected { throw .name }
            return header
        } catch {
            throw .damage(Damage(sequence: expected ?? 0, file: name, offset: 0, cause: .header(error)))
        }
    }

    var base: UnsafeRawPointer { UnsafeRawPointer(mapping.base) }
    var lastStart: Int { Segment.lastStart(mapping.byteCount) }
}

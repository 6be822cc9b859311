import Glibc
import Platform

/// Brings the end of a journal into the state that a writer goes on from: what is torn is zeroed, what is left is
/// safe on disk, and every begun segment has its name.
struct TailRepair {
    let directory: String
    let tail: JournalTail
    /// Header of the segment that the tail is in.
    let header: SegmentHeader

    struct Outcome {
        /// Bytes that were written and did not hold.
        var bytesCut: UInt64
        /// The tail's segment, mapped for writing.
        var segment: MappedSegment
    }

    private func path(_ name: String) -> String { "\(directory)/\(name)" }

    func run(durable: UInt64) throws(PlatformError) -> Outcome {
        var bytesCut: UInt64 = 0
        // Later segments first: a crash in between leaves them gone and the torn record as it was.
        for file in tail.laterFiles {
            let descriptor = try File.open(path(file), .readOnly)
            bytesCut += try writtenBytes(descriptor, from: UInt64(SegmentHeader.byteCount))
            try File.rename(path(file), to: path(file) + JournalFiles.setAside)
        }
        if !tail.laterFiles.isEmpty { try FileDirectory.synchronize(directory) }
        try synchronizeEarlier(durable: durable)
        let name = JournalFiles.segment(header.firstSequence)
        let descriptor = try File.open(path(tail.file), .readWrite)
        let mapping = try Mapping(
            descriptor, byteCount: Int(header.segmentBytes), .readWrite, path: path(tail.file))
        let remainder = try writtenBytes(descriptor, from: tail.offset)
        if remainder > 0 {
            memset(mapping.base + Int(tail.offset), 0, Int(remainder))
            bytesCut += remainder
        }
        try File.synchronize(descriptor, path: path(tail.file))
        if tail.file != name { try File.rename(path(tail.file), to: path(name)) }
        // In any case: whoever made the directory, or gave a segment its name, may have been killed before that was
        // safe, and what is written to it from now on counts as durable.
        try FileDirectory.createDurably(directory)
        try FileDirectory.synchronize(directory)
        let segment = MappedSegment(
            number: header.number, firstSequence: header.firstSequence, base: mapping.release(),
            byteCount: Int(header.segmentBytes), descriptor: descriptor.release())
        return Outcome(bytesCut: bytesCut, segment: segment)
    }

    /// Synchronises the segments before the tail's that hold records above the mark.
    private func synchronizeEarlier(durable: UInt64) throws(PlatformError) {
        let firsts = try FileDirectory.names(directory).compactMap(JournalFiles.firstSequence).sorted()
        for (index, first) in firsts.enumerated() where first < header.firstSequence {
            let next = index + 1 < firsts.count ? firsts[index + 1] : header.firstSequence
            guard next - 1 > durable else { continue }
            let descriptor = try File.open(path(JournalFiles.segment(first)), .readOnly)
            try File.synchronize(descriptor, path: JournalFiles.segment(first))
        }
    }

    /// Bytes from `start` to the last one that is not zero, rounded up to a multiple of 8; 0 when all are zero. Only
    /// what the file system holds as data is read: a fresh segment is mostly reserved blocks.
    private func writtenBytes(_ descriptor: borrowing Descriptor, from start: UInt64) throws(PlatformError) -> UInt64 {
        let size = try File.size(descriptor)
        guard start < size else { return 0 }
        let mapping = try Mapping(descriptor, byteCount: Int(size), .readOnly)
        var end: UInt64 = start
        var range = File.nextData(descriptor, from: start, size: size)
        while let data = range {
            var offset = Int(data.upperBound) & ~7
            let first = Int(data.lowerBound) & ~7
            while offset > first, mapping.base.load(fromByteOffset: offset - 8, as: UInt64.self) == 0 { offset -= 8 }
            if offset > first { end = max(end, UInt64(offset)) }
            range = File.nextData(descriptor, from: data.upperBound, size: size)
        }
        return end - start
    }
}

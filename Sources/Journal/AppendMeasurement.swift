import Platform
import Wire

/// What appending costs: the measurement behind the bar of 400 ns for a record of 256 bytes (40 ns without the hash).
public enum AppendMeasurement {
    /// Appends records to a journal of its own and returns the mean cost of one.
    ///
    /// Pages are present before they are written, as the helper thread has it in a running node. The caller repeats
    /// this and takes the median: a machine's figures wander.
    ///
    /// - Parameters:
    ///   - directory: a directory that does not exist yet, on the file system to be measured; it is the caller's to
    ///     remove.
    ///   - recordBytes: length of each record, at least 200.
    ///   - count: records; all have to fit into one segment.
    /// - Returns: nanoseconds per record.
    public static func nanosecondsPerRecord(
        directory: String, recordBytes: Int, count: Int, hashing: Bool
    ) throws(JournalError) -> Double {
        var options = JournalOptions()
        options.hashing = hashing
        let bytes = UInt64(count * recordBytes + Limits.recordBytesMax + SegmentHeader.byteCount)
        options.segmentBytes = max((bytes + 4095) & ~4095, JournalOptions.segmentBytesMin)
        options.populateBytes = Int(options.segmentBytes)
        var writer = try JournalWriter.create(directory: directory, venueId: .zero, options: options)
        _ = writer.waitForSpare()
        writer.populateCurrentSegment()
        let commandLength = 128, effectsLength = recordBytes - RecordLayout.bytesMin - commandLength
        precondition(effectsLength >= 0 && recordBytes % 8 == 0, "a record of that length cannot be measured")
        var head = RecordHead(
            time: 1, arrivalTime: 1, arrivalTicket: 1, kind: .command, feedSequence: 1, feedMessages: 0,
            effectsLength: effectsLength)
        let start = SystemClock.monotonicNanoseconds()
        for index in 0..<UInt64(count) {
            guard let draft = writer.reserve(commandLength: commandLength) else {
                preconditionFailure("all records fit into one segment")
            }
            fill(draft.command, commandLength + effectsLength, index)
            head.time = index
            writer.commit(draft, head)
        }
        return Double(SystemClock.monotonicNanoseconds() - start) / Double(count)
    }

    /// Stands for the command and the effects that others write in place.
    @inline(__always)
    private static func fill(_ destination: UnsafeMutableRawPointer, _ count: Int, _ value: UInt64) {
        var offset = 0
        while offset < count {
            destination.storeBytes(
                of: value &+ UInt64(truncatingIfNeeded: offset), toByteOffset: offset, as: UInt64.self)
            offset += 8
        }
    }
}

extension JournalWriter {
    /// Makes every page of the current segment present.
    func populateCurrentSegment() {
        Mapping.populateForWriting(base, byteCount: segmentBytes)
    }
}

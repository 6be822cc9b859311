import Platform
import Wire

/// Names of the files in a journal's directory.
enum JournalFiles {
    /// The segment that is allocated and waits to be used.
    static let spare = "spare.segment"
    /// The durable mark.
    static let durable = "durable"
    /// Appended to the name of a segment that recovery set aside.
    static let setAside = ".cut"
    private static let suffix = ".segment"
    private static let digits = 20
    /// No journal gets there, and sequences that are counted on from a file's name do not overflow.
    private static let sequenceMax: UInt64 = 1 << 62

    /// Name of the segment whose first record is `firstSequence`.
    static func segment(_ firstSequence: UInt64) -> String {
        let number = String(firstSequence)
        return String(repeating: "0", count: digits - number.utf8.count) + number + suffix
    }

    /// The first sequence that a file name says, or nil when it is no segment's name.
    static func firstSequence(_ name: String) -> UInt64? {
        let bytes = name.utf8
        guard bytes.count == digits + suffix.utf8.count, name.hasSuffix(suffix) else { return nil }
        let number = name.prefix(digits)
        guard number.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return UInt64(number).flatMap { $0 <= sequenceMax ? $0 : nil }
    }

    /// First sequences of the segments in a directory, ascending.
    static func segments(_ directory: String) throws(JournalError) -> [UInt64] {
        do {
            return try FileDirectory.names(directory).compactMap(firstSequence).sorted()
        } catch {
            if error.errno == .noEntry { return [] }
            throw .system(error)
        }
    }
}

/// Runs calls of the platform and names their errors as the journal's.
func system<Value: ~Copyable>(_ body: () throws(PlatformError) -> Value) throws(JournalError) -> Value {
    do { return try body() } catch { throw .system(error) }
}

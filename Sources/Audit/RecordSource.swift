import Cryptography

/// Where an audit takes its records from, in order, beginning with record 1, or behind one. Nothing of what it hands
/// out is trusted.
protocol RecordSource: AnyObject {
    /// The bytes that stand where the next record is expected, or nil at the end. They are valid until the next call,
    /// and may change under the reader: copy first, then check.
    ///
    /// - Throws: `finding` when the source itself is damaged, `unreadable` when it cannot be read.
    func next() throws(SourceError) -> UnsafeRawBufferPointer?

    /// Records that there are; nil when that is not known.
    var total: UInt64? { get }

    /// After the end: why records that there should be could not be read; nil when it was the end.
    var unchecked: String? { get }

    /// After the end: what is worth saying and no failure.
    var note: String? { get }

    /// Compares the leaf hash of a record with what the source was told of it; asked in ascending order.
    func check(_ leaf: Hash256, sequence: UInt64) throws(SourceError)
}

extension RecordSource {
    var total: UInt64? { nil }
    var unchecked: String? { nil }
    var note: String? { nil }
    func check(_ leaf: Hash256, sequence: UInt64) throws(SourceError) {}
}

/// Why a source ends before its end.
enum SourceError: Error {
    /// What is there is wrong.
    case finding(Finding)
    /// What is there, or should be, cannot be read.
    case unreadable(String)
}

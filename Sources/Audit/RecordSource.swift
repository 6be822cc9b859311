import Cryptography

/// Where an audit takes its records from, in order, beginning with record 1. Nothing of what it hands out is trusted.
protocol RecordSource: AnyObject {
    /// The bytes that stand where the next record is expected, or nil at the end. They are valid until the next call,
    /// and may change under the reader: copy first, then check.
    ///
    /// - Throws: `finding` when the source itself is damaged, `unreadable` when it cannot be read.
    func next() throws(SourceError) -> UnsafeRawBufferPointer?

    /// What the end of the source means: nil when it is a plain end, else why records behind it could not be checked.
    var unchecked: String? { get }

    /// Compares the leaf hashes of records `first`… with what the source was told of them.
    func check(leaves: UnsafeBufferPointer<Hash256>, first: UInt64) throws(SourceError)
}

extension RecordSource {
    var unchecked: String? { nil }
    func check(leaves: UnsafeBufferPointer<Hash256>, first: UInt64) throws(SourceError) {}
}

/// Why a source ends before its end.
enum SourceError: Error {
    /// What is there is wrong.
    case finding(Finding)
    /// What is there, or should be, cannot be read.
    case unreadable(String)
}

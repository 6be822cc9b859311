import Cryptography

/// A published file of receipt ranges: `receipts/<first sequence, 20 decimal digits>`.
///
/// File *k* (from 0) holds the ranges of records 16,384·*k* + 1 to 16,384·(*k* + 1), one behind the other without
/// gaps and without a header; no range goes over the end of a file. So the name of the file of a record follows from
/// its sequence. The file grows at its end, and never changes once its last record is in it.
public enum ReceiptFile {
    /// Records of a file.
    public static let records = UInt64(ReceiptBody.recordsMax)
    /// Largest file, bytes: every record a range of its own.
    public static let byteCountMax =
        ReceiptBody.recordsMax * (ReceiptRange.headByteCount + ReceiptRange.recordByteCount)
    /// Name of the file with the genesis message and the changes of the receipt key (`ReceiptKeys`).
    public static let keysName = "keys"

    /// First sequence of the file of a record; `sequence` is at least 1.
    public static func first(of sequence: UInt64) -> UInt64 {
        precondition(sequence >= 1, "sequences begin at 1")
        return (sequence - 1) / records * records + 1
    }

    /// Last sequence of the file of a record; `sequence` is at least 1.
    public static func last(of sequence: UInt64) -> UInt64 {
        let (last, overflow) = first(of: sequence).addingReportingOverflow(records - 1)
        return overflow ? .max : last
    }

    /// Name of the file of a record: its first sequence with 20 decimal digits.
    public static func name(of sequence: UInt64) -> String { NumberedFile.name(first(of: sequence)) }

    /// First sequence of the first range of a file's bytes; nil when they do not begin with one.
    public static func firstSequence(_ bytes: [UInt8]) -> UInt64? {
        var reader = ByteReader<ReceiptError>(bytes)
        return (try? ReceiptBody(&reader))?.first
    }

    /// Every whole range of a file's bytes, from its start: they follow each other from `first` on and stay in the
    /// file. Reading stops before the first range that does not; `byteCount` is where.
    public static func ranges(_ bytes: [UInt8], first: UInt64) -> (ranges: [ReceiptRange], byteCount: Int) {
        var reader = ByteReader<ReceiptError>(bytes)
        var ranges: [ReceiptRange] = []
        var next = first
        let last = last(of: first)
        var end = 0
        while reader.remaining > 0, next <= last, let range = try? ReceiptRange(&reader) {
            guard range.body.first == next, range.body.last <= last else { break }
            ranges.append(range)
            next = range.body.last &+ 1
            end = reader.offset
        }
        return (ranges, end)
    }

    /// The receipt of one record from the bytes of its file. What it says is not checked yet.
    ///
    /// - Throws: `absent` when the file has no range with it yet; `truncated`, `range` when the bytes before it do
    ///   not hold.
    public static func receipt(for sequence: UInt64, in bytes: [UInt8], keys: ReceiptKeys) throws(ReceiptError)
        -> Receipt
    {
        guard sequence >= 1 else { throw .sequence }
        var reader = ByteReader<ReceiptError>(bytes)
        var next = first(of: sequence)
        while reader.remaining > 0 {
            let start = reader.offset
            let body = try ReceiptBody(&reader)
            guard body.first == next, body.last <= last(of: sequence) else { throw .range }
            if (body.first...body.last).contains(sequence) {
                var whole = ByteReader<ReceiptError>(bytes, at: start)
                let range = try ReceiptRange(&whole)
                guard let receipt = range.receipt(for: sequence, keys: keys) else { throw .sequence }
                return receipt
            }
            try reader.skip(Signature.byteCount + body.count * ReceiptRange.recordByteCount)
            next = body.last &+ 1
        }
        throw .absent
    }
}

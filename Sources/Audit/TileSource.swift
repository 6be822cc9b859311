import Cryptography
import Proof
import Wire

/// Records of a log's entry bundles, below a signed checkpoint: bundle by bundle, the leaf hashes of each compared with
/// its hash tile, which was checked against the checkpoint's root.
final class TileSource: RecordSource {
    private let files: PublishedFiles
    private let size: UInt64
    /// Nil where hashes are not asked for.
    private var walk: TileWalk?
    private let fetched: FetchedBundles?
    private var bundle = UnsafeMutableRawBufferPointer.allocate(byteCount: 0, alignment: 8)
    private var offset = 0
    /// Whether it is the bundle of this very size.
    private var isPartial = false
    /// Index of the next record.
    private var index: UInt64
    /// Records before the first that is handed out.
    private let after: UInt64
    /// Checked leaf hashes of bundles that were handed out and not compared yet, oldest first.
    private var expected: [(first: UInt64, hashes: [Hash256])] = []
    private(set) var unchecked: String?

    /// - Parameters:
    ///   - checkpoint: whose signature was checked.
    ///   - fetched: where bundles are kept for another walk below the same checkpoint; nil: nowhere.
    ///   - after: the first record that is handed out is the one behind this.
    ///   - checksTiles: false only for a walk from which nothing is concluded: `check` says nothing then.
    init(
        _ files: PublishedFiles, checkpoint: Checkpoint, fetched: FetchedBundles? = nil, after: UInt64 = 0,
        checksTiles: Bool = true
    ) throws(SourceError) {
        (self.files, self.fetched, self.after) = (files, fetched, after)
        // Bundles are read from their beginning.
        index = after & ~255
        size = checkpoint.size
        guard size > 0 else { throw .unreadable("the checkpoint is of an empty log") }
        guard size < 1 << 48 else { throw .unreadable("a log of \(size) records") }
        walk = checksTiles ? try TileWalk(files, size: checkpoint.size, root: checkpoint.root) : nil
    }

    deinit { bundle.deallocate() }

    /// Records that the checkpoint speaks of.
    var total: UInt64? { size }

    func next() throws(SourceError) -> UnsafeRawBufferPointer? {
        while let entry = try nextEntry() {
            if index > after { return entry }
        }
        return nil
    }

    private func nextEntry() throws(SourceError) -> UnsafeRawBufferPointer? {
        guard index < size else { return nil }
        if index % 256 == 0 {
            guard try openBundle() else { return nil }
        }
        let sequence = index + 1
        func malformed(_ found: String) -> SourceError {
            .finding(Finding(.entries, sequence, expected: "an entry behind its length", found: found))
        }
        guard offset + 2 <= bundle.count else { throw malformed("the end of the bundle") }
        let length = Int(bundle[offset]) << 8 | Int(bundle[offset + 1])
        guard offset + 2 + length <= bundle.count else { throw malformed("a length of \(length) at its end") }
        let start = offset + 2
        offset = start + length
        index += 1
        // A full bundle that serves for a partial one holds more than is asked for.
        if index % 256 == 0 || index == size && isPartial, offset != bundle.count {
            throw malformed("bytes behind the last entry")
        }
        return UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bundle)[start..<(start + length)])
    }

    /// Reads the bundle of the next record, and the hashes that its leaves have to have. False when it is not there.
    private func openBundle() throws(SourceError) -> Bool {
        let number = index / 256
        let width = Int(min(256, size - index))
        let bytes: [UInt8]
        do throws(PublishedFiles.Failure) { bytes = try readBundle(number, width: width) } catch {
            if case .tooLarge = error {
                throw .finding(Finding(.entries, index + 1, expected: "an entry bundle", found: error.text))
            }
            unchecked = "records \(index + 1) to \(size): \(error.text)"
            return false
        }
        bundle.deallocate()
        bundle = .allocate(byteCount: bytes.count, alignment: 8)
        bundle.copyBytes(from: bytes)
        offset = 0
        if walk != nil { expected.append((index, try walk!.hashes(level: 0, index: number))) }
        return true
    }

    private func readBundle(_ number: UInt64, width: Int) throws(PublishedFiles.Failure) -> [UInt8] {
        if let (bytes, isPartial) = fetched?.bundle(number) {
            self.isPartial = isPartial
            return bytes
        }
        let path = TilePath(.entries, index: number, width: width)
        let limit = 256 * (2 + Limits.recordBytesMax)
        let bytes: [UInt8]
        do throws(PublishedFiles.Failure) {
            bytes = try files.read("\(path)", limit: limit)
            isPartial = width < 256
        } catch {
            guard case .missing = error, width < 256 else { throw error }
            bytes = try files.read("\(path.full)", limit: limit)
            isPartial = false
        }
        fetched?.keep(number, bytes, isPartial: isPartial)
        return bytes
    }

    func check(_ leaf: Hash256, sequence: UInt64) throws(SourceError) {
        while let oldest = expected.first, sequence > oldest.first + 256 { expected.removeFirst() }
        guard let oldest = expected.first, sequence > oldest.first,
            case let position = Int(sequence - 1 - oldest.first), position < oldest.hashes.count
        else { return }
        let expected = oldest.hashes[position]
        if leaf != expected {
            throw .finding(
                Finding(
                    .entries, sequence, expected: "an entry of leaf hash \(expected)", found: "one of \(leaf)"))
        }
    }
}

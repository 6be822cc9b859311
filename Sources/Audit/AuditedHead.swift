import Proof
import Wire

/// The checkpoint at which the records of a log are read.
///
/// A venue may publish entries later than checkpoints (`publish_delay_ms`), so the latest one is not always that: it is
/// the newest whose entries are all there. Entries are published in order.
struct AuditedHead {
    let checkpoint: Checkpoint
    /// Why it is not the latest; nil when it is.
    let note: String?

    /// - Parameter size: the one that is asked for; nil: the newest that can be read.
    init(_ files: PublishedFiles, _ anchors: Anchors, size: UInt64?) throws(SourceError) {
        let latest = try Checkpoints.latest(files, anchors).checkpoint
        let entries = PublishedEntries(files)
        var chosen = latest.size
        if let size {
            chosen = size
        } else if latest.size > 0, !(try entries.hasLastBundle(latest.size)) {
            let kept = KeptCheckpoints(files, latest: latest.size).sizes.filter { $0 < latest.size }
            // Without any the latest is read, and what is missing of it is said.
            if let newest = try entries.newest(of: kept) { chosen = newest }
        }
        guard chosen != latest.size else {
            (checkpoint, note) = (latest, nil)
            return
        }
        checkpoint = try Self.kept(chosen, files, anchors)
        let why = size == nil ? "the newest whose entries are published" : "as was asked for"
        note = "records were read up to the checkpoint of \(chosen), \(why); the latest is of \(latest.size)"
    }

    private static func kept(
        _ size: UInt64, _ files: PublishedFiles, _ anchors: Anchors
    ) throws(SourceError) -> Checkpoint {
        let path = CheckpointFiles.path(size)
        let bytes: [UInt8]
        do throws(PublishedFiles.Failure) { bytes = try files.read(path, limit: SignedNote.bytesMax) } catch {
            throw .unreadable("the checkpoint of \(size) records: \(error.text)")
        }
        do throws(Finding) {
            let checkpoint = try Checkpoints.signed(bytes, path, anchors).checkpoint
            guard checkpoint.size == size else {
                throw Finding(.checkpoint, size, expected: "\(path) of size \(size)", found: "\(checkpoint.size)")
            }
            return checkpoint
        } catch { throw .finding(error) }
    }
}

/// Which entry bundles are there, as far as their names say.
private struct PublishedEntries {
    private let files: PublishedFiles

    init(_ files: PublishedFiles) { self.files = files }

    /// Whether the last bundle of a size is there: the one of this very size, or the full one.
    func hasLastBundle(_ size: UInt64) throws(SourceError) -> Bool {
        let (bundle, width) = Self.last(size)
        if width < 256, try isThere(TilePath(.entries, index: bundle, width: width)) { return true }
        return try isThere(TilePath(.entries, index: bundle))
    }

    /// The largest of these sizes, ascending, whose last bundle is there.
    func newest(of sizes: [UInt64]) throws(SourceError) -> UInt64? {
        // Full bundles have no gap, so the last size whose last bundle is full is found by halving.
        var (low, high) = (0, sizes.count)
        while low < high {
            let middle = (low + high) / 2
            let isFull = try isThere(TilePath(.entries, index: Self.last(sizes[middle]).bundle))
            if isFull { low = middle + 1 } else { high = middle }
        }
        // Behind it one bundle may be there in part.
        let bundle = low < sizes.count ? Self.last(sizes[low]).bundle : 0
        for size in sizes[low...].prefix(while: { Self.last($0).bundle == bundle }).reversed() {
            let path = TilePath(.entries, index: bundle, width: Self.last(size).width)
            if try isThere(path) { return size }
        }
        return low > 0 ? sizes[low - 1] : nil
    }

    private static func last(_ size: UInt64) -> (bundle: UInt64, width: Int) {
        ((size - 1) / 256, Int((size - 1) % 256) + 1)
    }

    private func isThere(_ path: TilePath) throws(SourceError) -> Bool {
        do throws(PublishedFiles.Failure) {
            _ = try files.read("\(path)", limit: 256 * (2 + Limits.recordBytesMax))
            return true
        } catch {
            switch error {
            case .missing: return false
            // What it holds is for who reads it.
            case .tooLarge: return true
            case .unreadable(let text): throw .unreadable(text)
            }
        }
    }
}

import Proof

/// Which checkpoints a venue keeps: what its list says and, below a directory, what stands there. Neither is believed:
/// what is listed and missing, or there and not listed, is said.
struct KeptCheckpoints {
    /// Sizes, ascending.
    private(set) var sizes: [UInt64] = []
    /// What could not be checked of the list.
    private(set) var notChecked: [String] = []
    private(set) var notes: [String] = []

    /// - Parameter latest: size of the latest checkpoint, which was read before: a venue at work keeps a checkpoint,
    ///   then lists it, then makes it the latest.
    init(_ files: PublishedFiles, latest: UInt64) {
        let listed = readList(files)
        guard !files.isRemote else {
            sizes = listed ?? []
            if listed == nil, notChecked.isEmpty {
                notChecked.append("kept checkpoints: without \(CheckpointFiles.index) nobody can tell which there are")
            }
            return
        }
        guard let names = files.names(CheckpointFiles.directory) else {
            notes.append("there is no directory of kept checkpoints")
            return
        }
        sizes = names.compactMap(CheckpointFiles.size)
        guard let listed else {
            if notChecked.isEmpty {
                notes.append("\(CheckpointFiles.index) is missing: over a URL nobody could tell what is kept")
            }
            return
        }
        let list = Set(listed)
        let unlisted = sizes.filter { $0 <= latest && !list.contains($0) }
        if let first = unlisted.first {
            notChecked.append(
                "\(unlisted.count) kept checkpoints, of \(first) records and more, are not in \(CheckpointFiles.index)")
        }
        sizes = list.union(sizes).sorted()
    }

    /// The sizes of the list; nil when there is none that can be read.
    private mutating func readList(_ files: PublishedFiles) -> [UInt64]? {
        let bytes: [UInt8]
        do throws(PublishedFiles.Failure) {
            bytes = try files.read(CheckpointFiles.index, limit: CheckpointFiles.indexBytesMax)
        } catch {
            if case .missing = error { return nil }
            notChecked.append("kept checkpoints: \(error.text)")
            return nil
        }
        do throws(LogError) { return try CheckpointFiles.sizes(bytes) } catch {
            notChecked.append("kept checkpoints: \(error)")
            return nil
        }
    }
}

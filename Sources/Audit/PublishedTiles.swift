import Proof

/// Published files as the tiles of a log.
struct PublishedTiles: TileStore {
    private let files: PublishedFiles

    init(_ files: PublishedFiles) { self.files = files }

    func file(_ path: String, limit: Int) throws(LogError) -> [UInt8] {
        do throws(PublishedFiles.Failure) { return try files.read(path, limit: limit) } catch {
            switch error {
            case .missing(let name): throw .missing(name)
            case .tooLarge(let name): throw .malformed(name, expected: "at most \(limit) bytes")
            case .unreadable(let text): throw .unreachable(text)
            }
        }
    }
}

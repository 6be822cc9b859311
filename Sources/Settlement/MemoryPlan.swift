import Availability
import HTTP
import History
import Platform
import Proof
import Replay
import Settings
import Venue
import Wire

/// What a settlement plane takes of memory at most, part by part: fixed by genesis and the configuration.
///
/// Anonymous memory: the journal is mapped, one segment at a time by each follower, and its pages are the kernel's.
public struct MemoryPlan: Sendable {
    /// What takes memory, and how much at most.
    public struct Part: Equatable, Sendable {
        /// What it is.
        public let name: String
        /// Bytes at most.
        public let bytes: Int
    }

    /// The parts, in the order in which they are printed.
    public let parts: [Part]

    /// Bytes of all parts.
    public var bytes: Int { parts.reduce(0) { $0 + $1.bytes } }

    /// Runtime and libraries, stacks, counters, what the allocator keeps between two uses.
    private static let processBytes = 64 << 20

    /// - Parameter isServing: whether the process also answers requests.
    public init(_ settings: NodeSettings, _ venue: VenueIdentity, isServing: Bool) {
        self = venue.withGenesis { MemoryPlan(settings, $0, isServing: isServing) }
    }

    private init(_ settings: NodeSettings, _ message: GenesisMessage, isServing: Bool) {
        let own = settings.settlement
        let replay = Venue.byteCount(message) + EffectWriter.capacity
        let trees = StateTree.byteCountMax(message) + TouchedParts.byteCountMax(message)
        // A file, which the state is not copied out of, and what a venue is made of it with.
        let file = Int(clamping: StateSnapshot.bytesMax(genesis: message))
        let restoring = Venue.restoringByteCountMax(message)
        let tileCache = TileReader.tilesMax * TilePath.widthMax * 32
        var parts = [
            Part(name: "venue", bytes: replay), Part(name: "state trees", bytes: trees),
            // Full tiles between two checkpoints; the edges, and the copies of them that are written.
            Part(name: "tiles", bytes: (own.checkpointRecords / 256 + 1) * 8_224 + 2 * 8 * 8_192 + tileCache),
            // The file in the making; at a start one that is read.
            Part(name: "snapshot", bytes: file + max(restoring, Venue.writingByteCountMax(message))),
            // One pass over the kept ones at a start, the list as it is read, and as it is made again.
            Part(name: "kept checkpoints", bytes: KeptSizes.byteCountMax + 2 * CheckpointListReader.byteCountMax),
            // And a piece of a snapshot that is published.
            Part(name: "entries", bytes: 2 * 256 * Limits.recordBytesMax + 2 * tileCache + File.pieceBytes),
            // At a start the private and the published file, read and decoded; then the ranges in the making.
            Part(name: "receipts", bytes: 8 * ReceiptFile.byteCountMax),
            // A batch in the making, the one under way, what the layer is sent and what it gives back.
            Part(
                name: "batches",
                bytes: 4 * min(own.availability.batchBytes, Batch.bytesMax) + 2 * Batch.bytesMax),
        ]
        if own.history {
            let balances = BalanceChanges.byteCountMax(
                accounts: Int(message.accountsMax), assets: Int(message.assetsMax))
            parts.append(Part(name: "history's venue", bytes: replay))
            // A snapshot is read before there are rows, or an entry for each balance.
            let followed = balances + HistoryFollower.rowBytesMax
            parts.append(
                Part(name: "history", bytes: HistoryFollower.databaseBytesMax + max(followed, file + restoring)))
        }
        if isServing {
            // One follows the newest commitment, the other one stands at one before; one of them reads a snapshot.
            for name in ["balance prover's", "past balances'"] {
                parts.append(Part(name: name + " venue", bytes: replay))
                parts.append(Part(name: name + " state trees", bytes: trees))
            }
            parts.append(Part(name: "provers' snapshot", bytes: file + restoring))
            let serving = HTTPServer.connectionsMax * HTTPServer.connectionBytesMax
            parts.append(Part(name: "serving", bytes: serving + 3 * ReceiptFile.byteCountMax + tileCache))
        }
        parts.append(Part(name: "process", bytes: Self.processBytes))
        self.parts = parts
    }

    /// One line for the log.
    public var line: String {
        func mebibytes(_ bytes: Int) -> Int { (bytes + (1 << 20) - 1) >> 20 }
        let list = parts.map { "\($0.name) \(mebibytes($0.bytes))" }.joined(separator: ", ")
        return "memory: at most \(mebibytes(bytes)) MiB: \(list)"
    }
}

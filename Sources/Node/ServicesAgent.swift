import Ring

/// Everything that may wait for a disk or a slow reader, on a thread of its own: it can never slow the hot path.
struct ServicesAgent: ~Copyable, Agent {
    private var history: HistoryService
    private var requests: RequestServer
    private var snapshots: SnapshotServer

    init(history: consuming HistoryService, requests: consuming RequestServer, snapshots: consuming SnapshotServer) {
        self.history = history
        self.requests = requests
        self.snapshots = snapshots
    }

    mutating func doWork() -> Int { history.doWork() &+ requests.doWork() &+ snapshots.doWork() }
}

import Ring

/// Everything that may wait for a disk or a slow reader, on a thread of its own: it can never slow the hot path.
struct ServicesAgent: ~Copyable, Agent {
    private var history: HistoryService
    private var follower: FeedFollower
    private var requests: RequestServer
    private var snapshots: SnapshotServer

    init(
        history: consuming HistoryService, follower: consuming FeedFollower, requests: consuming RequestServer,
        snapshots: consuming SnapshotServer
    ) {
        self.history = history
        self.follower = follower
        self.requests = requests
        self.snapshots = snapshots
    }

    mutating func doWork() -> Int {
        let work = history.doWork(follower) &+ follower.doWork()
        return work &+ requests.doWork(&follower) &+ snapshots.doWork(follower)
    }
}

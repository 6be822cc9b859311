/// Order entry's side of the lanes: whose each is, and who waits for one. Fixed capacity.
///
/// Sessions take turns: each has at most one lane, for one bufferful, and then stands behind all that wait. So what one
/// asks for again and again, or takes long to read, costs another a bufferful of each at most.
struct HistoryLanes: ~Copyable {
    static let nobody = -1

    let exchange: HistoryExchange
    /// Sessions that wait for replies of the past.
    var waiting: PlaceQueue
    /// What they sent again.
    var resends: WaitingResends
    private let owners: UnsafeMutablePointer<Int>
    /// Lanes that have an owner, or that the service has not given back.
    private(set) var busyCount = 0
    var jobs: UInt64 = 0

    init(_ exchange: HistoryExchange, sessionsMax: Int, slots: Int) {
        self.exchange = exchange
        waiting = PlaceQueue(capacity: sessionsMax)
        resends = WaitingResends(sessions: sessionsMax, sendBufferBytes: exchange.bufferBytes, slots: slots)
        owners = .allocate(capacity: exchange.laneCount)
        owners.initialize(repeating: Self.nobody, count: exchange.laneCount)
    }

    deinit { owners.deallocate() }

    /// Bytes of memory that it holds, and that the lanes do.
    var byteCount: Int { exchange.byteCount + resends.byteCount }

    /// Whether there is nothing to look at.
    var areIdle: Bool { busyCount == 0 && waiting.count == 0 }

    /// The session that a lane reads for: `nobody` for a free one, `orphan` for one whose session is gone.
    func owner(_ lane: Int) -> Int { owners[lane] }

    /// A lane whose session is gone and that the service still has.
    static let orphan = -2

    /// Takes a free lane for a session.
    mutating func take(for place: Int) -> Int? {
        for lane in 0..<exchange.laneCount where owners[lane] == Self.nobody {
            owners[lane] = place
            busyCount += 1
            return lane
        }
        return nil
    }

    /// The session is gone, or has all it wanted: the lane is free once the service has given it back.
    mutating func release(_ lane: Int, isBack: Bool) {
        if isBack {
            owners[lane] = Self.nobody
            busyCount -= 1
        } else {
            owners[lane] = Self.orphan
        }
    }
}

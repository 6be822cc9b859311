/// Order entry's side of the lanes: whose each is, and who waits for one. Fixed capacity.
struct HistoryLanes: ~Copyable {
    /// A command that was sent again: its original answer is due.
    struct Resend {
        var place = 0
        var generation: UInt32 = 0
        var account: UInt32 = 0
        var sequence: UInt64 = 0
        /// Everything up to here is told.
        var told: UInt64 = 0
    }

    /// Resends that may wait at a time, over all sessions.
    static let resendsMax = 1024
    static let nobody = -1

    let exchange: HistoryExchange
    /// Sessions that wait for replies of the past.
    var waiting: PlaceQueue
    private let owners: UnsafeMutablePointer<Int>
    private let resends: UnsafeMutablePointer<Resend>
    private var firstResend = 0
    private(set) var resendCount = 0
    /// Lanes that have an owner, or that the service has not given back.
    private(set) var busyCount = 0
    var jobs: UInt64 = 0

    init(_ exchange: HistoryExchange, sessionsMax: Int) {
        self.exchange = exchange
        waiting = PlaceQueue(capacity: sessionsMax)
        owners = .allocate(capacity: exchange.laneCount)
        owners.initialize(repeating: Self.nobody, count: exchange.laneCount)
        resends = .allocate(capacity: Self.resendsMax)
        resends.initialize(repeating: Resend(), count: Self.resendsMax)
    }

    deinit {
        owners.deallocate()
        resends.deallocate()
    }

    /// Whether there is nothing to look at.
    var areIdle: Bool { busyCount == 0 && waiting.count == 0 && resendCount == 0 }

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

    /// Puts a resend behind the others; false when too many wait.
    mutating func append(_ resend: Resend) -> Bool {
        guard resendCount < Self.resendsMax else { return false }
        resends[(firstResend + resendCount) % Self.resendsMax] = resend
        resendCount += 1
        return true
    }

    /// Takes the first resend.
    mutating func popResend() -> Resend? {
        if resendCount == 0 { return nil }
        defer {
            firstResend = (firstResend + 1) % Self.resendsMax
            resendCount -= 1
        }
        return resends[firstResend]
    }
}

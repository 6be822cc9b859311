import Ring

/// The wakers of the threads that park: who has published work wakes them. Empty when no hot thread parks, or there is
/// only one. A handle: its memory lives as long as the process.
struct WakerSet: @unchecked Sendable {
    /// The waker of the thread that holds this set, if it parks.
    let own: Waker?
    private let others: UnsafeMutablePointer<Waker>
    private let count: Int

    init(own: Waker?, others: [Waker]) {
        self.own = own
        count = others.count
        self.others = .allocate(capacity: max(count, 1))
        self.others.initialize(from: others, count: count)
    }

    /// Wakes the other threads, those that are parked.
    func wakeOthers() {
        var index = 0
        while index < count {
            others[index].wake()
            index &+= 1
        }
    }
}

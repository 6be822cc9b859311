import Ring

/// The wakers of the threads that park: who has published work wakes them. Empty when no hot thread parks, or there is only
/// one.
struct WakerSet: Sendable {
    /// The waker of the thread that holds this set, if it parks.
    let own: Waker?
    private let others: [Waker]

    init(own: Waker?, others: [Waker]) {
        self.own = own
        self.others = others
    }

    /// Wakes the other threads, those that are parked.
    func wakeOthers() {
        for waker in others { waker.wake() }
    }
}

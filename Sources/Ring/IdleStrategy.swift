import CPlatform
import Glibc

/// What a thread does when a turn of its loop found nothing to do.
public enum IdleStrategy: Sendable, Equatable {
    /// Spins: the lowest latency, a whole core.
    case spin
    /// Gives the core to any other thread that wants it: for more threads than cores.
    case yield
    /// Sleeps for at most so long, and less when it is woken (`Waker`, a completion): for quiet machines.
    case park(microseconds: UInt32)

    /// Idles once, if the turn found nothing. Parking here is a plain sleep; a thread that can be woken parks itself
    /// (`Agent.park`).
    @inlinable
    public func idle(workCount: Int) {
        if workCount > 0 { return }
        switch self {
        case .spin: platform_pause()
        case .yield: sched_yield()
        case .park(let microseconds): usleep(microseconds)
        }
    }
}

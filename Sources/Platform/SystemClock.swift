import CPlatform
import Glibc

/// The system's clocks, in nanoseconds (about 23 ns a reading).
///
/// Not `Clock`: that name is the standard library's protocol.
public enum SystemClock {
    /// Nanoseconds since 1970-01-01 UTC. May go back when the system's clock is set.
    @inlinable
    public static func realtimeNanoseconds() -> UInt64 { platform_clock_realtime_nanoseconds() }

    /// Nanoseconds since some moment before start; never goes back.
    @inlinable
    public static func monotonicNanoseconds() -> UInt64 { platform_clock_monotonic_nanoseconds() }

    /// Suspends the calling thread; may return early when a signal arrives.
    public static func sleep(nanoseconds: UInt64) {
        var time = timespec(
            tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        nanosleep(&time, nil)
    }
}

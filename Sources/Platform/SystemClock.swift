import Glibc

/// The system's clocks, in nanoseconds (about 23 ns a reading).
///
/// Not `Clock`: that name is the standard library's protocol.
public enum SystemClock {
    /// Nanoseconds since 1970-01-01 UTC. May go back when the system's clock is set.
    @inlinable
    public static func realtimeNanoseconds() -> UInt64 { read(CLOCK_REALTIME) }

    /// Nanoseconds since some moment before start; never goes back.
    @inlinable
    public static func monotonicNanoseconds() -> UInt64 { read(CLOCK_MONOTONIC) }

    @inlinable
    static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        let result = clock_gettime(clock, &time)
        assert(result == 0, "a clock that every Linux has")
        return UInt64(bitPattern: Int64(time.tv_sec)) &* 1_000_000_000 &+ UInt64(bitPattern: Int64(time.tv_nsec))
    }

    /// Suspends the calling thread; may return early when a signal arrives.
    public static func sleep(nanoseconds: UInt64) {
        var time = timespec(
            tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        nanosleep(&time, nil)
    }
}

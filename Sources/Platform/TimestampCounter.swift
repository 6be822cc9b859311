import CPlatform
import Glibc

/// The processor's timestamp counter: the cheapest stamp there is (about 10 ns), for stage timings.
///
/// Needs a counter of constant rate that all cores share (`constant_tsc`, every x86-64 server since 2008). It orders
/// nothing and is never journaled: what the journal holds comes from `SystemClock`.
public enum TimestampCounter {
    /// The counter now, in ticks of its own rate.
    @inlinable
    public static func now() -> UInt64 { platform_timestamp() }

    /// Converts ticks to nanoseconds with a rate that was measured once, at start.
    @frozen
    public struct Scale: Sendable, Equatable {
        /// Nanoseconds per tick, times 2^32.
        public let nanosecondsPerTickShifted: UInt64

        @inlinable
        public init(nanosecondsPerTickShifted: UInt64) {
            precondition(nanosecondsPerTickShifted > 0, "a counter that does not count")
            self.nanosecondsPerTickShifted = nanosecondsPerTickShifted
        }

        /// Nanoseconds in a number of ticks, rounded down.
        @inlinable
        public func nanoseconds(ticks: UInt64) -> UInt64 {
            let product = ticks.multipliedFullWidth(by: nanosecondsPerTickShifted)
            return (product.high &<< 32) | (product.low &>> 32)
        }

        /// Nanoseconds from one stamp to a later one; 0 when cores' counters differ so much that it seems earlier.
        @inlinable
        public func nanoseconds(from start: UInt64, to end: UInt64) -> UInt64 {
            end > start ? nanoseconds(ticks: end &- start) : 0
        }

        /// Ticks per second, rounded down.
        public var ticksPerSecond: UInt64 {
            (UInt64(1_000_000_000) << 32) / nanosecondsPerTickShifted
        }
    }

    /// Measures the counter's rate against the monotonic clock, for `milliseconds` of busy waiting.
    ///
    /// The error is that of two clock readings: about 100 ns in 20 ms, five millionths.
    public static func calibrate(milliseconds: UInt64 = 20) -> Scale {
        precondition(milliseconds > 0, "nothing can be measured in no time")
        let (startTime, startTicks) = pairedReading()
        while SystemClock.monotonicNanoseconds() - startTime < milliseconds * 1_000_000 {}
        let (endTime, endTicks) = pairedReading()
        precondition(endTicks > startTicks, "a counter that does not count")
        let (quotient, _) = (endTicks - startTicks).dividingFullWidth(
            ((endTime - startTime) >> 32, (endTime - startTime) << 32))
        return Scale(nanosecondsPerTickShifted: quotient)
    }

    /// Both clocks at one moment: of a few tries, the one that took the least ticks.
    private static func pairedReading() -> (nanoseconds: UInt64, ticks: UInt64) {
        var best = (nanoseconds: UInt64(0), ticks: UInt64(0))
        var bestWidth = UInt64.max
        for _ in 0..<16 {
            let before = now()
            let time = SystemClock.monotonicNanoseconds()
            let after = now()
            if after >= before, after - before < bestWidth {
                bestWidth = after - before
                best = (time, before + (after - before) / 2)
            }
        }
        return best
    }
}

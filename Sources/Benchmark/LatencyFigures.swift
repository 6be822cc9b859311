import Histogram

/// Latencies of one run, in an HdrHistogram of three significant digits, nanoseconds up to a minute.
public struct LatencyFigures: Sendable, Codable {
    private var histogram = Histogram<UInt64>(
        lowestDiscernibleValue: 1, highestTrackableValue: 60_000_000_000, numberOfSignificantValueDigits: .three)

    public init() {}

    /// Adds a latency; more than a minute counts as a minute.
    public mutating func record(_ nanoseconds: UInt64) { histogram.record(min(max(nanoseconds, 1), 60_000_000_000)) }

    public var count: UInt64 { histogram.totalCount }

    /// The value that so many percent of all do not exceed, ns.
    public func percentile(_ percent: Double) -> UInt64 { count == 0 ? 0 : histogram.valueAtPercentile(percent) }

    public var p50: UInt64 { percentile(50) }
    public var p90: UInt64 { percentile(90) }
    public var p99: UInt64 { percentile(99) }
    public var p999: UInt64 { percentile(99.9) }
    public var maximum: UInt64 { count == 0 ? 0 : histogram.max }

    /// One line of the table: microseconds with one decimal.
    public func row(_ name: String) -> String {
        let cells = [p50, p90, p99, p999, maximum].map { pad(microseconds($0), 11) }.joined()
        return name + String(repeating: " ", count: max(1, 30 - name.utf8.count)) + cells + pad(grouped(count), 12)
    }

    /// The line above the rows.
    public static var heading: String {
        String(repeating: " ", count: 30)
            + ["p50", "p90", "p99", "p99.9", "max"].map { pad($0, 11) }.joined() + pad("count", 12)
    }

    /// The distribution as text that HdrHistogram's tools read, values in microseconds.
    public func hgrm() -> String {
        var text = ""
        histogram.outputPercentileDistribution(
            to: &text, outputValueUnitScalingRatio: 1000, percentileTicksPerHalfDistance: 5)
        return text
    }

    /// Points of the percentile curve: percent and ns.
    func curve() -> [(percent: Double, nanoseconds: UInt64)] {
        var points: [(Double, UInt64)] = []
        for value in histogram.percentiles(ticksPerHalfDistance: 5) { points.append((value.percentile, value.value)) }
        return points.map { (percent: $0.0, nanoseconds: $0.1) }
    }
}

/// Microseconds with one decimal.
func microseconds(_ nanoseconds: UInt64) -> String {
    let tenths = (nanoseconds + 50) / 100
    return "\(grouped(tenths / 10)).\(tenths % 10)"
}

/// A signed difference in microseconds with one decimal.
func microsecondsDifference(_ value: UInt64, _ base: UInt64) -> String {
    value >= base ? "+" + microseconds(value - base) : "-" + microseconds(base - value)
}

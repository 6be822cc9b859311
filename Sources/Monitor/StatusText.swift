import Foundation
import Platform

/// A status report for people.
public enum StatusText {
    private static let nameWidth = 40

    /// A block for each process, then what wants attention; the verdict last.
    public static func text(_ report: StatusReport) -> String {
        var lines: [String] = []
        for process in MonitoredProcess.allCases {
            guard let reading = report.readings.last.processes[process] else { continue }
            let state = reading.isRunning ? "running" : "ended"
            lines.append(
                "\(process.rawValue): \(state), process \(reading.process), began \(time(reading.created))")
            for row in report.rows(process) {
                let rate = row.perSecond.map { "   +\(grouped($0))/s" } ?? ""
                // A rate of a time is none.
                lines.append(cell(row.name, value(row.name, row.value)) + (unit(row.name) == nil ? rate : ""))
            }
            for histogram in reading.histograms where histogram.count > 0 { lines.append(line(histogram)) }
            lines.append("")
        }
        lines += report.faults.map { "ALARM  \($0)" }
        for alarm in report.alarms {
            lines.append(
                "ALARM  \(alarm.process.rawValue): \(alarm.meaning): \(alarm.name) is "
                    + "\(value(alarm.name, alarm.value)), expected \(alarm.expected)")
        }
        let count = report.faults.count + report.alarms.count
        lines.append(count == 0 ? "nothing wants attention" : "alarms: \(count)")
        return lines.joined(separator: "\n")
    }

    private static func line(_ histogram: HistogramSnapshot) -> String {
        func percentile(_ perMillion: UInt64) -> String {
            duration(histogram.percentile(perMillion: perMillion) ?? 0)
        }
        let figures = [
            "p50 \(percentile(500_000))", "p99 \(percentile(990_000))", "p99.9 \(percentile(999_000))",
            "max \(duration(histogram.maximum))",
        ]
        return cell(histogram.name, figures.joined(separator: "  ")) + "   of \(grouped(histogram.count))"
    }

    private static func cell(_ name: String, _ value: String) -> String {
        let name = printable(name)
        return "  " + name + String(repeating: " ", count: max(1, nameWidth - name.utf8.count)) + value
    }

    /// A name out of a file, which may hold anything: what a terminal would obey is a point.
    private static func printable(_ name: String) -> String {
        String(decoding: name.utf8.map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: ".") }, as: UTF8.self)
    }

    /// The unit that a name ends with.
    private static func unit(_ name: String) -> String? { ["ns", "ms"].first { name.hasSuffix("-\($0)") } }

    private static func value(_ name: String, _ value: UInt64) -> String {
        switch unit(name) {
        case "ns": duration(value)
        case "ms": "\(grouped(value)) ms"
        default: grouped(value)
        }
    }

    /// Nanoseconds, told in µs, ms or s with one decimal.
    static func duration(_ nanoseconds: UInt64) -> String {
        for (size, name) in [(1_000_000_000, "s"), (1_000_000, "ms")] as [(UInt64, String)] where nanoseconds >= size {
            return "\(grouped(nanoseconds / size)).\(nanoseconds % size / (size / 10)) \(name)"
        }
        return "\(nanoseconds / 1_000).\(nanoseconds % 1_000 / 100) µs"
    }

    /// Digits in groups of three.
    static func grouped(_ value: UInt64) -> String {
        let digits = Array(String(value))
        var out = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { out.append(",") }
            out.append(digit)
        }
        return out
    }

    /// ISO 8601, UTC, to the second.
    static func time(_ nanoseconds: UInt64) -> String {
        Date(timeIntervalSince1970: Double(nanoseconds / 1_000_000_000)).formatted(.iso8601)
    }
}

import Foundation
import Platform

/// A status report for programs.
public enum StatusExport {
    /// The percentiles that are told of a histogram, per million.
    private static let percentiles: [UInt64] = [500_000, 900_000, 990_000, 999_000]

    /// One JSON object on one line, keys sorted: `well`, `faults`, `alarms`, and `processes` by name with their number,
    /// states, counters, gains per second, histograms.
    public static func json(_ report: StatusReport) -> String {
        var processes: [String: ProcessObject] = [:]
        for process in MonitoredProcess.allCases {
            guard let reading = report.readings.last.processes[process] else { continue }
            processes[process.rawValue] = ProcessObject(reading, report.rows(process))
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let object = StatusObject(
            well: report.isWell, faults: report.faults, alarms: report.alarms, processes: processes)
        // Numbers and strings: nothing of it cannot be encoded.
        guard let bytes = try? encoder.encode(object) else { preconditionFailure("a report is JSON") }
        return String(decoding: bytes, as: UTF8.self)
    }

    private struct StatusObject: Encodable {
        let well: Bool
        let faults: [String]
        let alarms: [Alarm]
        let processes: [String: ProcessObject]
    }

    private struct ProcessObject: Encodable {
        let process: UInt32
        let running: Bool
        let created: UInt64
        var counters: [String: UInt64] = [:]
        var perSecond: [String: UInt64] = [:]
        var histograms: [String: [String: UInt64]] = [:]

        init(_ reading: ProcessReading, _ rows: [StatusReport.Row]) {
            (process, running, created) = (reading.process, reading.isRunning, reading.created)
            for row in rows {
                counters[row.name] = row.value
                perSecond[row.name] = row.perSecond
            }
            for histogram in reading.histograms {
                var values = ["count": histogram.count, "sum": histogram.sum, "max": histogram.maximum]
                for percentile in percentiles {
                    values["p0.\(digits(percentile))"] = histogram.percentile(perMillion: percentile)
                }
                histograms[histogram.name] = values
            }
        }
    }

    /// The text format of Prometheus, version 0.0.4: `glassbook_NAME{process="node"}`, with `_` where names have
    /// another sign; histograms as summaries; `glassbook_up`, of every process, and `glassbook_alarms` beside them.
    public static func prometheus(_ report: StatusReport) -> String {
        var lines = ["# TYPE glassbook_up gauge"]
        let readings = MonitoredProcess.allCases.compactMap { process in
            report.readings.last.processes[process].map { (process, $0) }
        }
        // One that never ran is not up either, and an alert on 0 sees it.
        for process in MonitoredProcess.allCases {
            let isRunning = report.readings.last.processes[process]?.isRunning == true
            lines.append("glassbook_up{process=\"\(process.rawValue)\"} \(isRunning ? 1 : 0)")
        }
        lines.append("# TYPE glassbook_alarms gauge")
        lines.append("glassbook_alarms \(report.alarms.count + report.faults.count)")
        for (process, reading) in readings {
            for counter in reading.counters {
                let name = metric(counter.name)
                lines.append("# TYPE \(name) untyped")
                lines.append("\(name){process=\"\(process.rawValue)\"} \(counter.value)")
            }
            for histogram in reading.histograms { lines += summary(histogram, process) }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func summary(_ histogram: HistogramSnapshot, _ process: MonitoredProcess) -> [String] {
        let name = metric(histogram.name), label = "process=\"\(process.rawValue)\""
        var lines = ["# TYPE \(name) summary"]
        for percentile in percentiles {
            guard let value = histogram.percentile(perMillion: percentile) else { continue }
            lines.append("\(name){\(label),quantile=\"0.\(digits(percentile))\"} \(value)")
        }
        return lines + ["\(name)_sum{\(label)} \(histogram.sum)", "\(name)_count{\(label)} \(histogram.count)"]
    }

    /// A name of letters, digits and `_`.
    private static func metric(_ name: String) -> String {
        "glassbook_" + name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? String($0) : "_" }.joined()
    }

    /// The decimals of a share per million: 5 of 500,000.
    private static func digits(_ perMillion: UInt64) -> String {
        var digits = String(String(1_000_000 + perMillion).dropFirst())
        while digits.hasSuffix("0") { digits.removeLast() }
        return digits
    }
}

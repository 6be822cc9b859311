import Foundation
import Platform
import Testing

@testable import Monitor

/// The three forms of a report.
@Suite struct StatusFormTests {
    private func report(_ venue: MonitoredVenue) throws -> StatusReport {
        var file = try CounterFile(path: venue.nodeFile)
        let gaps = try file.counter("feed.gaps"), records = try file.counter("sequence.records")
        let odd = try file.counter("a \"quoted\"\nname")
        odd.set(.max)
        let times = try file.histogram("journal.fdatasync-ns")
        for time in 1...1_000 { times.record(UInt64(time) * 1_000) }
        return venue.report({ records.add(1_234_567) }, { gaps.add(2) })
    }

    @Test func linesForPeopleEndWithTheVerdict() throws {
        let venue = try MonitoredVenue()
        defer { venue.remove() }
        let lines = StatusText.text(try report(venue)).split(separator: "\n").map(String.init)
        #expect(lines.first?.hasPrefix("node: running, process \(getpid()), began 20") == true)
        #expect(lines.contains { $0.contains("sequence.records") && $0.contains("1,234,567") && $0.contains("/s") })
        #expect(lines.contains { $0.contains("journal.fdatasync-ns") && $0.hasSuffix("of 1,000") })
        #expect(
            lines.contains(
                "ALARM  node: packets of the feed are not sent: feed.gaps is 2, expected 0, as before"))
        #expect(lines.contains { $0.contains("journal.durable-sequence") } == false)
        #expect(lines.last == "alarms: 1")
    }

    @Test func namesGiveATerminalNoOrders() throws {
        let venue = try MonitoredVenue()
        defer { venue.remove() }
        var file = try CounterFile(path: venue.nodeFile)
        _ = try file.counter("a\u{1B}]0;b\u{07}\r\nALARM")
        try file.histogram("c\u{9B}2J\u{202E}d").record(1)
        let report = venue.report(), text = StatusText.text(report)
        #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || $0 == "µ" || (0x20...0x7E).contains($0.value) })
        #expect(text.contains("  a.]0;b...ALARM  ") && text.contains("  c..2J...d  "), "\(text)")
        // For programs they are what they are, behind escapes.
        let json = StatusExport.json(report)
        #expect(json.utf8.allSatisfy { $0 >= 0x20 } && json.contains("\\u001b]0;b\\u0007"), "\(json)")
    }

    @Test func jsonIsOneObject() throws {
        let venue = try MonitoredVenue()
        defer { venue.remove() }
        let text = StatusExport.json(try report(venue))
        #expect(!text.contains("\n"))
        let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(object["well"] as? Bool == false)
        let alarms = try #require(object["alarms"] as? [[String: Any]])
        #expect(alarms.map { $0["name"] as? String } == ["feed.gaps"])
        let processes = try #require(object["processes"] as? [String: [String: Any]])
        #expect(processes.keys.sorted() == ["node", "settlement"])
        let counters = try #require(processes["node"]?["counters"] as? [String: NSNumber])
        #expect(counters["a \"quoted\"\nname"]?.uint64Value == .max)
        let histograms = try #require(processes["node"]?["histograms"] as? [String: [String: NSNumber]])
        #expect(histograms["journal.fdatasync-ns"]?["count"]?.intValue == 1_000)
        #expect(histograms["journal.fdatasync-ns"]?["p0.999"] != nil)
    }

    /// The form of https://prometheus.io/docs/instrumenting/exposition_formats: each line is a comment or a sample.
    @Test func prometheusTextHasTheFormOfItsPage() throws {
        let venue = try MonitoredVenue()
        defer { venue.remove() }
        let text = StatusExport.prometheus(try report(venue))
        #expect(text.hasSuffix("\n"))
        let sample = #/[a-zA-Z_:][a-zA-Z0-9_:]*(\{[a-z]+="[a-z]+"(,quantile="0\.[0-9]+")?\})? [0-9]+/#
        let comment = #/# TYPE [a-zA-Z_:][a-zA-Z0-9_:]* (gauge|untyped|summary)/#
        for line in text.split(separator: "\n") {
            #expect(line.wholeMatch(of: sample) != nil || line.wholeMatch(of: comment) != nil, "\(line)")
        }
        #expect(text.contains("glassbook_up{process=\"node\"} 1\n"))
        #expect(text.contains("glassbook_up{process=\"settlement\"} 1\n"))
        #expect(text.contains("glassbook_alarms 1\n"))
        #expect(text.contains("glassbook_sequence_records{process=\"node\"} 1234567\n"))
        #expect(text.contains("glassbook_journal_fdatasync_ns_count{process=\"node\"} 1000\n"))
        #expect(text.contains("glassbook_journal_fdatasync_ns{process=\"node\",quantile=\"0.5\"} "))
    }

    @Test(
        arguments: [
            (0, "0.0 µs"), (999, "0.9 µs"), (1_000, "1.0 µs"), (999_999, "999.9 µs"), (1_000_000, "1.0 ms"),
            (1_250_000_000, "1.2 s"), (5_000_000_000_000, "5,000.0 s"),
        ] as [(UInt64, String)])
    func timesAreToldInTheirUnit(_ nanoseconds: UInt64, _ text: String) {
        #expect(StatusText.duration(nanoseconds) == text)
    }
}

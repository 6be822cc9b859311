import Foundation
import Platform
import Testing

@testable import Monitor

/// What runs, what has ended, and files that are none.
@Suite struct ProcessTests {
    @Test func aVenueThatNeverRanIsSaidToBeThat() throws {
        let venue = try MonitoredVenue(ran: false)
        defer { venue.remove() }
        let report = venue.report()
        #expect(
            report.faults == [
                "node: never ran here: there is no \(venue.nodeFile)",
                "settlement: never ran here: there is no \(venue.settlementFile)",
            ])
        #expect(!report.isWell)
        let text = StatusExport.prometheus(report)
        #expect(text.contains("glassbook_up{process=\"node\"} 0\n"))
        #expect(text.contains("glassbook_up{process=\"settlement\"} 0\n"))
    }

    @Test func aProcessThatEndedIsAFaultAndIsNotJudged() throws {
        let venue = try MonitoredVenue()
        defer { venue.remove() }
        var file = try CounterFile(path: venue.nodeFile)
        let gaps = try file.counter("feed.gaps")
        #expect(venue.report().isWell)
        // The number of a process that has ended.
        let ended = Process()
        ended.executableURL = URL(filePath: "/bin/true")
        try ended.run()
        ended.waitUntilExit()
        let handle = try FileHandle(forUpdating: URL(filePath: venue.nodeFile))
        try handle.seek(toOffset: 28)
        try handle.write(contentsOf: withUnsafeBytes(of: ended.processIdentifier.littleEndian) { Data($0) })
        try handle.close()
        let report = venue.report({}, { gaps.add() })
        #expect(report.faults.count == 1)
        #expect(report.faults.first?.contains("process \(ended.processIdentifier) has ended") == true)
        #expect(report.alarms.isEmpty)
        #expect(report.rows(.node).map(\.value) == [1])
    }

    @Test func aNumberThatWasGivenToALaterProcessIsNotTheWriter() throws {
        let venue = try MonitoredVenue()
        defer { venue.remove() }
        let file = try CounterFile(path: venue.nodeFile)
        // Made a day before this process began.
        let handle = try FileHandle(forUpdating: URL(filePath: venue.nodeFile))
        try handle.seek(toOffset: 32)
        let created = SystemClock.realtimeNanoseconds() - 20 * 365 * 86_400_000_000_000
        try handle.write(contentsOf: withUnsafeBytes(of: created.littleEndian) { Data($0) })
        try handle.close()
        #expect(try ProcessReading(path: venue.nodeFile).isRunning == false)
        _ = consume file
    }

    @Test func aNewStartBetweenTheReadingsIsSaidAndNotJudged() throws {
        let venue = try MonitoredVenue()
        defer { venue.remove() }
        var old = try CounterFile(path: venue.nodeFile)
        try old.counter("feed.gaps").set(1)
        let first = VenueReading(venue.settings)
        var new = try CounterFile(path: venue.nodeFile)
        try new.counter("feed.gaps").set(2)
        let last = VenueReading(venue.settings)
        let report = StatusReport(Readings(first: first, middle: last, last: last), venue.settings)
        #expect(report.faults == ["node: was started again between the readings"])
        #expect(report.alarms.isEmpty)
        #expect(report.rows(.node) == [StatusReport.Row(name: "feed.gaps", value: 2, perSecond: nil)])
    }

    @Test(arguments: [0, 1, 63, 64, 20_000])
    func aFileThatIsNoneIsAFault(_ bytes: Int) throws {
        let venue = try MonitoredVenue()
        defer { venue.remove() }
        _ = try CounterFile(path: venue.nodeFile)
        try Data((0..<bytes).map { UInt8(truncatingIfNeeded: $0 &* 37) }).write(to: URL(filePath: venue.settlementFile))
        let report = venue.report()
        #expect(report.faults.count == 1)
        #expect(report.faults.first?.hasPrefix("settlement: ") == true)
    }

    @Test func theNameOfAProcessMayHoldAnything() {
        let fields = (4...22).map { "\($0)" }.joined(separator: " ")
        #expect(ProcessReading.startTicks(Array("1 (a) S b) c) S \(fields)".utf8)) == 22)
        #expect(ProcessReading.startTicks(Array("1 (ended) Z \(fields)".utf8)) == nil)
        #expect(ProcessReading.startTicks(Array("1 (a) S 4 5".utf8)) == nil)
        #expect(ProcessReading.startTicks([]) == nil)
        #expect(ProcessReading.bootSeconds(Array("cpu 1\nbtime 17\n".utf8)) == 17)
        #expect(ProcessReading.bootSeconds(Array("cpu 1\n".utf8)) == nil)
    }
}

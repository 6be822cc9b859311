import Foundation
import Monitor
import Platform
import Settings
import Testing

/// What wants attention, and what does not.
@Suite struct AlarmTests {
    @Test func nothingWantsAttentionAtAVenueThatWorks() throws {
        let venue = try MonitoredVenue()
        defer { venue.remove() }
        var file = try CounterFile(path: venue.nodeFile)
        let messages = try file.counter("order-entry.messages"), records = try file.counter("sequence.records")
        let durable = try file.counter("journal.durable-sequence"), failed = try file.counter("verify-0.failed")
        failed.set(7)
        let report = venue.report(
            {
                messages.add(500); records.add(500)
            },
            { durable.set(400) })
        #expect(report.alarms.isEmpty)
        #expect(report.faults.isEmpty)
        #expect(report.isWell)
        let row = try #require(report.rows(.node).first { $0.name == "sequence.records" })
        #expect(row.value == 500)
        #expect(row.perSecond ?? 0 > 0)
        #expect(report.rows(.node).first { $0.name == "verify-0.failed" }?.perSecond == nil)
    }

    @Test(arguments: ["order-entry.slow-consumers", "order-entry.ring-full", "verify-12.failed", "feed.gaps"])
    func whatMustNotGrowIsAnAlarmOnlyWhenItDoes(_ name: String) throws {
        let venue = try MonitoredVenue()
        defer { venue.remove() }
        var file = try CounterFile(path: venue.nodeFile)
        let counter = try file.counter(name)
        counter.set(3)
        #expect(venue.report().isWell)
        let report = venue.report({}, { counter.add() })
        #expect(report.alarms.map(\.name) == [name])
        #expect(report.alarms.first?.value == 4)
        #expect(report.alarms.first?.expected == "3, as before")
    }

    @Test func recordsThatStandStillAreAnAlarmOnlyWhereMessagesAreNotAnswered() throws {
        let venue = try MonitoredVenue()
        defer { venue.remove() }
        var file = try CounterFile(path: venue.nodeFile)
        let messages = try file.counter("order-entry.messages"), refused = try file.counter("sequence.refused")
        _ = try file.counter("sequence.records")
        #expect(venue.report({ messages.add(99) }).isWell)
        #expect(venue.report({ messages.add(100) }, { refused.add() }).isWell)
        #expect(venue.report({}, { messages.add(100) }).isWell, "what came last has not had its effect yet")
        #expect(venue.report({ messages.add(100) }).alarms.map(\.name) == ["sequence.records"])
    }

    @Test func aDurableMarkThatStandsStillIsAnAlarm() throws {
        let venue = try MonitoredVenue()
        defer { venue.remove() }
        var file = try CounterFile(path: venue.nodeFile)
        let records = try file.counter("sequence.records"), durable = try file.counter("journal.durable-sequence")
        #expect(venue.report({ records.add() }, { durable.add() }).isWell)
        #expect(venue.report({}, { records.add() }).isWell)
        #expect(venue.report({ records.add() }).alarms.map(\.name) == ["journal.durable-sequence"])
    }

    @Test func aSlowDiskIsSeenOfWhatCameBetweenTheReadings() throws {
        let venue = try MonitoredVenue()
        defer { venue.remove() }
        var file = try CounterFile(path: venue.nodeFile)
        let times = try file.histogram("journal.fdatasync-ns")
        times.record(80_000_000)
        #expect(venue.report().isWell)
        #expect(venue.report({ times.record(40_000_000) }).isWell)
        #expect(venue.report({ times.record(80_000_000) }).alarms.map(\.name) == ["journal.fdatasync-ns"])
    }

    @Test func limitsAreThoseOfTheConfiguration() throws {
        let venue = try MonitoredVenue()
        defer { venue.remove() }
        let most = UInt64(venue.settings.orderEntry.sessionsMax) * 9 / 10
        var node = try CounterFile(path: venue.nodeFile)
        try node.counter("order-entry.sessions").set(most)
        var settlement = try CounterFile(path: venue.settlementFile)
        let age = try settlement.counter("checkpoint.age-ms")
        let interval = UInt64(venue.settings.settlement.checkpointIntervalMilliseconds)
        age.set(2 * interval)
        let oldest = try settlement.counter("availability.oldest-unpublished-ns")
        let alarm = UInt64(venue.settings.settlement.availability.alarmMilliseconds) * 1_000_000
        oldest.set(alarm)
        let promised = try settlement.counter("checkpoint.oldest-record-ns")
        promised.set(UInt64(venue.settings.venue.promiseSeconds) * 800_000_000)
        #expect(venue.report().isWell)
        try node.counter("order-entry.accepted").set(1)
        let report = venue.report(
            { age.add() },
            {
                oldest.add(); promised.add()
            })
        #expect(
            report.alarms.map(\.name) == [
                "checkpoint.age-ms", "checkpoint.oldest-record-ns", "availability.oldest-unpublished-ns",
            ])
    }

    @Test func whatIsBehindIsAnAlarmWhenItDoesNotMove() throws {
        let venue = try MonitoredVenue()
        defer { venue.remove() }
        var settlement = try CounterFile(path: venue.settlementFile)
        let signed = try settlement.counter("checkpoint.signed-size")
        let published = try settlement.counter("checkpoint.published-size")
        let witness = try settlement.counter("witness-3.size")
        // Nothing ran here that these would be: the node is missing.
        func names(_ first: () -> Void = {}, _ second: () -> Void = {}) -> [String] {
            venue.report(first, second).alarms.map(\.name)
        }
        #expect(names({ signed.set(10) }) == [])
        #expect(names({ published.set(5) }, { witness.set(5) }) == [], "they move")
        #expect(names() == ["checkpoint.published-size", "witness-3.size"])
        #expect(names({ published.set(10) }, { witness.set(10) }) == [])
        #expect(names() == [])
    }

    @Test func receiptsAreHeldToTheNode() throws {
        let venue = try MonitoredVenue()
        defer { venue.remove() }
        var node = try CounterFile(path: venue.nodeFile), settlement = try CounterFile(path: venue.settlementFile)
        let durable = try node.counter("journal.durable-sequence")
        let receipts = try settlement.counter("receipts.sequence")
        durable.set(100)
        #expect(venue.report({ receipts.set(100) }, { durable.set(200) }).isWell)
        #expect(venue.report({ receipts.set(150) }).alarms.map(\.name) == ["receipts.sequence"])
    }

    @Test func aQuorumIsMissedOnlyOfWhatWasSigned() throws {
        let venue = try MonitoredVenue { text in
            text.replacing(/(?m)^witness_quorum = .*$/, with: "witness_quorum = 1")
                .replacing(/(?m)^witness = \[\]$/, with: MonitoredVenue.witness)
        }
        defer { venue.remove() }
        var settlement = try CounterFile(path: venue.settlementFile)
        let count = try settlement.counter("checkpoint.count")
        _ = try settlement.counter("checkpoint.cosignatures")
        #expect(venue.report().alarms.isEmpty)
        #expect(venue.report({ count.add() }).alarms.map(\.name) == ["checkpoint.cosignatures"])
    }
}

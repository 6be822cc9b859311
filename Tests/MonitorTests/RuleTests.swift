import Foundation
import Testing

@testable import Monitor

/// The pages' column "Alarm" and the rules are the same list.
@Suite struct RuleTests {
    /// Names of the rows of a page's tables of counters that have an alarm.
    private static func alarmed(_ module: String) throws -> [String] {
        let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(
            contentsOf: repository.appending(path: "Sources/\(module)/\(module).md"), encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).drop { $0 != "## Counters" }
            .dropFirst()
        return lines.prefix { !$0.hasPrefix("## ") }.compactMap { line in
            let cells = line.split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count >= 6, cells[1].hasPrefix("`"), !cells[4].isEmpty else { return nil }
            return cells[1].filter { $0 != "`" }
        }
    }

    @Test(arguments: [("Node", MonitoredProcess.node), ("Settlement", .settlement)])
    func everyRowWithAnAlarmHasARule(_ module: String, _ process: MonitoredProcess) throws {
        let venue = try MonitoredVenue { text in
            text.replacing(/(?m)^publish_delay_ms = .*$/, with: "publish_delay_ms = 0")
                .replacing(/(?m)^witness_quorum = .*$/, with: "witness_quorum = 1")
                .replacing(/(?m)^witness = \[\]$/, with: MonitoredVenue.witness)
        }
        defer { venue.remove() }
        let rules = AlarmRules.all(venue.settings, over: .max).filter { $0.process == process }.map(\.name)
        let rows = try Self.alarmed(module)
        #expect(rows.count > 5)
        #expect(rows.sorted() == rules.sorted())
    }

    @Test func aNumberInANameIsAnyNumber() {
        let rule = AlarmRule(.settlement, "witness-N.size", .grows, "")
        #expect(["witness-0.size", "witness-63.size"].allSatisfy(rule.covers))
        #expect(
            !["witness-.size", "witness-N.size", "witness-1.failures", "witness-1x.size", "size"].contains(
                where: rule.covers))
    }
}

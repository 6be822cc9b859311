import ArgumentParser
import Cryptography
import Foundation

/// `verifier audit`.
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Checks a whole history, from its first record to its last.")

    @Option(help: "A node's journal directory.")
    var journal: String
    @Option(help: "The anchors: venue id, log key, witnesses, quorum.")
    var anchors: String
    @Flag(help: "Leaves signatures out.")
    var noSignatures = false
    @Flag(help: "One JSON object.")
    var json = false

    func run() throws {
        var options = Audit.Options(source: .journal(journal))
        options.checksSignatures = !noSignatures
        options.workers = ProcessInfo.processInfo.activeProcessorCount
        let text = try String(contentsOfFile: anchors, encoding: .utf8)
        for line in text.split(separator: "\n") where line.hasPrefix("venue ") {
            options.venueId = Hash256(hexadecimal: line.dropFirst(6))
        }
        let report = Audit(options).run()
        print(json ? ReportPrinter.json(report) : ReportPrinter.text(report))
        if report.exitStatus != 0 { throw ExitCode(report.exitStatus) }
    }
}

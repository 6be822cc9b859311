import ArgumentParser
import Foundation
import Monitor
import Settings

/// `operator status`.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Prints what node and settlement plane count, and what of it wants attention. Needs no key.",
        discussion: """
            Reads DATA/counters and DATA/settlement/counters three times within the interval. Exit status: 0 nothing \
            wants attention, 1 something does, 2 configuration, 64 command line. Node.md and Settlement.md say what \
            each counter is.
            """)
    @Option(name: .shortAndLong, help: "The configuration file of the node.") var config = "config.toml"
    @Option(help: "Milliseconds between the first reading and the last, from 1,000 on.") var interval = 1_000
    @Flag(name: .shortAndLong, help: "Goes on until it is ended.") var follow = false
    @Flag(help: "One JSON object on a line.") var json = false
    @Flag(help: "The text format of Prometheus, version 0.0.4.") var prometheus = false

    func validate() throws {
        guard (1_000...3_600_000).contains(interval) else {
            throw ValidationError("--interval \(interval): expected 1000...3600000 milliseconds")
        }
        guard !json || !prometheus else { throw ValidationError("--json or --prometheus, one of the two") }
    }

    func run() throws {
        let settings: NodeSettings
        do throws(SettingsError) { settings = try NodeSettings.load(config) } catch {
            FileHandle.standardError.write(Data("operator: configuration: \(error)\n".utf8))
            throw ExitCode(OperatorError.configuration("").exitStatus)
        }
        var sampler = StatusSampler(settings, intervalMilliseconds: interval)
        var report: StatusReport
        repeat {
            report = sampler.next()
            show(report)
        } while follow
        if !report.isWell { throw ExitCode(1) }
    }

    private func show(_ report: StatusReport) {
        let text =
            if json { StatusExport.json(report) + "\n" } else if prometheus { StatusExport.prometheus(report) } else {
                StatusText.text(report) + "\n"
            }
        FileHandle.standardOutput.write(Data(text.utf8))
    }
}

import ArgumentParser
import Glibc
import Program
import Settlement

/// Follows the journal until SIGTERM or SIGINT.
struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Follow the journal of a venue: checkpoints, tiles, commitments, receipts, batches, history.",
        discussion: """
            Prints one line that begins with "ready". SIGTERM or SIGINT end it in order, after a last checkpoint.

            Exit status: 0 an orderly end, 2 configuration, 3 the journal cannot be read on, 4 replay differs from the \
            journal, 5 the journal or a witness contradicts what was signed, 6 genesis or keys, 7 in use, 8 operating \
            system, 64 command line.
            """)

    @Option(name: .shortAndLong, help: "The configuration file.")
    var config = "config.toml"

    @Option(help: "TCP port of order entry, where the configuration leaves it to the system.")
    var orderEntry: UInt16?

    @Flag(help: "Do not serve the published files.")
    var noServe = false

    func run() throws {
        try Main.reporting { () throws(SettlementError) in try follow() }
    }

    private func follow() throws(SettlementError) {
        var settings = try SettlementProcess.settings(config)
        if let orderEntry { settings.orderEntry.port = orderEntry }
        let signals = EndSignals()
        let log = SettlementProcess.logger(settings)
        let plane = try SettlementPlane(settings, log) { kill(getpid(), SIGTERM) }
        log.notice("\(plane.memory(isServing: !noServe).line)")
        let server = noServe ? nil : try ServingThread(settings, log)
        SettlementProcess.say(plane.readyLine + (server.map { " http=\($0.endpoint)" } ?? ""))
        signals.wait()
        log.notice("stopping")
        server?.stop()
        try plane.stop()
        log.notice("stopped in order")
    }
}

import ArgumentParser
import Glibc
import Logging
import Settings
import Settlement

/// Follows the journal until SIGTERM or SIGINT.
struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Follow the journal of a venue: checkpoints, tiles, commitments, receipts, batches, history.",
        discussion: """
            Prints one line that begins with "ready". SIGTERM or SIGINT end it in order, after a last checkpoint.

            Exit status: 0 an orderly end, 2 configuration, 3 the journal cannot be read on, 4 replay differs from the \
            journal, 5 the journal contradicts what was signed, 6 genesis or keys, 7 in use, 8 operating system, \
            64 command line.
            """)

    @Option(name: .shortAndLong, help: "The configuration file.")
    var config = "config.toml"

    @Option(help: "TCP port of order entry, where the configuration leaves it to the system.")
    var orderEntry: UInt16?

    @Flag(help: "Do not serve the published files.")
    var noServe = false

    func run() throws {
        do throws(SettlementError) { try follow() } catch {
            StandardErrorLog.write("settlement-plane: \(error)\n")
            throw ExitCode(error.exitStatus)
        }
    }

    private func follow() throws(SettlementError) {
        var settings: NodeSettings
        do throws(SettingsError) { settings = try NodeSettings.load(config) } catch { throw .configuration("\(error)") }
        if let orderEntry { settings.orderEntry.port = orderEntry }
        // Before there are other threads: they inherit the mask, so that only `sigwait` takes these signals.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        signal(SIGPIPE, SIG_IGN)
        TruncationSignal.handle()
        var log = Logger(label: "settlement-plane") { StandardErrorLog(label: $0) }
        log.logLevel = Logger.Level(rawValue: settings.logLevel.rawValue) ?? .info
        let plane = try SettlementPlane(settings, log) { kill(getpid(), SIGTERM) }
        print(plane.readyLine)
        fflush(nil)
        var number: Int32 = 0
        while sigwait(&signals, &number) != 0 {}
        log.notice("stopping")
        try plane.stop()
        log.notice("stopped in order")
    }
}

import ArgumentParser
import Glibc
import Node
import Program
import Settings

/// The node: reads the configuration, starts, waits for SIGTERM or SIGINT, ends in order.
@main
struct Main: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "execution-plane",
        abstract: "Order entry, matching, journal and market data of one venue.",
        discussion: """
            Starts by recovering what the journal holds. Prints one line that begins with "ready" when clients can \
            connect. SIGTERM or SIGINT end it in order.

            Exit status: 0 an orderly end, 2 configuration, 3 damaged journal, 4 replay differs from the journal, \
            5 [venue] tables differ from the journal, 6 genesis, 7 journal in use or not to be opened, 8 operating \
            system, 9 a limit, 10 fdatasync failed, 11 completions lost, 64 command line.
            """)

    @Option(name: .shortAndLong, help: "The configuration file.")
    var config = "config.toml"

    @Flag(help: "Print the configuration in force as TOML, and end; with 2 when this machine lacks a core or address.")
    var printConfig = false

    func run() throws {
        do throws(NodeError) {
            let settings = try load()
            if printConfig {
                print(settings.describe(), terminator: "")
                return try Node.requireMachine(settings)
            }
            try serve(settings)
        } catch {
            StandardError.write("execution-plane: \(error)\n")
            throw ExitCode(error.exitStatus)
        }
    }

    private func load() throws(NodeError) -> NodeSettings {
        do throws(SettingsError) { return try NodeSettings.load(config) } catch { throw .configuration(error) }
    }

    private func serve(_ settings: NodeSettings) throws(NodeError) {
        // Before there are other threads: they inherit the mask, so that only `wait` takes these signals.
        let signals = EndSignals()
        TruncationSignal.handle(
            "execution-plane: a mapped file lost its end (SIGBUS): the journal was truncated, or the disk failed\n",
            status: 3)
        let log = StandardErrorLog.logger("execution-plane", level: settings.logLevel.rawValue)
        let node = try Node.start(settings, log)
        log.notice("\(node.memory)")
        print(node.readyLine)
        fflush(nil)
        // Not inside the log call, which evaluates its message only when the level lets it out.
        let signal = signals.wait()
        log.notice("\(signal): stopping")
        if let end = try node.stop() { print(end.line) }
        fflush(nil)
        log.notice("stopped in order")
    }
}

import ArgumentParser
import Glibc
import Logging
import Node
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

    @Flag(help: "Print the configuration in force as TOML, and end.")
    var printConfig = false

    func run() throws {
        do throws(NodeError) {
            let settings = try load()
            if printConfig { return print(settings.describe(), terminator: "") }
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
        var log = Logger(label: "execution-plane") { StandardErrorLog(label: $0) }
        log.logLevel = Logger.Level(rawValue: settings.logLevel.rawValue) ?? .info
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

/// The signals that ask for an orderly end, taken one at a time by whoever waits.
struct EndSignals {
    private var set = sigset_t()

    /// Blocks them for this thread and those that it makes; a broken connection is no reason to end.
    init() {
        sigemptyset(&set)
        sigaddset(&set, SIGTERM)
        sigaddset(&set, SIGINT)
        pthread_sigmask(SIG_BLOCK, &set, nil)
        signal(SIGPIPE, SIG_IGN)
    }

    /// Waits for the next one; its name.
    func wait() -> String {
        var set = set
        var number: Int32 = 0
        while sigwait(&set, &number) != 0 {}
        return number == SIGINT ? "SIGINT" : "SIGTERM"
    }
}

/// Standard error, for what is not a log line.
enum StandardError {
    static func write(_ text: String) {
        _ = Array(text.utf8).withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
    }
}

/// A log line: UTC time, level, message.
struct StandardErrorLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info
    private let label: String

    init(label: String) { self.label = label }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var now = time(nil)
        var parts = tm()
        gmtime_r(&now, &parts)
        var text = [CChar](repeating: 0, count: 32)
        strftime(&text, text.count, "%FT%TZ", &parts)
        let stamp = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        StandardError.write("\(stamp) \(event.level) \(event.message)\n")
    }
}

import Glibc
import Logging
import Settings

/// What every subcommand of the process begins with.
public enum SettlementProcess {
    /// Reads the configuration.
    public static func settings(_ path: String) throws(SettlementError) -> NodeSettings {
        do throws(SettingsError) { return try NodeSettings.load(path) } catch { throw .configuration("\(error)") }
    }

    /// The log, at the level of the configuration.
    public static func logger(_ settings: NodeSettings) -> Logger {
        var log = Logger(label: "settlement-plane") { StandardErrorLog(label: $0) }
        log.logLevel = Logger.Level(rawValue: settings.logLevel.rawValue) ?? .info
        return log
    }

    /// Signals that end the process, for `sigwait` alone. Called before there are other threads, which inherit the
    /// mask.
    public static func blockedSignals() -> sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        signal(SIGPIPE, SIG_IGN)
        return signals
    }

    /// Waits for one of them.
    public static func wait(for signals: sigset_t) {
        var signals = signals
        var number: Int32 = 0
        while sigwait(&signals, &number) != 0 {}
    }

    /// A line on standard output, at once.
    public static func say(_ line: String) {
        print(line)
        fflush(nil)
    }
}

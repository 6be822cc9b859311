import Glibc
import Logging
import Program
import Settings

/// What every subcommand of the process begins with.
public enum SettlementProcess {
    /// Reads the configuration.
    public static func settings(_ path: String) throws(SettlementError) -> NodeSettings {
        do throws(SettingsError) { return try NodeSettings.load(path) } catch { throw .configuration("\(error)") }
    }

    /// The log, at the level of the configuration.
    public static func logger(_ settings: NodeSettings) -> Logger {
        StandardErrorLog.logger("settlement-plane", level: settings.logLevel.rawValue)
    }

    /// A line on standard output, at once.
    public static func say(_ line: String) {
        print(line)
        fflush(nil)
    }

    /// Says on standard error that there is no proof, and why, and ends: 1, or 64 when it was asked for wrongly.
    public static func end(_ missing: ProofMissing) -> Never {
        StandardError.write("settlement-plane: \(missing)\n")
        exit(missing.exitStatus)
    }
}

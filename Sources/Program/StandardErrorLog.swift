import Glibc
import Logging

/// Standard error, for what is not a log line.
public enum StandardError {
    /// Writes text as it is.
    public static func write(_ text: String) {
        _ = Array(text.utf8).withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}

/// Log lines on standard error: UTC time, level, message.
public struct StandardErrorLog: LogHandler {
    public var metadata: Logger.Metadata = [:]
    public var logLevel = Logger.Level.info

    public init() {}

    /// A logger of a program.
    ///
    /// - Parameter level: a name of swift-log; anything else is `info`.
    public static func logger(_ program: String, level: String) -> Logger {
        var log = Logger(label: program) { _ in StandardErrorLog() }
        log.logLevel = Logger.Level(rawValue: level) ?? .info
        return log
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var now = time(nil)
        var parts = tm()
        gmtime_r(&now, &parts)
        var text = [CChar](repeating: 0, count: 32)
        strftime(&text, text.count, "%FT%TZ", &parts)
        let stamp = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        StandardError.write("\(stamp) \(event.level) \(event.message)\n")
    }
}

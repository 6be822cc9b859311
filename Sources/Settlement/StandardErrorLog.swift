import Glibc
import Logging

/// Log lines on standard error: UTC time, level, message.
public struct StandardErrorLog: LogHandler {
    public var metadata: Logger.Metadata = [:]
    public var logLevel = Logger.Level.info

    public init(label: String) {}

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
        Self.write("\(stamp) \(event.level) \(event.message)\n")
    }

    /// Writes text that is no log line.
    public static func write(_ text: String) {
        _ = Array(text.utf8).withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
    }
}

import Platform

/// What the node's anonymous memory is made of: fixed by the configuration, printed at start.
public struct MemoryReport: Sendable, CustomStringConvertible {
    /// Parts, bytes each.
    public let parts: [(name: String, byteCount: Int)]
    /// Anonymous memory of the whole process when it was ready, bytes, as the kernel counts it.
    public let anonymousBytes: Int

    init(parts: [(name: String, byteCount: Int)]) {
        self.parts = parts
        anonymousBytes = Self.residentAnonymousBytes()
    }

    public var description: String {
        let list = parts.map { "\($0.name) \(Self.mebibytes($0.byteCount))" }.joined(separator: ", ")
        return "memory: \(Self.mebibytes(anonymousBytes)) anonymous (\(list))"
    }

    private static func mebibytes(_ bytes: Int) -> String {
        let tenths = (bytes * 10 + (1 << 19)) >> 20
        return "\(tenths / 10).\(tenths % 10) MiB"
    }

    /// `RssAnon` of /proc/self/status, in bytes; 0 where there is none.
    private static func residentAnonymousBytes() -> Int {
        guard let bytes = try? File.readPrefix("/proc/self/status", limit: 16 << 10) else { return 0 }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") where line.hasPrefix("RssAnon:") {
            return line.split(separator: " ").compactMap { Int($0) }.first.map { $0 << 10 } ?? 0
        }
        return 0
    }
}

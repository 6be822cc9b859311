import Glibc
import Platform

/// The processes of a venue that leave a counters file.
public enum MonitoredProcess: String, CaseIterable, Sendable, Encodable {
    case node, settlement
}

/// The counters file of one process, as it was at one moment, and whether that process is there.
public struct ProcessReading: Sendable {
    /// The process that wrote the file.
    public let process: UInt32
    /// Whether it still runs, as far as /proc of this machine shows.
    public let isRunning: Bool
    /// When the file was made, which is when the process began, ns since 1970 UTC.
    public let created: UInt64
    /// Names and values, in the order of the file.
    public let counters: [(name: String, value: UInt64)]
    public let histograms: [HistogramSnapshot]

    /// Reads a file.
    ///
    /// - Throws: `systemCall` when there is none, `wrongFormat` when it is no counters file.
    public init(path: String) throws(PlatformError) {
        let reader = try CounterReader(path: path)
        process = reader.process
        created = reader.createdNanoseconds
        counters = reader.counters()
        histograms = reader.histograms()
        isRunning = Self.runs(process, since: created)
    }

    /// The value of a counter; nil when there is none of that name.
    public subscript(_ name: String) -> UInt64? { counters.first { $0.name == name }?.value }

    /// Whether a process of that number is there, and not one that was given the number later.
    private static func runs(_ process: UInt32, since created: UInt64) -> Bool {
        guard let stat = try? File.readPrefix("/proc/\(process)/stat", limit: 4_096),
            let system = try? File.readPrefix("/proc/stat", limit: 1 << 20),
            let ticks = startTicks(stat), let boot = bootSeconds(system)
        else { return false }
        let start = boot + ticks / UInt64(max(sysconf(Int32(_SC_CLK_TCK)), 1))
        // Both clocks are read in whole seconds, and the boot time moves with the wall clock.
        return start <= created / 1_000_000_000 + 5
    }

    /// Field 22 of /proc/PID/stat (proc(5)): clock ticks from the boot to the start. The name, field 2, may hold
    /// anything, and ends with the last parenthesis.
    static func startTicks(_ stat: [UInt8]) -> UInt64? {
        guard let end = stat.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = String(decoding: stat[(end + 1)...], as: UTF8.self).split(separator: " ")
        // A zombie has ended: only its parent does not know yet.
        guard fields.count > 19, fields[0] != "Z" else { return nil }
        return UInt64(fields[19])
    }

    /// The line `btime` of /proc/stat: seconds from 1970 to the boot.
    static func bootSeconds(_ stat: [UInt8]) -> UInt64? {
        for line in String(decoding: stat, as: UTF8.self).split(separator: "\n") where line.hasPrefix("btime ") {
            return UInt64(line.dropFirst(6))
        }
        return nil
    }
}

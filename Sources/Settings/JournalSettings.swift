/// What a reply promises about the record that it comes from.
public enum DurabilitySetting: String, CaseIterable, Sendable {
    /// The record survives a killed process. fdatasync runs, nobody waits for it.
    case journaled
    /// The record survives loss of power: replies and packets wait for the fdatasync that covers it.
    case durable
}

/// Where the state of a start comes from.
public enum StartSetting: String, CaseIterable, Sendable {
    /// The newest good snapshot of the settlement plane; genesis when there is none.
    case snapshot
    /// Every record: nothing is believed that another process wrote.
    case genesis
}

/// The journal's files and when they reach the disk.
public struct JournalSettings: Equatable, Sendable {
    /// Size of a segment file in bytes, a multiple of 4,096; allocated for real before it is used.
    public var segmentBytes: Int
    /// What replies wait for.
    public var durability: DurabilitySetting
    /// How far ahead of the tail pages are made ready, in bytes.
    public var populateAheadBytes: Int
    /// Least time between the starts of two group commits, in microseconds.
    public var syncIntervalMicroseconds: Int

    /// Where the state of a start comes from.
    public var startFrom: StartSetting

    /// The interval in force: none at level `durable`, where replies wait for the commit.
    public var commitIntervalMicroseconds: Int { durability == .durable ? 0 : syncIntervalMicroseconds }

    static let keys = ["segment_bytes", "durability", "populate_ahead_bytes", "sync_interval_us", "start_from"]

    init(_ reader: TableReader) throws(SettingsError) {
        segmentBytes = try reader.integer(
            "segment_bytes", 262_144...4_294_967_296, "bytes", "a multiple of 4096 from 262144 to 4294967296"
        ) { $0 % 4_096 == 0 }
        durability = try reader.word("durability")
        populateAheadBytes = try reader.integer("populate_ahead_bytes", 65_536...1_073_741_824, "bytes")
        syncIntervalMicroseconds = try reader.integer("sync_interval_us", 0...1_000_000, "microseconds")
        startFrom = try reader.word("start_from")
        guard populateAheadBytes <= segmentBytes else {
            throw .inconsistent(
                key: reader.name("populate_ahead_bytes"),
                reason: "\(populateAheadBytes) is more than a segment (segment_bytes = \(segmentBytes))")
        }
    }
}

/// What an audit comes to.
public struct AuditReport: Sendable {
    /// The first failure; nil when nothing failed.
    public internal(set) var finding: Finding?
    /// What was asked for and could not be checked, and why.
    public internal(set) var notChecked: [String] = []
    /// What was checked.
    public internal(set) var counts = AuditCounts()
    /// Venue id, 64 hexadecimal digits; nil before the genesis record.
    public internal(set) var venueId: String?
    /// Hash of the last record, 64 hexadecimal digits.
    public internal(set) var chainHead: String?
    /// RFC 6962 root over all records, 64 hexadecimal digits.
    public internal(set) var logRoot: String?
    /// Tree size of the latest official checkpoint whose root is that of the records; nil without one.
    public internal(set) var checkpointSize: UInt64?
    /// The record behind which the audit began, with its state from a snapshot; nil when it began with record 1.
    public internal(set) var startedBehind: UInt64?
    /// The record that commits to that state; nil until it was checked.
    public internal(set) var startCommitment: UInt64?
    /// The record whose state was written for a later audit; nil when none was.
    public internal(set) var savedThrough: UInt64?
    /// Last record whose bytes were compared with the data-availability layer, 0 without any; nil when that was not
    /// asked for.
    public internal(set) var dataThrough: UInt64?
    /// Seconds that the audit took.
    public internal(set) var seconds: Double = 0
    /// Remarks that are no failures.
    public internal(set) var notes: [String] = []

    public init() {}

    /// 0 all that was asked for holds, 1 something does not, 2 something could not be checked.
    public var exitStatus: Int32 { finding != nil ? 1 : notChecked.isEmpty ? 0 : 2 }
}

/// What was checked, in numbers.
public struct AuditCounts: Equatable, Sendable {
    /// Records.
    public internal(set) var records: UInt64 = 0
    /// Client commands.
    public internal(set) var commands: UInt64 = 0
    /// Orders that were accepted.
    public internal(set) var orders: UInt64 = 0
    /// Matches.
    public internal(set) var trades: UInt64 = 0
    /// Signatures that were verified, proofs inside commands included.
    public internal(set) var signatures: UInt64 = 0
    /// State commitments whose root was recomputed.
    public internal(set) var commitments: UInt64 = 0
    /// Checkpoints whose signature and root were verified.
    public internal(set) var checkpoints: UInt64 = 0
    /// Cosignatures that were verified.
    public internal(set) var cosignatures: UInt64 = 0
    /// Captured market-data messages that were compared.
    public internal(set) var feedMessages: UInt64 = 0
    /// Batches of the data-availability layer that were compared.
    public internal(set) var batches: UInt64 = 0
}

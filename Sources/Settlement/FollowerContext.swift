import Genesis
import Logging
import Settings

/// What every follower is given.
public struct FollowerContext: Sendable {
    /// The configuration.
    public let settings: NodeSettings
    /// The venue, as its genesis says.
    public let venue: VenueIdentity
    /// Messages go to standard error.
    public let log: Logger
    /// Counters of `DATA/settlement/counters`.
    public let counters: SettlementCounters
    /// How far data availability is: written by its publisher, read by who commits.
    public let data: DataProgress
    /// The last signed checkpoint: written by the log, read by the others.
    public let checkpoints: CheckpointProgress
    /// Asked for by who finds published tiles damaged, answered by the log.
    public let repair: RepairRequest
    /// What the journal says of replaced keys of the log.
    let rotatedLogKeys: RotatedLogKeys

    /// The context of the followers of one process.
    public init(settings: NodeSettings, venue: VenueIdentity, log: Logger, counters: SettlementCounters) {
        self.settings = settings
        self.venue = venue
        self.log = log
        self.counters = counters
        data = DataProgress()
        checkpoints = CheckpointProgress()
        repair = RepairRequest()
        rotatedLogKeys = RotatedLogKeys(
            journal: settings.journalDirectory, of: venue.id, first: venue.logKey)
    }
}

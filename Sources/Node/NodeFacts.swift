import Cryptography
import Settings
import Wire

/// What every agent may know of the node it is part of: fixed at start, copied freely.
struct NodeFacts: Sendable {
    /// The venue's id: hash of the genesis body.
    let venueId: Bytes32
    /// Four ASCII characters: first half of the feed session's name.
    let venueName: UInt32
    /// The venue's signing prefixes.
    let prefixes: Prefixes
    /// The directory of the segments, for readers.
    let journalDirectory: String
    /// What replies wait for, and name.
    let durability: Durability
    /// Feed session in force when the agents start.
    let feedGeneration: UInt32
    /// Sequence of the first market-data message that the publisher will see: that of the first record of this start.
    let nextFeedSequence: UInt64
    /// The whole configuration.
    let settings: NodeSettings
}

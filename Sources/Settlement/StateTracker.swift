import Cryptography
import Venue
import Wire

/// The state root, kept up with what records touch.
struct StateTracker {
    /// Notes what a record changed.
    mutating func touch(_ record: RecordView) {}

    /// The root as of the last record; nil while a command is not done, or when none is kept.
    mutating func root(_ venue: borrowing Venue, through: UInt64) -> Hash256? { nil }
}

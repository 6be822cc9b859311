import Cryptography
import Proof
import Venue
import Wire

/// The state root, kept up with what records touch: its cost follows what changed, not how many accounts exist.
struct StateTracker: ~Copyable {
    /// Made when a root is asked for first: until then records need not be followed.
    private var tree: StateTree?
    private var touched = TouchedParts()

    /// Notes what a record changed.
    mutating func touch(_ record: RecordView) {
        if tree != nil { touched.add(record) }
    }

    /// The root as of the record `through`, the last one that the venue replayed; no command is unfinished.
    mutating func root(_ venue: borrowing Venue, through: UInt64) throws(StateTreeError) -> Hash256 {
        if tree == nil {
            tree = try StateTree(venue)
        } else {
            try tree!.update(from: venue, touched)
        }
        touched.removeAll()
        return tree!.root(through: through)
    }
}

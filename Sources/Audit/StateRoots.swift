import Cryptography
import Proof
import Reference
import Wire

/// State roots of the reference, made where a commitment speaks of them: the first from the whole state, the following
/// from what records touched since, and the last once more from the canonical bytes alone.
struct StateRoots: ~Copyable {
    private var tree: StateTree?
    private var touched = TouchedParts()
    /// Whether a root is wanted of a later record: else nothing has to be noted.
    var isWanted = true

    /// After each record: notes what it changed.
    mutating func passed(_ record: RecordView) {
        if tree != nil && isWanted { touched.add(record) }
    }

    /// The root as of the last record; nil while a command is unfinished.
    ///
    /// - Parameter whole: from the canonical bytes, whatever was known before.
    /// - Throws: why the state has no root.
    mutating func root(
        _ venue: borrowing Reference, through: UInt64, whole: Bool
    ) throws(StateTreeError) -> Hash256? {
        guard venue.pendingCause == nil else { return nil }
        if whole || tree == nil {
            var bytes = StateBytes()
            venue.writeState(into: &bytes)
            tree = try StateTree(canonical: bytes.bytes)
        } else {
            try tree!.update(from: venue, touched)
        }
        touched.removeAll()
        return tree!.root(through: through)
    }
}

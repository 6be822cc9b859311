/// A venue that goes on from a state, without the records that made it.
public protocol RestorableVenue: ReplayVenue, StateParts, ~Copyable {
    /// A venue of a state.
    ///
    /// Memory is taken by the capacities of the genesis message in the state: compare that with the one of the journal
    /// first. Everything else may be any state that was read: what the rules cannot lead to is refused, so that no
    /// later record stops the process.
    ///
    /// - Parameters:
    ///   - sequence: of the last record that made the state.
    ///   - time: of that record.
    static func restored(from state: CanonicalState, sequence: UInt64, time: UInt64) throws(StateError) -> Self
}

/// Whose question the desk for past states works at: one record at a time, and it stays with what it has for a while,
/// so that strangers who ask for one record after the other do not keep anybody from an answer.
struct PastTurn {
    /// How long an answer is kept before another record is turned to, ns: longer than who was told to come again takes.
    static let keeping: UInt64 = 5_000_000_000
    static let busy = ProofMissing.notYet("the balances of another record are being prepared; try again")
    private static let begun = ProofMissing.notYet("the balances of that record are being prepared; try again")

    private enum State {
        case free
        /// Asked for; the work begins with the thread's next turn, and is under way then.
        case asked(UInt64)
        case underWay(UInt64)
        /// Since when the desk stands where it is, or why it does not: ns, monotonic.
        case ended(UInt64, ProofMissing?, since: UInt64)
    }

    /// What is said to who asks.
    enum Action: Equatable {
        /// What the desk has.
        case answer
        case refuse(ProofMissing)
    }

    private var state = State.free

    /// The record to begin with.
    var begins: UInt64? { if case .asked(let record) = state { record } else { nil } }
    /// The record that is worked at.
    var underWay: UInt64? { if case .underWay(let record) = state { record } else { nil } }

    /// Takes a question.
    ///
    /// - Parameters:
    ///   - isHere: whether the desk stands at the state that the record asks for.
    ///   - now: ns, monotonic.
    mutating func ask(_ record: UInt64, isHere: Bool, _ now: UInt64) -> Action {
        switch state {
        case .asked(let other), .underWay(let other): return .refuse(other == record ? Self.begun : Self.busy)
        case .ended(let other, let refusal, let since):
            if refusal == nil, isHere { return .answer }
            if now < since + Self.keeping {
                guard other == record, let refusal else { return .refuse(Self.busy) }
                return .refuse(refusal)
            }
        case .free: break
        }
        state = .asked(record)
        return .refuse(Self.begun)
    }

    /// The work at what was asked for begins.
    mutating func begin() { if let record = begins { state = .underWay(record) } }

    /// The work is done.
    mutating func end(_ refusal: ProofMissing?, _ now: UInt64) {
        if let record = underWay ?? begins { state = .ended(record, refusal, since: now) }
    }
}

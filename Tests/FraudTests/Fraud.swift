import Availability
import Cryptography
import LyingVenue
import Proof
import Wire

/// A fraud: a row of Catalogue.md, and how it is committed.
struct Fraud: CustomStringConvertible, Sendable {
    /// The row's name.
    let name: String
    /// Tells the lie.
    let commit: @Sendable () throws -> Lie

    var description: String { name }
}

/// A lie, told.
struct Lie {
    /// What the operator shows.
    var history: History
    /// The record that the audit has to name: the first wrong one, or the size of the checkpoint that contradicts; nil
    /// where the history agrees with itself and with everything that the auditor has.
    var sequence: UInt64?
    /// Sizes whose checkpoints the operator publishes; the last is the latest one. Empty: that of all records.
    var sizes: [UInt64] = []
    /// Seconds since 1970 at which the witness cosigned them; nil for no cosignatures.
    var cosigned: UInt64?
    /// Cosignatures that auditor and judge ask for.
    var quorum = 0
    /// Whether the auditor has the operator's journal, and the published checkpoints; else the published files alone.
    var isJournal = false
    /// Batches that are put to the data availability layer, with their certificates.
    var batches: [Batch] = []
    /// Changes the published files: what the operator replaces, and what others have kept.
    var publish: (_ directory: String) throws -> Void = { _ in }
    /// What convicts; nil where nothing that was signed contradicts.
    var evidence: Evidence?
    /// What somebody gives to `verifier accuse`; nil: the record that the audit has named, where anything convicts.
    var accusation: Accusation?
    /// The record that the conviction has to name, where that is another one.
    var convictedOf: UInt64?

    init(_ history: History, at sequence: UInt64?) {
        self.history = history
        self.sequence = sequence
    }

    /// What `verifier accuse` is given; nil where nothing convicts.
    var accusedWith: Accusation? { accusation ?? (evidence == nil ? nil : sequence.map { .record($0) }) }

    /// The history as it is shown and signed.
    var publication: Publication { Publication(history, as: Truth.history.venueId) }
}

/// What `verifier accuse` is given besides the published files.
enum Accusation {
    /// The record that the audit has named.
    case record(UInt64)
    /// What a client kept.
    case receipt([UInt8], command: [UInt8]?, heads: [[UInt8]])
    /// A checkpoint that somebody kept.
    case head([UInt8])
    /// The data availability layer.
    case batches
    /// What a client asked for and got.
    case balance([UInt8])
}

/// The honest run, and what was signed about it while it was honest.
enum Truth {
    private static let played: (history: History, sequences: [String: UInt64], states: [UInt64: [UInt8]]) = {
        var states: [UInt64: [UInt8]] = [:]
        let venue = play { venue in
            venue.stateRoot = { bytes, through in
                states[through] = bytes
                return stateRoot(bytes, through)
            }
        }
        return (venue.history, venue.sequences, states)
    }()
    static var history: History { played.history }
    static let publication = Publication(history)

    /// Plays the day to a venue with hooks.
    static func play(_ prepare: (LyingVenue) -> Void) -> LyingVenue {
        let venue = LyingVenue(stateRoot: stateRoot)
        prepare(venue)
        HonestRun.play(on: venue)
        return venue
    }

    /// The canonical state that a commitment speaks of.
    static func state(before commitment: String) -> [UInt8] {
        guard let state = played.states[sequence(commitment) - 1] else { preconditionFailure("no such commitment") }
        return state
    }

    /// The state root of canonical bytes.
    static func stateRoot(_ canonical: [UInt8], _ through: UInt64) -> Hash256 {
        NaiveStateRoot(canonical).root(through: through)
    }

    /// Sequence of a step of the run.
    static func sequence(_ name: String) -> UInt64 {
        guard let sequence = played.sequences[name] else { preconditionFailure("no step is called \(name)") }
        return sequence
    }

    /// Where records first differ in what they say, their hashes aside.
    static func firstDifference(_ left: History, _ right: History) -> UInt64? {
        for (index, (one, other)) in zip(left.records, right.records).enumerated() where one != other {
            return UInt64(index) + 1
        }
        return left.records.count == right.records.count
            ? nil : UInt64(min(left.records.count, right.records.count)) + 1
    }
}

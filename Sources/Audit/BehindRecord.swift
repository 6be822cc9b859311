import Cryptography
import Proof
import Reference
import Wire

/// What has to be known of the record that a replay begins behind, beside the state.
enum BehindRecord {
    /// Largest sequence of a market-data message that a replay goes on from: what follows cannot overflow.
    static let nextFeedSequenceMax: UInt64 = 1 << 62

    /// The venue of a state, to go on with behind its last record.
    ///
    /// - Parameters:
    ///   - last: the record that the state ends with; its structure was checked, and its next feed sequence.
    ///   - next: the record after it.
    static func history(
        _ state: CanonicalState, _ last: ProvenRecord, _ next: ProvenRecord?, venue id: Hash256
    ) throws(StateError) -> HistoryCheck {
        let (time, feed) = last.withView { ($0.time, nextFeedSequence($0)) }
        let venue = try Reference.restored(from: state, sequence: last.sequence, time: time)
        let epoch = startEpoch(last, next)
        let chain = last.withView { ChainCheck(after: $0, startEpoch: epoch) }
        return HistoryCheck(venue: venue, venueId: id, chain: chain, nextFeedSequence: feed)
    }

    /// Epoch of the last start before a record. A start first finishes what was pending, and then writes its restart.
    private static func startEpoch(_ last: ProvenRecord, _ next: ProvenRecord?) -> UInt32 {
        let epoch = last.withView { $0.epoch }
        guard last.withView({ $0.kind }) == .continuation, let next, next.fault() == nil,
            next.withView({ $0.kind == .restart && $0.epoch == epoch })
        else { return epoch }
        return epoch &- 1
    }

    /// Sequence of the next market-data message.
    static func nextFeedSequence(_ record: RecordView) -> UInt64 {
        var effects = record.effects, count = record.feedSequence
        while let effect = effects.read() { count &+= UInt64(effect.feedMessages) }
        return count
    }
}

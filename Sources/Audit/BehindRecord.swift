import Wire

/// What has to be known of the record that a replay begins behind, beside the state.
enum BehindRecord {
    /// Epoch of the last start before a record. A start first finishes what was pending, and then writes its restart.
    static func startEpoch(_ last: ProvenRecord, _ next: ProvenRecord?) -> UInt32 {
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

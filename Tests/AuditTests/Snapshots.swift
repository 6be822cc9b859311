import Cryptography
import Foundation
import Replay
import Venue
import Wire

@testable import Audit
@testable import Reference

extension AuditFixture {
    /// The record that the first, the second … commitment of this history speaks of.
    var committed: [UInt64] {
        var index = CommitmentIndex()
        for record in records { record.withUnsafeBytes { index.take($0) } }
        index.finish()
        return index.through
    }

    /// The state behind a record, as settlement keeps it: by the fast venue.
    func snapshot(at sequence: UInt64) throws -> StateSnapshot {
        try genesis.withUnsafeBytes { genesis in
            var replayer = Replayer<Venue>(genesis: GenesisMessage(genesis.baseAddress!))
            for record in records.prefix(Int(sequence)) {
                try record.withUnsafeBytes { try replayer.replay(RecordView($0.baseAddress!)) }
            }
            return replayer.snapshot()!
        }
    }

    /// The state behind a record after a change that no record made, with the hash that goes with it.
    func snapshot(at sequence: UInt64, _ change: (inout Reference) -> Void) throws -> StateSnapshot {
        var history = HistoryCheck(venueId: venueId)
        for record in records.prefix(Int(sequence)) { _ = try record.withUnsafeBytes { try history.take($0) } }
        var venue = history.venue!
        change(&venue)
        return records[Int(sequence) - 1].withUnsafeBytes {
            StateSnapshot(
                of: venue, after: RecordView($0.baseAddress!), nextFeedSequence: history.nextFeedSequence)
        }
    }

    /// Bytes of a file whose own hash holds, whatever they are.
    static func resealed(_ bytes: [UInt8]) -> [UInt8] {
        let body = Array(bytes.dropLast(Hash256.byteCount))
        return body + Blake2b256.hash(body).withUnsafeBytes { Array($0) }
    }
}

extension Published {
    var snapshot: String { directory + "/snapshot" }

    /// Writes a snapshot for an auditor.
    func writeSnapshot(_ bytes: [UInt8]) throws { try Data(bytes).write(to: URL(fileURLWithPath: snapshot)) }
}

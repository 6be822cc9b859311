import Availability
import Cryptography
import Foundation
import LyingVenue
import Proof
import Wire

/// What is put to the data availability layer is not what the log holds.
enum FraudsOfData {
    static let all: [Fraud] = [
        Fraud(name: "other bytes put to the data layer") {
            // The layer gets a history in which a trade had another price; a commitment says that it is there.
            let altered = Truth.sequence("crossing")
            var other = Truth.history
            other[altered].changeEffect(Template.executed, "priceTicks") { $0 + 1 }
            let batch = firstBatch(of: other)
            let history = committed(to: batch)
            var lie = Lie(history, at: 1)
            lie.batches = [batch]
            let publication = lie.publication
            lie.evidence = .data(
                head: publication.head(), commitment: publication.range(Truth.sequence("third commitment")),
                batches: [batch.bytes], leaves: publication.leaf(altered))
            lie.accusation = .batches
            lie.convictedOf = altered
            return lie
        },
        Fraud(name: "data layer answers with other bytes") {
            let batch = firstBatch(of: Truth.history)
            var lie = Lie(committed(to: batch), at: 1)
            lie.batches = [batch]
            lie.publish = { directory in
                let path = "\(directory)/layer/\(batch.digest)"
                var bytes = batch.bytes
                bytes[bytes.count / 2] ^= 1
                try Data(bytes).write(to: URL(fileURLWithPath: path))
            }
            return lie
        },
        Fraud(name: "commitment to data that is not there") {
            let batch = firstBatch(of: Truth.history)
            let history = Truth.play { venue in
                venue.available = { history in
                    history.records.count < Int(Truth.sequence("third commitment")) - 1
                        ? (0, .zero) : (batch.last, Sha256.hash(batch.digest.bytes))
                }
            }.history
            var lie = Lie(history, at: Truth.sequence("third commitment"))
            lie.batches = [batch]
            return lie
        },
    ]

    /// A day on which what commitments name is what the log holds.
    static var honest: (history: History, batches: [Batch]) {
        let batch = firstBatch(of: Truth.history)
        return (committed(to: batch), [batch])
    }

    /// The records through the second commitment, as one batch.
    private static func firstBatch(of history: History) -> Batch {
        var draft = Batch.Draft(venue: history.venueId, previous: .zero, first: 1)
        for record in history.chained()[..<Int(Truth.sequence("second commitment"))] {
            record.withUnsafeBytes { draft.append(RecordView($0.baseAddress!)) }
        }
        return draft.finish()
    }

    /// A day whose later commitments say that a batch is available.
    private static func committed(to batch: Batch) -> History {
        Truth.play { venue in
            venue.available = { history in
                history.records.count < Int(Truth.sequence("third commitment")) - 1
                    ? (0, .zero) : (batch.last, batch.digest)
            }
        }.history
    }
}

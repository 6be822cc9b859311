import Cryptography
import Journal
import Wire

/// Why a journal is not replayed to its end.
public enum ReplayError: Error, Sendable, CustomStringConvertible {
    case journal(JournalError)
    case divergence(Divergence)
    /// There is no record.
    case empty(directory: String)

    public var description: String {
        switch self {
        case .journal(let error): "journal: \(error)"
        case .divergence(let divergence): "replay: \(divergence)"
        case .empty(let directory): "the journal in \(directory) has no record"
        }
    }
}

/// A whole journal, replayed.
public struct JournalReplay: Equatable, Sendable {
    /// BLAKE2b-256 of the venue's state after the last record; nil when the journal leaves a command unfinished.
    public let stateHash: Hash256?
    /// Last sequence, and hash of that record.
    public let lastSequence: UInt64
    public let headHash: Bytes32
    public let counts: ReplayCounts

    /// Replays every record through a venue of a type; hashes and chain are checked on the way.
    ///
    /// - Parameter progress: called every 65,536 records, with the sequence.
    public init<V: ReplayVenue & ~Copyable>(
        _ directory: String, through type: V.Type, progress: (UInt64) -> Void = { _ in }
    ) throws(ReplayError) {
        var scan: JournalScan
        do throws(JournalError) { scan = try JournalScan(directory: directory) } catch { throw .journal(error) }
        guard let first = try Self.next(&scan) else { throw .empty(directory: directory) }
        guard first.kind == .genesis else {
            throw .divergence(Divergence(sequence: first.sequence, text: "it is no genesis record"))
        }
        var replayer = Replayer<V>(genesis: GenesisMessage(first.command))
        var record: RecordView? = first
        while let current = record {
            // The next record's memory comes while this one is applied and that one is hashed.
            if let upcoming = scan.upcoming { replayer.prefetch(upcoming) }
            do throws(Divergence) { try replayer.replay(current) } catch { throw .divergence(error) }
            if current.sequence % 65_536 == 0 { progress(current.sequence) }
            record = try Self.next(&scan)
        }
        stateHash = replayer.venue.pendingCause == nil ? StateHash.of(replayer.venue) : nil
        lastSequence = scan.lastSequence
        headHash = scan.headHash
        counts = replayer.counts
    }

    private static func next(_ scan: inout JournalScan) throws(ReplayError) -> RecordView? {
        do throws(JournalError) { return try scan.next() } catch { throw .journal(error) }
    }
}

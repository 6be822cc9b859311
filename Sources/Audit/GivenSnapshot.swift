import Cryptography
import Proof
import Replay
import Wire

/// A snapshot that an auditor was given, as far as it can be held to the log before a commitment bears out its state:
/// it is of this venue, a whole state, and ends with the record that the log has there. Whose bytes they are is not
/// asked, so none of what is wrong with them is a finding.
struct GivenSnapshot {
    let snapshot: StateSnapshot
    private let state: CanonicalState
    /// Root of its state.
    let root: Hash256
    /// Bytes of the genesis record, held to the venue id.
    let genesis: [UInt8]
    private let last: ProvenRecord
    private let next: ProvenRecord?

    /// The record that it ends with.
    var sequence: UInt64 { snapshot.sequence }
    /// Time of that record, ns.
    var time: UInt64 { last.withView { $0.time } }

    /// Why it is not used, and what helps.
    static func refused(_ place: String, _ reason: String) -> SourceError {
        .unreadable("snapshot \(place): \(reason); give an older one, or none: then the audit begins with record 1")
    }

    /// Reads a file or a URL.
    ///
    /// - Parameters:
    ///   - venue: that the first record has to be of.
    ///   - open: the records behind a sequence, each held to its leaf hash where there are any.
    init(
        _ place: String, venue: Hash256, open: (UInt64) throws(SourceError) -> any RecordSource
    ) throws(SourceError) {
        func refused(_ reason: String) -> SourceError { Self.refused(place, reason) }
        guard let genesis = try Self.records(after: 0, count: 1, open).first else {
            throw .unreadable("there is no record")
        }
        do throws(Finding) {
            var history = HistoryCheck(venueId: venue)
            _ = try Self.admit(genesis, &history)
        } catch { throw .finding(error) }
        self.genesis = genesis.bytes
        let message = Array(genesis.bytes[RecordLayout.body..<(RecordLayout.body + GenesisMessage.size)])
        let bytes = try Self.read(place, message)
        do throws(SnapshotRefusal) { snapshot = try StateSnapshot(bytes, genesis: message) } catch {
            throw refused("\(error)")
        }
        do throws(StateError) { state = try CanonicalState(snapshot.state) } catch { throw refused("\(error)") }
        do throws(StateTreeError) { root = try StateTree(state).root(through: snapshot.sequence) } catch {
            throw refused("\(error)")
        }
        let records = try Self.records(after: snapshot.sequence - 1, count: 2, open)
        guard let last = records.first else { throw refused("the log that is read has no record \(snapshot.sequence)") }
        self.last = last
        next = records.dropFirst().first
        guard last.fault() == nil else { throw refused("record \(snapshot.sequence) is none") }
        let isSame = last.withView { record in
            record.hash == snapshot.chainHead && record.epoch == snapshot.epoch && record.time == snapshot.time
                && BehindRecord.nextFeedSequence(record) == snapshot.nextFeedSequence
        }
        guard isSame, snapshot.nextFeedSequence <= BehindRecord.nextFeedSequenceMax else {
            throw refused("it does not end with record \(snapshot.sequence) of this log")
        }
    }

    private static func admit(_ record: ProvenRecord, _ history: inout HistoryCheck) throws(Finding) -> SignatureTask {
        let result: Result<SignatureTask, Finding> = record.bytes.withUnsafeBytes { bytes in
            do throws(Finding) { return .success(try history.admit(bytes)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// Copies of the records behind a sequence, at most so many, each held to its leaf hash.
    static func records(
        after sequence: UInt64, count: Int, _ open: (UInt64) throws(SourceError) -> any RecordSource
    ) throws(SourceError) -> [ProvenRecord] {
        let source = try open(sequence)
        var records: [ProvenRecord] = []
        while records.count < count, let bytes = try source.next() {
            guard bytes.count <= Limits.recordBytesMax else { break }
            let record = ProvenRecord(sequence: sequence + UInt64(records.count) + 1, bytes: Array(bytes))
            try source.check(record.bytes.withUnsafeBytes { LogTree.leaf($0) }, sequence: record.sequence)
            records.append(record)
        }
        return records
    }

    /// The bytes, of which there are at most what the capacities of genesis allow.
    private static func read(_ place: String, _ genesis: [UInt8]) throws(SourceError) -> [UInt8] {
        let most = genesis.withUnsafeBytes { StateSnapshot.bytesMax(genesis: GenesisMessage($0.baseAddress!)) }
        let slash = place.lastIndex(of: "/")
        let directory = slash.map { $0 == place.startIndex ? "/" : String(place[..<$0]) } ?? "."
        let name = slash.map { String(place[place.index(after: $0)...]) } ?? place
        do throws(PublishedFiles.Failure) {
            return try PublishedFiles(directory).read(name, limit: Int(clamping: min(most, 1 << 48)))
        } catch { throw refused(place, error.text) }
    }

    /// The venue as it was behind the record, to go on with. Asked when a commitment bears out the state.
    func history(_ place: String, venue id: Hash256) throws(SourceError) -> HistoryCheck {
        do throws(StateError) { return try BehindRecord.history(state, last, next, venue: id) } catch {
            throw Self.refused(place, "\(error)")
        }
    }
}

import Cryptography
import Proof
import Reference
import Wire

extension EvidenceJudge {
    /// Records that are replayed by `Reference` from the beginning, or from a state that a commitment names: the first
    /// that is not what the rules make of the ones before convicts. When the last one is a commitment, its state root
    /// is compared too.
    func replay(_ exhibits: inout Exhibits) throws(Doubt) -> Conviction {
        let head = try exhibits.head()
        var records = try exhibits.records(in: head)
        var start: (bytes: [UInt8], commitment: Commitment)?
        if exhibits.next == .state {
            let commitment = try commitment(records)
            start = (try exhibits.take(.state), commitment)
            records = try exhibits.records(in: head)
        }
        try exhibits.finish()
        var replay: EvidenceReplay
        if start != nil {
            throw .unproven("a state")
        } else {
            guard records[0].sequence == 1 else {
                throw .unproven("records from \(records[0].sequence) on, and no state")
            }
            replay = EvidenceReplay(venueId: anchors.venue)
        }
        replay.awaited = records.last?.spokenOf
        for record in records {
            if let conviction = try replay.take(record) { return conviction }
        }
        throw .unproven("the records are what the rules make of them")
    }

    /// The one record of a section, which has to be a state commitment that the venue accepted.
    func commitment(_ records: [ProvenRecord]) throws(Doubt) -> Commitment {
        guard records.count == 1, records[0].fault() == nil, let commitment = records[0].commitment() else {
            throw .unproven("record \(records[0].sequence) is no state commitment that the venue accepted")
        }
        return commitment
    }
}

extension ProvenRecord {
    /// The record that this one speaks of, when it is an accepted state commitment.
    var spokenOf: UInt64? { fault() == nil ? commitment()?.through : nil }
}

/// Replays proven records with everything that an audit checks of them.
struct EvidenceReplay: ~Copyable {
    private var history: HistoryCheck
    private var verifier: SignatureVerifier
    private let venueId: Hash256
    private let scratch: UnsafeMutableRawPointer
    /// The record after which the state root is wanted.
    var awaited: UInt64?

    /// Replays from record 1 on.
    init(venueId: Hash256) {
        history = HistoryCheck(venueId: venueId)
        scratch = .allocate(byteCount: SignatureVerifier.scratchBytes, alignment: 64)
        verifier = SignatureVerifier(prefixes: Prefixes(venue: venueId), scratch: scratch)
        self.venueId = venueId
    }

    deinit { scratch.deallocate() }

    /// Takes the next record; returns what it is convicted of.
    mutating func take(_ record: ProvenRecord) throws(Doubt) -> Conviction? {
        do throws(Finding) {
            let task = try take(record.bytes)
            if let conviction = record.fault() { return conviction }
            if let finding = record.withView({ verifier.verify($0, task) }) { throw finding }
        } catch { return try conviction(error) }
        return nil
    }

    private mutating func take(_ bytes: [UInt8]) throws(Finding) -> SignatureTask {
        let result: Result<SignatureTask, Finding> = bytes.withUnsafeBytes { bytes in
            do throws(Finding) { return .success(try history.take(bytes)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// What the venue is to blame for, of what an audit finds.
    private func conviction(_ finding: Finding) throws(Doubt) -> Conviction {
        // Anchors of another venue are not its lie, nor are rules that this program does not know.
        guard finding.verdict != .foreignVenue, finding.verdict != .genesis || finding.sequence != 1,
            let verdict = ConvictionVerdict(rawValue: finding.verdict.rawValue), let sequence = finding.sequence
        else { throw .unproven("\(finding)") }
        return Conviction(verdict, sequence, "the rules make \(finding.expected), the log holds \(finding.found)")
    }

}

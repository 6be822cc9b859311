import Cryptography
import Journal
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
        var replay: EvidenceReplay
        if exhibits.next == .state {
            let commitment = try commitment(records)
            let state = try exhibits.take(.state)
            records = try exhibits.records(in: head)
            if let conviction = start(records[0], commitment) { return conviction }
            replay = try EvidenceReplay(state, commitment, after: records.removeFirst(), next: records.first, anchors)
        } else {
            guard records[0].sequence == 1 else {
                throw .unproven("records from \(records[0].sequence) on, and no state")
            }
            replay = EvidenceReplay(venueId: anchors.venue)
        }
        try exhibits.finish()
        replay.expect(records.last)
        for record in records {
            if let conviction = try replay.take(record) { return conviction }
        }
        throw .unproven("the records are what the rules make of them")
    }

    /// The record that a committed state ends with: what it is convicted of, by itself or by the commitment.
    private func start(_ record: ProvenRecord, _ commitment: StateCommitmentRecord) -> Conviction? {
        if let fault = record.fault() { return fault }
        guard record.sequence == commitment.through else { return nil }
        return commitment.contradicts(hash: record.withView { $0.hash })
    }

    /// The one record of a section, which has to be a state commitment that the venue accepted.
    func commitment(_ records: [ProvenRecord]) throws(Doubt) -> StateCommitmentRecord {
        guard records.count == 1, records[0].fault() == nil, let commitment = records[0].commitment() else {
            throw .unproven("record \(records[0].sequence) is no state commitment that the venue accepted")
        }
        return commitment
    }
}

extension StateCommitmentRecord {
    /// The conviction when the record that it speaks of has another hash than it names.
    func contradicts(hash: Bytes32) -> Conviction? {
        if Hash256(hash) == chainHead { return nil }
        return Conviction(
            .commitmentHead, sequence,
            "it names \(chainHead) as hash of record \(through), which is \(hexadecimal(hash))")
    }
}

/// Replays proven records with everything that an audit checks of them.
struct EvidenceReplay: ~Copyable {
    private var history: HistoryCheck
    private var verifier: SignatureVerifier
    private let scratch: UnsafeMutableRawPointer
    /// The commitment that is the last record, and what the replay found of the record that it speaks of.
    private var expected: StateCommitmentRecord?
    private var spokenOf: (root: Hash256?, hash: Bytes32)?

    /// Replays from record 1 on.
    init(venueId: Hash256) { self.init(HistoryCheck(venueId: venueId), venueId) }

    private init(_ history: consuming HistoryCheck, _ venueId: Hash256) {
        self.history = history
        scratch = .allocate(byteCount: SignatureVerifier.scratchBytes, alignment: 64)
        verifier = SignatureVerifier(prefixes: Prefixes(venue: venueId), scratch: scratch)
    }

    /// Replays from a committed state on.
    ///
    /// - Parameters:
    ///   - bytes: canonical bytes of the state; they have to have the root that the commitment names.
    ///   - last: the record that the state ends with; its structure was checked.
    ///   - next: the record after it.
    init(
        _ bytes: [UInt8], _ commitment: StateCommitmentRecord, after last: ProvenRecord, next: ProvenRecord?,
        _ anchors: Anchors
    ) throws(Doubt) {
        guard last.sequence == commitment.through else {
            throw .unproven("records from \(last.sequence) on, and a state after \(commitment.through)")
        }
        let state: CanonicalState
        do throws(StateError) { state = try CanonicalState(bytes) } catch { throw .unproven("the state: \(error)") }
        // Before trees are made of bytes that anybody may have sent.
        guard StateTree.venueId(of: state) == anchors.venue else { throw .unproven("the state of another venue") }
        let root: Hash256
        do throws(StateTreeError) {
            root = try StateTree(state).root(through: commitment.through)
        } catch { throw .unproven("the state: \(error)") }
        guard root == commitment.stateRoot else {
            throw .unproven("the state is not the one that record \(commitment.sequence) names")
        }
        guard last.withView({ BehindRecord.nextFeedSequence($0) }) <= BehindRecord.nextFeedSequenceMax else {
            throw .unproven("a market-data sequence that cannot be reached")
        }
        let history: HistoryCheck
        do throws(StateError) {
            history = try BehindRecord.history(state, last, next, venue: anchors.venue)
        } catch { throw .unproven("the state: \(error)") }
        self.init(history, anchors.venue)
    }

    deinit { scratch.deallocate() }

    /// Says which record is the last: if it is a commitment, the state that it speaks of is looked at on the way.
    mutating func expect(_ last: ProvenRecord?) {
        guard let last, last.fault() == nil else { return }
        expected = last.commitment()
    }

    /// Takes the next record; returns what it is convicted of.
    mutating func take(_ record: ProvenRecord) throws(Doubt) -> Conviction? {
        do throws(Finding) { try check(record) } catch { return try conviction(error) }
        if let fault = record.fault() { return fault }
        guard let expected else { return nil }
        if record.sequence == expected.through {
            spokenOf = (stateRoot(through: record.sequence), record.withView { $0.hash })
        }
        return record.sequence == expected.sequence ? judge(expected) : nil
    }

    private mutating func check(_ record: ProvenRecord) throws(Finding) {
        let result: Result<Void, Finding> = record.bytes.withUnsafeBytes { bytes in
            do throws(Finding) {
                let task = try history.admit(bytes)
                let view = RecordView(bytes.baseAddress!)
                if let finding = verifier.verify(view, task) { return .failure(finding) }
                return .success(try history.apply(view))
            } catch { return .failure(error) }
        }
        try result.get()
    }

    /// Root of the state as it is; nil when it has none, as while a command is unfinished.
    private func stateRoot(through: UInt64) -> Hash256? {
        history.withVenue { venue in
            guard venue.pendingCause == nil else { return nil }
            return try? StateTree(venue).root(through: through)
        } ?? nil
    }

    private func judge(_ commitment: StateCommitmentRecord) -> Conviction? {
        guard let spokenOf else { return nil }
        if let conviction = commitment.contradicts(hash: spokenOf.hash) { return conviction }
        guard let root = spokenOf.root, root != commitment.stateRoot else { return nil }
        return Conviction(
            .stateRoot, commitment.sequence,
            "the state after record \(commitment.through) has root \(root), the record says \(commitment.stateRoot)")
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

import Cryptography
import Proof
import Wire

/// Why there is nothing to judge.
public enum AccuserError: Error, Sendable, CustomStringConvertible {
    /// Something published cannot be read, or does not hold.
    case unreadable(String)
    /// What was given is not what it should be.
    case given(String)

    public var description: String {
        switch self {
        case .unreadable(let text), .given(let text): text
        }
    }
}

/// What the published checkpoint is to one that somebody kept.
public enum KeptHead: Equatable, Sendable {
    /// It continues the kept one, or is the same: the published tiles prove it.
    case continues
    /// They cannot both be true: the evidence.
    case contradiction(Evidence)
    /// It is of fewer records than the kept one, which the log signed. That convicts nobody: a larger checkpoint may
    /// wait for its witnesses. It is what a log that was set back looks like, too.
    case shorter(published: UInt64, kept: UInt64)
}

/// Makes evidence from what a venue has published, and from what somebody else has kept.
public struct Accuser {
    /// Heads that may be given.
    public static let headsMax = 32
    private let files: PublishedFiles
    private let anchors: Anchors

    /// - Parameter place: directory or URL of what the venue publishes.
    public init(_ place: String, anchors: Anchors) {
        files = PublishedFiles(place)
        self.anchors = anchors
    }

    /// A receipt, and what the log has at its sequence; where it ends before, or has the record in the end, heads that
    /// show that it was not there in time.
    ///
    /// - Parameters:
    ///   - bytes: the file of the receipt.
    ///   - command: message and signature, if the client kept them.
    ///   - kept: signed heads that somebody kept; those that reach the record's sequence are passed over.
    public func evidence(
        receipt bytes: [UInt8], command: [UInt8]? = nil, heads kept: [[UInt8]] = []
    ) throws(AccuserError) -> Evidence {
        let receipt: Receipt
        do throws(ReceiptError) { receipt = try Receipt(bytes) } catch { throw .given("the receipt: \(error)") }
        guard receipt.sequence >= 1 else { throw .given("a receipt for record 0") }
        var short: [[UInt8]] = []
        for head in try checkpoints(kept) where head.checkpoint.size < receipt.sequence { short.append(head.note) }
        let (signed, note) = try latest()
        let head = signed.checkpoint
        guard receipt.sequence <= head.size else {
            if let evidence = wentOn(receipt, bytes, command) { return evidence }
            return .omission(receipt: bytes, command: command, short: short + [note])
        }
        let range: LeafRange
        do throws(LogError) { range = try records(head).leafRange(receipt.sequence) } catch {
            throw .unreadable("\(error)")
        }
        // Another record there is all that has to be shown.
        if short.isEmpty || range.leaves[0] != receipt.leaf.leafHash {
            return .omission(receipt: bytes, command: command, head: note, other: range)
        }
        return .omission(receipt: bytes, command: command, short: short, later: (note, range))
    }

    /// A record, and what shows that it is wrong: that witnesses saw it before the time that it says; or else the
    /// records up to it, to be replayed from the state of the last commitment before it, or from the beginning where
    /// there is none, or none that holds.
    ///
    /// - Parameter kept: signed heads that somebody kept.
    public func evidence(record sequence: UInt64, heads kept: [[UInt8]] = []) throws(AccuserError) -> Evidence {
        let (signed, note) = try readable()
        let head = signed.checkpoint
        guard sequence >= 1, sequence <= head.size else {
            throw .unreadable("records are published up to \(head.size), and not record \(sequence)")
        }
        let log = records(head)
        let own = (try? files.read(CheckpointFiles.path(sequence), limit: SignedNote.bytesMax)).map { [$0] } ?? []
        let heads = try checkpoints(kept) + ((try? checkpoints(own)) ?? []) + [(checkpoint: head, note: note)]
        do throws(LogError) {
            if let evidence = try ahead(sequence, heads, log) { return evidence }
            // A commitment may speak of any earlier record: what it says of it is compared only where the replay
            // begins before that.
            let accused = try log.commitment(sequence)
            if let accused, let evidence = try contradicted(accused, note, log) { return evidence }
            let bound = accused.map { $0.through < sequence ? $0.through + 1 : sequence } ?? sequence
            if let commitment = try log.lastCommitment(before: bound),
                let state = try log.state(of: commitment, venueId: anchors.venue)
            {
                return .replay(
                    head: note, records: try log.range(commitment.through, sequence),
                    state: (state, try log.range(commitment.sequence, commitment.sequence)))
            }
            return .replay(head: note, records: try log.range(1, sequence))
        } catch { throw .unreadable("\(error)") }
    }

    /// Evidence that the log went on without a promised record: the last record of a log that ends before it; nil when
    /// it does not convict.
    private func wentOn(_ receipt: Receipt, _ bytes: [UInt8], _ command: [UInt8]?) -> Evidence? {
        guard let (signed, note) = try? readable(), signed.checkpoint.size >= 1,
            let last = try? records(signed.checkpoint).range(signed.checkpoint.size, signed.checkpoint.size)
        else { return nil }
        let evidence = Evidence.omission(receipt: bytes, command: command, head: note, later: last)
        guard case .convicted? = try? EvidenceJudge(anchors).judge(evidence) else { return nil }
        return evidence
    }

    /// Evidence that a commitment contradicts the record that it speaks of; nil when it does not convict.
    private func contradicted(
        _ commitment: StateCommitmentRecord, _ note: [UInt8], _ log: PublishedRecords
    ) throws(LogError) -> Evidence? {
        var ranges = [try log.range(commitment.sequence, commitment.sequence)]
        if (1..<commitment.sequence).contains(commitment.through) {
            ranges.insert(try log.range(commitment.through, commitment.through), at: 0)
        }
        let evidence = Evidence.records(head: note, ranges)
        guard case .convicted? = try? EvidenceJudge(anchors).judge(evidence) else { return nil }
        return evidence
    }

    /// Evidence that a record is later than witnesses saw it; nil when it does not convict.
    private func ahead(
        _ sequence: UInt64, _ heads: [(checkpoint: Checkpoint, note: [UInt8])], _ log: PublishedRecords
    ) throws(LogError) -> Evidence? {
        var sightings: [(head: [UInt8], record: RecordRange)] = []
        for (head, note) in heads where sequence <= head.size && head.size <= log.size {
            sightings.append((note, try log.range(sequence, sequence, size: head.size)))
        }
        let evidence = Evidence.clock(sightings)
        guard case .convicted(let conviction)? = try? EvidenceJudge(anchors).judge(evidence) else { return nil }
        return conviction.verdict == .timeAhead ? evidence : nil
    }

    /// A balance file whose proof leads to a committed state root, with sums that are not the asset's total. It needs
    /// nothing else that is published.
    public static func evidence(balance bytes: [UInt8], anchors: Anchors) throws(AccuserError) -> Evidence {
        let file: BalanceFile
        do throws(BalanceFileError) { file = try BalanceFile(bytes) } catch { throw .given("\(error)") }
        let (index, note) = (file.inclusion.index, file.inclusion.checkpoint)
        let head: SignedCheckpoint
        do throws(LogError) { head = try SignedCheckpoint(note, logs: anchors.logs) } catch { throw .given("\(error)") }
        guard file.record.count <= RecordRange.recordBytesMax,
            let proof = LeafRange.proof(inclusion: file.inclusion.path, index: index, size: head.checkpoint.size)
        else { throw .given("the record is not proven to be in the log") }
        return .liabilities(
            head: note, commitment: RecordRange(first: index + 1, records: [file.record], proof: proof),
            balance: file.balance.bytes)
    }

    /// The batches of a data availability layer that commitments name, held to the log: the first that differs; nil
    /// when none does.
    ///
    /// - Parameter layer: directory of batches, or URL of a proxy.
    public func evidence(batches layer: String) throws(AccuserError) -> Evidence? {
        let (signed, note) = try readable()
        let head = signed.checkpoint
        var batches = try NamedBatches(layer, files, anchors, note, records(head))
        return try batches.contradiction()
    }

    /// A checkpoint that somebody kept, and the one that is published.
    ///
    /// - Throws: `unreadable` also when the published tiles do not prove whether one continues the other.
    public func comparison(head kept: [UInt8]) throws(AccuserError) -> KeptHead {
        let old: SignedCheckpoint
        do throws(LogError) { old = try SignedCheckpoint(kept, logs: anchors.logs) } catch { throw .given("\(error)") }
        let head = try latest().signed
        let isShorter = head.checkpoint.size < old.checkpoint.size
        let shorter = KeptHead.shorter(published: head.checkpoint.size, kept: old.checkpoint.size)
        let comparison: HeadComparison
        do throws(LogError) { comparison = try HeadComparison(old, head, files) } catch {
            if isShorter { return shorter }
            throw .unreadable("\(error)")
        }
        switch comparison {
        case .contradiction(let evidence): return .contradiction(evidence)
        case .continues: return isShorter ? shorter : .continues
        case .unproven(let text):
            if isShorter { return shorter }
            throw .unreadable(text)
        }
    }

    private func records(_ head: Checkpoint) -> PublishedRecords {
        PublishedRecords(TileReader(PublishedTiles(files), size: head.size))
    }

    /// Heads that were given: the log has signed them, and they are no more than evidence holds.
    private func checkpoints(
        _ notes: [[UInt8]]
    ) throws(AccuserError) -> [(checkpoint: Checkpoint, note: [UInt8])] {
        guard notes.count <= Self.headsMax else { throw .given("more than \(Self.headsMax) heads") }
        var heads: [(checkpoint: Checkpoint, note: [UInt8])] = []
        for note in notes {
            do throws(LogError) {
                heads.append((try SignedCheckpoint(note, logs: anchors.logs).checkpoint, try counting(note)))
            } catch { throw .given("a head: \(error)") }
        }
        return heads
    }

    /// A note with those of its signatures that count and hold: one that does not must not spoil the others.
    private func counting(_ note: [UInt8]) throws(LogError) -> [UInt8] {
        var note = try SignedNote(note)
        let text = note.text
        note.signatures.removeAll { signature in
            !(anchors.logs + anchors.witnesses).contains {
                NoteVerification(signature, by: $0, of: text) != nil
            }
        }
        return note.bytes
    }

    /// The head up to which entries are published: the latest, or a kept one where they come later.
    private func readable() throws(AccuserError) -> (signed: SignedCheckpoint, note: [UInt8]) {
        let newest = try latest()
        guard let size = (try? AuditedHead(files, anchors, size: nil))?.checkpoint.size,
            size != newest.signed.checkpoint.size,
            let bytes = try? files.read(CheckpointFiles.path(size), limit: SignedNote.bytesMax),
            let kept = try? SignedCheckpoint(bytes, logs: anchors.logs), kept.checkpoint.size == size,
            let note = try? counting(bytes)
        else { return newest }
        return (kept, note)
    }

    private func latest() throws(AccuserError) -> (signed: SignedCheckpoint, note: [UInt8]) {
        let bytes: [UInt8]
        do throws(PublishedFiles.Failure) { bytes = try files.read("checkpoint", limit: SignedNote.bytesMax) } catch {
            throw .unreadable(error.text)
        }
        do throws(LogError) {
            return (try SignedCheckpoint(bytes, logs: anchors.logs), try counting(bytes))
        } catch {
            throw .unreadable("the checkpoint: \(error)")
        }
    }
}

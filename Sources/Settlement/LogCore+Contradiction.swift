import Cryptography
import Journal
import Platform
import Proof
import Wire

/// The journal is not the one that was signed: what is kept of that, and how the process ends.
extension LogCore {
    /// Ends with what the journal's reader found, and with evidence where it contradicts what was signed.
    func contradicts(_ error: JournalError) throws(SettlementError) {
        switch error {
        case .historyReplaced, .gap, .noJournal, .damage:
            throw contradiction("the journal is not the one that was signed: \(error)")
        default: throw .journal(error)
        }
    }

    /// Writes the evidence; the error that ends the process.
    func contradiction(_ text: String) -> SettlementError {
        guard let head else { return .contradiction(text, evidence: "nothing: no head was signed yet") }
        // A journal that was exchanged may have another key in force.
        let signer = (try? keys.signer(replayer.venue)) ?? keys.first
        let path = "\(directory)/contradiction-\(head.size)-\(SystemClock.realtimeNanoseconds())"
        let evidence = ContradictionEvidence(
            text: text, head: head, checkpoint: sign(head, signer), venue: context.venue,
            journal: context.settings.journalDirectory, published: context.settings.settlement.published)
        do throws(PlatformError) { try File.replace(path, with: evidence.bytes()) } catch {
            return .contradiction(text, evidence: "no file: \(error)")
        }
        return .contradiction(text, evidence: path)
    }

    /// The published checkpoint has another root than the head of the same size in `signed`. Where the archive has the
    /// note of the latter, both signatures are there, and the file convicts whoever uses the key (`Evidence.md`, kind
    /// 1). It is never signed for that: perhaps it was remembered and not yet signed.
    static func twoHeads(_ own: SignedHead, _ context: FollowerContext, _ keys: LogKeys) -> SettlementError {
        let text = "two heads of size \(own.size) are signed: one is published, one in DATA/settlement/signed"
        let directory = context.settings.settlement.published
        let latest = "\(directory)/checkpoint", kept = "\(directory)/\(CheckpointFiles.path(own.size))"
        let notes = [latest, kept].compactMap(keys.signed(at:)).filter { $0.checkpoint.size == own.size }.map(\.note)
        guard notes.count == 2, notes[0].text != notes[1].text else { return .contradiction(text, evidence: latest) }
        let path = "\(context.settings.settlementDirectory)/equivocation-\(own.size).evidence"
        do throws(PlatformError) {
            try File.replace(path, with: Evidence.equivocation(notes[0].bytes, notes[1].bytes).encoded)
        } catch { return .contradiction(text, evidence: "no file: \(error)") }
        return .contradiction(text, evidence: path)
    }
}

/// What is kept when a journal contradicts a signed head: the head with its signature, what the journal says instead,
/// and the first record that differs with the proof that another one was there. Text; Settlement.md has the format.
struct ContradictionEvidence {
    let text: String
    let head: SignedHead
    let checkpoint: LogCheckpoint
    let venue: VenueIdentity
    let journal: String
    let published: String

    func bytes() -> [UInt8] {
        var lines = ["glassbook contradiction 1", "what \(text)", "venue \(venue.id)"]
        lines.append("time \(SystemClock.realtimeNanoseconds())")
        lines.append("signed-size \(head.size)")
        lines.append("signed-root \(head.root)")
        lines.append("signed-head \(head.chainHead.map(\.hexadecimal) ?? "unknown")")
        lines += journalLines()
        return Array((lines.joined(separator: "\n") + "\n\n").utf8) + checkpoint.note([])
    }

    /// Hashes the journal anew, as far as it holds, and compares each leaf with the tiles.
    private func journalLines() -> [String] {
        let tiles = TileReader(TileDirectory(published), size: head.size)
        var frontier = TreeFrontier()
        var last: UInt64 = 0
        var chainHead = Bytes32.zero
        var different: [String] = []
        var end = "its end"
        do throws(JournalError) {
            var reader = try TailReader.open(directory: journal, from: .sequence(1))
            while last < head.size, let record = try reader.next() {
                let leaf = MerkleHash.leaf(UnsafeRawBufferPointer(start: record.base, count: record.length))
                if different.isEmpty, let signed = try? tiles.hash(level: 0, index: record.sequence - 1),
                    signed != leaf
                {
                    different = difference(record, leaf, signed, tiles)
                }
                frontier.append(leaf)
                (last, chainHead) = (record.sequence, record.hash)
            }
            if last == head.size { end = "more" }
        } catch {
            end = "\(error)"
        }
        var lines = ["journal-records \(last)", "journal-then \(end)", "journal-head \(Hash256(chainHead))"]
        lines.append("journal-root \(frontier.root)")
        return lines + different
    }

    private func difference(
        _ record: RecordView, _ leaf: Hash256, _ signed: Hash256, _ tiles: TileReader
    ) -> [String] {
        var lines = ["differs-at \(record.sequence)", "journal-leaf \(leaf)", "signed-leaf \(signed)"]
        if let proof = try? MerkleTree.inclusionProof(index: record.sequence - 1, size: head.size, tiles),
            MerkleTree.includes(
                signed, index: record.sequence - 1, size: head.size, proof: proof, root: head.root)
        {
            lines += proof.map { "signed-path \($0)" }
        }
        let bytes = UnsafeRawBufferPointer(start: record.base, count: record.length)
        lines.append("journal-record \(Base64.encode(Array(bytes)))")
        return lines
    }
}

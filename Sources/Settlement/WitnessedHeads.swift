import Cryptography
import Platform
import Proof

/// Holds what witnesses remember of this log to what was signed here.
///
/// A witness is believed nothing: what counts is a signature of this log's own key over a head that was not signed
/// here. Then the journal and all that was signed were put back to an older copy, or another settlement plane signs
/// with the same key, and a further signature could be the second one for its size.
struct WitnessedHeads {
    /// What a note is worth.
    enum Judgement {
        /// This log goes on from it.
        case holds
        /// It says nothing: why.
        case worthless(String)
        /// The process ends with this; evidence is written.
        case contradiction(SettlementError)
    }

    private let context: FollowerContext
    private var directory: String { context.settings.settlementDirectory }
    private var published: String { context.settings.settlement.published }

    init(_ context: FollowerContext) { self.context = context }

    /// Judges a note that was fetched before this call: a head is in `signed` before its signature leaves, so what a
    /// witness has of this process is known here by now.
    ///
    /// - Parameter known: a head that was signed here, when one is known; `signed` may have a newer one.
    func judge(_ bytes: [UInt8], of witness: String, known: SignedHead?) -> Judgement {
        // The files are read for each note: a key that the log was rotated to may lie there since a moment ago.
        guard let keys = try? LogKeys(context) else { return .worthless("the keys of the log cannot be read") }
        guard let note = keys.signed(bytes) else {
            return .worthless("its latest checkpoint has no signature of this log's key")
        }
        let witnessed = note.checkpoint
        let stored = (try? SignedHead.load(directory, origin: context.venue.origin)) ?? nil
        let progress = context.checkpoints.head.map { SignedHead(size: $0.size, root: $0.root, chainHead: nil) }
        guard let head = [known, stored, progress].compactMap(\.self).max(by: { $0.size < $1.size }) else {
            return contradiction(
                "\(witness) has a checkpoint of \(witnessed.size) records, and none was signed here", note)
        }
        if witnessed.size > head.size {
            return contradiction(
                "\(witness) has a checkpoint of \(witnessed.size) records, and only \(head.size) are signed here",
                note)
        }
        if witnessed.size == head.size {
            return witnessed.root == head.root ? .holds : otherRoot(witness, note, keys)
        }
        return witnessed.size == 0 ? .holds : compare(witness, note, head, keys)
    }

    /// A checkpoint that is smaller than the head: its root is in the tiles.
    private func compare(
        _ witness: String, _ note: SignedCheckpoint, _ head: SignedHead, _ keys: LogKeys
    ) -> Judgement {
        let size = note.checkpoint.size
        let root: Hash256, proof: [Hash256]
        do throws(LogError) {
            let tiles = TileReader(TileDirectory(published), size: head.size)
            root = try MerkleTree.root(size: size, tiles)
            if root == note.checkpoint.root { return .holds }
            proof = try MerkleTree.consistencyProof(old: size, size: head.size, tiles)
        } catch { return .worthless("its checkpoint of \(size) records cannot be compared: \(error)") }
        // Only tiles that lead to the signed head say what the root was.
        let roots = MerkleTree.consistencyRoots(old: size, oldRoot: root, size: head.size, proof: proof)
        guard let roots, roots.old == root, roots.new == head.root else {
            return .worthless("its checkpoint of \(size) records cannot be compared: the tiles lack the head's root")
        }
        let claim = ConsistencyClaim(oldSize: size, oldRoot: root, proof: proof)
        let newer = kept(head.size, keys).flatMap { $0.checkpoint.root == head.root ? ($0.note.bytes, claim) : nil }
        return otherRoot(witness, note, keys, newer: newer)
    }

    /// Another root than this log has at that size. Where the note of it was kept, or that of a newer head which proves
    /// it, two signatures stand against each other: that convicts who uses the key. Nothing is signed for it.
    private func otherRoot(
        _ witness: String, _ note: SignedCheckpoint, _ keys: LogKeys, newer: ([UInt8], ConsistencyClaim)? = nil
    ) -> Judgement {
        let size = note.checkpoint.size
        var evidence: (name: String, file: Evidence)?
        if let own = kept(size, keys), own.checkpoint.root != note.checkpoint.root {
            evidence = ("equivocation-\(size).evidence", .equivocation(own.note.bytes, note.note.bytes))
        } else if let (head, claim) = newer {
            evidence = ("rewritten-\(size).evidence", .rewrittenHistory(old: note.note.bytes, new: head, claim: claim))
        }
        return contradiction(
            "\(witness) has a checkpoint of \(size) records with another root than was signed here", note, evidence)
    }

    /// The kept checkpoint of a size, if a key of this log has signed it.
    private func kept(_ size: UInt64, _ keys: LogKeys) -> SignedCheckpoint? {
        let path = "\(published)/\(CheckpointFiles.path(size))"
        guard let signed = keys.signed(at: path), signed.checkpoint.size == size else { return nil }
        return signed
    }

    private func contradiction(
        _ found: String, _ note: SignedCheckpoint, _ evidence: (name: String, file: Evidence)? = nil
    ) -> Judgement {
        let text = "witness \(found), signed by this log's key: \(Self.causes)"
        // Named by what it says: a process that is started again and again writes one file.
        let digest = Sha256.hash(Array(note.note.text.utf8)).hexadecimal.prefix(16)
        var files = [("\(directory)/witnessed-\(note.checkpoint.size)-\(digest)", note.note.bytes)]
        if let evidence { files.append(("\(directory)/\(evidence.name)", evidence.file.encoded)) }
        do throws(PlatformError) { for (path, bytes) in files { try File.replace(path, with: bytes) } } catch {
            return .contradiction(.contradiction(text, evidence: "no file: \(error)"))
        }
        return .contradiction(.contradiction(text, evidence: files.map(\.0).joined(separator: " and ")))
    }

    private static let causes = """
        either the journal and what was signed were put back to an older copy, or another settlement plane signs with \
        this key. Nothing more is signed. Stop the other one, or bring back the newest journal, DATA/settlement and \
        published files; Settlement.md says more under Witnesses
        """
}

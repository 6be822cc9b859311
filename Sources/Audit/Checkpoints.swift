import Cryptography
import Proof

/// The checkpoints that a venue published, checked one after the other as the tree over the records grows: signature,
/// root, cosignatures, times.
///
/// The records are one tree, so checkpoints whose roots are those of its sizes are consistent with each other.
struct Checkpoints {
    private let files: PublishedFiles
    private let anchors: Anchors
    /// Nanoseconds that clocks of venue and witnesses may differ.
    private let skew: UInt64
    /// The latest checkpoint; its signature holds.
    let latest: SignedCheckpoint
    /// Sizes of the checkpoints that are asked for, ascending.
    private var sizes: [UInt64]
    private var next = 0
    private(set) var checked: UInt64 = 0
    private(set) var cosignatures: UInt64 = 0
    /// Size of the largest whose root is that of the records; nil when there is none.
    private(set) var reachedSize: UInt64?
    /// Records that came into a cosigned checkpoint later than promised: how many checkpoints have such, and the worst.
    private(set) var late: (checkpoints: UInt64, seconds: UInt64) = (0, 0)
    /// Time of the first record behind the last cosigned checkpoint, ns.
    private var firstOpenTime: UInt64?
    /// Seconds within which a receipt promises inclusion.
    var promiseSeconds: UInt64 = .max

    /// Which of them there are.
    let kept: KeptCheckpoints
    /// Sizes that are asked for though they are not among these, because a commitment names them, or the latest
    /// checkpoint is of that size: none of them need be kept.
    private var others: Set<UInt64>
    /// Those of committed sizes that are there and not listed.
    private(set) var unlisted: [UInt64] = []

    /// Reads the latest checkpoint, and which others there are.
    init(_ files: PublishedFiles, _ anchors: Anchors, skewSeconds: UInt64) throws(SourceError) {
        (self.files, self.anchors) = (files, anchors)
        skew = skewSeconds * 1_000_000_000
        latest = try Self.latest(files, anchors)
        let size = latest.checkpoint.size
        kept = KeptCheckpoints(files, latest: size)
        guard size > 0 else { throw .unreadable("the latest checkpoint is of an empty log") }
        others = Set([size]).subtracting(kept.sizes)
        sizes = others.union(kept.sizes).sorted()
    }

    /// Before the first record: sizes to ask for where files cannot be listed.
    mutating func expect(committed: [UInt64]) {
        guard files.isRemote else { return }
        others.formUnion(Set(committed.filter { $0 > 0 && $0 <= latest.checkpoint.size }).subtracting(kept.sizes))
        sizes = others.union(kept.sizes).sorted()
    }

    /// Passes over checkpoints of fewer records; returns how many of those are kept.
    mutating func pass(below size: UInt64) -> Int {
        let passed = sizes[next...].prefix { $0 < size }
        next += passed.count
        return passed.filter { !others.contains($0) }.count
    }

    /// Bytes of a checkpoint file at most.
    private static let bytesMax = 65_536

    /// Reads the latest checkpoint.
    static func latest(_ files: PublishedFiles, _ anchors: Anchors) throws(SourceError) -> SignedCheckpoint {
        let bytes = try latestBytes(files)
        do throws(Finding) { return try signed(bytes, "checkpoint", anchors) } catch { throw .finding(error) }
    }

    /// The latest checkpoint as it stands there.
    static func latestBytes(_ files: PublishedFiles) throws(SourceError) -> [UInt8] {
        do throws(PublishedFiles.Failure) { return try files.read("checkpoint", limit: bytesMax) } catch {
            throw .unreadable("checkpoint: \(error.text)")
        }
    }

    /// Reads a checkpoint and checks the log's signature, then those of the witnesses.
    static func signed(_ bytes: [UInt8], _ name: String, _ anchors: Anchors) throws(Finding) -> SignedCheckpoint {
        do throws(LogError) {
            let signed = try SignedCheckpoint(bytes, logs: anchors.logs)
            guard signed.checkpoint.extensions.isEmpty else {
                throw .malformed("the checkpoint", expected: "three lines")
            }
        } catch {
            let keys = anchors.logs.map(\.description).joined(separator: " or ")
            throw Finding(.checkpoint, nil, expected: "\(name) signed by \(keys)", found: "\(error)")
        }
        do throws(LogError) {
            return try SignedCheckpoint(bytes, logs: anchors.logs, witnesses: anchors.witnesses)
        } catch {
            throw Finding(.cosignature, nil, expected: "cosignatures of \(name) that hold", found: "\(error)")
        }
    }

    /// Size of the next checkpoint; nil when there is none.
    var nextSize: UInt64? { next < sizes.count ? sizes[next] : nil }

    /// Takes the time of a record that follows the last cosigned checkpoint.
    mutating func passed(time: UInt64) { if firstOpenTime == nil { firstOpenTime = time } }

    /// The tree has `nextSize` leaves, this root, its last record this time, ns, and the log this key after it.
    mutating func reached(root: Hash256, time: UInt64, key: PublicKey?) throws(SourceError) {
        let size = sizes[next]
        next += 1
        let key = key.flatMap { VerifierKey(name: anchors.origin, kind: .ed25519, key: $0) }
        if size == latest.checkpoint.size { try check(latest, "checkpoint", root: root, time: time, key: key) }
        guard let (name, signed) = try keptCheckpoint(size, key: key) else { return }
        try check(signed, name, root: root, time: time, key: key)
    }

    private mutating func check(
        _ signed: SignedCheckpoint, _ name: String, root: Hash256, time: UInt64, key: VerifierKey?
    ) throws(SourceError) {
        let checkpoint = signed.checkpoint
        if let key, !Self.isSigned(signed.note, by: key) {
            let keys = signed.logs.map(\.description).joined(separator: ", ")
            throw fail(.checkpoint, checkpoint.size, "\(name) signed by the log key in force, \(key)", "by \(keys)")
        }
        guard checkpoint.root == root else {
            throw fail(.checkpointRoot, checkpoint.size, "root \(root) in \(name)", "\(checkpoint.root)")
        }
        try checkWitnesses(signed, name, time: time)
        reachedSize = checkpoint.size
        if let seen = signed.witnesses.compactMap(\.time).min() { noteLateness(seen) }
    }

    /// The kept checkpoint of a size, its signatures checked; nil when there need not be one, and is none.
    ///
    /// - Parameter key: the log key in force there, if it is known.
    private mutating func keptCheckpoint(
        _ size: UInt64, key: VerifierKey?
    ) throws(SourceError) -> (name: String, signed: SignedCheckpoint)? {
        let name = CheckpointFiles.path(size)
        let bytes: [UInt8]
        do throws(PublishedFiles.Failure) { bytes = try files.read(name, limit: Self.bytesMax) } catch {
            if case .missing = error, others.contains(size) { return nil }
            throw .unreadable(error.text)
        }
        if others.contains(size), size < latest.checkpoint.size { unlisted.append(size) }
        do throws(Finding) {
            let signed = try Self.signed(bytes, name, anchors)
            guard signed.checkpoint.size == size else {
                throw Finding(
                    .checkpoint, size, expected: "\(name) of size \(size)", found: "\(signed.checkpoint.size)")
            }
            return (name, signed)
        } catch {
            if let key, !anchors.logs.contains(key), let note = try? SignedNote(bytes), Self.isSigned(note, by: key) {
                throw .unreadable(
                    "\(name) is signed by the log key that was in force: the anchors need a line log \(key)"
                )
            }
            var finding = error
            finding.sequence = size
            throw .finding(finding)
        }
    }

    // MARK: Behind the records

    /// What came of the checkpoints behind the records.
    struct Later {
        /// Sizes that there are, and the largest.
        var count = 0, last: UInt64 = 0
        /// What does not hold, or cannot be read.
        var errors: [SourceError] = []
    }

    /// The records end here: checkpoints of more have to continue this tree, as the published hash tiles prove.
    ///
    /// - Parameters:
    ///   - tiles: where the hash tiles are.
    ///   - time: that of the last record, ns.
    mutating func checkLater(size: UInt64, root: Hash256, time: UInt64, tiles: PublishedFiles) -> Later {
        var result = Later()
        var later: [(name: String, signed: SignedCheckpoint)] = []
        while let size = nextSize {
            next += 1
            if size == latest.checkpoint.size { later.append(("checkpoint", latest)) }
            do throws(SourceError) {
                if let kept = try keptCheckpoint(size, key: nil) { later.append(kept) }
            } catch { result.errors.append(error) }
        }
        guard let last = later.last?.signed.checkpoint else { return result }
        result.count = Set(later.map(\.signed.checkpoint.size)).count
        result.last = last.size
        // All of them are held to the largest, so its tiles are read once.
        let reader = TileReader(PublishedTiles(tiles), size: last.size)
        do throws(SourceError) {
            if try !isContinued(size, root, by: last, reader) {
                let expected = "a root that continues \(size) records of root \(root)"
                throw fail(.checkpointRoot, last.size, expected, "\(last.root)")
            }
            for (name, signed) in later {
                let checkpoint = signed.checkpoint
                if try !isContinued(checkpoint.size, checkpoint.root, by: last, reader) {
                    let expected = "a root in \(name) that the one of size \(last.size) continues"
                    throw fail(.checkpointRoot, checkpoint.size, expected, "\(checkpoint.root)")
                }
                try checkWitnesses(signed, name, time: time)
            }
        } catch { result.errors.append(error) }
        return result
    }

    /// Whether the tiles lead from a tree to a larger one.
    ///
    /// - Throws: also when they do not lead to the larger one at all.
    private func isContinued(
        _ size: UInt64, _ root: Hash256, by last: Checkpoint, _ reader: TileReader
    ) throws(SourceError) -> Bool {
        let found: Hash256
        do throws(LogError) {
            let proof = try MerkleTree.consistencyProof(old: size, size: last.size, reader)
            let isConsistent = MerkleTree.isConsistent(
                old: size, oldRoot: root, size: last.size, root: last.root, proof: proof)
            if isConsistent { return true }
            found = try MerkleTree.root(size: last.size, reader)
        } catch { throw .unreadable("checkpoints of \(size) records and more: \(error)") }
        guard found == last.root else {
            throw fail(.tile, last.size, "hash tiles of root \(last.root) at size \(last.size)", "root \(found)")
        }
        return false
    }

    private static func isSigned(_ note: SignedNote, by key: VerifierKey) -> Bool {
        note.signatures.contains { NoteVerification($0, by: key, of: note.text) != nil }
    }

    private func fail(_ verdict: Verdict, _ size: UInt64, _ expected: String, _ found: String) -> SourceError {
        .finding(Finding(verdict, size, expected: expected, found: found))
    }

    /// What is asked of a checkpoint that holds otherwise, when the last record that was read has this time, ns.
    private mutating func checkWitnesses(
        _ signed: SignedCheckpoint, _ name: String, time: UInt64
    ) throws(SourceError) {
        let size = signed.checkpoint.size
        if signed == latest, signed.witnesses.count < anchors.quorum {
            throw fail(.quorum, size, "\(anchors.quorum) cosignatures of \(name)", "\(signed.witnesses.count)")
        }
        for seconds in signed.witnesses.compactMap(\.time) {
            let (witnessed, isFar) = (min(seconds, 1 << 33) + 1).multipliedReportingOverflow(by: 1_000_000_000)
            guard isFar || time <= witnessed.addingReportingOverflow(skew).partialValue else {
                throw fail(
                    .timeAhead, size, "a time up to \(seconds) s, when a witness saw \(name)", "\(time) ns")
            }
        }
        checked += 1
        cosignatures += UInt64(signed.witnesses.count)
    }

    private mutating func noteLateness(_ seen: UInt64) {
        if let open = firstOpenTime {
            let waited = seen.subtractingReportingOverflow(open / 1_000_000_000)
            if !waited.overflow,
                waited.partialValue > promiseSeconds.addingReportingOverflow(skew / 1_000_000_000).partialValue
            {
                late = (late.checkpoints + 1, max(late.seconds, waited.partialValue))
            }
        }
        firstOpenTime = nil
    }
}

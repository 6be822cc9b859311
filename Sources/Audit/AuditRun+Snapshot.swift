import Cryptography
import Platform
import Proof
import Replay
import Wire

/// An audit that begins behind a record, with a state that the log commits to; and the state that the next one may
/// begin with.
extension AuditRun {
    /// Reads the snapshot that was given; nil without one.
    func readSnapshot() throws(SourceError) -> GivenSnapshot? {
        guard let place = options.snapshot else { return nil }
        if case .batches = options.source { throw .unreadable("a snapshot goes with a journal or tiles") }
        guard options.feed == nil else {
            throw .unreadable("feed: it is compared from record 1 on, without a snapshot")
        }
        return try GivenSnapshot(place, venue: options.anchors.venue) { (after) throws(SourceError) in
            try open(isFirst: false, after: after)
        }
    }

    /// Begins behind the snapshot's record.
    ///
    /// - Parameter index: what the first walk found behind it.
    mutating func begin(behind given: GivenSnapshot, _ index: CommitmentIndex) throws(SourceError) {
        let place = options.snapshot!
        try compare(given, index)
        history = try given.history(place, venue: options.anchors.venue)
        commitments = Commitments(index, head: given.snapshot.chainHead, root: given.root)
        logKeys = LogKeyHistory(after: given.sequence, history.venue!)
        if options.saveSnapshot != nil { saved = given.snapshot }
        try beginTree(given)
        lastTime = given.time
        let passed = checkpoints?.pass(below: given.sequence) ?? 0
        if passed > 0 {
            report.notes.append("\(passed) kept checkpoints of fewer than \(given.sequence) records were not checked")
        }
        given.genesis.withUnsafeBytes { begin($0) }
        report.startedBehind = given.sequence
        if tree.isWhole, checkpoints?.nextSize == tree.size { try reached(given.time) }
    }

    /// Holds the snapshot to the commitment that speaks of its record, before anything is made of it. The commitment is
    /// checked with all others when it comes; here its bytes are held to their leaf hash.
    private func compare(_ given: GivenSnapshot, _ index: CommitmentIndex) throws(SourceError) {
        let place = options.snapshot!
        func refused(_ reason: String) -> SourceError { GivenSnapshot.refused(place, reason) }
        guard let commitment = index.ofStart else {
            // Unless it was there, and what stands in its place now is not what the log holds.
            try holdToLeaves(after: given.sequence)
            throw refused(
                "no commitment in records \(given.sequence + 1) to \(index.records) speaks of record \(given.sequence)")
        }
        let found = try GivenSnapshot.records(after: commitment.sequence - 1, count: 1) { (after) throws(SourceError) in
            try open(isFirst: false, after: after)
        }
        guard found.first.flatMap({ StateCommitmentRecord($0.bytes) }) == commitment else {
            throw refused("record \(commitment.sequence) is not what was read before")
        }
        guard commitment.stateRoot == given.root, commitment.chainHead == Hash256(given.snapshot.chainHead) else {
            throw refused(
                "its state has root \(given.root), and record \(commitment.sequence) commits to "
                    + "\(commitment.stateRoot)")
        }
    }

    /// Compares all records behind a sequence with what the source was told of their leaves.
    private func holdToLeaves(after sequence: UInt64) throws(SourceError) {
        let source = try open(isFirst: false, after: sequence)
        var next = sequence + 1
        while let bytes = try source.next() {
            try source.check(LogTree.leaf(bytes), sequence: next)
            next += 1
        }
    }

    /// The tree as it was at that record: its complete subtrees, out of the hash tiles, which are held to the root that
    /// is signed.
    private mutating func beginTree(_ given: GivenSnapshot) throws(SourceError) {
        var walk: TileWalk?
        if let head, let place = options.tilesPlace {
            walk = try TileWalk(PublishedFiles(place), size: head.checkpoint.size, root: head.checkpoint.root)
        } else if let checkpoints, let place = options.checkpointPlace {
            let latest = checkpoints.latest.checkpoint
            if latest.size >= given.sequence {
                walk = try TileWalk(PublishedFiles(place), size: latest.size, root: latest.root)
            }
        }
        tree = LogTree(size: given.sequence, try walk?.subtrees(of: given.sequence))
    }

    /// Keeps the state that the last commitment speaks of.
    mutating func keepState(_ record: RecordView) {
        guard options.saveSnapshot != nil, commitments.isLast(record.sequence), history.venue!.pendingCause == nil
        else { return }
        saved = StateSnapshot(of: history.venue!, after: record, nextFeedSequence: history.nextFeedSequence)
    }

    // MARK: The end

    /// Says behind what the audit began, and by what right.
    mutating func finishStart() {
        guard let start = report.startedBehind else { return }
        report.startCommitment = commitments.basis
        if commitments.earlier > 0 {
            report.notes.append("\(commitments.earlier) commitments of records before \(start) were not compared")
        }
        if commitments.earlierData > 0 {
            report.notes.append(
                "data of \(commitments.earlierData) commitments, before the first batch of this audit, was not compared"
            )
        }
        guard report.finding == nil else { return }
        guard let basis = commitments.basis else {
            report.notChecked.append(
                "the state behind record \(start): the commitment that speaks of it was not reached")
            return
        }
        // Tiles are those of a signed checkpoint, and each record was held to them.
        guard case .journal = options.source else { return }
        if !options.checksCheckpoints {
            report.notes.append(
                "without checkpoints nothing but the snapshot says whose keys those in it are: all of this is worth "
                    + "what the snapshot is worth")
        } else if report.checkpointSize ?? 0 < basis {
            report.notChecked.append(
                "the state behind record \(start): its commitment, record \(basis), is in no checkpoint")
        }
    }

    /// Writes the state that tomorrow's audit begins with, when all of today's holds.
    mutating func saveState() {
        guard let path = options.saveSnapshot, report.exitStatus == 0 else { return }
        guard let saved else {
            report.notChecked.append("no snapshot was written: there is no commitment whose state it could hold")
            return
        }
        do throws(PlatformError) {
            try File.replace(path, with: saved.bytes)
            report.savedThrough = saved.sequence
        } catch { report.notChecked.append("no snapshot was written: \(error)") }
    }
}

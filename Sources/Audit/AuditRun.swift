import Cryptography
import Platform
import Proof
import Replay
import Wire

/// One audit under way: a first walk for what commitments speak of; then reads, copies, replays, hands over to workers,
/// and takes back in order.
struct AuditRun: ~Copyable {
    let options: Audit.Options
    var report = AuditReport()
    var history: HistoryCheck
    var commitments = Commitments(CommitmentIndex())
    var checkpoints: Checkpoints?
    private var data: DataCheck?
    private var feed: FeedCheck?
    var tree = LogTree()
    var logKeys = LogKeyHistory()
    private let crew: WorkCrew
    private var free: [RecordBatch] = []
    private var source: (any RecordSource)?
    /// Where tiles are read, for both walks.
    private(set) var head: AuditedHead?
    /// Bundles that the first walk has fetched over a network.
    private var fetched: FetchedBundles?
    /// Time of the last record that was hashed, ns.
    var lastTime: UInt64 = 0
    /// The state for the next audit.
    var saved: StateSnapshot?

    init(_ options: Audit.Options) {
        self.options = options
        history = HistoryCheck(venueId: options.anchors.venue)
        crew = WorkCrew(workers: max(options.workers, 1))
        for _ in 0..<crew.batches { free.append(RecordBatch()) }
    }

    /// Runs to the end, or to the first failure.
    mutating func run() -> AuditReport {
        let start = ContinuousClock.now
        do throws(SourceError) {
            // Before the records: what a venue at work adds from here on is the next audit's. A record that the latest
            // checkpoint speaks of is in the journal by now.
            try chooseHead()
            let problem = openCheckpoints()
            let given = try readSnapshot()
            let (index, isWhole) = try walk(after: given?.sequence ?? 0)
            commitments = Commitments(index)
            if let problem { try take(problem) }
            checkpoints?.expect(committed: index.through)
            if let given { try begin(behind: given, index) }
            try openData(index)
            if let path = options.feed { feed = try FeedCheck(path) }
            try read(index, isWhole: isWhole)
        } catch {
            note(explained(error))
        }
        while let done = crew.takeBack(waiting: true) { accept(done) }
        crew.stop()
        finish()
        report.seconds = (ContinuousClock.now - start) / .seconds(1)
        return report
    }

    // MARK: Sources

    private mutating func chooseHead() throws(SourceError) {
        guard case .tiles(let place) = options.source else { return }
        head = try AuditedHead(PublishedFiles(place), options.anchors, size: options.size)
    }

    /// - Parameters:
    ///   - isFirst: for the walk that only looks for what commitments speak of.
    ///   - after: the record before the first that is handed out.
    func open(isFirst: Bool, after: UInt64) throws(SourceError) -> any RecordSource {
        switch options.source {
        case .journal(let directory): return try JournalSource(directory: directory, after: after)
        case .tiles(let place):
            return try TileSource(
                PublishedFiles(place), checkpoint: head!.checkpoint, fetched: fetched, after: after,
                checksTiles: !isFirst)
        case .batches(let place):
            return try BatchRecords(place, certificates: options.published, venue: options.anchors.venue)
        }
    }

    /// A latest checkpoint that no log key of the anchors has signed is no fraud when they rotated to the one that did.
    private func explained(_ error: SourceError) -> SourceError {
        guard case .finding(let finding) = error, finding.verdict == .checkpoint, finding.sequence == nil,
            let place = options.checkpointPlace ?? options.tilesPlace,
            let bytes = try? Checkpoints.latestBytes(PublishedFiles(place)),
            let source = try? unheld(bytes), let unknown = UnknownLogKey(signing: bytes, options.anchors, source)
        else { return error }
        return .unreadable(
            "checkpoint: signed by the key that record \(unknown.sequence) rotates the log to: the anchors need a line "
                + "log \(unknown.key)")
    }

    /// The records, whatever their checkpoint is signed by.
    private func unheld(_ checkpoint: [UInt8]) throws -> any RecordSource {
        switch options.source {
        case .journal(let directory): return try JournalSource(directory: directory)
        case .tiles(let place):
            let checkpoint = try Checkpoint(text: try SignedNote(checkpoint).text)
            return try TileSource(PublishedFiles(place), checkpoint: checkpoint)
        case .batches(let place):
            return try BatchRecords(place, certificates: options.published, venue: options.anchors.venue)
        }
    }

    /// The first walk: only what commitments speak of is remembered. What is wrong is found in the second.
    ///
    /// - Returns: also whether it came to the end, and not to something that is wrong.
    private mutating func walk(after: UInt64) throws(SourceError) -> (index: CommitmentIndex, isWhole: Bool) {
        if let place = options.tilesPlace, PublishedFiles(place).isRemote {
            fetched = FetchedBundles(first: after / 256)
        }
        var index = CommitmentIndex(after: after), isWhole = true
        do throws(SourceError) {
            let source = try open(isFirst: true, after: after)
            while let bytes = try source.next() { index.take(bytes) }
        } catch {
            // Without the commitment of the start nothing behind it can be concluded.
            if index.records == after || after > 0 && index.ofStart == nil { throw error }
            isWhole = false
        }
        index.finish()
        return (index, isWhole)
    }

    /// Reads the latest checkpoint, where they are asked for. Returns what is wrong with it.
    private mutating func openCheckpoints() -> SourceError? {
        guard options.checksCheckpoints else { return nil }
        guard let place = options.checkpointPlace else { return .unreadable("--published says where they are") }
        do throws(SourceError) {
            checkpoints = try Checkpoints(PublishedFiles(place), options.anchors, skewSeconds: options.skewSeconds)
            return nil
        } catch { return error }
    }

    /// What is wrong with the latest checkpoint, said after what is wrong with the records.
    private mutating func take(_ problem: SourceError) throws(SourceError) {
        guard case .unreadable(let reason) = problem else { throw problem }
        report.notChecked.append("checkpoints: \(reason)")
    }

    private mutating func openData(_ index: CommitmentIndex) throws(SourceError) {
        guard let place = options.dataPlace else {
            if options.data != nil { throw .unreadable("batches: say where their certificates are published") }
            return
        }
        data = DataCheck(
            PublishedFiles(place), layer: try options.data.map(DataCheck.layer), venue: options.anchors.venue)
        if index.start > 0 { data!.begin(behind: index.data) }
    }

    // MARK: Records

    /// - Parameters:
    ///   - index: of the first walk.
    ///   - isWhole: whether that has seen all records: what comes behind them is newer.
    private mutating func read(_ index: CommitmentIndex, isWhole: Bool) throws(SourceError) {
        let total = index.records
        let source = try open(isFirst: false, after: index.start)
        self.source = source
        var progress = ProgressTeller(total: source.total ?? total, before: index.start, options.progress)
        var batch = takeFree()
        batch.begin(first: index.start + 1)
        defer { if batch.count > 0 { crew.hand(batch) } }
        while report.finding == nil, let bytes = try source.next() {
            let sequence = history.nextSequence
            if isWhole, sequence > total {
                // Below a checkpoint nothing is newer: these could not be read by the first walk.
                if let all = source.total { report.notChecked.append("records \(sequence) to \(all): late") }
                break
            }
            guard bytes.count <= Limits.recordBytesMax else {
                let found = "\(bytes.count) bytes"
                throw .finding(Finding(.recordStructure, sequence, expected: "a record", found: found))
            }
            let copy = batch.copy(bytes)
            do throws(Finding) {
                batch.keep(copy, try history.admit(copy))
                if sequence == 1 { begin(copy) }
                // A worker looks at the record in any case: a forged command is one, whatever its effects are.
                let record = RecordView(copy.baseAddress!)
                try history.apply(record)
                logKeys.take(record, history.venue!)
                try checkSayings(record)
            } catch {
                // What the source was told of the leaf says whether the log holds this, or only its copy.
                try source.check(LogTree.leaf(copy), sequence: sequence)
                throw .finding(error)
            }
            progress.reached(sequence)
            if batch.isFull {
                crew.hand(batch)
                batch = takeFree()
                batch.begin(first: history.nextSequence)
            }
        }
    }

    /// Once the venue is known, whose prefixes are signed.
    mutating func begin(_ genesis: UnsafeRawBufferPointer) {
        let message = GenesisMessage(RecordView(genesis.baseAddress!).command)
        checkpoints?.promiseSeconds = UInt64(message.promiseSeconds)
        crew.start(
            BatchOptions(prefixes: Prefixes(venue: history.venueId), checksSignatures: options.checksSignatures))
    }

    /// What was said about the records, and what follows from them elsewhere.
    private mutating func checkSayings(_ record: RecordView) throws(Finding) {
        try data?.take(record)
        try feed?.take(record)
        try commitments.passed(record, history.venue!)
        keepState(record)
        guard let commitment = StateCommitmentRecord(record) else { return }
        let (data, batches) = (data, source as? BatchRecords)
        try commitments.check(commitment) { data?.digest(through: $0) ?? batches?.digest(through: $0) }
    }

    // MARK: What workers found

    private mutating func takeFree() -> RecordBatch {
        while let done = crew.takeBack(waiting: free.isEmpty) { accept(done) }
        return free.removeLast()
    }

    /// Takes what a worker found, in the order of the records.
    private mutating func accept(_ batch: RecordBatch) {
        if let finding = batch.finding { note(.finding(finding)) }
        for (index, leaf) in batch.leaves.enumerated() {
            tree.append(leaf)
            let time = batch.record(index).time
            do throws(SourceError) {
                try source?.check(leaf, sequence: tree.size)
                lastTime = time
                checkpoints?.passed(time: time)
                if tree.isWhole, checkpoints?.nextSize == tree.size { try reached(time) }
            } catch { note(error) }
        }
        report.counts.add(batch.counts)
        free.append(batch)
    }

    mutating func reached(_ time: UInt64) throws(SourceError) {
        try checkpoints?.reached(root: tree.root, time: time, key: logKeys.key(at: tree.size))
    }

    private mutating func note(_ error: SourceError) {
        switch error {
        case .unreadable(let reason): report.notChecked.append(reason)
        case .finding(let finding):
            if let other = report.finding, !finding.precedes(other) { return }
            report.finding = finding
        }
    }

    // MARK: The end

    private mutating func finish() {
        guard tree.size > 0 else {
            if report.finding == nil, report.notChecked.isEmpty { report.notChecked.append("there is no record") }
            return
        }
        report.venueId = history.venueId.hexadecimal
        report.chainHead = hexadecimal(history.chain.head)
        if tree.isWhole { report.logRoot = tree.root.hexadecimal }
        report.counts.commitments = commitments.checked
        if commitments.unknownData > 0 {
            report.notChecked.append(
                "data of \(commitments.unknownData) commitments: no batch that ends there was found")
        }
        report.counts.batches = data?.checked ?? (source as? BatchRecords)?.count ?? 0
        if let unread = data?.unread { report.notChecked.append("\(unread.count) batches: \(unread.reason)") }
        if let data, options.data != nil { finishData(data) }
        report.counts.feedMessages = feed?.checked ?? 0
        if let reason = feed?.atEnd() { report.notChecked.append("feed: \(reason)") }
        if let note = source?.note { report.notes.append(note) }
        if let note = head?.note { report.notes.append(note) }
        if let reason = source?.unchecked { report.notChecked.append(reason) }
        finishCheckpoints()
        finishStart()
        saveState()
    }

    /// The layer's bytes were asked for: says how far they were compared, and that a venue that publishes no
    /// certificate, or one of a batch without end, has shown nothing.
    private mutating func finishData(_ data: DataCheck) {
        report.dataThrough = data.fetched.through
        if data.fetched.count == 0 { report.notChecked.append("batches: none that a certificate names was compared") }
        if let (first, last) = data.unfinished {
            report.notChecked.append("the batch of records \(first) to \(last): the records end before it does")
        }
    }

    private mutating func finishCheckpoints() {
        guard let checkpoints else { return }
        report.counts.checkpoints = checkpoints.checked
        report.counts.cosignatures = checkpoints.cosignatures
        report.notChecked += checkpoints.kept.notChecked
        report.notes += checkpoints.kept.notes
        if let first = checkpoints.unlisted.first {
            report.notChecked.append(
                "checkpoints of \(first) records and more are there, and not in \(CheckpointFiles.index)")
        }
        if checkpoints.late.checkpoints > 0 {
            report.notes.append(
                "\(checkpoints.late.checkpoints) checkpoints were cosigned up to \(checkpoints.late.seconds) s after "
                    + "the time of a record in them, more than the promise: late")
        }
        guard report.finding == nil else { return }
        report.checkpointSize = checkpoints.reachedSize
        guard let missing = checkpoints.nextSize else { return }
        switch options.source {
        case .journal:
            report.finding = Finding(
                .truncated, tree.size + 1, expected: "\(missing) records, for which a checkpoint is signed",
                found: "\(tree.size)")
        case .tiles(let place) where source?.unchecked == nil && source?.total == tree.size: finishLater(place)
        case .tiles, .batches:
            report.notChecked.append("checkpoints of \(missing) records and more: only \(tree.size) were read")
        }
    }

    /// Checkpoints behind the one that was read, which are held to its tree by hash tiles alone.
    private mutating func finishLater(_ place: String) {
        let later = checkpoints!.checkLater(
            size: tree.size, root: tree.root, time: lastTime, tiles: PublishedFiles(place))
        report.counts.checkpoints = checkpoints!.checked
        report.counts.cosignatures = checkpoints!.cosignatures
        for error in later.errors { note(error) }
        guard later.errors.isEmpty, later.count > 0 else { return }
        report.notes.append(
            "\(later.count) checkpoints of more records, up to \(later.last), are signed and continue this one; of "
                + "their records only hashes are published, or were looked at")
    }
}

extension AuditCounts {
    /// Adds what a batch counted.
    mutating func add(_ other: AuditCounts) {
        records += other.records
        commands += other.commands
        orders += other.orders
        trades += other.trades
        signatures += other.signatures
    }
}

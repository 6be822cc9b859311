import Cryptography
import Platform
import Wire

/// One audit under way: reads, copies, replays, hands over, and takes back in order.
struct AuditRun: ~Copyable {
    private let options: Audit.Options
    private var report = AuditReport()
    private var history: HistoryCheck
    private var tree = LogTree()
    private let queue = WorkQueue()
    private var workers: [Worker] = []
    private var free: [RecordBatch] = []

    /// A thread that ends with its owner.
    private final class Worker {
        let thread: PinnedThread
        init(_ thread: consuming PinnedThread) { self.thread = thread }
    }

    /// Batches that one worker may be behind the reader.
    private static let batchesPerWorker = 6

    init(_ options: Audit.Options) {
        self.options = options
        history = HistoryCheck(venueId: options.venueId)
        for _ in 0..<max(options.workers, 1) * Self.batchesPerWorker { free.append(RecordBatch()) }
    }

    /// Runs to the end, or to the first failure.
    mutating func run() -> AuditReport {
        let start = ContinuousClock.now
        do throws(SourceError) {
            let source = try open()
            try read(source)
        } catch {
            note(error)
        }
        drain()
        queue.stop()
        workers.removeAll()
        finish()
        report.seconds = (ContinuousClock.now - start) / .seconds(1)
        return report
    }

    private func open() throws(SourceError) -> any RecordSource {
        switch options.source {
        case .journal(let directory): try JournalSource(directory: directory)
        }
    }

    private mutating func read(_ source: any RecordSource) throws(SourceError) {
        var batch = takeFree()
        batch.begin(first: 1)
        defer { if batch.count > 0 { queue.hand(batch) } }
        while report.finding == nil, let bytes = try source.next() {
            guard bytes.count <= Limits.recordBytesMax else {
                let found = "\(bytes.count) bytes"
                throw .finding(Finding(.recordStructure, history.nextSequence, expected: "a record", found: found))
            }
            let copy = batch.copy(bytes)
            let task: SignatureTask
            do throws(Finding) { task = try history.take(copy) } catch { throw .finding(error) }
            batch.keep(copy, task)
            if history.nextSequence == 2 { startWorkers() }
            if batch.isFull {
                queue.hand(batch)
                batch = takeFree()
                batch.begin(first: history.nextSequence)
            }
        }
        if let reason = source.unchecked { report.notChecked.append(reason) }
    }

    /// Once the venue is known, whose prefixes are signed.
    private mutating func startWorkers() {
        let batchOptions = BatchOptions(
            prefixes: Prefixes(venue: history.venueId), checksSignatures: options.checksSignatures)
        for index in 0..<max(options.workers, 1) {
            let queue = queue
            do throws(PlatformError) {
                workers.append(Worker(try PinnedThread(name: "audit-\(index)") { queue.work(batchOptions) }))
            } catch {
                precondition(!workers.isEmpty, "no thread to work on: \(error)")
            }
        }
    }

    private mutating func takeFree() -> RecordBatch {
        while let done = queue.takeBack(waiting: free.isEmpty) { accept(done) }
        return free.removeLast()
    }

    /// Takes what a worker found, in the order of the records.
    private mutating func accept(_ batch: RecordBatch) {
        if let finding = batch.finding { note(.finding(finding)) }
        for leaf in batch.leaves { tree.append(leaf) }
        report.counts.add(batch.counts)
        free.append(batch)
    }

    private mutating func drain() {
        if workers.isEmpty { return }
        while let done = queue.takeBack(waiting: true) { accept(done) }
    }

    private mutating func note(_ error: SourceError) {
        switch error {
        case .unreadable(let reason): report.notChecked.append(reason)
        case .finding(let finding):
            if let other = report.finding, !finding.precedes(other) { return }
            report.finding = finding
        }
    }

    private mutating func finish() {
        if history.nextSequence > 1 {
            report.venueId = history.venueId.hexadecimal
            report.chainHead = hexadecimal(history.chain.head)
            report.logRoot = tree.root.hexadecimal
        } else if report.finding == nil {
            report.notChecked.append("there is no record")
        }
        if options.venueId == nil { report.notChecked.append("whose history it is: no venue id was given") }
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

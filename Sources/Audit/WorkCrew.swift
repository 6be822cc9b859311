import Platform

/// Worker threads and their queue.
final class WorkCrew {
    private let queue = WorkQueue()
    private let workers: Int
    private var threads: [Worker] = []
    private var isStarted: Bool { !threads.isEmpty }

    /// A thread that is joined when it is let go.
    private final class Worker {
        let thread: PinnedThread
        init(_ thread: consuming PinnedThread) { self.thread = thread }
    }

    /// Batches that one worker may be behind the reader.
    private static let batchesPerWorker = 6

    init(workers: Int) { self.workers = workers }

    /// Batches that may be under way, the reader's own included.
    var batches: Int { workers * Self.batchesPerWorker }

    /// Starts the threads. With fewer than were asked for it goes on; there has to be one.
    func start(_ options: BatchOptions) {
        let queue = queue
        for index in 0..<workers {
            do throws(PlatformError) {
                threads.append(Worker(try PinnedThread(name: "audit-\(index)") { queue.work(options) }))
            } catch {
                precondition(isStarted, "no thread to work on: \(error)")
            }
        }
    }

    /// Hands a batch over.
    func hand(_ batch: RecordBatch) { queue.hand(batch) }

    /// Takes the oldest batch back; nil when there is none, or it is not done and that is not waited for.
    func takeBack(waiting: Bool) -> RecordBatch? { isStarted ? queue.takeBack(waiting: waiting) : nil }

    /// Lets the threads end, and waits for them.
    func stop() {
        queue.stop()
        threads.removeAll()
    }
}

import Glibc
import Platform

/// Hands batches to worker threads and takes them back in the order in which they were handed over.
///
/// One thread reads and replays, all others hash and verify. The reader runs ahead of them by some batches for each
/// worker, and no further: so memory is bounded, and a worker finds the next batch where it ends the last.
final class WorkQueue: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let workArrived = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let workDone = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var waiting: [RecordBatch] = []
    /// All that were handed over and not taken back, oldest first, and whether they are done.
    private var handed: [(batch: RecordBatch, isDone: Bool)] = []
    private var isStopped = false

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(workArrived, nil)
        pthread_cond_init(workDone, nil)
    }

    deinit {
        pthread_cond_destroy(workArrived)
        pthread_cond_destroy(workDone)
        pthread_mutex_destroy(mutex)
        workArrived.deallocate()
        workDone.deallocate()
        mutex.deallocate()
    }

    private func locked<Value>(_ body: () -> Value) -> Value {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }

    /// Hands a batch over.
    func hand(_ batch: RecordBatch) {
        locked {
            handed.append((batch, false))
            waiting.append(batch)
            pthread_cond_signal(workArrived)
        }
    }

    /// Takes the oldest batch back: waits until it is done, or, when that is not asked for, returns nil while it is
    /// not.
    func takeBack(waiting wait: Bool) -> RecordBatch? {
        locked {
            while let oldest = handed.first, !oldest.isDone {
                if !wait { return nil }
                pthread_cond_wait(workDone, mutex)
            }
            return handed.isEmpty ? nil : handed.removeFirst().batch
        }
    }

    /// What a worker thread does until the queue is stopped.
    func work(_ options: BatchOptions) {
        let scratch = UnsafeMutableRawPointer.allocate(byteCount: SignatureVerifier.scratchBytes, alignment: 64)
        defer { scratch.deallocate() }
        while let batch = nextBatch() {
            batch.work(options, scratch: scratch)
            locked {
                let index = handed.firstIndex { $0.batch === batch }!
                handed[index].isDone = true
                if index == 0 { pthread_cond_signal(workDone) }
            }
        }
    }

    private func nextBatch() -> RecordBatch? {
        locked {
            while waiting.isEmpty && !isStopped { pthread_cond_wait(workArrived, mutex) }
            return waiting.isEmpty ? nil : waiting.removeFirst()
        }
    }

    /// Lets the workers end once nothing waits.
    func stop() {
        locked {
            isStopped = true
            pthread_cond_broadcast(workArrived)
        }
    }
}

import CPlatform
import Platform
import Synchronization
import Wire

/// What the writer, its helper thread, the readers of this process and the synchroniser share: the directory, the
/// mapped segments and the words between them. Freed when the last of them is gone.
@usableFromInline final class SegmentStore: @unchecked Sendable {
    let directory: String
    let options: JournalOptions
    let venueId: Bytes32
    @usableFromInline let words = SharedWordsHandle()
    let table: SegmentTableHandle
    /// Asks the helper thread to end.
    let stop = HelperStop()
    /// The spare segment: written by the helper while `spareReady` is 0, read by the writer while it is 1.
    var spare: MappedSegment?
    /// Held for as long as the store lives: no other process writes this journal.
    private let lock: ExclusiveLock
    let mark: Mutex<DurableMarkFile>
    private let readers = Mutex<Void>(())

    init(
        directory: String, options: JournalOptions, venueId: Bytes32, lock: consuming ExclusiveLock,
        mark: consuming DurableMarkFile
    ) {
        self.directory = directory
        self.options = options
        self.venueId = venueId
        self.lock = lock
        self.mark = Mutex(mark)
        table = SegmentTableHandle(capacity: options.segmentsMappedMax)
    }

    deinit {
        table.removeAll()
        spare?.close()
        table.deallocate()
        words.deallocate()
    }

    /// Locks a journal's directory for one writer; the lock goes with the process, however it ends.
    static func lock(_ directory: String) throws(JournalError) -> ExclusiveLock {
        let lock: ExclusiveLock?
        do throws(PlatformError) {
            lock = try File.lockExclusively(try File.open(directory, .directory), path: directory)
        } catch { throw .system(error) }
        guard let lock else { throw .locked(directory: directory) }
        return lock
    }

    func path(_ name: String) -> String { "\(directory)/\(name)" }

    /// Registers a reader at a position; nil when there are `SharedWordsHandle.readersMax` already.
    func register(at position: JournalPosition) -> UnsafeMutableRawPointer? {
        readers.withLock { _ in
            for index in 0..<SharedWordsHandle.readersMax {
                let word = words.reader(index)
                guard platform_load_acquire_u64(word) == 0 else { continue }
                platform_store_release_u64(word, position.rawValue + 1)
                return word
            }
            return nil
        }
    }
}

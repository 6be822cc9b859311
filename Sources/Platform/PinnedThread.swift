import CPlatform
import Glibc

/// A POSIX thread with a name, confined to one core from its first instruction on.
///
/// Swift's own concurrency has no say over where a task runs, and a stage of the hot path must own its core.
/// The thread is joined when its owner's life ends; ask it to end first (`StopFlag`), or that waits for ever.
public struct PinnedThread: ~Copyable, Sendable {
    private let thread: pthread_t

    /// Starts a thread.
    ///
    /// - Parameters:
    ///   - name: shown by `top -H` and debuggers; the kernel keeps 15 bytes.
    ///   - core: the core to run on, or nil for wherever the creating thread may run.
    ///   - body: what the thread does; the thread ends when it returns. It may take along values that nobody else
    ///     holds (`sending`), so that an agent is built by one thread and lives on another.
    /// - Throws: `systemCall` with `EINVAL` when the core does not exist, `EAGAIN` when there are too many threads.
    public init(name: String, core: UInt32? = nil, body: sending @escaping () -> Void) throws(PlatformError) {
        let start = Unmanaged.passRetained(ThreadStart(name: name, body: body))
        var thread: UInt = 0
        var error: Int32
        if let core {
            var set = try CPUSet(CollectionOfOne(core)).set
            error = platform_thread_create(&thread, &set, threadMain, start.toOpaque())
        } else {
            error = platform_thread_create(&thread, nil, threadMain, start.toOpaque())
        }
        guard error == 0 else {
            start.release()
            let place = core.map { " on core \($0)" } ?? ""
            throw .systemCall("pthread_create", subject: "\(name)\(place)", Errno(rawValue: error))
        }
        self.thread = thread
    }

    deinit { pthread_join(thread, nil) }

    /// Waits until the thread has ended.
    public consuming func join() {}
}

/// What a new thread needs to begin: freed by it once its body has returned.
private final class ThreadStart {
    let name: String
    let body: () -> Void

    init(name: String, body: @escaping () -> Void) {
        self.name = name
        self.body = body
    }
}

private func threadMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    let start = Unmanaged<ThreadStart>.fromOpaque(argument!).takeRetainedValue()
    // A name is a convenience: a refused one (longer than the kernel keeps) is cut, never an error.
    _ = platform_thread_name(String(decoding: start.name.utf8.prefix(15), as: UTF8.self))
    start.body()
    return nil
}

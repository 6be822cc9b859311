import CLiburing
import CPlatform
import Glibc

/// An io_uring: requests go to the kernel and completions come back through shared memory.
///
/// Made for a thread that spins: it takes completions from memory, and enters the kernel only when there is something
/// to submit or when the kernel says that work waits for it. Nothing is allocated after `init`.
///
/// Life: `init` on any thread; `start` on the thread that will own it; after that every call comes from that thread
/// alone (the kernel refuses others). The memory of a request (bytes to send, a message header) belongs to the kernel
/// until its completion.
///
/// Two duties are the caller's: one send in flight per stream socket (queued sends are reordered when the socket is
/// full), and to submit a multishot request again when a completion says that it has ended.
///
/// Needs Linux 6.0 (multishot receive, provided buffer rings). `mode` says which way of running completion work the
/// kernel agreed to; see `Mode`.
public struct IOUring: ~Copyable, @unchecked Sendable {
    @usableFromInline
    let ring: UnsafeMutablePointer<io_uring>
    /// One timeout per submission entry, so that it lives until the kernel has read it.
    @usableFromInline
    let timeouts: UnsafeMutablePointer<__kernel_timespec>
    @usableFromInline
    let buffers: BufferRing?
    @usableFromInline
    var counts = Counts()
    private let workerCores: CPUSet?
    private var started = false

    /// How the kernel runs completion work.
    public let mode: Mode

    /// Makes a ring, with the best mode that the kernel accepts, and registers its receive buffers.
    ///
    /// - Throws: `invalidArgument` for sizes out of range; `systemCall("io_uring_setup", …)` with `EPERM` or `ENOSYS`
    ///   where io_uring is forbidden or missing; `unsupported` where provided buffer rings are missing.
    public init(_ configuration: Configuration) throws(PlatformError) {
        let made = try Self.make(configuration.validated())
        ring = made.ring
        mode = made.mode
        buffers = made.buffers
        workerCores = configuration.workerCores
        timeouts = .allocate(capacity: Int(ring.pointee.sq.ring_entries))
        timeouts.initialize(repeating: __kernel_timespec(), count: Int(ring.pointee.sq.ring_entries))
    }

    deinit {
        io_uring_queue_exit(ring)
        buffers?.deallocate()
        timeouts.deallocate()
        ring.deallocate()
    }

    private struct Made {
        let ring: UnsafeMutablePointer<io_uring>
        let mode: Mode
        let buffers: BufferRing?
    }

    private static func make(_ configuration: Configuration) throws(PlatformError) -> Made {
        let ring = UnsafeMutablePointer<io_uring>.allocate(capacity: 1)
        var isSetUp = false
        do throws(PlatformError) {
            let mode = try setUp(ring, configuration)
            isSetUp = true
            let buffers = configuration.bufferCount > 0 ? try BufferRing(ring, configuration) : nil
            return Made(ring: ring, mode: mode, buffers: buffers)
        } catch {
            if isSetUp { io_uring_queue_exit(ring) }
            ring.deallocate()
            throw error
        }
    }

    /// Sets the ring up, disabled, in the first mode that is not refused as unknown.
    private static func setUp(
        _ ring: UnsafeMutablePointer<io_uring>, _ configuration: Configuration
    ) throws(PlatformError) -> Mode {
        var result: Int32 = 0
        for mode in Mode.allCases {
            var parameters = io_uring_params()
            // Disabled: the thread that enables it becomes its only issuer, not the one that makes it.
            parameters.flags =
                mode.setupFlags | IORING_SETUP_R_DISABLED | IORING_SETUP_SUBMIT_ALL
                | IORING_SETUP_CQSIZE
            parameters.cq_entries = configuration.completionEntries
            ring.initialize(to: io_uring())
            result = io_uring_queue_init_params(configuration.submissionEntries, ring, &parameters)
            if result == 0 { return mode }
            if result != -EINVAL { break }
        }
        throw .systemCall("io_uring_setup", subject: "", Errno(rawValue: -result))
    }

    /// Makes the calling thread the ring's owner. Call once, before anything is submitted.
    ///
    /// - Throws: `systemCall` with the registration that the kernel refused.
    public mutating func start() throws(PlatformError) {
        precondition(!started, "a ring is started once")
        let enabled = io_uring_enable_rings(ring)
        guard enabled == 0 else {
            throw .systemCall("io_uring_enable_rings", subject: "", Errno(rawValue: -enabled))
        }
        started = true
        // Saves a descriptor look-up per enter; a kernel that has no room for it loses only that.
        _ = io_uring_register_ring_fd(ring)
        if var cores = workerCores {
            let result = withUnsafeMutablePointer(to: &cores.set) { set in
                io_uring_register_iowq_aff(
                    ring, MemoryLayout<platform_cpu_set>.size,
                    UnsafeRawPointer(set).assumingMemoryBound(to: cpu_set_t.self))
            }
            guard result == 0 else {
                throw .systemCall(
                    "io_uring_register_iowq_aff", subject: cores.description, Errno(rawValue: -result))
            }
        }
    }

    /// Completions that the kernel had no memory to keep aside: lost, with the requests behind them in doubt. Anything
    /// but 0 is a reason to stop.
    public var completionsLost: UInt32 { uring_completions_lost(ring) }

    /// What the ring has counted.
    public var statistics: Counts { counts }
}

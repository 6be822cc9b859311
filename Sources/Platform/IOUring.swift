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
    var ring: platform_uring
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
    }

    deinit {
        var ring = ring
        platform_uring_destroy(&ring)
        buffers?.deallocate()
    }

    private struct Made {
        let ring: platform_uring
        let mode: Mode
        let buffers: BufferRing?
    }

    /// Sets a ring up, disabled, in the first mode that is not refused as unknown, with its buffers.
    private static func make(_ configuration: Configuration) throws(PlatformError) -> Made {
        var result: Int32 = 0
        for mode in Mode.allCases where mode.rawValue >= configuration.bestMode.rawValue {
            var ring = platform_uring()
            result = platform_uring_create(
                &ring, configuration.submissionEntries, configuration.completionEntries, mode.setupFlags)
            if result == 0 { return try addBuffers(to: ring, mode, configuration) }
            if result != -EINVAL { break }
        }
        throw .systemCall("io_uring_setup", subject: "", Errno(rawValue: -result))
    }

    private static func addBuffers(
        to ring: platform_uring, _ mode: Mode, _ configuration: Configuration
    ) throws(PlatformError) -> Made {
        var ring = ring
        do throws(PlatformError) {
            let buffers = configuration.bufferCount > 0 ? try BufferRing(&ring, configuration) : nil
            return Made(ring: ring, mode: mode, buffers: buffers)
        } catch {
            platform_uring_destroy(&ring)
            throw error
        }
    }

    /// Makes the calling thread the ring's owner. Call once, before anything is submitted.
    ///
    /// - Throws: `systemCall` with the registration that the kernel refused.
    public mutating func start() throws(PlatformError) {
        precondition(!started, "a ring is started once")
        let enabled = platform_uring_enable(&ring)
        guard enabled == 0 else {
            throw .systemCall("io_uring_enable_rings", subject: "", Errno(rawValue: -enabled))
        }
        started = true
        if var cores = workerCores {
            let confined = platform_uring_confine_workers(&ring, &cores.set)
            guard confined == 0 else {
                throw .systemCall(
                    "io_uring_register_iowq_aff", subject: cores.description, Errno(rawValue: -confined))
            }
        }
    }

    /// Completions that the kernel had no memory to keep aside: lost, with the requests behind them in doubt. Anything
    /// but 0 is a reason to stop.
    public var completionsLost: UInt32 { platform_load_relaxed_u32(ring.completions_lost) }

    /// What the ring has counted.
    public var statistics: Counts { counts }
}

import CPlatform

extension IOUring {
    /// Sizes of a ring, fixed for its life.
    public struct Configuration: Sendable, Equatable {
        /// Requests that can wait for submission: a power of two, at most 32,768.
        public var submissionEntries: UInt32 = 1024

        /// Completions that can wait to be consumed: a power of two, at least `submissionEntries`, at most 65,536.
        /// Multishot requests complete many times each: make it a multiple of the buffers.
        public var completionEntries: UInt32 = 4096

        /// Receive buffers that the kernel may fill: a power of two, at most 32,768; 0 for none.
        public var bufferCount: UInt32 = 0

        /// Bytes of each receive buffer, 1 to 1 MiB.
        public var bufferSize: UInt32 = 16 << 10

        /// Cores for the kernel's worker threads (fdatasync runs there); nil leaves them where the submitting
        /// thread is pinned, where they would take its core away.
        public var workerCores: CPUSet?

        /// The mode to try first; worse ones follow when the kernel refuses it.
        public var bestMode = Mode.deferred

        public init() {}

        func validated() throws(PlatformError) -> Configuration {
            func power(_ value: UInt32, _ name: String, _ range: ClosedRange<UInt32>) throws(PlatformError) {
                guard value.nonzeroBitCount == 1, range.contains(value) else {
                    throw .invalidArgument(
                        "\(name) \(value): expected a power of two in \(range.lowerBound)...\(range.upperBound)")
                }
            }
            try power(submissionEntries, "submissionEntries", 1...32_768)
            try power(completionEntries, "completionEntries", submissionEntries...65_536)
            if bufferCount > 0 {
                try power(bufferCount, "bufferCount", 1...32_768)
                guard (1...(1 << 20)).contains(bufferSize) else {
                    throw .invalidArgument("bufferSize \(bufferSize): expected 1...\(1 << 20)")
                }
            }
            return self
        }
    }

    /// How completions reach user memory, best first. The kernel's version decides.
    public enum Mode: UInt32, Sendable, CaseIterable {
        /// Completion work waits until the owner asks for it (`DEFER_TASKRUN`, Linux 6.1): nothing interrupts it.
        case deferred
        /// Completion work waits until the owner enters the kernel for any reason (`COOP_TASKRUN`, Linux 5.19).
        case cooperative
        /// Completion work interrupts the owner: about four times slower when spinning.
        case interrupting

        var setupFlags: UInt32 {
            switch self {
            case .deferred:
                PLATFORM_URING_SETUP_SINGLE_ISSUER | PLATFORM_URING_SETUP_DEFER_TASKRUN
                    | PLATFORM_URING_SETUP_TASKRUN_FLAG
            case .cooperative: PLATFORM_URING_SETUP_COOP_TASKRUN | PLATFORM_URING_SETUP_TASKRUN_FLAG
            case .interrupting: 0
            }
        }
    }

    /// What a ring has counted since it was made.
    @frozen
    public struct Counts: Sendable, Equatable {
        /// Times the kernel was entered.
        public internal(set) var enters: UInt64 = 0
        /// Times the completion queue was found overflown: completions waited in the kernel, none was lost.
        public internal(set) var completionOverflows: UInt64 = 0
        /// Times a request found the submission queue full, and the queue was submitted at once to make room.
        public internal(set) var submissionQueueFull: UInt64 = 0

        @usableFromInline
        init() {}
    }
}

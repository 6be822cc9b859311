import Cryptography
import Journal
import Ledger
import Logging
import Platform
import Ring
import Settings
import Wire

/// A running node: the stages on their threads. Made by `start`; ended by `stop`.
///
///     let node = try Node.start(settings, log)
///     print(node.readyLine)
///     … wait for a signal …
///     try node.stop()
public struct Node: ~Copyable {
    /// The ports that are listened on: those configured, or those that the system chose for 0.
    public let ports: NodePorts
    /// The venue's id.
    public let venueId: Bytes32
    /// Sequence of the last record of the start.
    public let startSequence: UInt64
    /// What the node's memory is made of.
    public let memory: MemoryReport

    private let phase: NodePhase
    private let threadsStop: StopFlag
    private let results: ThreadResults
    private var threads: [ThreadOwner]
    // They outlive the threads that write through them.
    private let ring: SlotRing
    private let counters: CounterFile

    /// Opens the journal, recovers, and starts the threads. Returns when all of them run and the listeners are open.
    public static func start(_ settings: NodeSettings, _ log: Logger) throws(NodeError) -> Node {
        try requireMachine(settings)
        let opened = try OpenedVenue.open(settings, log)
        return try Assembly.assemble(settings, opened, log)
    }

    /// Refuses a configuration that names cores or addresses that this machine does not have.
    public static func requireMachine(_ settings: NodeSettings) throws(NodeError) {
        try Machine.requireParts(settings)
    }

    init(
        ports: NodePorts, venueId: Bytes32, startSequence: UInt64, memory: MemoryReport, phase: NodePhase,
        threadsStop: StopFlag, results: ThreadResults, threads: consuming [ThreadOwner], ring: consuming SlotRing,
        counters: consuming CounterFile
    ) {
        self.ports = ports
        self.venueId = venueId
        self.startSequence = startSequence
        self.memory = memory
        self.phase = phase
        self.threadsStop = threadsStop
        self.results = results
        self.threads = threads
        self.ring = ring
        self.counters = counters
    }

    /// Whoever drops a node without `stop` gets its threads ended, without waiting for what is on its way.
    deinit { threadsStop.stop() }

    /// One line for whoever started the node: it is ready, and where.
    public var readyLine: String {
        "ready order-entry=\(ports.orderEntry) request=\(ports.request) snapshot=\(ports.snapshot) "
            + "sequence=\(startSequence) venue=\(Hash256(venueId).hexadecimal)"
    }

    /// An orderly end: takes nothing in any more, answers what it took, makes everything durable, ends the threads.
    ///
    /// - Throws: what kept the journal from being made durable.
    @discardableResult
    public consuming func stop() throws(NodeError) -> NodeEnd? {
        phase.stop()
        let deadline = SystemClock.monotonicNanoseconds() + Self.quietNanosecondsMax
        while !phase.isQuiet, SystemClock.monotonicNanoseconds() < deadline {
            SystemClock.sleep(nanoseconds: 1_000_000)
        }
        threadsStop.stop()
        threads.removeAll()
        try results.throwFirst()
        return results.end
    }

    /// A client that never reads its last answers does not keep the node from ending for longer.
    private static let quietNanosecondsMax: UInt64 = 2_000_000_000
}

/// Where a node is reached.
public struct NodePorts: Sendable, Equatable {
    /// TCP: order entry.
    public let orderEntry: UInt16
    /// UDP: MoldUDP64 request server.
    public let request: UInt16
    /// TCP: snapshot server.
    public let snapshot: UInt16
}

/// Joins its thread when it goes.
final class ThreadOwner {
    private let thread: PinnedThread

    init(_ thread: consuming PinnedThread) { self.thread = thread }
}

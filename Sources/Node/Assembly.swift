import Journal
import Ledger
import Logging
import Platform
import Ring
import Settings
import Wire

/// Puts the stages together and on their threads, as the settings say.
enum Assembly {
    /// A parking thread looks again after so long at the latest, in microseconds: for timers, and for what nobody
    /// wakes it for.
    private static let parkMicroseconds: UInt32 = 1000, servicesParkMicroseconds: UInt32 = 2000
    /// Turns that a thread may take after it was asked to end.
    private static let drainTurns = 1000

    static func assemble(
        _ settings: NodeSettings, _ venue: consuming OpenedVenue, _ log: Logger
    ) throws(NodeError) -> Node {
        let facts = NodeFacts(
            venueId: venue.venueId, venueName: venue.venueName, prefixes: venue.prefixes,
            journalDirectory: settings.journalDirectory,
            durability: settings.journal.durability == .durable ? .durable : .journaled,
            feedGeneration: venue.feedGeneration, nextFeedSequence: venue.nextFeedSequence, settings: settings)
        try DescriptorLimit.raise(to: settings.orderEntry.sessionsMax + settings.marketData.snapshotSessionsMax)
        let scale = TimestampCounter.calibrate()
        let gate = ReleaseGate()
        let startSequence = venue.lastSequence
        gate.release(through: startSequence)
        let ring = try platform { () throws(PlatformError) in try makeRing(settings, facts) }
        var counters = try platform { () throws(PlatformError) in try CounterFile(path: settings.countersFile) }

        let exchange = HistoryExchange(
            sessionsMax: settings.orderEntry.sessionsMax, bufferBytes: settings.orderEntry.sendBufferBytes)
        let requests = try RequestServer(facts: facts, gate: gate)
        let snapshots = try SnapshotServer(facts: facts, gate: gate)
        let follower = FeedFollower(facts: facts, gate: gate)
        let snapshotBytes = snapshots.byteCount + follower.byteCount
        let (requestPort, snapshotPort) = (requests.port, snapshots.port)
        let services = ServicesAgent(
            history: try HistoryService(facts: facts, gate: gate, exchange: exchange), follower: follower,
            requests: requests, snapshots: snapshots)

        let (venueBytes, nonceBytes) = (venue.venueBytes, venue.nonceBytes)
        let (keys, prefixes) = (venue.keys, venue.prefixes)
        var stages = try Stages.make(facts, venue, ring, gate, exchange, scale, &counters)
        let orderEntryPort = stages.orderEntryPort
        let orderEntryBytes = stages.orderEntryBytes

        let phase = NodePhase(), stop = StopFlag(), results = ThreadResults()
        var threads: [ThreadOwner] = []
        let hot = settings.threads.filter { !$0.agents.contains(.services) }
        let wakers = try makeWakers(hot)
        var verifier = 0
        for (index, thread) in hot.enumerated() {
            var verify: VerifyAgent?
            if thread.agents.contains(.verify) {
                let verifyCounters = try platform { () throws(PlatformError) in
                    try VerifyCounters(&counters, verifier: verifier)
                }
                verify = VerifyAgent(
                    consumer: ring.verifier(verifier), check: SignatureCheck(keys: keys, prefixes: prefixes),
                    counters: verifyCounters)
                verifier += 1
            }
            let io = try platform { () throws(PlatformError) in try makeIO(thread, settings) }
            let others = wakers.enumerated().compactMap { $0.offset == index ? nil : $0.element }
            let agent = NodeThread(
                io: io, orderEntry: thread.agents.contains(.orderEntry) ? stages.takeOrderEntry() : nil,
                verify: verify, sequence: thread.agents.contains(.sequence) ? stages.takeSequence() : nil,
                publish: thread.agents.contains(.publish) ? stages.takePublish() : nil,
                wakers: WakerSet(own: wakers[index], others: others), phase: phase)
            threads.append(try run(agent, thread, stop, results))
        }
        let servicesThread = settings.threads.first { $0.agents.contains(.services) }
        threads.append(try run(services, servicesThread!, stop, results))
        do throws(NodeError) { try results.waitForStart(threads.count) } catch {
            stop.stop()
            threads.removeAll()
            throw error
        }
        let memory = MemoryReport(parts: [
            ("venue", venueBytes), ("nonces", nonceBytes), ("ring", ring.byteCount),
            ("order entry", orderEntryBytes), ("snapshot book", snapshotBytes),
        ])
        return Node(
            ports: NodePorts(orderEntry: orderEntryPort, request: requestPort, snapshot: snapshotPort),
            venueId: facts.venueId, startSequence: startSequence, memory: memory, phase: phase, threadsStop: stop,
            results: results, threads: threads, ring: ring, counters: counters)
    }

    private static func makeRing(_ settings: NodeSettings, _ facts: NodeFacts) throws(PlatformError) -> SlotRing {
        var configuration = SlotRing.Configuration()
        configuration.slots = settings.ringSlots
        configuration.slotBytes = Slot.messageOffset + Limits.messageBytesMax + Limits.signatureBytes
        configuration.verifiers = settings.verifierCount
        configuration.followers = 2
        let prefix = facts.prefixes.command.withUnsafeBytes { [UInt8]($0) }
        return try SlotRing(configuration, prefix: prefix)
    }

    /// The ring that the thread's agents share: receive buffers where order entry is, and workers kept off the core.
    private static func makeIO(_ thread: ThreadSettings, _ settings: NodeSettings) throws(PlatformError) -> IOUring {
        var configuration = IOUring.Configuration()
        if thread.agents.contains(.orderEntry) {
            configuration.bufferCount = UInt32(settings.orderEntry.receiveBuffers)
            configuration.bufferSize = UInt32(settings.orderEntry.receiveBufferBytes)
            configuration.submissionEntries = 4096
            configuration.completionEntries = 16_384
        } else {
            configuration.submissionEntries = 256
            configuration.completionEntries = 1024
        }
        if !settings.ioWorkerCores.isEmpty {
            configuration.workerCores = try CPUSet(settings.ioWorkerCores.map { UInt32($0) })
        }
        return try IOUring(configuration)
    }

    /// A waker for each thread that parks, where there is another to wake it.
    private static func makeWakers(_ hot: [ThreadSettings]) throws(NodeError) -> [Waker?] {
        var wakers: [Waker?] = []
        for thread in hot {
            let needed = hot.count > 1 && thread.idle == .park
            wakers.append(needed ? try platform { () throws(PlatformError) in try Waker() } : nil)
        }
        return wakers
    }

    private static func idle(_ thread: ThreadSettings, _ microseconds: UInt32) -> Ring.IdleStrategy {
        switch thread.idle {
        case .spin: .spin
        case .yield: .yield
        case .park: .park(microseconds: microseconds)
        }
    }

    private static func run(
        _ agent: consuming NodeThread, _ settings: ThreadSettings, _ stop: StopFlag, _ results: ThreadResults
    ) throws(NodeError) -> ThreadOwner {
        let box = AgentBox(agent)
        let idle = idle(settings, parkMicroseconds)
        return try thread(settings) {
            do throws(PlatformError) { try box.agent.start() } catch { return results.failed(.system(error)) }
            results.started()
            Ring.run(&box.agent, idle: idle, until: stop, drainTurns: drainTurns)
            do throws(JournalError) {
                if let end = try box.agent.finish() { results.ended(end) }
            } catch { results.failed(.journal(error)) }
        }
    }

    private static func run(
        _ agent: consuming ServicesAgent, _ settings: ThreadSettings, _ stop: StopFlag, _ results: ThreadResults
    ) throws(NodeError) -> ThreadOwner {
        let box = AgentBox(agent)
        let idle = idle(settings, servicesParkMicroseconds)
        return try thread(settings) {
            results.started()
            Ring.run(&box.agent, idle: idle, until: stop)
        }
    }

    private static func thread(
        _ settings: ThreadSettings, _ body: @escaping @Sendable () -> Void
    ) throws(NodeError) -> ThreadOwner {
        try platform { () throws(PlatformError) in
            ThreadOwner(
                try PinnedThread(name: settings.name, core: settings.core.map { UInt32($0) }, body: body))
        }
    }
}

/// Carries an agent to the thread that will own it.
private final class AgentBox<A: Agent & ~Copyable>: @unchecked Sendable {
    var agent: A

    init(_ agent: consuming A) { self.agent = agent }
}

import Synchronization

/// How far a node is on its way to its end: asked to stop, then quiet, then ended thread by thread.
final class NodePhase: Sendable {
    private let stopping = Atomic<Bool>(false)
    private let quiet = Atomic<Bool>(false)

    /// Whether the node takes nothing in any more.
    var isStopping: Bool { stopping.load(ordering: .relaxed) }

    /// Whether everything that it took in before is answered.
    var isQuiet: Bool { quiet.load(ordering: .acquiring) }

    func stop() { stopping.store(true, ordering: .relaxed) }

    func setQuiet() { quiet.store(true, ordering: .releasing) }
}

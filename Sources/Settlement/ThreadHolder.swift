import Platform

/// A thread that is started once its owner is made, and that its owner waits for.
final class ThreadHolder: @unchecked Sendable {
    private var thread: PinnedThread?

    /// Starts the thread; once.
    func start(_ name: String, _ body: sending @escaping () -> Void) throws(SettlementError) {
        do throws(PlatformError) { thread = try PinnedThread(name: name, body: body) } catch { throw .system(error) }
    }

    /// Waits for its end. Not from the thread itself.
    func join() { thread = nil }
}

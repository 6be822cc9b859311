import Glibc

/// The signals that ask for an orderly end, taken one at a time by whoever waits.
public struct EndSignals: Sendable {
    /// Blocks them for this thread and those that it makes; a broken connection is no reason to end.
    ///
    /// Called before there are other threads, which inherit the mask, so that only `wait` takes these signals.
    public init() {
        var set = Self.set
        pthread_sigmask(SIG_BLOCK, &set, nil)
        signal(SIGPIPE, SIG_IGN)
    }

    private static var set: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGTERM)
        sigaddset(&set, SIGINT)
        return set
    }

    /// Waits for the next one; its name.
    @discardableResult
    public func wait() -> String {
        var set = Self.set
        var number: Int32 = 0
        while sigwait(&set, &number) != 0 {}
        return number == SIGINT ? "SIGINT" : "SIGTERM"
    }
}

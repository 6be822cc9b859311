import Glibc

/// What happens when a mapped file is cut while it is read: the kernel's signal is the only notice there is, and the
/// page is gone, so that nothing can go on from there. The program says what it knows and ends with a status, instead
/// of being killed; at the next start the file is judged in peace.
public enum TruncationSignal {
    // Written before there are other threads, read by the handler, which captures nothing and allocates nothing.
    private nonisolated(unsafe) static var text: StaticString = ""
    private nonisolated(unsafe) static var descriptor = STDERR_FILENO
    private nonisolated(unsafe) static var status: Int32 = 1

    /// From now on SIGBUS ends the process with a text.
    ///
    /// - Parameters:
    ///   - text: one or more lines, each with its newline.
    ///   - descriptor: where it is written.
    ///   - status: exit status.
    public static func handle(_ text: StaticString, on descriptor: Int32 = STDERR_FILENO, status: Int32) {
        (Self.text, Self.descriptor, Self.status) = (text, descriptor, status)
        signal(SIGBUS) { _ in
            let text = TruncationSignal.text
            _ = write(TruncationSignal.descriptor, text.utf8Start, text.utf8CodeUnitCount)
            _exit(TruncationSignal.status)
        }
    }
}

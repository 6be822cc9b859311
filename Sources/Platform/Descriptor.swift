import Glibc

/// The one owner of a file descriptor: closes it at the end of its life.
///
/// Calls that only use a descriptor take its number (`raw`), so that the hot path copies four bytes. Keep the owner in
/// a variable for as long as the number is used: a temporary (`make().raw`) closes as soon as its number was read.
@frozen
public struct Descriptor: ~Copyable, Sendable {
    /// The descriptor's number; valid for as long as the owner lives.
    public let raw: Int32

    /// Takes ownership of an open descriptor.
    public init(owning raw: Int32) {
        precondition(raw >= 0, "not an open descriptor")
        self.raw = raw
    }

    deinit {
        // An error here could not be acted upon, and on Linux the number is free even after EINTR.
        _ = Glibc.close(raw)
    }

    /// Gives the descriptor away unclosed: the caller closes it.
    public consuming func release() -> Int32 {
        let raw = raw
        discard self
        return raw
    }

    /// Makes reads and writes return `EAGAIN` where they would block.
    public func setNonblocking() throws(PlatformError) {
        let flags = try retrying("fcntl") { fcntl(raw, F_GETFL) }
        _ = try retrying("fcntl") { fcntl(raw, F_SETFL, flags | O_NONBLOCK) }
    }
}

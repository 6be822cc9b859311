import Glibc

/// What can be waited for on a descriptor. That it failed, or that the other side is gone, is reported without being
/// asked for; a read or write then says what it is.
public struct PollEvents: OptionSet, Sendable {
    public let rawValue: Int16
    public init(rawValue: Int16) { self.rawValue = rawValue }

    public static let readable = PollEvents(rawValue: Int16(POLLIN))
    public static let writable = PollEvents(rawValue: Int16(POLLOUT))
}

/// Waits for events on one descriptor.
/// - Parameter timeoutMilliseconds: -1 waits for ever, 0 does not wait.
/// - Returns: the events that are there; empty when the time was over.
public func poll(
    _ descriptor: Int32, for events: PollEvents, timeoutMilliseconds: Int32
) throws(PlatformError) -> PollEvents {
    var entry = pollfd(fd: descriptor, events: events.rawValue, revents: 0)
    let count = try retrying("poll") { Glibc.poll(&entry, 1, timeoutMilliseconds) }
    return count == 0 ? [] : PollEvents(rawValue: entry.revents)
}

/// Waits until one of several descriptors is readable, has been hung up or failed.
/// - Returns: their positions in `descriptors`; empty when the time was over.
public func pollReadable(_ descriptors: [Int32], timeoutMilliseconds: Int32) throws(PlatformError) -> [Int] {
    var entries = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    let count = try retrying("poll") { Glibc.poll(&entries, nfds_t(entries.count), timeoutMilliseconds) }
    return count == 0 ? [] : entries.indices.filter { entries[$0].revents != 0 }
}

import CLiburing
import Glibc

/// Requests. Each is only prepared here; `submitIfNeeded` or `wait` hands all prepared ones to the kernel at once.
///
/// Each returns false when the submission queue is full and the kernel takes none of it now: nothing was prepared,
/// and the caller tries again in a later turn. A queue as long as the requests of one turn never comes to that.
extension IOUring {
    /// Accepts connections until it ends: one completion per connection, its result the new descriptor (which is
    /// close-on-exec, and the caller's to close).
    @inlinable
    public mutating func acceptMultishot(listener: Int32, userData: UInt64) -> Bool {
        guard let entry = nextEntry() else { return false }
        uring_prepare_accept_multishot(entry, listener, userData)
        return true
    }

    /// Receives into the ring's buffers until it ends: one completion per chunk, its result the bytes, 0 at the end
    /// of the stream; `ENOBUFS` when no buffer was free.
    @inlinable
    public mutating func receiveMultishot(_ socket: Int32, userData: UInt64) -> Bool {
        assert(buffers != nil, "a ring configured with receive buffers")
        guard let entry = nextEntry() else { return false }
        uring_prepare_receive_multishot(entry, socket, BufferRing.group, userData)
        return true
    }

    /// Sends all the bytes of a stream: the kernel goes on by itself after a partial send. The result is the bytes
    /// sent, fewer only when the connection broke. One in flight per socket.
    @inlinable
    public mutating func send(_ socket: Int32, _ bytes: UnsafeRawBufferPointer, userData: UInt64) -> Bool {
        assert(bytes.count > 0, "something to send")
        guard let entry = nextEntry() else { return false }
        uring_prepare_send(entry, socket, bytes.baseAddress, UInt32(truncatingIfNeeded: bytes.count), userData)
        return true
    }

    /// Sends one datagram; see `DatagramTable` for headers that are made once.
    @inlinable
    public mutating func sendMessage(_ socket: Int32, _ message: UnsafePointer<msghdr>, userData: UInt64) -> Bool {
        guard let entry = nextEntry() else { return false }
        uring_prepare_send_message(entry, socket, message, userData)
        return true
    }

    /// Receives one datagram and its sender into the header's memory.
    @inlinable
    public mutating func receiveMessage(
        _ socket: Int32, _ message: UnsafeMutablePointer<msghdr>, userData: UInt64
    ) -> Bool {
        guard let entry = nextEntry() else { return false }
        uring_prepare_receive_message(entry, socket, message, userData)
        return true
    }

    /// Makes a file's data durable, on a kernel worker.
    @inlinable
    public mutating func dataSync(_ file: Int32, userData: UInt64) -> Bool {
        guard let entry = nextEntry() else { return false }
        uring_prepare_data_sync(entry, file, userData)
        return true
    }

    /// Ends both directions of a connection: its pending requests complete, the descriptor stays open.
    @inlinable
    public mutating func shutDown(_ socket: Int32, userData: UInt64) -> Bool {
        guard let entry = nextEntry() else { return false }
        uring_prepare_shutdown(entry, socket, Int32(SHUT_RDWR), userData)
        return true
    }

    /// Closes a descriptor. Requests that are pending on it go on: shut down or cancel first.
    @inlinable
    public mutating func close(_ descriptor: Int32, userData: UInt64) -> Bool {
        guard let entry = nextEntry() else { return false }
        uring_prepare_close(entry, descriptor, userData)
        return true
    }

    /// Cancels every request that carries the tag `target`; the result is their number, or `ENOENT`.
    @inlinable
    public mutating func cancel(_ target: UInt64, userData: UInt64) -> Bool {
        guard let entry = nextEntry() else { return false }
        uring_prepare_cancel(entry, target, userData)
        return true
    }

    /// Cancels every request on a descriptor; the result is their number, or `ENOENT`.
    @inlinable
    public mutating func cancelAll(on descriptor: Int32, userData: UInt64) -> Bool {
        guard let entry = nextEntry() else { return false }
        uring_prepare_cancel_descriptor(entry, descriptor, userData)
        return true
    }

    /// Completes with `ETIME` after a time.
    @inlinable
    public mutating func timeout(afterNanoseconds nanoseconds: UInt64, userData: UInt64) -> Bool {
        guard let entry = nextEntry() else { return false }
        let time = timeouts + Int(uring_entry_index(ring, entry))
        time.pointee.tv_sec = Int64(nanoseconds / 1_000_000_000)
        time.pointee.tv_nsec = numericCast(nanoseconds % 1_000_000_000)
        uring_prepare_timeout(entry, time, userData)
        return true
    }

    /// Completes each time a descriptor becomes readable, until it ends: wakes a parked owner (see `Ring.Waker`).
    @inlinable
    public mutating func pollReadableMultishot(_ descriptor: Int32, userData: UInt64) -> Bool {
        guard let entry = nextEntry() else { return false }
        uring_prepare_poll_multishot(entry, descriptor, UInt32(POLLIN), userData)
        return true
    }

    /// Completes at once: for tests of the ring itself.
    @inlinable
    public mutating func noOperation(userData: UInt64) -> Bool {
        guard let entry = nextEntry() else { return false }
        uring_prepare_nop(entry, userData)
        return true
    }

    /// A free submission entry; makes room by submitting when the queue is full.
    @inlinable
    mutating func nextEntry() -> UnsafeMutablePointer<io_uring_sqe>? {
        if let entry = uring_next_entry(ring) { return entry }
        return nextEntryAfterSubmitting()
    }

    @usableFromInline
    mutating func nextEntryAfterSubmitting() -> UnsafeMutablePointer<io_uring_sqe>? {
        counts.submissionQueueFull &+= 1
        counts.enters &+= 1
        _ = io_uring_submit(ring)
        return uring_next_entry(ring)
    }
}

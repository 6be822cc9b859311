import CPlatform
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
        while platform_uring_accept_multishot(&ring, listener, userData) == 0 {
            if !makeRoom() { return false }
        }
        return true
    }

    /// Receives into the ring's buffers until it ends: one completion per chunk, its result the bytes, 0 at the end
    /// of the stream; `ENOBUFS` when no buffer was free.
    @inlinable
    public mutating func receiveMultishot(_ socket: Int32, userData: UInt64) -> Bool {
        assert(buffers != nil, "a ring configured with receive buffers")
        while platform_uring_receive_multishot(&ring, socket, userData) == 0 {
            if !makeRoom() { return false }
        }
        return true
    }

    /// Sends all the bytes of a stream: the kernel goes on by itself after a partial send. The result is the bytes
    /// sent, fewer only when the connection broke. One in flight per socket.
    @inlinable
    public mutating func send(_ socket: Int32, _ bytes: UnsafeRawBufferPointer, userData: UInt64) -> Bool {
        assert(bytes.count > 0, "something to send")
        let count = UInt32(truncatingIfNeeded: bytes.count)
        while platform_uring_send(&ring, socket, bytes.baseAddress, count, userData) == 0 {
            if !makeRoom() { return false }
        }
        return true
    }

    /// Sends one datagram, or fails with `EAGAIN` when the socket is full: it never waits, so datagrams keep their
    /// order. See `DatagramTable` for headers that are made once.
    @inlinable
    public mutating func sendMessage(_ socket: Int32, _ message: UnsafePointer<msghdr>, userData: UInt64) -> Bool {
        while platform_uring_send_message(&ring, socket, message, userData) == 0 {
            if !makeRoom() { return false }
        }
        return true
    }

    /// Makes a file's data durable, on a kernel worker.
    @inlinable
    public mutating func dataSync(_ file: Int32, userData: UInt64) -> Bool {
        while platform_uring_data_sync(&ring, file, userData) == 0 {
            if !makeRoom() { return false }
        }
        return true
    }

    /// Closes a descriptor. Requests that are pending on it go on: cancel them first.
    @inlinable
    public mutating func close(_ descriptor: Int32, userData: UInt64) -> Bool {
        while platform_uring_close(&ring, descriptor, userData) == 0 {
            if !makeRoom() { return false }
        }
        return true
    }

    /// Cancels every request that carries the tag `target`; the result is their number.
    @inlinable
    public mutating func cancel(_ target: UInt64, userData: UInt64) -> Bool {
        while platform_uring_cancel(&ring, target, userData) == 0 {
            if !makeRoom() { return false }
        }
        return true
    }

    /// Completes with `ETIME` after a time.
    @inlinable
    public mutating func timeout(afterNanoseconds nanoseconds: UInt64, userData: UInt64) -> Bool {
        while platform_uring_timeout(&ring, nanoseconds, userData) == 0 {
            if !makeRoom() { return false }
        }
        return true
    }

    /// Completes each time a descriptor becomes readable, until it ends: wakes a parked owner (see `Ring.Waker`).
    @inlinable
    public mutating func pollReadableMultishot(_ descriptor: Int32, userData: UInt64) -> Bool {
        while platform_uring_poll_readable_multishot(&ring, descriptor, userData) == 0 {
            if !makeRoom() { return false }
        }
        return true
    }

    /// Completes at once: for tests of the ring itself.
    @inlinable
    public mutating func noOperation(userData: UInt64) -> Bool {
        while platform_uring_no_operation(&ring, userData) == 0 {
            if !makeRoom() { return false }
        }
        return true
    }

    /// Makes room in a full submission queue, or finds that the kernel takes nothing now.
    @usableFromInline
    mutating func makeRoom() -> Bool {
        counts.submissionQueueFull &+= 1
        counts.enters &+= 1
        return platform_uring_submit(&ring) > 0
    }
}

/// Bytes on their way to one client: whole frames, in order, each in one piece, in a ring of fixed size.
///
/// A frame that does not fit before the end of the memory goes to its beginning. So a frame is always written, and
/// what is pending is always sent, without a seam. Bytes that are being sent stay where they are until `consume`.
@frozen public struct SendBuffer {
    @usableFromInline let memory: UnsafeMutableRawPointer
    @usableFromInline let capacity: Int
    /// Pending bytes stand from `tail` to `head`; when the writer has wrapped, from `tail` to `end` and from
    /// 0 to `head`.
    @usableFromInline var head = 0
    @usableFromInline var tail = 0
    @usableFromInline var end = 0
    @usableFromInline var isWrapped = false
    @usableFromInline var reservedAtStart = false
    /// Bytes that were ever committed: a place in the stream.
    public private(set) var committed: UInt64 = 0
    /// Bytes that were ever consumed.
    public private(set) var consumed: UInt64 = 0

    /// - Parameters:
    ///   - memory: `capacity` bytes that live as long as the buffer.
    ///   - capacity: bytes, more than the largest frame.
    public init(memory: UnsafeMutableRawPointer, capacity: Int) {
        precondition(capacity > 0)
        self.memory = memory
        self.capacity = capacity
    }

    /// Bytes that are pending or being sent.
    public var used: Int { Int(committed - consumed) }
    /// Whether everything was sent.
    public var isEmpty: Bool { committed == consumed }

    /// A place for a frame of `count` bytes, in one piece; nil when there is none. `commit` follows, or nothing.
    public mutating func reserve(_ count: Int) -> UnsafeMutableRawPointer? {
        assert(count > 0 && count <= capacity)
        reservedAtStart = false
        if isWrapped { return tail - head >= count ? memory + head : nil }
        if capacity - head >= count { return memory + head }
        guard tail >= count else { return nil }
        reservedAtStart = true
        return memory
    }

    /// Whether frames of `count` bytes together would surely fit, each of them at most `frame` long.
    public func hasRoom(_ count: Int, frame: Int) -> Bool { capacity - used - 2 * frame >= count }

    /// A frame was written at the place that was reserved last.
    public mutating func commit(_ count: Int) {
        if reservedAtStart {
            end = head
            head = 0
            isWrapped = true
            reservedAtStart = false
        }
        head += count
        committed += UInt64(count)
        assert(head <= (isWrapped ? tail : capacity), "no more than was reserved")
    }

    /// What to send next: the oldest pending bytes, as far as they stand in one piece; empty when there is nothing.
    ///
    /// - Parameter limit: a place in the stream, counted as `committed` is: bytes behind it are held back.
    public func pending(upTo limit: UInt64 = .max) -> UnsafeRawBufferPointer {
        let piece = (isWrapped ? end : head) - tail
        let allowed = limit > consumed ? limit - consumed : 0
        let count = allowed < UInt64(piece) ? Int(allowed) : piece
        return UnsafeRawBufferPointer(start: memory + tail, count: count)
    }

    /// So many bytes of `pending` are sent.
    public mutating func consume(_ count: Int) {
        assert(count <= (isWrapped ? end : head) - tail, "no more than what was pending")
        tail += count
        consumed += UInt64(count)
        if isWrapped, tail == end {
            tail = 0
            isWrapped = false
        } else if !isWrapped, tail == head {
            (head, tail) = (0, 0)
        }
    }

    /// Forgets everything: the client is gone.
    public mutating func removeAll() {
        (head, tail, end, isWrapped, reservedAtStart) = (0, 0, 0, false, false)
        consumed = committed
    }
}

/// The handle of a stage that takes slots of a `SlotRing`: a verifier, the sequencer or a follower.
///
///     let count = consumer.available()
///     for index in 0..<count { work(consumer.slot(index)) }
///     consumer.advance(count)
///
/// Advancing hands slots on: at the end of a batch for throughput, after each slot for latency.
@frozen
public struct RingConsumer: ~Copyable, @unchecked Sendable {
    @usableFromInline
    let geometry: RingGeometry
    @usableFromInline
    let own: Cursor
    /// The first of the cursors that this stage waits for; the others follow it in memory.
    @usableFromInline
    let upstream: Cursor
    @usableFromInline
    let upstreams: Int
    /// Distance between slots that this stage takes: the number of verifiers for a verifier, otherwise 1.
    @usableFromInline
    let step: UInt64
    @usableFromInline
    var next: UInt64
    /// Slots below this number are ready: as of the last look upstream.
    @usableFromInline
    var limit: UInt64 = 0

    init(
        _ geometry: RingGeometry, own: Cursor, upstream: Cursor, upstreams: Int, position: UInt64, step: UInt64
    ) {
        self.geometry = geometry
        self.own = own
        self.upstream = upstream
        self.upstreams = upstreams
        next = position
        self.step = step
    }

    /// Number of the next slot that this stage takes.
    @inlinable
    public var position: UInt64 { next }

    /// How many slots are ready for this stage now. Looks upstream, at most one cache line per cursor there.
    @inlinable
    public mutating func available() -> Int {
        refreshLimit()
        return readyCount
    }

    /// How many slots are ready as of the last look: looks upstream only when none is.
    @inlinable
    public mutating func availableCached() -> Int {
        if next >= limit { refreshLimit() }
        return readyCount
    }

    /// A slot ahead of this stage's position; 0 is the next one. Below `available`, the slot is this stage's.
    ///
    /// Further ahead it may only be prefetched, not read.
    @inlinable @inline(__always)
    public func slot(_ ahead: Int) -> Slot {
        assert(ahead >= 0, "a slot ahead")
        return geometry.slot(next &+ UInt64(truncatingIfNeeded: ahead) &* step)
    }

    /// Hands the next slots on to the stage behind.
    @inlinable
    public mutating func advance(_ count: Int = 1) {
        if count == 0 { return }
        precondition(count > 0 && count <= readyCount, "only slots that are ready are handed on")
        next &+= UInt64(truncatingIfNeeded: count) &* step
        own.store(next)
    }

    @inlinable
    var readyCount: Int {
        if limit <= next { return 0 }
        if step == 1 { return Int(truncatingIfNeeded: limit &- next) }
        return Int(truncatingIfNeeded: (limit &- next &+ step &- 1) / step)
    }

    /// The slowest stage upstream decides. A verifier's cursor is the number of the next slot that it takes, so below
    /// the least of them every slot has been verified.
    @inlinable
    mutating func refreshLimit() {
        var slowest = upstream.load()
        var index = 1
        while index < upstreams {
            slowest = min(slowest, Cursor(word: upstream.word + index &* Cursor.size).load())
            index &+= 1
        }
        assert(slowest >= limit, "stages only go forward")
        limit = slowest
    }
}

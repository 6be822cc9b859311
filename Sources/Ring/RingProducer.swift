/// The producer's handle of a `SlotRing`: claims free slots, fills them, publishes them in order.
///
/// Claimed slots are invisible to other stages until `publish`, so several messages of one receive buffer can be
/// claimed one after the other and published together, with one store.
@frozen
public struct RingProducer: ~Copyable, @unchecked Sendable {
    @usableFromInline
    let geometry: RingGeometry
    /// Number of the next slot to claim.
    @usableFromInline
    var claimed: UInt64 = 0
    /// Number of the next slot to publish, as the cursor says.
    @usableFromInline
    var published: UInt64 = 0
    /// Slots below this number are free again: as of the last look at the followers' cursors.
    @usableFromInline
    var released: UInt64 = 0

    init(_ geometry: RingGeometry) { self.geometry = geometry }

    /// Claims the next slot; nil when the ring is full.
    @inlinable
    public mutating func claim() -> Slot? {
        if claimed &- released > geometry.mask {
            refreshReleased()
            if claimed &- released > geometry.mask { return nil }
        }
        let slot = geometry.slot(claimed)
        claimed &+= 1
        return slot
    }

    /// Gives the last claimed slot back, unpublished.
    @inlinable
    public mutating func unclaim() {
        precondition(claimed > published, "a slot that was claimed and not published")
        claimed &-= 1
    }

    /// Hands all claimed slots to the verifiers.
    @inlinable
    public mutating func publish() {
        if published == claimed { return }
        published = claimed
        geometry.published.store(claimed)
    }

    /// Slots that can be claimed now.
    @inlinable
    public mutating func free() -> Int {
        refreshReleased()
        return Int(geometry.mask &+ 1 &- (claimed &- released))
    }

    /// Slots that were claimed and that some follower is not done with.
    @inlinable
    public mutating func inFlight() -> Int {
        refreshReleased()
        return Int(claimed &- released)
    }

    /// The number of the next slot to claim: dense, from 0, for the life of the ring.
    @inlinable
    public var position: UInt64 { claimed }

    /// The slowest follower decides.
    @inlinable
    mutating func refreshReleased() {
        var slowest = geometry.follower(0).load()
        var index = 1
        while index < geometry.followers {
            slowest = min(slowest, geometry.follower(index).load())
            index &+= 1
        }
        assert(slowest >= released && slowest <= published, "followers only go forward, behind the producer")
        released = slowest
    }
}

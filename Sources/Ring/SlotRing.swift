import Platform

/// The one buffer between the stages of the hot path: preallocated slots in a ring, and a cursor per stage.
///
///     producer → verifier 0 … V-1 → sequencer → follower 0 … F-1 → (slot free again)
///
/// A message is copied once, by the producer, from the receive buffer into its slot. Every later stage reads and fills
/// that slot where it stands. There is no queue, no lock and no allocation after `init`.
///
/// - Verifier k takes the slots whose number is k modulo V, at its own pace.
/// - The sequencer takes slots strictly in order, each once its verifier is done with it. So verifying in parallel
///   never reorders clients.
/// - Followers (the replier; a publisher) each take every slot in order, behind the sequencer, beside one another.
/// - The producer reuses a slot when all followers are done with it; a full ring is back-pressure: it stops reading.
///
/// The ring is the memory's owner; `producer`, `verifier`, `sequencer` and `follower` make the handles that stages
/// work with. Each is made once and owned by one thread at a time; none may outlive the ring. One thread may own all.
public struct SlotRing: ~Copyable, @unchecked Sendable {
    private let memory: PreallocatedMemory
    private let geometry: RingGeometry

    /// Sizes of a ring, fixed for its life.
    public struct Configuration: Sendable, Equatable {
        /// Slots: a power of two, 2 to 65,536.
        public var slots: Int = 4096
        /// Bytes of a slot: header, prefix, message and signature; 256 to 65,536. Rounded up to an odd number of cache
        /// lines: with an even one, all slots' headers would share a fraction of the cache's sets.
        public var slotBytes: Int = 8704
        /// Verifiers, 1 to 64.
        public var verifiers: Int = 1
        /// Stages behind the sequencer, 1 to 8.
        public var followers: Int = 1

        public init() {}

        func validated() throws(PlatformError) {
            func check(_ holds: Bool, _ text: String) throws(PlatformError) {
                if !holds { throw .invalidArgument(text) }
            }
            try check(
                (2...65_536).contains(slots) && slots.nonzeroBitCount == 1,
                "slots \(slots): expected a power of two in 2...65536")
            try check((256...65_536).contains(slotBytes), "slotBytes \(slotBytes): expected 256...65536")
            try check((1...64).contains(verifiers), "verifiers \(verifiers): expected 1...64")
            try check((1...8).contains(followers), "followers \(followers): expected 1...8")
        }
    }

    /// Allocates the ring and writes the signing prefix into every slot.
    ///
    /// - Parameter prefix: the `Slot.prefixSize` bytes that are signed before every message.
    public init(_ configuration: Configuration, prefix: some Collection<UInt8>) throws(PlatformError) {
        try configuration.validated()
        precondition(prefix.count == Slot.prefixSize, "a prefix of \(Slot.prefixSize) bytes")
        let lines = (configuration.slotBytes + 63) / 64
        let stride = (lines % 2 == 0 ? lines + 1 : lines) * 64
        let cursors = 1 + configuration.verifiers + 1 + configuration.followers
        let slotsOffset = cursors * Cursor.size
        memory = try PreallocatedMemory(byteCount: slotsOffset + configuration.slots * stride)
        geometry = RingGeometry(
            cursors: memory.base, slots: memory.base + slotsOffset, stride: stride,
            mask: UInt64(configuration.slots - 1), verifiers: configuration.verifiers,
            followers: configuration.followers)
        for verifier in 0..<configuration.verifiers { geometry.verifier(verifier).store(UInt64(verifier)) }
        for number in 0..<UInt64(configuration.slots) {
            UnsafeMutableRawBufferPointer(start: geometry.slot(number).prefix, count: prefix.count)
                .copyBytes(from: prefix)
        }
    }

    /// Bytes that message and signature of one slot may take together.
    public var messageBytesMax: Int { geometry.stride - Slot.messageOffset }
    /// Bytes of memory that the ring holds.
    public var byteCount: Int { memory.byteCount }
    public var verifierCount: Int { geometry.verifiers }

    /// The producer's handle. Made once.
    public func producer() -> RingProducer { RingProducer(geometry) }

    /// A verifier's handle. Each made once.
    public func verifier(_ index: Int) -> RingConsumer {
        precondition(index >= 0 && index < geometry.verifiers, "a verifier of this ring")
        return RingConsumer(
            geometry, own: geometry.verifier(index), upstream: geometry.published, upstreams: 1,
            position: UInt64(index), step: UInt64(geometry.verifiers))
    }

    /// The sequencer's handle. Made once.
    public func sequencer() -> RingConsumer {
        RingConsumer(
            geometry, own: geometry.sequencer, upstream: geometry.verifier(0), upstreams: geometry.verifiers,
            position: 0, step: 1)
    }

    /// The handle of a stage behind the sequencer. Each made once.
    public func follower(_ index: Int) -> RingConsumer {
        precondition(index >= 0 && index < geometry.followers, "a follower of this ring")
        return RingConsumer(
            geometry, own: geometry.follower(index), upstream: geometry.sequencer, upstreams: 1, position: 0, step: 1)
    }
}

/// Where a ring's parts are: what every handle carries.
@usableFromInline
@frozen
struct RingGeometry: @unchecked Sendable {
    @usableFromInline
    let cursors: UnsafeMutableRawPointer
    @usableFromInline
    let slots: UnsafeMutableRawPointer
    @usableFromInline
    let stride: Int
    @usableFromInline
    let mask: UInt64
    @usableFromInline
    let verifiers: Int
    @usableFromInline
    let followers: Int

    @usableFromInline
    init(
        cursors: UnsafeMutableRawPointer, slots: UnsafeMutableRawPointer, stride: Int, mask: UInt64, verifiers: Int,
        followers: Int
    ) {
        self.cursors = cursors
        self.slots = slots
        self.stride = stride
        self.mask = mask
        self.verifiers = verifiers
        self.followers = followers
    }

    /// The slot of a number: numbers count up for ever, slots repeat.
    @inlinable @inline(__always)
    func slot(_ number: UInt64) -> Slot {
        Slot(base: slots + Int(truncatingIfNeeded: number & mask) &* stride)
    }

    @inlinable
    func cursor(_ index: Int) -> Cursor { Cursor(word: cursors + index &* Cursor.size) }

    // Cursors in the order of the stages: published, verifiers, sequencer, followers.
    @inlinable
    var published: Cursor { cursor(0) }
    @inlinable
    func verifier(_ index: Int) -> Cursor { cursor(1 &+ index) }
    @inlinable
    var sequencer: Cursor { cursor(1 &+ verifiers) }
    @inlinable
    func follower(_ index: Int) -> Cursor { cursor(2 &+ verifiers &+ index) }
}

import CPlatform

/// One slot of a `SlotRing`: a handle to its header, and to the message that all stages read in place.
///
/// A slot belongs to one stage at a time, so its fields need no ordering of their own: the cursors give it. A field is
/// written by the stage that its comment names, and read by that stage and later ones. Fields keep what the slot's
/// previous use left in them until they are written.
///
/// Layout, offsets from the slot's start (a multiple of 64), integers in the machine's byte order:
///
///       0 u64  ticket               64 u64  detail                128 32 bytes signing prefix
///       8 u64  arrivalNanoseconds   72 u64  firstSequence         160 message (SBE, header first)
///      16 u32  session              80 u64  lastSequence              signature right behind it
///      20 u32  sessionGeneration    88 u64  record
///      24 u32  messageLength        96 u32  keyGeneration
///      28 u16  signatureLength     100 u16  status
///      30 u16  template            102 u16  reason
///      32 u32  account             104 u64  verifiedTicks
///      36 u16  keySlot             112 u64  matchedTicks
///      38 u16  kind                120 u64  journaledTicks
///      40 u64  context
///      48 u64  arrivalTicks
///      56 u64  publishedTicks
///
/// The first cache line is the producer's (its last word the last stage's, when nobody else reads any more), the
/// second the verifier's and the sequencer's.
@frozen
public struct Slot: @unchecked Sendable {
    /// The slot's first byte.
    public let base: UnsafeMutableRawPointer

    @inlinable
    public init(base: UnsafeMutableRawPointer) { self.base = base }

    /// Bytes of the header.
    @inlinable
    public static var headerSize: Int { 128 }
    /// Bytes of the prefix that is signed before a message.
    @inlinable
    public static var prefixSize: Int { 32 }
    /// Where the message begins; the prefix stands right before it.
    @inlinable
    public static var messageOffset: Int { headerSize + prefixSize }

    @inlinable @inline(__always)
    func load<Value: FixedWidthInteger & BitwiseCopyable>(_ offset: Int) -> Value {
        base.load(fromByteOffset: offset, as: Value.self)
    }

    @inlinable @inline(__always)
    func store<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value, _ offset: Int) {
        base.storeBytes(of: value, toByteOffset: offset, as: Value.self)
    }
}

/// Written by the producer.
extension Slot {
    /// Arrival ticket: dense, in the order of arrival.
    @inlinable
    public var ticket: UInt64 {
        get { load(0) }
        nonmutating set { store(newValue, 0) }
    }

    /// When the message arrived, in nanoseconds since 1970 UTC.
    @inlinable
    public var arrivalNanoseconds: UInt64 {
        get { load(8) }
        nonmutating set { store(newValue, 8) }
    }

    /// The session it came from.
    @inlinable
    public var session: UInt32 {
        get { load(16) }
        nonmutating set { store(newValue, 16) }
    }

    /// Which use of the session's place: an answer to an older one goes nowhere.
    @inlinable
    public var sessionGeneration: UInt32 {
        get { load(20) }
        nonmutating set { store(newValue, 20) }
    }

    /// Bytes of the message, its SBE header included and its signature not.
    @inlinable
    public var messageLength: UInt32 {
        get { load(24) }
        nonmutating set { store(newValue, 24) }
    }

    /// Bytes of the signature behind the message: 64, or 0 for a message without one.
    @inlinable
    public var signatureLength: UInt16 {
        get { load(28) }
        nonmutating set { store(newValue, 28) }
    }

    /// The message's SBE template id.
    @inlinable
    public var template: UInt16 {
        get { load(30) }
        nonmutating set { store(newValue, 30) }
    }

    /// The account that the message speaks for.
    @inlinable
    public var account: UInt32 {
        get { load(32) }
        nonmutating set { store(newValue, 32) }
    }

    /// The account's key slot that the message is signed with.
    @inlinable
    public var keySlot: UInt16 {
        get { load(36) }
        nonmutating set { store(newValue, 36) }
    }

    /// What the slot carries: the composing program's own numbers (a client's message, a tick, …).
    @inlinable
    public var kind: UInt16 {
        get { load(38) }
        nonmutating set { store(newValue, 38) }
    }

    /// One word that the composing program carries along for itself.
    @inlinable
    public var context: UInt64 {
        get { load(40) }
        nonmutating set { store(newValue, 40) }
    }

    /// `TimestampCounter` when the message had arrived.
    @inlinable
    public var arrivalTicks: UInt64 {
        get { load(48) }
        nonmutating set { store(newValue, 48) }
    }
}

/// Written by the verifier and, after it, by the sequencer.
extension Slot {
    /// A second word to the reason: a mark, an original sequence.
    @inlinable
    public var detail: UInt64 {
        get { load(64) }
        nonmutating set { store(newValue, 64) }
    }

    /// The first record that the message became; 0 for none.
    @inlinable
    public var firstSequence: UInt64 {
        get { load(72) }
        nonmutating set { store(newValue, 72) }
    }

    /// The last record that it became: a later one than the first when it went on in continuation records.
    @inlinable
    public var lastSequence: UInt64 {
        get { load(80) }
        nonmutating set { store(newValue, 80) }
    }

    /// Where the first record is: an address or an offset, as the composing program defines it.
    @inlinable
    public var record: UInt64 {
        get { load(88) }
        nonmutating set { store(newValue, 88) }
    }

    /// The generation of the key that the signature was checked against.
    @inlinable
    public var keyGeneration: UInt32 {
        get { load(96) }
        nonmutating set { store(newValue, 96) }
    }

    /// How far the message came and with what result: the composing program's own numbers.
    @inlinable
    public var status: UInt16 {
        get { load(100) }
        nonmutating set { store(newValue, 100) }
    }

    /// Why it was refused; 0 when it was not.
    @inlinable
    public var reason: UInt16 {
        get { load(102) }
        nonmutating set { store(newValue, 102) }
    }

    /// `TimestampCounter` when its signature had been checked.
    @inlinable
    public var verifiedTicks: UInt64 {
        get { load(104) }
        nonmutating set { store(newValue, 104) }
    }

    /// `TimestampCounter` when the venue had applied it.
    @inlinable
    public var matchedTicks: UInt64 {
        get { load(112) }
        nonmutating set { store(newValue, 112) }
    }

    /// `TimestampCounter` when its record was committed.
    @inlinable
    public var journaledTicks: UInt64 {
        get { load(120) }
        nonmutating set { store(newValue, 120) }
    }

    /// `TimestampCounter` when its events had been published; written by the stage that publishes.
    @inlinable
    public var publishedTicks: UInt64 {
        get { load(56) }
        nonmutating set { store(newValue, 56) }
    }
}

/// The arena: prefix, message, signature, one after the other, so that nothing is copied to check or to log it.
extension Slot {
    /// The prefix: `prefixSize` bytes that the ring wrote when it was made.
    @inlinable
    public var prefix: UnsafeMutableRawPointer { base + Self.headerSize }

    /// The message's first byte, 32-byte aligned.
    @inlinable
    public var message: UnsafeMutableRawPointer { base + Self.messageOffset }

    /// The message.
    @inlinable
    public var messageBytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: message, count: Int(messageLength))
    }

    /// What was signed: prefix and message.
    @inlinable
    public var signedBytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: prefix, count: Self.prefixSize + Int(messageLength))
    }

    /// The signature's first byte.
    @inlinable
    public var signature: UnsafeMutableRawPointer { message + Int(messageLength) }

    /// Message and signature, as they came and as they are journaled.
    @inlinable
    public var commandBytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: message, count: Int(messageLength) + Int(signatureLength))
    }

    /// Brings header and the message's beginning near: four cache lines.
    @inlinable
    public func prefetch() {
        platform_prefetch_read(base)
        platform_prefetch_read(base + 64)
        platform_prefetch_read(base + 128)
        platform_prefetch_read(base + 192)
    }
}

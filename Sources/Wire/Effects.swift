/// Walks the effects of a record: SBE messages of journal.xml, one after the other.
@frozen public struct EffectCursor {
    @usableFromInline var next: UnsafeRawPointer
    @usableFromInline let end: UnsafeRawPointer

    @inlinable public init(_ base: UnsafeRawPointer, count: Int) {
        next = base
        end = base + count
    }

    /// The next effect, or nil at the end, or when what stands there is no effect of a known size.
    @inlinable public mutating func read() -> Effect? {
        guard end - next >= MessageHeader.size else { return nil }
        let effect = Effect(base: next)
        guard effect.size <= end - next, Template.journalBlockLength(effect.template) == effect.blockLength else {
            return nil
        }
        next += effect.size
        return effect
    }

    /// Whether all bytes were read: false after `read` returned nil means damage.
    @inlinable public var isAtEnd: Bool { next == end }
}

/// One effect, read in place.
@frozen public struct Effect {
    /// Where its SBE header stands.
    public let base: UnsafeRawPointer
    @inlinable public init(base: UnsafeRawPointer) { self.base = base }
    @inlinable public var blockLength: UInt16 { base.loadUnaligned(fromByteOffset: 0, as: UInt16.self) }
    /// Template of journal.xml.
    @inlinable public var template: UInt16 { base.loadUnaligned(fromByteOffset: 2, as: UInt16.self) }
    /// Header and block, bytes.
    @inlinable public var size: Int { MessageHeader.size + Int(blockLength) }

    /// How many market-data messages follow from this effect; the table stands in MarketData.md.
    @inlinable public var feedMessages: Int {
        switch template {
        case Template.rested, Template.executed, Template.tradingStateChanged, Template.feedSessionStarted: 1
        case Template.cancelled: CancelledMessage(base).displayed == 1 ? 1 : 0
        case Template.replaced: replacedFeedMessages
        case Template.instrumentListed: 2
        default: 0
        }
    }

    @inlinable var replacedFeedMessages: Int {
        let replaced = ReplacedMessage(base)
        return replaced.flags.contains(.keptPriority) && replaced.quantityLots == replaced.originalQuantityLots ? 0 : 1
    }
}

/// Appends effects into memory reserved for them, and counts what follows from them.
///
///     let place = writer.next
///     RestedMessage.encode(at: place, …)
///     writer.advance(RestedMessage.size)
@frozen public struct EffectWriter {
    /// Where the first effect stands.
    public let base: UnsafeMutableRawPointer
    /// Where the next effect goes.
    public var next: UnsafeMutableRawPointer
    /// Effects written.
    public var count = 0
    /// Market-data messages that follow from them.
    public var feedMessages = 0

    /// Bytes that the memory must hold.
    public static let capacity = Limits.effectsPerRecordMax * Limits.effectBytesMax

    /// The memory holds `capacity` bytes.
    @inlinable public init(_ base: UnsafeMutableRawPointer) {
        self.base = base
        next = base
    }

    /// Bytes written.
    @inlinable public var length: Int { next - base }

    /// Whether a unit of work may begin in this record.
    @inlinable public var hasRoomForUnit: Bool {
        count + Limits.effectsPerUnitMax <= Limits.effectsPerRecordMax
    }

    /// Counts the effect that was just encoded at `next`.
    @inlinable public mutating func advance(_ bytes: Int) {
        precondition(count < Limits.effectsPerRecordMax && bytes <= Limits.effectBytesMax)
        feedMessages += Effect(base: UnsafeRawPointer(next)).feedMessages
        count += 1
        next += bytes
    }
}

/// The 8 bytes before every SBE message.
@frozen public struct MessageHeader {
    public static let size = 8
    /// Schema of order entry.
    public static let orderEntrySchema: UInt16 = 1
    /// Schema of what else stands in the journal.
    public static let journalSchema: UInt16 = 2
    /// Version of both.
    public static let version: UInt16 = 0

    /// Where it stands; the memory holds at least 8 bytes.
    public let base: UnsafeRawPointer
    @inlinable public init(_ base: UnsafeRawPointer) { self.base = base }

    @inlinable public var blockLength: UInt16 { base.loadUnaligned(fromByteOffset: 0, as: UInt16.self) }
    @inlinable public var templateId: UInt16 { base.loadUnaligned(fromByteOffset: 2, as: UInt16.self) }
    @inlinable public var schemaId: UInt16 { base.loadUnaligned(fromByteOffset: 4, as: UInt16.self) }
    @inlinable public var version: UInt16 { base.loadUnaligned(fromByteOffset: 6, as: UInt16.self) }
}

/// Simple Open Framing Header: u32 length (its own 6 bytes included) and u16 encoding type, both big-endian.
@frozen public enum FrameHeader {
    public static let size = 6
    /// SBE 1.0, little-endian.
    public static let sbeLittleEndian: UInt16 = 0xEB50

    /// Length of the whole frame, bytes.
    @inlinable public static func length(_ base: UnsafeRawPointer) -> UInt32 {
        UInt32(bigEndian: base.loadUnaligned(as: UInt32.self))
    }

    /// Encoding type.
    @inlinable public static func encoding(_ base: UnsafeRawPointer) -> UInt16 {
        UInt16(bigEndian: base.loadUnaligned(fromByteOffset: 4, as: UInt16.self))
    }

    /// Writes the header of a frame whose content has `contentBytes`.
    @inlinable public static func encode(at pointer: UnsafeMutableRawPointer, contentBytes: Int) {
        pointer.storeBytes(of: UInt32(contentBytes + size).bigEndian, as: UInt32.self)
        pointer.storeBytes(of: sbeLittleEndian.bigEndian, toByteOffset: 4, as: UInt16.self)
    }
}

/// The 24 bytes that every state-changing message of order entry begins with, after its SBE header.
@frozen public struct CommandHeader {
    /// Where the SBE header stands; the memory holds at least 32 bytes.
    public let base: UnsafeRawPointer
    @inlinable public init(_ base: UnsafeRawPointer) { self.base = base }

    @inlinable public var templateId: UInt16 { MessageHeader(base).templateId }
    @inlinable public var account: UInt32 { base.loadUnaligned(fromByteOffset: 8, as: UInt32.self) }
    @inlinable public var keySlot: UInt16 { base.loadUnaligned(fromByteOffset: 12, as: UInt16.self) }
    @inlinable public var nonce: UInt64 { base.loadUnaligned(fromByteOffset: 16, as: UInt64.self) }
    /// 0 = none.
    @inlinable public var deadline: UInt64 { base.loadUnaligned(fromByteOffset: 24, as: UInt64.self) }

    /// Whether messages of that template are commands: they change state, and a signature follows them.
    @inlinable public static func isCommand(_ template: UInt16) -> Bool {
        (Template.createAccount...Template.batch).contains(template) && Template.orderEntryBlockLength(template) != nil
    }
}

/// Structure of an order-entry message, checked before anything else reads it: it says nothing about field values.
@frozen public enum MessageStructure {
    /// Why a message of `count` bytes (signature not included) is no message of schema 1, version 0; nil when
    /// it is one.
    @inlinable public static func refusal(_ base: UnsafeRawPointer, count: Int) -> Reason? {
        guard count >= MessageHeader.size else { return .invalidLength }
        let header = MessageHeader(base)
        guard header.schemaId == MessageHeader.orderEntrySchema else { return .unknownTemplate }
        guard header.version == MessageHeader.version else { return .unsupportedVersion }
        guard let block = Template.orderEntryBlockLength(header.templateId) else { return .unknownTemplate }
        guard header.blockLength == block else { return .invalidLength }
        guard header.templateId == Template.batch else {
            return count == MessageHeader.size + Int(block) ? nil : .invalidLength
        }
        guard count >= BatchMessage.size else { return .invalidLength }
        let batch = BatchMessage(base)
        guard batch.entryBlockLength == UInt16(BatchEntry.size), batch.entryCount >= 1,
            batch.entryCount <= UInt16(Limits.batchEntriesMax),
            count == BatchMessage.size + Int(batch.entryCount) * BatchEntry.size
        else { return .invalidLength }
        return nil
    }
}

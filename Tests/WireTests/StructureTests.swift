import Testing

@testable import Wire

@Suite("Structure of order-entry messages")
struct StructureTests {
    @Test func everyMessageIsTakenAtItsLengthOnly() {
        for message in FieldTables.orderEntry where message.templateId != Template.batch {
            let size = MessageHeader.size + message.blockLength
            let bytes = Message.bytes(message) + [UInt8](repeating: 0, count: 8)
            #expect(refusal(bytes, size) == nil, "\(message.name)")
            for count in 0..<bytes.count where count != size {
                #expect(refusal(bytes, count) == .invalidLength, "\(message.name), \(count) bytes")
            }
        }
    }

    @Test func unknownTemplatesSchemasAndVersionsAreRefused() {
        let known = Set(FieldTables.orderEntry.map(\.templateId))
        for template in UInt16.min...UInt16.max where !known.contains(template) {
            #expect(
                refusal(Message.header(72, template, 1, 0) + [UInt8](repeating: 0, count: 72), 80) == .unknownTemplate)
        }
        let order = Message.bytes(FieldTables.orderEntry.first { $0.name == "NewOrder" }!)
        for (offset, expected) in [(4, Reason.unknownTemplate), (6, .unsupportedVersion), (0, .invalidLength)] {
            var bytes = order
            bytes[offset] ^= 0x40
            #expect(refusal(bytes, bytes.count) == expected)
        }
    }

    @Test func batchesAreTakenWithOneToAllEntries() {
        for count in [0, 1, 2, 127, 128, 129, 65_535] {
            let bytes = Message.batch(entries: count, stored: min(count, 200))
            let fits = (1...Limits.batchEntriesMax).contains(count)
            #expect(refusal(bytes, bytes.count) == (fits ? nil : .invalidLength), "\(count) entries")
            #expect(refusal(bytes, bytes.count - 1) == .invalidLength)
        }
        var grown = Message.batch(entries: 2, stored: 2)
        grown[MessageHeader.size + Int(BatchMessage.blockLength)] = 56
        #expect(refusal(grown, grown.count) == .invalidLength)
    }

    @Test func framesCountTheirHeader() {
        withUnsafeTemporaryAllocation(byteCount: FrameHeader.size, alignment: 1) { memory in
            FrameHeader.encode(at: memory.baseAddress!, contentBytes: 144)
            #expect(Array(memory) == [0, 0, 0, 150, 0xEB, 0x50])
            #expect(FrameHeader.length(UnsafeRawPointer(memory.baseAddress!)) == 150)
            #expect(FrameHeader.encoding(UnsafeRawPointer(memory.baseAddress!)) == FrameHeader.sbeLittleEndian)
        }
    }

    @Test func symbolsAreCapitalsDigitsHyphensAndDots() {
        for good in ["A", "BTC-USD", "X.Y-0", "ABCDEFGH"] {
            #expect(FixedText.isSymbol(FixedText.eight(good)!), "\(good)")
        }
        for bad in ["", " A", "A B", "abc", "A_B", "A\u{7E}"] {
            #expect(!FixedText.isSymbol(FixedText.eight(bad)!), "\(bad)")
        }
        #expect(!FixedText.isSymbol(0) && !FixedText.isSymbol(.max))
        #expect(FixedText.eight("ABCDEFGHI") == nil && FixedText.eight("Ä") == nil)
        #expect(FixedText.string(FixedText.eight("BTC-USD")!) == "BTC-USD")
    }

    private func refusal(_ bytes: [UInt8], _ count: Int) -> Reason? {
        bytes.withUnsafeBytes { MessageStructure.refusal($0.baseAddress!, count: count) }
    }
}

/// Messages as bytes, made from the tables of the schemas.
enum Message {
    static func header(_ block: Int, _ template: UInt16, _ schema: UInt16, _ version: UInt16) -> [UInt8] {
        [UInt16(block), template, schema, version].flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    }

    /// A message of order entry whose block is zero.
    static func bytes(_ message: MessageDescription) -> [UInt8] {
        header(message.blockLength, message.templateId, MessageHeader.orderEntrySchema, 0)
            + [UInt8](repeating: 0, count: message.blockLength)
    }

    /// A batch that says it has `entries` and holds `stored`.
    static func batch(entries: Int, stored: Int) -> [UInt8] {
        let block = Int(BatchMessage.blockLength)
        return header(block, Template.batch, MessageHeader.orderEntrySchema, 0) + [UInt8](repeating: 0, count: block)
            + [UInt8(BatchEntry.size), 0, UInt8(truncatingIfNeeded: entries), UInt8(entries >> 8)]
            + [UInt8](repeating: 0, count: stored * BatchEntry.size)
    }
}

import Testing

@testable import Wire

@Suite("Layouts and limits")
struct LayoutTests {
    /// Everything that a full record may hold fits: the largest command, its signature, and 512 of the largest effects.
    @Test func fullRecordFits() {
        let command = RecordLayout.padded(Limits.messageBytesMax + Limits.signatureBytes)
        let effects = Limits.effectsPerRecordMax * Limits.effectBytesMax
        #expect(RecordLayout.bytesMin + command + effects <= Limits.recordBytesMax)
        #expect(Limits.recordBytesMax <= 65_535 && Limits.recordBytesMax % 8 == 0)
        #expect(EffectWriter.capacity == effects)
    }

    /// The records that the issue of size is about: an unfilled order, and what each trade adds.
    @Test func ordersAreSmallRecords() {
        let command = RecordLayout.padded(NewOrderMessage.size + Limits.signatureBytes)
        let unfilled = RecordLayout.bytesMin + command + AcceptedMessage.size + RestedMessage.size
        #expect(unfilled <= 384)
        #expect(ExecutedMessage.size <= 160)
    }

    @Test func effectsKeepRecordsAligned() {
        for message in FieldTables.journal {
            #expect((MessageHeader.size + message.blockLength) % 8 == 0, "\(message.name)")
            #expect(MessageHeader.size + message.blockLength <= max(Limits.effectBytesMax, GenesisMessage.size))
        }
    }

    /// Every byte of every message belongs to exactly one field.
    @Test(arguments: [FieldTables.orderEntry, FieldTables.journal])
    func fieldsCoverTheirBlock(messages: [MessageDescription]) {
        for message in messages {
            var end = MessageHeader.size
            for field in message.fields {
                #expect(field.offset == end, "\(message.name).\(field.name)")
                end = field.offset + field.size
            }
            #expect(end == MessageHeader.size + message.blockLength, "\(message.name)")
        }
    }

    @Test func commandsShareTheirHead() {
        for message in FieldTables.orderEntry where CommandHeader.isCommand(message.templateId) {
            let head = message.fields.prefix(5).map { "\($0.name) \($0.offset) \($0.size)" }
            #expect(head == ["account 8 4", "keySlot 12 2", "reserved0 14 2", "nonce 16 8", "deadline 24 8"])
        }
    }

    @Test func templatesAreUnique() {
        for schema in [FieldTables.orderEntry, FieldTables.journal] {
            #expect(Set(schema.map(\.templateId)).count == schema.count)
            #expect(Set(schema.map(\.name)).count == schema.count)
        }
    }

    @Test func reasonsHaveTextsOfTheirOwn() {
        let texts = Reason.allCases.map(\.text)
        #expect(Set(texts).count == texts.count)
        #expect(texts.allSatisfy { !$0.isEmpty })
    }
}

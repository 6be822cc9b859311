import Wire

/// The form of one record by itself, of bytes from anywhere: what has to hold before a field of it may be read.
enum RecordStructure {
    /// Why the bytes are no record; nil when they are one. Its hash is checked elsewhere.
    ///
    /// - Parameter bytes: aligned to 8, and nobody else's.
    static func fault(_ bytes: UnsafeRawBufferPointer) -> String? {
        guard bytes.count >= RecordLayout.bytesMin, bytes.count <= Limits.recordBytesMax, bytes.count % 8 == 0 else {
            return "\(bytes.count) bytes"
        }
        let record = RecordView(bytes.baseAddress!)
        let complement = bytes.load(fromByteOffset: RecordLayout.complement, as: UInt32.self)
        guard record.length == bytes.count, complement == ~UInt32(truncatingIfNeeded: bytes.count) else {
            return "a length word of \(record.length) in \(bytes.count) bytes"
        }
        guard let kind = record.kind else { return "an unknown kind" }
        guard record.sizesAddUp else { return "parts of \(record.commandLength) and \(record.effectsLength) bytes" }
        guard record.flags.subtracting(.proofsHold).isEmpty else { return "unknown flags" }
        for offset in record.commandLength..<RecordLayout.padded(record.commandLength)
        where record.command.load(fromByteOffset: offset, as: UInt8.self) != 0 {
            return "padding that is not zero"
        }
        return messageFault(record, kind)
    }

    /// The node's own messages have one form each.
    private static func messageFault(_ record: RecordView, _ kind: RecordKind) -> String? {
        let template: UInt16
        switch kind {
        case .command: return nil
        case .genesis: template = Template.genesis
        case .restart: template = Template.restart
        case .tick: template = Template.tick
        case .continuation: template = Template.continuation
        }
        guard record.commandLength >= MessageHeader.size else { return "a message without its header" }
        let header = MessageHeader(record.command)
        guard header.schemaId == MessageHeader.journalSchema, header.version == MessageHeader.version,
            header.templateId == template, Template.journalBlockLength(template) == header.blockLength,
            record.commandLength == MessageHeader.size + Int(header.blockLength)
        else { return "another message than that of its kind" }
        // Genesis and restart end with a reserved word.
        let last = record.command.loadUnaligned(fromByteOffset: record.commandLength - 4, as: UInt32.self)
        if (kind == .genesis || kind == .restart) && last != 0 { return "a reserved field that is not zero" }
        return record.flags.isEmpty ? nil : "a flag that its kind does not have"
    }

    /// The form of a client command and its place in the schema; nil when it has one.
    static func commandFault(_ record: RecordView) -> String? {
        if let reason = MessageStructure.refusal(record.command, count: record.messageLength) { return reason.text }
        let template = CommandHeader(record.command).templateId
        return CommandHeader.isCommand(template) ? nil : "template \(template), which is no command"
    }
}

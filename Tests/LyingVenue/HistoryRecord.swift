import Cryptography
import Wire

/// A record as a liar plans it: everything that stands in it but its place in the chain, which `History` gives it.
public struct HistoryRecord: Sendable, Equatable {
    public var kind: RecordKind
    public var flags: RecordFlags
    /// Sequencer time and time of arrival, ns Unix UTC.
    public var time: UInt64, arrivalTime: UInt64
    public var arrivalTicket: UInt64
    public var epoch: UInt32
    /// As in a record: the message, and a client's signature behind it.
    public var command: [UInt8]
    /// SBE messages of journal.xml.
    public var effects: [UInt8]

    public init(
        kind: RecordKind, flags: RecordFlags = [], time: UInt64, ticket: UInt64, epoch: UInt32 = 1, command: [UInt8],
        effects: [UInt8]
    ) {
        self.kind = kind
        self.flags = flags
        self.time = time
        arrivalTime = time
        arrivalTicket = ticket
        self.epoch = epoch
        self.command = command
        self.effects = effects
    }

    /// The record of somebody else's journal.
    public init(_ record: RecordView) {
        guard let kind = record.kind else { preconditionFailure("a record of an unknown kind") }
        self.init(
            kind: kind, flags: record.flags, time: record.time, ticket: record.arrivalTicket, epoch: record.epoch,
            command: Array(UnsafeRawBufferPointer(start: record.command, count: record.commandLength)),
            effects: Array(UnsafeRawBufferPointer(start: record.effectsBase, count: record.effectsLength)))
        arrivalTime = record.arrivalTime
    }

    /// Template of the command.
    public var template: UInt16 { command.withUnsafeBytes { MessageHeader($0.baseAddress!).templateId } }

    /// Market-data messages that follow from the effects.
    var feedMessages: Int {
        effects.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return 0 }
            var cursor = EffectCursor(base, count: bytes.count)
            var sum = 0
            while let effect = cursor.read() { sum += effect.feedMessages }
            return sum
        }
    }

    /// Whether a feed session begins with it.
    var beginsSession: Bool { effectOffset(of: Template.feedSessionStarted) != nil }
}

/// Changing what is written.
extension HistoryRecord {
    /// Offset of the n-th effect of a template, from 0.
    public func effectOffset(of template: UInt16, occurrence: Int = 0) -> Int? {
        effects.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return nil }
            var cursor = EffectCursor(base, count: bytes.count)
            var seen = 0
            while let effect = cursor.read() {
                if effect.template == template {
                    if seen == occurrence { return effect.base - base }
                    seen += 1
                }
            }
            return nil
        }
    }

    /// Changes a field of an effect by the names of the schema. The effect and the field have to be there.
    public mutating func changeEffect(
        _ template: UInt16, _ field: String, occurrence: Int = 0, _ change: (UInt64) -> UInt64
    ) {
        guard let start = effectOffset(of: template, occurrence: occurrence),
            let place = FieldTables.journal.first(where: { $0.templateId == template })?.fields.first(
                where: { $0.name == field })
        else { preconditionFailure("no effect \(template) with a field \(field)") }
        Self.change(&effects, at: start + place.offset, size: place.size, change)
    }

    /// Changes a field of the command by the names of the schema; the signature stays as it is.
    public mutating func changeCommand(_ field: String, _ change: (UInt64) -> UInt64) {
        let template = template
        let tables = kind == .command ? FieldTables.orderEntry : FieldTables.journal
        guard let place = tables.first(where: { $0.templateId == template })?.fields.first(where: { $0.name == field })
        else { preconditionFailure("no command \(template) with a field \(field)") }
        Self.change(&command, at: place.offset, size: place.size, change)
    }

    /// A field of the command, as an unsigned number.
    public func commandField(_ field: String) -> UInt64 {
        var copy = self
        var value: UInt64 = 0
        copy.changeCommand(field) {
            value = $0
            return $0
        }
        return value
    }

    /// Sets a field of 32 bytes of the command.
    public mutating func set(_ value: Bytes32, _ field: String) {
        let template = template
        let tables = kind == .command ? FieldTables.orderEntry : FieldTables.journal
        guard let place = tables.first(where: { $0.templateId == template })?.fields.first(where: { $0.name == field })
        else { preconditionFailure("no command \(template) with a field \(field)") }
        command.withUnsafeMutableBytes { value.store(to: $0.baseAddress! + place.offset) }
    }

    /// Sets a field of 32 bytes of the first effect of a template.
    public mutating func set(_ value: Bytes32, effect template: UInt16, _ field: String) {
        guard let start = effectOffset(of: template),
            let place = FieldTables.journal.first(where: { $0.templateId == template })?.fields.first(
                where: { $0.name == field })
        else { preconditionFailure("no effect \(template) with a field \(field)") }
        effects.withUnsafeMutableBytes { value.store(to: $0.baseAddress! + start + place.offset) }
    }

    /// A field of 32 bytes of the command.
    public func bytes32(_ field: String) -> Hash256 {
        let template = template
        guard
            let place = FieldTables.orderEntry.first(where: { $0.templateId == template })?.fields.first(
                where: { $0.name == field })
        else { preconditionFailure("no command \(template) with a field \(field)") }
        return command.withUnsafeBytes { Hash256(loading: $0.baseAddress! + place.offset) }
    }

    /// Signs the command again, with whatever key.
    public mutating func sign(_ key: SigningKey, _ prefix: Hash256) {
        let message = command.dropLast(Limits.signatureBytes)
        let signed = prefix.withUnsafeBytes { Array($0) } + message
        let signature = signed.withUnsafeBytes { key.sign($0) }
        command = message + withUnsafeBytes(of: signature) { Array($0) }
    }

    private static func change(_ bytes: inout [UInt8], at offset: Int, size: Int, _ change: (UInt64) -> UInt64) {
        let size = min(size, 8)
        let before = (0..<size).reduce(UInt64(0)) { $0 | UInt64(bytes[offset + $1]) << (8 * UInt64($1)) }
        let after = change(before)
        for index in 0..<size { bytes[offset + index] = UInt8(truncatingIfNeeded: after >> (8 * UInt64(index))) }
    }
}

/// One field of a message, for tools that print them.
public struct FieldDescription: Sendable {
    /// Name in the schema.
    public let name: String
    /// Type name in the schema.
    public let type: String
    /// Offset from the SBE header (batch entries: from the start of the entry), bytes.
    public let offset: Int
    /// Bytes.
    public let size: Int
    /// Whether the null value means that the field is absent.
    public let optional: Bool

    init(_ name: String, _ type: String, _ offset: Int, _ size: Int, optional: Bool) {
        (self.name, self.type, self.offset, self.size, self.optional) = (name, type, offset, size, optional)
    }
}

/// One message of a schema, for tools that print it.
public struct MessageDescription: Sendable {
    /// Name in the schema.
    public let name: String
    /// SBE template id.
    public let templateId: UInt16
    /// SBE block length, bytes.
    public let blockLength: Int
    /// Its fields, in order, reserved ones included.
    public let fields: [FieldDescription]

    init(_ name: String, _ templateId: UInt16, _ blockLength: Int, _ fields: [FieldDescription]) {
        (self.name, self.templateId, self.blockLength, self.fields) = (name, templateId, blockLength, fields)
    }
}

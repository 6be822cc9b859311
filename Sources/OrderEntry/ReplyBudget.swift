import Wire

/// Room that a session's send buffer must have before a frame of it is taken: so that a client that reads is not
/// closed for what it sent itself, however fast. What others' orders cause comes on top.
public enum ReplyBudget {
    /// Bytes of the answer to one entry of a batch, on average.
    @usableFromInline static let entryBytes = 128

    /// Bytes of the answers that any frame is expected to have, at least: two replies.
    public static let messageBytesMin = 2 * Reply.frameBytesMax

    /// Bytes of the answers that a frame will usually have: two replies, or a little more than one for each entry of a
    /// batch.
    ///
    /// - Parameter content: an SBE message, and its signature; at least an SBE header.
    @inlinable public static func bytes(_ content: UnsafeRawBufferPointer) -> Int {
        let single = messageBytesMin
        guard let message = content.baseAddress, content.count >= BatchMessage.size,
            MessageHeader(message).templateId == Template.batch
        else { return single }
        return single + min(Int(BatchMessage(message).entryCount), Limits.batchEntriesMax) * entryBytes
    }
}

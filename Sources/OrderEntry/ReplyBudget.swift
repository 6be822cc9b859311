import Wire

/// Room that a session's send buffer must have before a frame of it is taken: so that a client that reads is not
/// closed for what it sent itself, however fast. What others' orders cause comes on top.
public enum ReplyBudget {
    /// Bytes of the answers that a frame will usually have: one or two replies for each order in it.
    ///
    /// - Parameter content: an SBE message, and its signature; at least an SBE header.
    @inlinable public static func bytes(_ content: UnsafeRawBufferPointer) -> Int {
        let single = 2 * Reply.frameBytesMax
        guard let message = content.baseAddress, content.count >= BatchMessage.size,
            MessageHeader(message).templateId == Template.batch
        else { return single }
        return max(1, min(Int(BatchMessage(message).entryCount), Limits.batchEntriesMax)) * single
    }
}

import Wire

/// One reply: a function of a record and its command, and of nothing else. It is encoded only when somebody wants it.
@frozen public struct Reply {
    /// Largest reply, framing included.
    public static let frameBytesMax = FrameHeader.size + OrderExecutedMessage.size

    /// What it is about.
    let effect: Effect
    let record: RecordView
    let command: CommandContext
    /// The account that it belongs to.
    public let account: UInt32
    /// Number within its sequence: twice the number of its effect, and 1 more for an effect's second reply.
    public let index: UInt32

    /// Its number.
    public var number: ReplyNumber { ReplyNumber(sequence: record.sequence, index: index) }

    /// Whether it is the second reply of its effect.
    var isSecond: Bool { index & 1 == 1 }

    /// Template of order-entry.xml.
    public var templateId: UInt16 {
        switch effect.template {
        case Template.accepted: Template.orderAccepted
        case Template.rejected: Template.commandRejected
        case Template.executed: Template.orderExecuted
        case Template.cancelled: Template.orderCancelled
        case Template.replaced: Template.orderReplaced
        case Template.balanceChanged: isSecond ? Template.commandAccepted : Template.balanceUpdate
        default: Template.commandAccepted
        }
    }

    /// Bytes of the frame.
    public var frameBytes: Int {
        FrameHeader.size + MessageHeader.size + Int(Template.orderEntryBlockLength(templateId) ?? 0)
    }

    /// Writes the frame: `frameBytes` bytes, any alignment.
    ///
    /// - Parameters:
    ///   - durability: what the reply survives.
    ///   - resent: whether it was sent before.
    /// - Returns: `frameBytes`.
    @discardableResult
    public func encode(at pointer: UnsafeMutableRawPointer, durability: Durability, resent: Bool) -> Int {
        let size = frameBytes
        FrameHeader.encode(at: pointer, contentBytes: size - FrameHeader.size)
        let place = pointer + FrameHeader.size
        let again: UInt8 = resent ? 1 : 0
        switch templateId {
        case Template.orderAccepted: encodeAccepted(place, durability, again)
        case Template.commandRejected: encodeRejected(place, durability, again)
        case Template.orderExecuted: encodeExecuted(place, durability, again)
        case Template.orderCancelled: encodeCancelled(place, durability, again)
        case Template.orderReplaced: encodeReplaced(place, durability, again)
        case Template.balanceUpdate: encodeBalance(place, durability, again)
        default: encodeCommandAccepted(place, durability, again)
        }
        return size
    }
}

/// The replies of one record, in order.
@frozen public struct ReplyCursor {
    let record: RecordView
    let command: CommandContext
    var effects: EffectCursor
    var effectNumber: UInt32 = 0
    /// The effect whose second reply comes next.
    var second: Effect?

    /// - Parameters:
    ///   - record: a record that holds (see `Journal`).
    ///   - command: the context, which has entered the record.
    public init(_ record: RecordView, _ command: CommandContext) {
        self.record = record
        self.command = command
        effects = record.effects
    }

    /// The next reply; nil at the end.
    public mutating func next() -> Reply? {
        if let effect = second {
            second = nil
            return reply(effect, account: secondAccount(effect), index: effectNumber * 2 - 1)
        }
        while let effect = effects.read() {
            let number = effectNumber
            effectNumber += 1
            guard let account = firstAccount(effect) else { continue }
            if hasSecond(effect) { second = effect }
            return reply(effect, account: account, index: number * 2)
        }
        return nil
    }

    private func reply(_ effect: Effect, account: UInt32, index: UInt32) -> Reply {
        Reply(effect: effect, record: record, command: command, account: account, index: index)
    }

    /// Who gets the effect's first reply; nil when nobody does. Every effect with a reply begins with that account.
    private func firstAccount(_ effect: Effect) -> UInt32? {
        switch effect.template {
        case Template.rested, Template.feedSessionStarted: nil
        default: effect.base.loadUnaligned(fromByteOffset: MessageHeader.size, as: UInt32.self)
        }
    }

    /// A trade has two sides; a deposit is told to who gets it and to the operator who asked for it.
    private func hasSecond(_ effect: Effect) -> Bool {
        switch effect.template {
        case Template.executed: true
        case Template.balanceChanged: BalanceChangedMessage(effect.base).cause == .deposit
        default: false
        }
    }

    private func secondAccount(_ effect: Effect) -> UInt32 {
        effect.template == Template.executed ? ExecutedMessage(effect.base).makerAccount : command.account
    }
}

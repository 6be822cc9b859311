import Wire

/// What a server sends within a session. Heartbeats stay inside the session, and its end is an error of the next call.
public enum Message: Equatable, Sendable {
    /// The account is attached; `nonceMark` is the last nonce that its key used.
    case logonAccepted(account: UInt32, keySlot: UInt16, nonceMark: UInt64, sequence: UInt64)
    /// The account is not attached; a code of Wire.md.
    case logonRejected(account: UInt32, reasonCode: UInt16)
    /// Commands are accepted from here on.
    case established(sessionId: UInt64, accounts: UInt32)
    /// The replies that the account asked for were sent, through this sequence; live ones follow.
    case resumeComplete(account: UInt32, throughSequence: UInt64)
    /// An answer, or news of an account.
    case reply(Reply)
}

/// A message of a server, in the forms that only the session sees.
enum ServerMessage: Equatable {
    case challenge(ChallengeFields)
    case heartbeat
    case terminate(TerminationReason)
    case message(Message)
}

/// What a challenge says.
struct ChallengeFields: Equatable {
    var challenge: Bytes32
    var venue: Bytes32
    var sessionId: UInt64
    var time: UInt64
    var heartbeatMilliseconds: UInt32
    var durability: Durability
}

extension ServerMessage {
    /// Reads a message of `count` bytes, SBE header included, as it came; nothing is believed.
    init(_ base: UnsafeRawPointer, count: Int) throws(ProtocolViolation) {
        if let refusal = MessageStructure.refusal(base, count: count) { throw .structure(refusal) }
        let template = MessageHeader(base).templateId
        switch template {
        case Template.challenge: self = .challenge(try Self.challenge(ChallengeMessage(base)))
        case Template.heartbeat: self = .heartbeat
        case Template.logonAccepted:
            let message = LogonAcceptedMessage(base)
            self = .message(
                .logonAccepted(
                    account: message.account, keySlot: message.keySlot, nonceMark: message.nonceMark,
                    sequence: message.sequence))
        case Template.logonRejected:
            let message = LogonRejectedMessage(base)
            self = .message(.logonRejected(account: message.account, reasonCode: message.reasonRaw))
        case Template.established:
            let message = EstablishedMessage(base)
            self = .message(.established(sessionId: message.sessionId, accounts: message.accounts))
        case Template.resumeComplete:
            let message = ResumeCompleteMessage(base)
            self = .message(.resumeComplete(account: message.account, throughSequence: message.throughSequence))
        case Template.terminate:
            let message = TerminateMessage(base)
            guard let reason = message.reason else { throw .fieldValue(template: template) }
            self = .terminate(reason)
        default: self = .message(.reply(try Reply(base, template: template)))
        }
    }

    private static func challenge(_ message: ChallengeMessage) throws(ProtocolViolation) -> ChallengeFields {
        guard let durability = message.durability, message.heartbeatMilliseconds > 0 else {
            throw .fieldValue(template: Template.challenge)
        }
        return ChallengeFields(
            challenge: message.challenge, venue: message.venueId, sessionId: message.sessionId, time: message.time,
            heartbeatMilliseconds: message.heartbeatMilliseconds, durability: durability)
    }
}

extension Reply {
    /// Reads a reply whose structure was checked.
    init(_ base: UnsafeRawPointer, template: UInt16) throws(ProtocolViolation) {
        guard (Template.orderAccepted...Template.balanceUpdate).contains(template) else { throw .template(template) }
        // The first 28 bytes behind the header are the same in all replies.
        let head = OrderAcceptedMessage(base)
        guard let durability = head.durability, head.resent <= 1 else { throw .fieldValue(template: template) }
        guard let body = Body(base, template) else { throw .fieldValue(template: template) }
        self.init(
            number: ReplyNumber(sequence: head.sequence, index: head.index), account: head.account, time: head.time,
            entry: head.entry == Null.u16 ? nil : head.entry, durability: durability, isResent: head.resent == 1,
            body: body)
    }
}

extension Reply.Body {
    /// Nil when a field has a value that its type does not have.
    fileprivate init?(_ base: UnsafeRawPointer, _ template: UInt16) {
        switch template {
        case Template.orderAccepted:
            guard let body = OrderAccepted(OrderAcceptedMessage(base)) else { return nil }
            self = .orderAccepted(body)
        case Template.commandRejected: self = .commandRejected(CommandRejected(CommandRejectedMessage(base)))
        case Template.orderExecuted:
            guard let body = OrderExecuted(OrderExecutedMessage(base)) else { return nil }
            self = .orderExecuted(body)
        case Template.orderCancelled:
            guard let body = OrderCancelled(OrderCancelledMessage(base)) else { return nil }
            self = .orderCancelled(body)
        case Template.orderReplaced:
            guard let body = OrderReplaced(OrderReplacedMessage(base)) else { return nil }
            self = .orderReplaced(body)
        case Template.commandAccepted:
            let message = CommandAcceptedMessage(base)
            self = .commandAccepted(
                CommandAccepted(
                    nonce: message.nonce, subject: message.subject, template: message.templateId,
                    value: message.value))
        case Template.balanceUpdate:
            let message = BalanceUpdateMessage(base)
            guard let cause = message.cause else { return nil }
            self = .balanceUpdate(
                BalanceUpdate(
                    asset: message.asset, cause: cause, amount: message.amount, available: message.available,
                    held: message.held))
        default: return nil
        }
    }
}

extension OrderAccepted {
    fileprivate init?(_ message: OrderAcceptedMessage) {
        guard let side = message.side, let type = message.orderType, let timeInForce = message.timeInForce else {
            return nil
        }
        self.init(
            orderId: message.orderId, clientOrderId: message.clientOrderId, instrument: message.instrument,
            priceTicks: message.priceTicks, quantityLots: message.quantityLots, side: side, type: type,
            timeInForce: timeInForce)
    }
}

extension CommandRejected {
    fileprivate init(_ message: CommandRejectedMessage) {
        self.init(
            clientOrderId: message.clientOrderId == Null.u64 ? nil : message.clientOrderId,
            orderId: message.orderId == Null.u64 ? nil : message.orderId, nonce: message.nonce,
            reasonCode: message.reasonRaw, expected: message.expected, template: message.templateId)
    }
}

extension OrderExecuted {
    fileprivate init?(_ message: OrderExecutedMessage) {
        guard let side = message.side, let liquidity = message.liquidity else { return nil }
        self.init(
            orderId: message.orderId, clientOrderId: message.clientOrderId, matchNumber: message.matchNumber,
            priceTicks: message.priceTicks, quantityLots: message.quantityLots, leavesLots: message.leavesLots,
            instrument: message.instrument, fee: message.fee, feeAsset: message.feeAsset, side: side,
            liquidity: liquidity)
    }
}

extension OrderCancelled {
    fileprivate init?(_ message: OrderCancelledMessage) {
        guard let side = message.side else { return nil }
        self.init(
            orderId: message.orderId, clientOrderId: message.clientOrderId, instrument: message.instrument,
            priceTicks: message.priceTicks, quantityLots: message.quantityLots, leavesLots: message.leavesLots,
            reasonCode: message.reasonRaw, side: side)
    }
}

extension OrderReplaced {
    fileprivate init?(_ message: OrderReplacedMessage) {
        guard let side = message.side, message.keptPriority <= 1 else { return nil }
        self.init(
            originalOrderId: message.originalOrderId, orderId: message.orderId,
            originalClientOrderId: message.originalClientOrderId, clientOrderId: message.clientOrderId,
            instrument: message.instrument, priceTicks: message.priceTicks, quantityLots: message.quantityLots,
            side: side, keptPriority: message.keptPriority == 1)
    }
}

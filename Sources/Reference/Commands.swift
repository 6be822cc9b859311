import Wire

/// What all client commands share (CMD).
extension Reference {
    mutating func carryOut(_ command: Command) {
        let header = CommandHeader(command.message)
        accounts[header.account]!.keys[header.keySlot]!.nonceMark = header.nonce
        let origin = origin(command, header)
        if header.deadline != 0 && command.time > header.deadline {
            return reject(Refusal(.deadlinePassed, command.time), origin)
        }
        if let refusal = FieldRules.refusal(command) { return reject(refusal, origin) }
        if let refusal = whoMay(header) { return reject(refusal, origin) }
        if let refusal = effects(of: command, origin) { reject(refusal, origin) }
    }

    private func origin(_ command: Command, _ header: CommandHeader) -> Origin {
        let message = command.message
        switch header.templateId {
        case Template.newOrder:
            return Origin(account: header.account, clientOrderId: NewOrderMessage(message).clientOrderId)
        case Template.cancelOrder:
            let cancel = CancelOrderMessage(message)
            return Origin(account: header.account, clientOrderId: cancel.clientOrderId, orderId: cancel.orderId)
        case Template.replaceOrder:
            let replace = ReplaceOrderMessage(message)
            return Origin(account: header.account, clientOrderId: replace.clientOrderId, orderId: replace.orderId)
        default: return Origin(account: header.account)
        }
    }

    private static let operatorCommands = [
        Template.createAccount, Template.deposit, Template.listAsset, Template.listInstrument,
        Template.setTradingState, Template.killSwitch, Template.setLimits, Template.rotateVenueKey,
    ]

    /// CMD-4.
    private func whoMay(_ header: CommandHeader) -> Refusal? {
        if Self.operatorCommands.contains(header.templateId) && header.account != 1 {
            return Refusal(.notOperator, UInt64(1))
        }
        if header.templateId == Template.stateCommitment && header.account != 2 {
            return Refusal(.notSettlement, UInt64(2))
        }
        if header.templateId >= 40 { return nil }
        let owner = accounts[header.account]!.ownerSlot
        return header.keySlot == owner ? nil : Refusal(.ownerKeyRequired, UInt64(owner))
    }

    /// Carries the command out: its units are appended, or the reason against it is returned.
    private mutating func effects(of command: Command, _ origin: Origin) -> Refusal? {
        let message = command.message
        switch command.template {
        case Template.createAccount: return createAccount(CreateAccountMessage(message), command.proofsHold)
        case Template.addTradingKey: return addTradingKey(AddTradingKeyMessage(message), command.proofsHold)
        case Template.revokeTradingKey: return revokeTradingKey(RevokeTradingKeyMessage(message))
        case Template.deposit: return deposit(DepositMessage(message))
        case Template.withdraw: return withdraw(WithdrawMessage(message))
        case Template.listAsset: return listAsset(ListAssetMessage(message))
        case Template.listInstrument: return listInstrument(ListInstrumentMessage(message))
        case Template.setTradingState: return setTradingState(SetTradingStateMessage(message))
        case Template.killSwitch: return killSwitch(KillSwitchMessage(message))
        case Template.setLimits: return setLimits(SetLimitsMessage(message))
        case Template.rotateVenueKey: return rotateVenueKey(RotateVenueKeyMessage(message), command.proofsHold)
        case Template.stateCommitment: return commit(StateCommitmentMessage(message))
        case Template.newOrder: return newOrder(OrderWish(NewOrderMessage(message)), origin)
        case Template.cancelOrder:
            let cancel = CancelOrderMessage(message)
            return cancelOrder(cancel.orderId, cancel.clientOrderId, origin)
        case Template.replaceOrder: return replace(ReplaceWish(ReplaceOrderMessage(message)), origin)
        case Template.massCancel: return massCancel(MassCancelMessage(message))
        case Template.batch:
            batch(BatchMessage(message))
            return nil
        default: preconditionFailure("a command of an unknown template")
        }
    }

    /// BAT: each entry by itself.
    private mutating func batch(_ message: BatchMessage) {
        for index in 0..<Int(message.entryCount) {
            let entry = message.entry(index)
            let at = BatchMessage.size + index * BatchEntry.size
            let origin = Origin(
                account: message.account, entry: UInt16(index), clientOrderId: entry.clientOrderId,
                orderId: entry.orderId)
            var refusal = FieldRules.refusal(entry: entry.base, at: at)
            if refusal == nil {
                switch entry.kind {
                case .new: refusal = newOrder(OrderWish(entry, at: at), origin)
                case .cancel: refusal = cancelOrder(entry.orderId, entry.clientOrderId, origin)
                case .replace: refusal = replace(ReplaceWish(entry), origin)
                case nil: preconditionFailure("fields were checked")
                }
            }
            if let refusal { reject(refusal, origin) }
        }
    }
}

import Ledger
import Wire

/// What all client commands share (CMD), and which rule each is of.
extension Venue {
    mutating func applyCommand(_ command: Command, _ effects: inout EffectWriter) -> Progress {
        let header = CommandHeader(command.message)
        ledger.useNonce(header.nonce, account: header.account, slot: header.keySlot)
        let template = header.templateId
        var origin = Origin(account: header.account)
        switch template {
        case Template.newOrder:
            origin.clientOrderId = NewOrderMessage(command.message).clientOrderId
        case Template.cancelOrder:
            origin.clientOrderId = CancelOrderMessage(command.message).clientOrderId
            origin.orderId = CancelOrderMessage(command.message).orderId
        case Template.replaceOrder:
            origin.clientOrderId = ReplaceOrderMessage(command.message).clientOrderId
            origin.orderId = ReplaceOrderMessage(command.message).orderId
        default: break
        }
        if header.deadline != 0 && command.time > header.deadline {
            reject(Refusal(.deadlinePassed, command.time), origin, &effects)
            return .done
        }
        if let refusal = FieldChecks.refusal(command) {
            reject(refusal, origin, &effects)
            return .done
        }
        if template >= Template.newOrder { return applyTrading(command, origin, &effects) }
        if let refusal = whoMay(header) ?? administer(command, &effects) { reject(refusal, origin, &effects) }
        guard template == Template.killSwitch, unfinished.work == .killSwitch else { return .done }
        return goOnAfterKillSwitch(&effects)
    }

    private mutating func applyTrading(
        _ command: Command, _ origin: Origin, _ effects: inout EffectWriter
    ) -> Progress {
        let message = command.message
        switch command.template {
        case Template.newOrder:
            return apply(OrderRequest(NewOrderMessage(message)), origin, &effects)
        case Template.cancelOrder:
            let cancel = CancelOrderMessage(message)
            self.cancel(orderId: cancel.orderId, clientOrderId: cancel.clientOrderId, origin, &effects)
            return .done
        case Template.replaceOrder:
            return apply(ReplaceRequest(ReplaceOrderMessage(message)), origin, &effects)
        case Template.massCancel:
            return massCancel(MassCancelMessage(message), origin, &effects)
        case Template.batch:
            return batch(BatchMessage(message), count: command.count, &effects)
        default: preconditionFailure("a command of an unknown template is never journaled")
        }
    }

    /// CMD-4.
    private mutating func whoMay(_ header: CommandHeader) -> Refusal? {
        switch header.templateId {
        case Template.createAccount, Template.deposit, Template.listAsset, Template.listInstrument,
            Template.setTradingState, Template.killSwitch, Template.setLimits, Template.rotateVenueKey:
            if header.account != WellKnownAccount.venueOperator {
                return Refusal(.notOperator, WellKnownAccount.venueOperator)
            }
        case Template.stateCommitment:
            if header.account != WellKnownAccount.settlement {
                return Refusal(.notSettlement, WellKnownAccount.settlement)
            }
        default: break
        }
        let owner = ledger.ownerSlot(header.account)
        return header.keySlot == owner ? nil : Refusal(.ownerKeyRequired, UInt32(owner))
    }

    /// Templates 20 to 31: the effect is written, or the reason returned.
    private mutating func administer(_ command: Command, _ effects: inout EffectWriter) -> Refusal? {
        let message = command.message
        switch command.template {
        case Template.createAccount:
            return createAccount(CreateAccountMessage(message), command.proofsHold, &effects)
        case Template.addTradingKey:
            return addTradingKey(AddTradingKeyMessage(message), command.proofsHold, &effects)
        case Template.revokeTradingKey: return revokeTradingKey(RevokeTradingKeyMessage(message), &effects)
        case Template.deposit: return deposit(DepositMessage(message), &effects)
        case Template.withdraw: return withdraw(WithdrawMessage(message), &effects)
        case Template.listAsset: return listAsset(ListAssetMessage(message), &effects)
        case Template.listInstrument: return listInstrument(ListInstrumentMessage(message), &effects)
        case Template.setTradingState: return setTradingState(SetTradingStateMessage(message), &effects)
        case Template.killSwitch: return killSwitch(KillSwitchMessage(message), &effects)
        case Template.setLimits: return setLimits(SetLimitsMessage(message), &effects)
        case Template.rotateVenueKey:
            return rotateVenueKey(RotateVenueKeyMessage(message), command.proofsHold, &effects)
        case Template.stateCommitment: return commit(StateCommitmentMessage(message), &effects)
        default: preconditionFailure("a command of an unknown template is never journaled")
        }
    }
}

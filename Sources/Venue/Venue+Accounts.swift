import Ledger
import Wire

/// Accounts and keys (ACC).
extension Venue {
    /// ACC-1.
    mutating func createAccount(
        _ message: CreateAccountMessage, _ proofsHold: Bool, _ effects: inout EffectWriter
    ) -> Refusal? {
        let account = message.newAccount
        guard account >= WellKnownAccount.firstCreated, account < ledger.capacity.accounts,
            !ledger.hasAccount(account)
        else { return Refusal(.accountIdInvalid, ledger.capacity.accounts) }
        guard proofsHold else { return Refusal(.proofInvalid) }
        ledger.open(account, ownerKey: message.ownerKey, openOrdersMax: openOrdersMax)
        AccountCreatedMessage.encode(
            at: effects.next, account: message.account, newAccount: account, ownerKey: message.ownerKey)
        effects.advance(AccountCreatedMessage.size)
        return nil
    }

    /// ACC-2.
    mutating func addTradingKey(
        _ message: AddTradingKeyMessage, _ proofsHold: Bool, _ effects: inout EffectWriter
    ) -> Refusal? {
        guard isUnused(message.account, message.slot) else { return Refusal(.keySlotInvalid, ledger.capacity.keySlots) }
        guard proofsHold else { return Refusal(.proofInvalid) }
        ledger.addKey(message.key, account: message.account, slot: message.slot, flags: message.flags.rawValue)
        KeyAddedMessage.encode(
            at: effects.next, account: message.account, slot: message.slot, flags: message.flags, key: message.key)
        effects.advance(KeyAddedMessage.size)
        return nil
    }

    /// ACC-3.
    mutating func revokeTradingKey(_ message: RevokeTradingKeyMessage, _ effects: inout EffectWriter) -> Refusal? {
        let slot = message.slot
        guard slot != ledger.ownerSlot(message.account), UInt32(slot) < ledger.capacity.keySlots else {
            return Refusal(.keySlotInvalid, ledger.capacity.keySlots)
        }
        guard ledger.keyState(message.account, slot) == .inForce else { return Refusal(.keyNotFound) }
        ledger.revokeKey(message.account, slot)
        KeyRevokedMessage.encode(at: effects.next, account: message.account, slot: slot)
        effects.advance(KeyRevokedMessage.size)
        return nil
    }

    /// ACC-4.
    mutating func rotateVenueKey(
        _ message: RotateVenueKeyMessage, _ proofsHold: Bool, _ effects: inout EffectWriter
    ) -> Refusal? {
        guard let purpose = message.purpose else { preconditionFailure("fields were checked") }
        let fits =
            switch purpose {
            case .venueOperator:
                isUnused(WellKnownAccount.fees, message.slot) && isUnused(WellKnownAccount.venueOperator, message.slot)
            case .settlement: isUnused(WellKnownAccount.settlement, message.slot)
            case .log, .receipt: message.slot == 0
            }
        guard fits else { return Refusal(.keySlotInvalid, ledger.capacity.keySlots) }
        guard proofsHold else { return Refusal(.proofInvalid) }
        venueKeys[Int(purpose.rawValue) - 1] = message.newKey
        switch purpose {
        case .venueOperator:
            ledger.rotateOwnerKey(message.newKey, account: WellKnownAccount.fees, slot: message.slot)
            ledger.rotateOwnerKey(message.newKey, account: WellKnownAccount.venueOperator, slot: message.slot)
        case .settlement:
            ledger.rotateOwnerKey(message.newKey, account: WellKnownAccount.settlement, slot: message.slot)
        case .log, .receipt: break
        }
        VenueKeyRotatedMessage.encode(
            at: effects.next, account: message.account, purpose: purpose, slot: message.slot, newKey: message.newKey)
        effects.advance(VenueKeyRotatedMessage.size)
        return nil
    }

    /// ACC-5.
    mutating func commit(_ message: StateCommitmentMessage, _ effects: inout EffectWriter) -> Refusal? {
        CommitmentAcceptedMessage.encode(at: effects.next, account: message.account, through: message.through)
        effects.advance(CommitmentAcceptedMessage.size)
        return nil
    }

    /// Whether a key can be put into the slot: it is not 0, there is such a slot, and it was never used.
    private func isUnused(_ account: UInt32, _ slot: UInt16) -> Bool {
        slot != 0 && UInt32(slot) < ledger.capacity.keySlots && ledger.keyState(account, slot) == .none
    }
}

import Wire

/// Accounts and keys (ACC).
extension Reference {
    /// ACC-1.
    mutating func createAccount(_ message: CreateAccountMessage, _ proofsHold: Bool) -> Refusal? {
        let id = message.newAccount
        if id < 3 || id >= accountsMax || accounts[id] != nil { return Refusal(.accountIdInvalid, UInt64(accountsMax)) }
        if !proofsHold { return Refusal(.proofInvalid) }
        open(id, message.ownerKey)
        units.begin()
        units.add(AccountCreatedMessage.size) {
            AccountCreatedMessage.encode(at: $0, account: message.account, newAccount: id, ownerKey: message.ownerKey)
        }
        return nil
    }

    /// ACC-2.
    mutating func addTradingKey(_ message: AddTradingKeyMessage, _ proofsHold: Bool) -> Refusal? {
        if !isFree(message.account, message.slot) { return Refusal(.keySlotInvalid, UInt64(keySlots)) }
        if !proofsHold { return Refusal(.proofInvalid) }
        accounts[message.account]!.keys[message.slot] = Key(bytes: message.key, flags: message.flags.rawValue)
        units.begin()
        units.add(KeyAddedMessage.size) {
            KeyAddedMessage.encode(
                at: $0, account: message.account, slot: message.slot, flags: message.flags, key: message.key)
        }
        return nil
    }

    /// ACC-3.
    mutating func revokeTradingKey(_ message: RevokeTradingKeyMessage) -> Refusal? {
        let account = accounts[message.account]!
        if message.slot == account.ownerSlot || message.slot >= keySlots {
            return Refusal(.keySlotInvalid, UInt64(keySlots))
        }
        guard let key = account.keys[message.slot], !key.isRevoked else { return Refusal(.keyNotFound) }
        accounts[message.account]!.keys[message.slot]!.isRevoked = true
        units.begin()
        units.add(KeyRevokedMessage.size) {
            KeyRevokedMessage.encode(at: $0, account: message.account, slot: message.slot)
        }
        return nil
    }

    /// ACC-4.
    mutating func rotateVenueKey(_ message: RotateVenueKeyMessage, _ proofsHold: Bool) -> Refusal? {
        let purpose = message.purpose!
        let owners: [UInt32] =
            switch purpose {
            case .venueOperator: [0, 1]
            case .settlement: [2]
            case .log, .receipt: []
            }
        let fits = owners.isEmpty ? message.slot == 0 : owners.allSatisfy { isFree($0, message.slot) }
        if !fits { return Refusal(.keySlotInvalid, UInt64(keySlots)) }
        if !proofsHold { return Refusal(.proofInvalid) }
        venueKeys[purpose] = message.newKey
        for owner in owners {
            let old = accounts[owner]!.ownerSlot
            accounts[owner]!.keys[old]!.isRevoked = true
            accounts[owner]!.keys[message.slot] = Key(bytes: message.newKey, flags: 0)
            accounts[owner]!.ownerSlot = message.slot
        }
        units.begin()
        units.add(VenueKeyRotatedMessage.size) {
            VenueKeyRotatedMessage.encode(
                at: $0, account: message.account, purpose: purpose, slot: message.slot, newKey: message.newKey)
        }
        return nil
    }

    /// ACC-5.
    mutating func commit(_ message: StateCommitmentMessage) -> Refusal? {
        units.begin()
        units.add(CommitmentAcceptedMessage.size) {
            CommitmentAcceptedMessage.encode(at: $0, account: message.account, through: message.through)
        }
        return nil
    }

    /// A slot that a key can be put into.
    private func isFree(_ account: UInt32, _ slot: UInt16) -> Bool {
        slot > 0 && slot < keySlots && accounts[account]!.keys[slot] == nil
    }
}

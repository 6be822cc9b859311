import Wire

/// Putting back what a state says, into a ledger that is empty. What may be put back is checked by the venue.
extension Ledger {
    /// An account with its keys. Its id is free and below the capacity; its slots are below theirs, each once, slot 0
    /// among them.
    public mutating func restore(_ account: StateAccount) {
        precondition(account.id < capacity.accounts && !hasAccount(account.id), "an account id is used once")
        accounts[Int(account.id)] = AccountRow(
            exists: true, isBlocked: account.isBlocked, ownerSlot: account.ownerSlot,
            openOrdersMax: account.openOrdersMax)
        accountCount += 1
        for key in account.keys {
            addKey(key.key, account: account.id, slot: key.slot, flags: key.flags)
            if key.nonceMark > 0 { useNonce(key.nonceMark, account: account.id, slot: key.slot) }
            if key.isRevoked { revokeKey(account.id, key.slot) }
        }
        for balance in account.balances {
            let sum = UInt128(balance.available) + UInt128(balance.held)
            precondition(sum <= UInt128(Self.amountMax), "no balance passes the total of its asset")
            balanceRow(account.id, balance.asset).pointee = Balance(available: balance.available, held: balance.held)
        }
    }

    /// The next asset, with its total.
    public mutating func restore(_ asset: StateAsset) {
        precondition(asset.total <= Self.amountMax, "the total of an asset fits 63 bits")
        listAsset(symbol: asset.symbol, decimals: asset.decimals)
        assets[Int(assetCount) - 1].total = asset.total
    }
}

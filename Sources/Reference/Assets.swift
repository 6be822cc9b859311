import Wire

/// Assets, deposits, withdrawals (AST).
extension Reference {
    /// AST-1.
    mutating func listAsset(_ message: ListAssetMessage) -> Refusal? {
        let next = UInt32(assets.count)
        if message.asset != next || next >= assetsMax || message.decimals > 18 || !isSymbol(message.symbol)
            || assets.contains(where: { $0.symbol == message.symbol })
        {
            return Refusal(.assetInvalid, UInt64(next))
        }
        assets.append(Asset(symbol: message.symbol, decimals: message.decimals))
        units.begin()
        units.add(AssetListedMessage.size) {
            AssetListedMessage.encode(
                at: $0, account: message.account, asset: next, symbol: message.symbol, decimals: message.decimals)
        }
        return nil
    }

    /// 1 to 8 characters of `A–Z 0–9 - .`, then spaces.
    func isSymbol(_ packed: UInt64) -> Bool {
        let bytes = (0..<8).map { UInt8(truncatingIfNeeded: packed >> (8 * UInt64($0))) }
        let text = bytes.prefix { $0 != 0x20 }
        let allowed = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.".utf8)
        return !text.isEmpty && text.allSatisfy(allowed.contains) && bytes[text.count...].allSatisfy { $0 == 0x20 }
    }

    /// AST-2.
    mutating func deposit(_ message: DepositMessage) -> Refusal? {
        if accounts[message.target] == nil { return Refusal(.targetUnknown) }
        if let refusal = amountRefusal(message.asset, message.amount) { return refusal }
        if references.contains(message.reference) { return Refusal(.referenceUsed) }
        if references.count >= Int(referencesMax) { return Refusal(.referencesFull, UInt64(referencesMax)) }
        let asset = Int(message.asset)
        let room = amountMax - assets[asset].total
        if Amount(message.amount) > room { return Refusal(.balanceOverflow, room) }
        references.insert(message.reference)
        assets[asset].total += Amount(message.amount)
        addAvailable(message.target, message.asset, Amount(message.amount))
        tell(message.target, message.asset, Amount(message.amount), .deposit)
        return nil
    }

    /// AST-3.
    mutating func withdraw(_ message: WithdrawMessage) -> Refusal? {
        if let refusal = amountRefusal(message.asset, message.amount) { return refusal }
        let available = available(message.account, message.asset)
        if Amount(message.amount) > available { return Refusal(.insufficientFunds, available) }
        assets[Int(message.asset)].total -= Amount(message.amount)
        addAvailable(message.account, message.asset, -Amount(message.amount))
        tell(message.account, message.asset, -Amount(message.amount), .withdrawal)
        return nil
    }

    private func amountRefusal(_ asset: UInt32, _ amount: UInt64) -> Refusal? {
        if asset >= assets.count { return Refusal(.unknownAsset, UInt64(assets.count)) }
        return amount == 0 || Amount(amount) > amountMax ? Refusal(.amountInvalid, amountMax) : nil
    }

    private mutating func tell(_ account: UInt32, _ asset: UInt32, _ amount: Amount, _ cause: BalanceCause) {
        let funds = accounts[account]!.balances[asset] ?? Funds()
        units.begin()
        units.add(BalanceChangedMessage.size) {
            BalanceChangedMessage.encode(
                at: $0, account: account, asset: asset, amount: Int64(amount), available: UInt64(funds.available),
                held: UInt64(funds.held), cause: cause)
        }
    }
}

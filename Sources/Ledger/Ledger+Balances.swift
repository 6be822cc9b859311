import Wire

/// Assets and balances.
extension Ledger {
    // MARK: Assets

    /// Lists the next asset. There is room.
    public mutating func listAsset(symbol: UInt64, decimals: UInt8) {
        precondition(assetCount < capacity.assets, "the table of assets has room")
        assets[Int(assetCount)] = AssetRow(symbol: symbol, total: 0, decimals: UInt64(decimals))
        assetCount += 1
    }

    /// Whether an asset has the symbol.
    public func hasAsset(symbol: UInt64) -> Bool {
        for asset in 0..<Int(assetCount) where assets[asset].symbol == symbol { return true }
        return false
    }

    /// Symbol of a listed asset.
    public func assetSymbol(_ asset: UInt32) -> UInt64 { assetRow(asset).pointee.symbol }

    /// Decimal places of a listed asset.
    public func assetDecimals(_ asset: UInt32) -> UInt8 { UInt8(assetRow(asset).pointee.decimals) }

    /// Deposits minus withdrawals of a listed asset.
    public func assetTotal(_ asset: UInt32) -> UInt64 { assetRow(asset).pointee.total }

    private func assetRow(_ asset: UInt32) -> UnsafeMutablePointer<AssetRow> {
        precondition(asset < assetCount, "an unknown asset")
        return assets + Int(asset)
    }

    // MARK: Balances

    /// What the account has of an asset.
    @inlinable public func balance(_ account: UInt32, _ asset: UInt32) -> Balance { balanceRow(account, asset).pointee }

    /// Credits a deposit. Total plus amount is at most `amountMax`.
    public mutating func deposit(_ amount: UInt64, account: UInt32, asset: UInt32) {
        let row = assetRow(asset)
        precondition(amount <= Self.amountMax - row.pointee.total, "the total of an asset fits 63 bits")
        row.pointee.total += amount
        credit(amount, account: account, asset: asset)
    }

    /// Takes out. Available is enough.
    public mutating func withdraw(_ amount: UInt64, account: UInt32, asset: UInt32) {
        debit(amount, account: account, asset: asset)
        let row = assetRow(asset)
        precondition(amount <= row.pointee.total, "no more than there is leaves the venue")
        row.pointee.total -= amount
    }

    /// Raises available.
    @inlinable public mutating func credit(_ amount: UInt64, account: UInt32, asset: UInt32) {
        let row = balanceRow(account, asset)
        let (sum, overflow) = row.pointee.available.addingReportingOverflow(amount)
        precondition(!overflow && sum <= Self.amountMax, "no balance passes the total of its asset")
        row.pointee.available = sum
    }

    /// Lowers available.
    @inlinable public mutating func debit(_ amount: UInt64, account: UInt32, asset: UInt32) {
        let row = balanceRow(account, asset)
        precondition(amount <= row.pointee.available, "nobody pays what they do not have")
        row.pointee.available &-= amount
    }

    /// Moves from available to held.
    @inlinable public mutating func hold(_ amount: UInt64, account: UInt32, asset: UInt32) {
        let row = balanceRow(account, asset)
        precondition(amount <= row.pointee.available, "nobody reserves what they do not have")
        row.pointee.available &-= amount
        row.pointee.held &+= amount
    }

    /// Moves from held to available.
    @inlinable public mutating func release(_ amount: UInt64, account: UInt32, asset: UInt32) {
        let row = balanceRow(account, asset)
        precondition(amount <= row.pointee.held, "no more is released than is held")
        row.pointee.held &-= amount
        row.pointee.available &+= amount
    }

    /// Takes `held` out of what is held and gives `change` of it back.
    @inlinable public mutating func spendHeld(_ held: UInt64, change: UInt64, account: UInt32, asset: UInt32) {
        let row = balanceRow(account, asset)
        precondition(held <= row.pointee.held, "no more is spent than is held")
        row.pointee.held &-= held
        let (sum, overflow) = row.pointee.available.addingReportingOverflow(change)
        precondition(!overflow && sum <= Self.amountMax, "no balance passes the total of its asset")
        row.pointee.available = sum
    }

    @inlinable func balanceRow(_ account: UInt32, _ asset: UInt32) -> UnsafeMutablePointer<Balance> {
        precondition(account < capacity.accounts && asset < assetCount, "an unknown account or asset")
        return balances + (Int(account) &* Int(capacity.assets) &+ Int(asset))
    }

    /// Whether, for every asset, all balances add up to its total: what conservation means. Walks every account.
    public func isConserved() -> Bool {
        for asset in 0..<assetCount {
            var sum: UInt64 = 0
            for account in 0..<capacity.accounts {
                let row = balance(account, asset)
                sum += row.available + row.held
            }
            if sum != assetTotal(asset) { return false }
        }
        return true
    }
}

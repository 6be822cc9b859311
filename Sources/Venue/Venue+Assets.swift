import Ledger
import Wire

/// Assets, deposits, withdrawals (AST).
extension Venue {
    /// AST-1.
    mutating func listAsset(_ message: ListAssetMessage, _ effects: inout EffectWriter) -> Refusal? {
        let next = ledger.assetCount
        guard message.asset == next, next < ledger.capacity.assets, message.decimals <= 18,
            FixedText.isSymbol(message.symbol), !ledger.hasAsset(symbol: message.symbol)
        else { return Refusal(.assetInvalid, next) }
        ledger.listAsset(symbol: message.symbol, decimals: message.decimals)
        AssetListedMessage.encode(
            at: effects.next, account: message.account, asset: next, symbol: message.symbol,
            decimals: message.decimals)
        effects.advance(AssetListedMessage.size)
        return nil
    }

    /// AST-2.
    mutating func deposit(_ message: DepositMessage, _ effects: inout EffectWriter) -> Refusal? {
        guard ledger.hasAccount(message.target) else { return Refusal(.targetUnknown) }
        if let refusal = amountRefusal(asset: message.asset, amount: message.amount) { return refusal }
        guard !ledger.hasReference(message.reference) else { return Refusal(.referenceUsed) }
        guard !ledger.referencesAreFull else { return Refusal(.referencesFull, ledger.capacity.references) }
        let room = Ledger.amountMax - ledger.assetTotal(message.asset)
        guard message.amount <= room else { return Refusal(.balanceOverflow, room) }
        ledger.addReference(message.reference)
        ledger.deposit(message.amount, account: message.target, asset: message.asset)
        tellBalance(message.target, message.asset, Int64(message.amount), .deposit, &effects)
        return nil
    }

    /// AST-3.
    mutating func withdraw(_ message: WithdrawMessage, _ effects: inout EffectWriter) -> Refusal? {
        if let refusal = amountRefusal(asset: message.asset, amount: message.amount) { return refusal }
        let available = ledger.balance(message.account, message.asset).available
        guard message.amount <= available else { return Refusal(.insufficientFunds, available) }
        ledger.withdraw(message.amount, account: message.account, asset: message.asset)
        tellBalance(message.account, message.asset, -Int64(message.amount), .withdrawal, &effects)
        return nil
    }

    private func amountRefusal(asset: UInt32, amount: UInt64) -> Refusal? {
        guard asset < ledger.assetCount else { return Refusal(.unknownAsset, ledger.assetCount) }
        guard amount != 0, amount <= Ledger.amountMax else { return Refusal(.amountInvalid, Ledger.amountMax) }
        return nil
    }

    private func tellBalance(
        _ account: UInt32, _ asset: UInt32, _ amount: Int64, _ cause: BalanceCause, _ effects: inout EffectWriter
    ) {
        let balance = ledger.balance(account, asset)
        BalanceChangedMessage.encode(
            at: effects.next, account: account, asset: asset, amount: amount, available: balance.available,
            held: balance.held, cause: cause)
        effects.advance(BalanceChangedMessage.size)
    }
}

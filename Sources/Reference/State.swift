import Wire

/// The canonical bytes of the state (STA-1).
extension Reference {
    /// Writes the state. No command is unfinished.
    public func writeState<S: StateSink & ~Copyable>(into sink: inout S) {
        precondition(pendingCause == nil, "the state is defined between commands")
        sink.write(UInt32(1))
        genesis.withUnsafeBytes { sink.write($0) }
        sink.write(feedGeneration)
        sink.write(state.rawValue)
        sink.write(UInt8(isBlocked ? 1 : 0))
        for purpose in [VenueKeyPurpose.venueOperator, .log, .receipt, .settlement] {
            sink.write(venueKeys[purpose] ?? .zero)
        }
        sink.write(lastOrderId)
        sink.write(lastMatchNumber)
        sink.write(UInt32(assets.count))
        for asset in assets {
            sink.write(asset.symbol)
            sink.write(asset.decimals)
            sink.write(UInt64(asset.total))
        }
        sink.write(UInt32(listings.count))
        for listing in listings { write(listing, &sink) }
        sink.write(UInt32(accounts.count))
        for (id, account) in accounts.sorted(by: { $0.key < $1.key }) { write(id, account, &sink) }
        let sorted = references.map { withUnsafeBytes(of: $0) { Array($0) } }.sorted {
            $0.lexicographicallyPrecedes($1)
        }
        sink.write(UInt64(sorted.count))
        for reference in sorted { reference.withUnsafeBytes { sink.write($0) } }
        sink.write(UInt64(orders.count))
        for order in orders.values.sorted(by: { $0.id < $1.id }) { write(order, &sink) }
    }

    private func write<S: StateSink & ~Copyable>(_ listing: Listing, _ sink: inout S) {
        sink.write(listing.symbol)
        sink.write(listing.base)
        sink.write(listing.quote)
        sink.write(UInt64(listing.lotSize))
        sink.write(UInt64(listing.tickValue))
        sink.write(listing.priceMultiplier)
        sink.write(listing.priceMin)
        sink.write(listing.priceMax)
        sink.write(listing.reference)
        sink.write(listing.band)
        sink.write(listing.protection)
        sink.write(listing.makerFee)
        sink.write(listing.takerFee)
        sink.write(listing.feeMode.rawValue)
        sink.write(listing.state.rawValue)
        sink.write(listing.quantityMax)
        sink.write(listing.notionalMax)
    }

    private func write<S: StateSink & ~Copyable>(_ id: UInt32, _ account: Account, _ sink: inout S) {
        sink.write(id)
        sink.write(UInt8(account.isBlocked ? 1 : 0))
        sink.write(account.ownerSlot)
        sink.write(account.openOrdersMax)
        sink.write(UInt32(account.openOrders.count))
        sink.write(UInt16(account.keys.count))
        for (slot, key) in account.keys.sorted(by: { $0.key < $1.key }) {
            sink.write(slot)
            sink.write(UInt8(key.isRevoked ? 2 : 1))
            sink.write(key.flags)
            sink.write(key.bytes)
            sink.write(key.nonceMark)
        }
        let balances = account.balances.filter { $0.value != Funds() }.sorted { $0.key < $1.key }
        sink.write(UInt32(balances.count))
        for (asset, funds) in balances {
            sink.write(asset)
            sink.write(UInt64(funds.available))
            sink.write(UInt64(funds.held))
        }
    }

    private func write<S: StateSink & ~Copyable>(_ order: Order, _ sink: inout S) {
        sink.write(order.id)
        sink.write(order.account)
        sink.write(order.instrument)
        sink.write(order.side.rawValue)
        sink.write(order.price)
        sink.write(order.open)
        sink.write(order.clientOrderId)
        sink.write(order.selfTradePrevention.rawValue)
        sink.write(UInt8(order.isPostOnly ? 1 : 0))
        sink.write(UInt32(order.carry))
        sink.write(order.makerRate)
    }
}

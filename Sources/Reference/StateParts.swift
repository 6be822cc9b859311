import Wire

/// The parts of the state (STA-1), one by one.
extension Reference: StateParts {
    public var listedAssets: UInt32 { UInt32(assets.count) }
    public var listedInstruments: UInt32 { UInt32(listings.count) }
    public func accountIds() -> [UInt32] { accounts.keys.sorted() }
    public func hasAccount(_ account: UInt32) -> Bool { accounts[account] != nil }

    public func forEachReference(_ body: (Bytes32) -> Void) {
        for reference in references { body(reference) }
    }

    public func writeGenesisPart<S: StateSink & ~Copyable>(into sink: inout S) {
        genesis.withUnsafeBytes { sink.write($0) }
    }

    public func writeVenuePart<S: StateSink & ~Copyable>(into sink: inout S) {
        sink.write(feedGeneration)
        sink.write(state.rawValue)
        sink.write(UInt8(isBlocked ? 1 : 0))
        for purpose in [VenueKeyPurpose.venueOperator, .log, .receipt, .settlement] {
            sink.write(venueKeys[purpose] ?? .zero)
        }
        sink.write(lastOrderId)
        sink.write(lastMatchNumber)
    }

    public func writeAssetPart<S: StateSink & ~Copyable>(_ asset: UInt32, into sink: inout S) {
        sink.write(assets[Int(asset)].symbol)
        sink.write(assets[Int(asset)].decimals)
        sink.write(UInt64(assets[Int(asset)].total))
    }

    public func writeInstrumentPart<S: StateSink & ~Copyable>(_ instrument: UInt32, into sink: inout S) {
        let listing = listings[Int(instrument)]
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

    public func writeAccountPart<S: StateSink & ~Copyable>(_ id: UInt32, into sink: inout S) {
        let account = accounts[id]!
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

    public func writeOrderParts<S: StateSink & ~Copyable>(ofAccount account: UInt32, into sink: inout S) {
        for id in accounts[account]!.openOrders { write(orders[id]!, &sink) }
    }

    func write<S: StateSink & ~Copyable>(_ order: Order, _ sink: inout S) {
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

import Book
import Ledger
import Wire

/// The parts of the state (STA), each as it stands in the canonical bytes.
extension Venue: StateParts {
    public var listedAssets: UInt32 { ledger.assetCount }
    public var listedInstruments: UInt32 { instrumentCount }

    public func accountIds() -> [UInt32] {
        var ids: [UInt32] = []
        ids.reserveCapacity(Int(ledger.accountCount))
        for account in 0..<ledger.capacity.accounts where ledger.hasAccount(account) { ids.append(account) }
        return ids
    }

    public func hasAccount(_ account: UInt32) -> Bool { ledger.hasAccount(account) }

    public func forEachReference(_ body: (Bytes32) -> Void) {
        for number in 0..<ledger.referenceCount { body(ledger.reference(number)) }
    }

    public func writeGenesisPart<S: StateSink & ~Copyable>(into sink: inout S) {
        sink.write(UnsafeRawBufferPointer(start: genesisBytes, count: GenesisMessage.size))
    }

    public func writeVenuePart<S: StateSink & ~Copyable>(into sink: inout S) {
        sink.write(feedGeneration)
        sink.write(state.rawValue)
        sink.write(UInt8(isBlocked ? 1 : 0))
        for key in 0..<4 { sink.write(venueKeys[key]) }
        sink.write(lastOrderId)
        sink.write(lastMatchNumber)
    }

    public func writeAssetPart<S: StateSink & ~Copyable>(_ asset: UInt32, into sink: inout S) {
        sink.write(ledger.assetSymbol(asset))
        sink.write(ledger.assetDecimals(asset))
        sink.write(ledger.assetTotal(asset))
    }

    public func writeInstrumentPart<S: StateSink & ~Copyable>(_ id: UInt32, into sink: inout S) {
        let instrument = instrument(id).pointee
        sink.write(instrument.symbol)
        sink.write(instrument.baseAsset)
        sink.write(instrument.quoteAsset)
        sink.write(instrument.lotSize)
        sink.write(instrument.tickValue)
        sink.write(instrument.priceMultiplier)
        sink.write(instrument.priceMinTicks)
        sink.write(instrument.priceMaxTicks)
        sink.write(instrument.referencePriceTicks)
        sink.write(instrument.bandBasisPoints)
        sink.write(instrument.protectionBasisPoints)
        sink.write(instrument.makerFee)
        sink.write(instrument.takerFee)
        sink.write(instrument.feeMode.rawValue)
        sink.write(instrument.state.rawValue)
        sink.write(instrument.quantityMaxLots)
        sink.write(instrument.notionalMax)
    }

    public func writeAccountPart<S: StateSink & ~Copyable>(_ account: UInt32, into sink: inout S) {
        sink.write(account)
        sink.write(UInt8(ledger.isBlocked(account) ? 1 : 0))
        sink.write(ledger.ownerSlot(account))
        sink.write(ledger.openOrdersMax(account))
        sink.write(UInt32(books.orderCount(ofAccount: account)))
        writeKeys(of: account, &sink)
        var used: UInt32 = 0
        for asset in 0..<ledger.assetCount where ledger.balance(account, asset) != .zero { used += 1 }
        sink.write(used)
        for asset in 0..<ledger.assetCount {
            let balance = ledger.balance(account, asset)
            if balance == .zero { continue }
            sink.write(asset)
            sink.write(balance.available)
            sink.write(balance.held)
        }
    }

    private func writeKeys<S: StateSink & ~Copyable>(of account: UInt32, _ sink: inout S) {
        let slots = UInt16(truncatingIfNeeded: min(ledger.capacity.keySlots, 65_535))
        var used: UInt16 = 0
        for slot in 0..<slots where ledger.keyState(account, slot) != .none { used += 1 }
        sink.write(used)
        for slot in 0..<slots {
            let entry = ledger.keys.entry(account: account, slot: slot)
            if entry.state == .none { continue }
            sink.write(slot)
            sink.write(entry.state.rawValue)
            sink.write(ledger.keyFlags(account, slot))
            sink.write(Bytes32(from: entry.key))
            sink.write(ledger.nonceMark(account, slot))
        }
    }

    public func writeOrderParts<S: StateSink & ~Copyable>(ofAccount account: UInt32, into sink: inout S) {
        var slot = books.firstOrder(ofAccount: account)
        while !slot.isNone {
            writeOrder(slot, &sink)
            slot = books.nextOrderOfAccount(slot)
        }
    }

    func writeOrder<S: StateSink & ~Copyable>(_ slot: OrderSlot, _ sink: inout S) {
        let node = books.node(slot), detail = books.detail(slot)
        sink.write(node.pointee.orderId)
        sink.write(detail.pointee.account)
        sink.write(node.pointee.instrument)
        sink.write(node.pointee.side.side.rawValue)
        sink.write(node.pointee.priceTicks)
        sink.write(node.pointee.quantityLots)
        sink.write(detail.pointee.clientOrderId)
        sink.write(detail.pointee.selfTradePrevention.rawValue)
        sink.write(UInt8(detail.pointee.isPostOnly ? 1 : 0))
        sink.write(detail.pointee.carry)
        sink.write(detail.pointee.makerRate)
    }
}

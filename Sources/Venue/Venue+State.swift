import Book
import Ledger
import Wire

/// The canonical bytes of the state (STA). Not for hot code: it sorts, and walks everything.
extension Venue {
    /// Writes the state. No command is unfinished.
    public func writeState<S: StateSink & ~Copyable>(into sink: inout S) {
        precondition(unfinished.cause == 0, "the state is defined between commands")
        sink.write(UInt32(1))
        sink.write(UnsafeRawBufferPointer(start: genesisBytes, count: GenesisMessage.size))
        sink.write(feedGeneration)
        sink.write(state.rawValue)
        sink.write(UInt8(isBlocked ? 1 : 0))
        for key in 0..<4 { sink.write(venueKeys[key]) }
        sink.write(lastOrderId)
        sink.write(lastMatchNumber)
        writeAssets(&sink)
        writeInstruments(&sink)
        writeAccounts(&sink)
        writeReferences(&sink)
        writeOrders(&sink)
    }

    private func writeAssets<S: StateSink & ~Copyable>(_ sink: inout S) {
        sink.write(ledger.assetCount)
        for asset in 0..<ledger.assetCount {
            sink.write(ledger.assetSymbol(asset))
            sink.write(ledger.assetDecimals(asset))
            sink.write(ledger.assetTotal(asset))
        }
    }

    private func writeInstruments<S: StateSink & ~Copyable>(_ sink: inout S) {
        sink.write(instrumentCount)
        for id in 0..<Int(instrumentCount) {
            let instrument = instruments[id]
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
    }

    private func writeAccounts<S: StateSink & ~Copyable>(_ sink: inout S) {
        sink.write(ledger.accountCount)
        for account in 0..<ledger.capacity.accounts where ledger.hasAccount(account) {
            sink.write(account)
            sink.write(UInt8(ledger.isBlocked(account) ? 1 : 0))
            sink.write(ledger.ownerSlot(account))
            sink.write(ledger.openOrdersMax(account))
            sink.write(UInt32(books.orderCount(ofAccount: account)))
            writeKeys(of: account, &sink)
            let used = (0..<ledger.assetCount).filter { ledger.balance(account, $0) != .zero }
            sink.write(UInt32(used.count))
            for asset in used {
                sink.write(asset)
                sink.write(ledger.balance(account, asset).available)
                sink.write(ledger.balance(account, asset).held)
            }
        }
    }

    private func writeKeys<S: StateSink & ~Copyable>(of account: UInt32, _ sink: inout S) {
        let slots = (0..<UInt16(ledger.capacity.keySlots)).filter { ledger.keyState(account, $0) != .none }
        sink.write(UInt16(slots.count))
        for slot in slots {
            let entry = ledger.keys.entry(account: account, slot: slot)
            sink.write(slot)
            sink.write(entry.state.rawValue)
            sink.write(ledger.keyFlags(account, slot))
            sink.write(Bytes32(from: entry.key))
            sink.write(ledger.nonceMark(account, slot))
        }
    }

    private func writeReferences<S: StateSink & ~Copyable>(_ sink: inout S) {
        var references = (0..<ledger.referenceCount).map { ledger.reference($0) }
        references.sort { $0.precedes($1) }
        sink.write(UInt64(references.count))
        for reference in references { sink.write(reference) }
    }

    private func writeOrders<S: StateSink & ~Copyable>(_ sink: inout S) {
        var slots: [OrderSlot] = []
        slots.reserveCapacity(books.orderCount)
        for instrument in 0..<instrumentCount {
            var slot = books.firstOrder(ofInstrument: instrument)
            while !slot.isNone {
                slots.append(slot)
                slot = books.nextOrderOfInstrument(slot)
            }
        }
        slots.sort { books.node($0).pointee.orderId < books.node($1).pointee.orderId }
        sink.write(UInt64(slots.count))
        for slot in slots {
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
}

extension Bytes32 {
    /// Whether it comes before another as a string of bytes.
    fileprivate func precedes(_ other: Bytes32) -> Bool {
        let pairs = [(word0, other.word0), (word1, other.word1), (word2, other.word2), (word3, other.word3)]
        for (own, others) in pairs where own != others { return own.byteSwapped < others.byteSwapped }
        return false
    }
}

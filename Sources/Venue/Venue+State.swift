import Book
import Ledger
import Wire

/// The canonical bytes of the state (STA). Not for hot code: it sorts, and walks everything.
extension Venue {
    /// Writes the state. No command is unfinished.
    public func writeState<S: StateSink & ~Copyable>(into sink: inout S) {
        precondition(unfinished.cause == 0, "the state is defined between commands")
        sink.write(StateLayout.version)
        writeGenesisPart(into: &sink)
        writeVenuePart(into: &sink)
        sink.write(ledger.assetCount)
        for asset in 0..<ledger.assetCount { writeAssetPart(asset, into: &sink) }
        sink.write(instrumentCount)
        for instrument in 0..<instrumentCount { writeInstrumentPart(instrument, into: &sink) }
        sink.write(ledger.accountCount)
        for account in 0..<ledger.capacity.accounts where ledger.hasAccount(account) {
            writeAccountPart(account, into: &sink)
        }
        writeReferences(&sink)
        writeOrders(&sink)
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
        for slot in slots { writeOrder(slot, &sink) }
    }
}

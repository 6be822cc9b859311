import Wire

/// The canonical bytes of the state (STA-1).
extension Reference {
    /// Writes the state. No command is unfinished.
    public func writeState<S: StateSink & ~Copyable>(into sink: inout S) {
        precondition(pendingCause == nil, "the state is defined between commands")
        sink.write(UInt32(1))
        writeGenesisPart(into: &sink)
        writeVenuePart(into: &sink)
        sink.write(UInt32(assets.count))
        for asset in 0..<listedAssets { writeAssetPart(asset, into: &sink) }
        sink.write(UInt32(listings.count))
        for listing in 0..<listedInstruments { writeInstrumentPart(listing, into: &sink) }
        sink.write(UInt32(accounts.count))
        for account in accountIds() { writeAccountPart(account, into: &sink) }
        let sorted = references.map { withUnsafeBytes(of: $0) { Array($0) } }.sorted {
            $0.lexicographicallyPrecedes($1)
        }
        sink.write(UInt64(sorted.count))
        for reference in sorted { reference.withUnsafeBytes { sink.write($0) } }
        sink.write(UInt64(orders.count))
        for order in orders.values.sorted(by: { $0.id < $1.id }) { write(order, &sink) }
    }
}

import Wire

/// A row of the history: the table and its values after (sequence, leg). Integers of 64 unsigned bits are stored as the
/// same bits, signed; what is null on the wire is NULL.
public struct HistoryRow: Equatable, Sendable {
    /// A table of `History.md`.
    public enum Table: String, CaseIterable, Sendable {
        case trades, orders, transfers, balances, checkpoints
    }

    public let table: Table
    /// Sequence of the record that it comes from; of a checkpoint its size.
    public let sequence: UInt64
    /// Which effect of the record; of a balance which of those that the record changed.
    public let leg: Int
    /// In the order of the table's columns.
    public let values: [Int64?]

    init(_ table: Table, _ sequence: UInt64, _ leg: Int, _ values: [Int64?]) {
        (self.table, self.sequence, self.leg, self.values) = (table, sequence, leg, values)
    }

    /// What an account has of an asset after a record.
    public static func balance(
        sequence: UInt64, leg: Int, account: UInt32, asset: UInt32, available: UInt64, held: UInt64
    ) -> HistoryRow {
        HistoryRow(.balances, sequence, leg, [Int64(account), Int64(asset), bits(available), bits(held)])
    }

    /// The trades, order events and transfers of a record, in the order of its effects. A pure function of the record.
    public static func rows(_ record: RecordView) -> [HistoryRow] {
        var rows: [HistoryRow] = []
        var effects = record.effects
        var leg = 0
        let time = bits(record.time)
        while let effect = effects.read() {
            if let row = row(effect, record.sequence, leg, time) { rows.append(row) }
            leg += 1
        }
        return rows
    }

    private static func row(_ effect: Effect, _ sequence: UInt64, _ leg: Int, _ time: Int64) -> HistoryRow? {
        switch effect.template {
        case Template.executed:
            let it = ExecutedMessage(effect.base)
            return HistoryRow(
                .trades, sequence, leg,
                [
                    time, bits(it.matchNumber), Int64(it.instrument), Int64(it.priceTicks), Int64(it.quantityLots),
                    Int64(it.takerSideRaw), Int64(it.takerAccount), bits(it.takerOrderId), it.takerFee,
                    Int64(it.takerFeeAsset), Int64(it.makerAccount), bits(it.makerOrderId), it.makerFee,
                    Int64(it.makerFeeAsset),
                ])
        case Template.balanceChanged:
            let it = BalanceChangedMessage(effect.base)
            return HistoryRow(
                .transfers, sequence, leg,
                [time, Int64(it.account), Int64(it.asset), it.amount, Int64(it.causeRaw)])
        case Template.accepted:
            let it = AcceptedMessage(effect.base)
            return order(
                sequence, leg, time, .accepted, it.account, it.instrument, it.orderId, it.clientOrderId, it.sideRaw,
                it.priceTicks, it.quantityLots, nil)
        case Template.replaced:
            let it = ReplacedMessage(effect.base)
            return order(
                sequence, leg, time, .replaced, it.account, it.instrument, it.orderId, it.clientOrderId, it.sideRaw,
                it.priceTicks, it.quantityLots, nil)
        case Template.cancelled:
            let it = CancelledMessage(effect.base)
            return order(
                sequence, leg, time, .cancelled, it.account, it.instrument, it.orderId, it.clientOrderId, it.sideRaw,
                it.priceTicks, it.leavesLots, it.reasonRaw)
        case Template.rejected:
            let it = RejectedMessage(effect.base)
            return order(
                sequence, leg, time, .rejected, it.account, Null.u32, it.orderId, it.clientOrderId, nil, Null.u32,
                Null.u32,
                it.reasonRaw)
        default: return nil
        }
    }

    /// What became of an order.
    enum OrderEvent: Int64 {
        case accepted = 1
        case replaced = 2
        case cancelled = 3
        case rejected = 4
    }

    private static func order(
        _ sequence: UInt64, _ leg: Int, _ time: Int64, _ event: OrderEvent, _ account: UInt32, _ instrument: UInt32,
        _ orderId: UInt64, _ clientOrderId: UInt64, _ side: UInt8?, _ price: UInt32, _ quantity: UInt32,
        _ reason: UInt16?
    ) -> HistoryRow {
        func known(_ value: UInt32) -> Int64? { value == Null.u32 ? nil : Int64(value) }
        func known(_ value: UInt64) -> Int64? { value == Null.u64 ? nil : bits(value) }
        return HistoryRow(
            .orders, sequence, leg,
            [
                time, event.rawValue, Int64(account), known(instrument), known(orderId), known(clientOrderId),
                side.map { Int64($0) }, known(price), known(quantity), reason.map { Int64($0) },
            ])
    }

    private static func bits(_ value: UInt64) -> Int64 { Int64(bitPattern: value) }
}

import Wire

/// The balances of an account, as they stand in its part of the canonical state (STA-1).
struct AccountBalances {
    struct Item: Equatable {
        var asset: UInt32
        var available: UInt64
        var held: UInt64
    }

    /// Ascending by asset, none of them zero.
    let items: [Item]

    init(part: [UInt8]) {
        func integer<Value: FixedWidthInteger>(_ offset: Int, as type: Value.Type) -> Value {
            part.withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Value.self)) }
        }
        var offset = StateLayout.accountHeadBytes
        offset += 2 + Int(integer(offset, as: UInt16.self)) * StateLayout.keyBytes
        let count = Int(integer(offset, as: UInt32.self))
        offset += 4
        precondition(part.count == offset + count * StateLayout.balanceBytes, "an account's part")
        items = (0..<count).map { number in
            let place = offset + number * StateLayout.balanceBytes
            return Item(
                asset: integer(place, as: UInt32.self), available: integer(place + 4, as: UInt64.self),
                held: integer(place + 12, as: UInt64.self))
        }
    }
}

/// Finds the balances that changed: compares each account that a record touches with what it had before.
///
/// Memory: one entry for each balance that is not zero.
public struct BalanceChanges {
    private var known: [UInt64: AccountBalances.Item] = [:]
    private var assets: [UInt32: [UInt32]] = [:]

    /// Nobody has anything: before the first record.
    public init() {}

    /// What everybody has in a state that is gone on from.
    public init(of venue: borrowing some StateParts & ~Copyable) {
        for account in venue.accountIds() {
            let items = Self.balances(of: account, in: venue)
            guard !items.isEmpty else { continue }
            for item in items { known[Self.key(account, item.asset)] = item }
            assets[account] = items.map(\.asset)
        }
    }

    /// Bytes of memory that this takes at most: an entry for each balance and each account, of dictionaries that are
    /// filled to between 3/8 and 3/4, beside the ones that they grew out of.
    public static func byteCountMax(accounts: Int, assets: Int) -> Int {
        accounts * assets * 4 * (8 + MemoryLayout<AccountBalances.Item>.stride) + accounts * (4 * 16 + 32 + 8 * assets)
    }

    /// Rows for what changed of these accounts, by account and asset.
    ///
    /// - Parameter accounts: ids, in any order, several times at will; those that do not exist are passed over.
    public mutating func rows(
        sequence: UInt64, accounts: [UInt32], of venue: borrowing some StateParts & ~Copyable
    ) -> [HistoryRow] {
        var rows: [HistoryRow] = []
        for account in Set(accounts).sorted() where venue.hasAccount(account) {
            let now = Self.balances(of: account, in: venue)
            var changed = now.filter { known[Self.key(account, $0.asset)] != $0 }
            for asset in assets[account] ?? [] where !now.contains(where: { $0.asset == asset }) {
                changed.append(.init(asset: asset, available: 0, held: 0))
            }
            for item in changed.sorted(by: { $0.asset < $1.asset }) {
                let isZero = item.available == 0 && item.held == 0
                known[Self.key(account, item.asset)] = isZero ? nil : item
                rows.append(
                    .balance(
                        sequence: sequence, leg: rows.count, account: account, asset: item.asset,
                        available: item.available, held: item.held))
            }
            if !changed.isEmpty { assets[account] = now.map(\.asset) }
        }
        return rows
    }

    private static func balances(
        of account: UInt32, in venue: borrowing some StateParts & ~Copyable
    ) -> [AccountBalances.Item] {
        var part = StateBytes()
        venue.writeAccountPart(account, into: &part)
        return AccountBalances(part: part.bytes).items
    }

    private static func key(_ account: UInt32, _ asset: UInt32) -> UInt64 { UInt64(account) << 32 | UInt64(asset) }
}

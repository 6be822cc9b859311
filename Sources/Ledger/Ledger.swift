import CPrefetch
import Glibc
import Wire

/// What an account has of one asset, in the asset's smallest unit.
@frozen public struct Balance: Equatable, Sendable {
    /// Free to be used.
    public var available: UInt64
    /// Reserved for open orders.
    public var held: UInt64

    @usableFromInline init(available: UInt64, held: UInt64) { (self.available, self.held) = (available, held) }

    /// Nothing at all.
    @inlinable public static var zero: Balance { Balance(available: 0, held: 0) }
}

/// An account, without its keys and balances.
@usableFromInline struct AccountRow {
    @usableFromInline var exists: Bool
    @usableFromInline var isBlocked: Bool
    @usableFromInline var ownerSlot: UInt16
    @usableFromInline var openOrdersMax: UInt32
}

/// A listed asset.
@usableFromInline struct AssetRow {
    @usableFromInline var symbol: UInt64
    /// Deposits minus withdrawals.
    @usableFromInline var total: UInt64
    @usableFromInline var decimals: UInt64
}

/// Accounts, their keys, and their money: who owns what, and nothing of markets.
///
/// All memory is taken by `init`; no step allocates, and each takes constant time. What a rule refuses is checked by
/// the venue before; a `precondition`, kept in release, stands behind every subtraction and addition of money, so that
/// a mistake stops the process before it is journaled.
public struct Ledger: ~Copyable, @unchecked Sendable {
    /// What it holds at most.
    public let capacity: LedgerCapacity
    /// The keys, for verifiers on other threads too.
    public let keys: KeyTable
    /// Assets listed; their ids are 0 ..< this.
    public internal(set) var assetCount: UInt32 = 0
    /// Accounts that exist.
    public internal(set) var accountCount: UInt32 = 0
    /// Deposit references remembered.
    public internal(set) var referenceCount: UInt32 = 0

    @usableFromInline let accounts: UnsafeMutablePointer<AccountRow>
    @usableFromInline let balances: UnsafeMutablePointer<Balance>
    @usableFromInline let assets: UnsafeMutablePointer<AssetRow>
    let references: UnsafeMutablePointer<Bytes32>
    let referenceIndex: UnsafeMutablePointer<UInt32>
    let referenceMask: Int
    private let memory: UnsafeMutableRawPointer

    /// Largest amount of money there is: 2^63 − 1 smallest units.
    @inlinable public static var amountMax: UInt64 { UInt64(Int64.max) }

    /// Takes all memory, and makes it present.
    public init(capacity: LedgerCapacity) {
        let layout = LedgerLayout(capacity)
        // Huge pages are asked for and not insisted on; zeroing makes every page present.
        let memory = UnsafeMutableRawPointer.allocate(byteCount: max(layout.totalBytes, 64), alignment: 2 << 20)
        _ = madvise(memory, layout.totalBytes, MADV_HUGEPAGE)
        memset(memory, 0, max(layout.totalBytes, 64))
        func array<Row: ~Copyable>(_ type: Row.Type, _ offset: Int) -> UnsafeMutablePointer<Row> {
            (memory + offset).assumingMemoryBound(to: type)
        }
        self.memory = memory
        self.capacity = capacity
        keys = KeyTable(
            rows: array(KeyRow.self, layout.keys), accountsMax: capacity.accounts, slotsMax: capacity.keySlots)
        accounts = array(AccountRow.self, layout.accounts)
        balances = array(Balance.self, layout.balances)
        assets = array(AssetRow.self, layout.assets)
        references = array(Bytes32.self, layout.references)
        referenceIndex = array(UInt32.self, layout.referenceIndex)
        referenceMask = layout.referenceBuckets - 1
        precondition(MemoryLayout<KeyRow>.stride == 64, "the key stands at byte 24 of its row")
    }

    deinit { memory.deallocate() }

    /// Brings near what a command of an account will touch: its key slot and its balances of two assets.
    @inlinable public func prefetch(account: UInt32, slot: UInt16) {
        guard let row = keys.row(account, slot) else { return }
        prefetch_write(row)
        prefetch_read(accounts + Int(account))
    }

    /// Brings near the balance of an account; does nothing for an account or asset that cannot exist.
    @inlinable public func prefetchBalance(account: UInt32, asset: UInt32) {
        guard account < capacity.accounts, asset < capacity.assets else { return }
        prefetch_write(balances + (Int(account) &* Int(capacity.assets) &+ Int(asset)))
    }
}

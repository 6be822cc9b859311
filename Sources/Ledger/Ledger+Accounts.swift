import Synchronization
import Wire

/// Accounts and keys.
extension Ledger {
    /// Whether the account exists.
    @inlinable public func hasAccount(_ account: UInt32) -> Bool {
        account < capacity.accounts && accounts[Int(account)].exists
    }

    /// Opens an account: its owner key goes to slot 0. The id is free and below the capacity.
    public mutating func open(_ account: UInt32, ownerKey: Bytes32, openOrdersMax: UInt32) {
        precondition(account < capacity.accounts && !hasAccount(account), "an account id is used once")
        accounts[Int(account)] = AccountRow(exists: true, isBlocked: false, ownerSlot: 0, openOrdersMax: openOrdersMax)
        accountCount += 1
        addKey(ownerKey, account: account, slot: 0, flags: 0)
    }

    // MARK: Keys

    /// Slot of the owner key, which alone withdraws and changes keys. The account exists.
    @inlinable public func ownerSlot(_ account: UInt32) -> UInt16 { row(account).pointee.ownerSlot }

    /// What is in a key slot; `none` for one that cannot exist.
    @inlinable public func keyState(_ account: UInt32, _ slot: UInt16) -> KeyState {
        keys.entry(account: account, slot: slot).state
    }

    /// Puts a key in force, with nonce mark 0. The slot was never used.
    public mutating func addKey(_ key: Bytes32, account: UInt32, slot: UInt16, flags: UInt16) {
        let row = keyRow(account, slot)
        precondition(row.pointee.word.load(ordering: .relaxed) == 0, "a key slot is written once")
        row.pointee.key = key
        row.pointee.mark = 0
        row.pointee.flags = UInt64(flags)
        row.pointee.word.store(1 << 8 | UInt64(KeyState.inForce.rawValue), ordering: .releasing)
    }

    /// Revokes a key for ever. It is in force.
    public mutating func revokeKey(_ account: UInt32, _ slot: UInt16) {
        let row = keyRow(account, slot)
        precondition(keyState(account, slot) == .inForce, "only a key in force is revoked")
        row.pointee.word.store(2 << 8 | UInt64(KeyState.revoked.rawValue), ordering: .releasing)
    }

    /// Revokes the owner key and puts another, in a slot that was never used, in its place.
    public mutating func rotateOwnerKey(_ key: Bytes32, account: UInt32, slot: UInt16) {
        revokeKey(account, ownerSlot(account))
        addKey(key, account: account, slot: slot, flags: 0)
        row(account).pointee.ownerSlot = slot
    }

    /// Highest nonce that a key has used. The slot can exist.
    @inlinable public func nonceMark(_ account: UInt32, _ slot: UInt16) -> UInt64 { keyRow(account, slot).pointee.mark }

    /// Moves a key's nonce mark up. The key is in force and the nonce above the mark.
    @inlinable public mutating func useNonce(_ nonce: UInt64, account: UInt32, slot: UInt16) {
        let row = keyRow(account, slot)
        let state = row.pointee.word.load(ordering: .relaxed) & 0xFF
        precondition(state == UInt64(KeyState.inForce.rawValue), "a command is signed by a key in force")
        precondition(nonce > row.pointee.mark, "a nonce is used once")
        row.pointee.mark = nonce
    }

    /// Options of a key.
    public func keyFlags(_ account: UInt32, _ slot: UInt16) -> UInt16 {
        UInt16(truncatingIfNeeded: keyRow(account, slot).pointee.flags)
    }

    @inlinable func keyRow(_ account: UInt32, _ slot: UInt16) -> UnsafeMutablePointer<KeyRow> {
        guard let row = keys.row(account, slot) else { preconditionFailure("a key slot that cannot exist") }
        return row
    }

    // MARK: Limits

    /// Open orders that the account may have. It exists.
    @inlinable public func openOrdersMax(_ account: UInt32) -> UInt32 { row(account).pointee.openOrdersMax }

    /// Sets how many open orders the account may have. It exists.
    public mutating func setOpenOrdersMax(_ account: UInt32, _ value: UInt32) {
        row(account).pointee.openOrdersMax = value
    }

    /// Whether the account's kill switch is engaged. It exists.
    @inlinable public func isBlocked(_ account: UInt32) -> Bool { row(account).pointee.isBlocked }

    /// Engages or lifts the account's kill switch. It exists.
    public mutating func setBlocked(_ account: UInt32, _ value: Bool) { row(account).pointee.isBlocked = value }

    @inlinable func row(_ account: UInt32) -> UnsafeMutablePointer<AccountRow> {
        precondition(hasAccount(account), "an unknown account")
        return accounts + Int(account)
    }
}

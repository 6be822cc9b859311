import Synchronization
import Wire

/// Whether a key may sign.
@frozen public enum KeyState: UInt8, Sendable {
    /// The slot was never used.
    case none = 0
    case inForce = 1
    /// For ever.
    case revoked = 2
}

/// A key slot at one moment.
@frozen public struct KeyEntry {
    public let state: KeyState
    /// Changes whenever the state does; 0 for a slot that was never used.
    public let generation: UInt32
    /// 32 bytes, written once, before the state says that they are there.
    public let key: UnsafeRawPointer

    @inlinable public init(state: KeyState, generation: UInt32, key: UnsafeRawPointer) {
        self.state = state
        self.generation = generation
        self.key = key
    }
}

/// One key slot of an account: a cache line of its own, because verifiers read it while the venue writes its mark.
@usableFromInline struct KeyRow: ~Copyable {
    /// State in the low 8 bits, generation above: the word that publishes the rest.
    @usableFromInline let word: Atomic<UInt64>
    /// Highest nonce used. The venue's own.
    @usableFromInline var mark: UInt64
    @usableFromInline var flags: UInt64
    @usableFromInline var key: Bytes32
    @usableFromInline var padding: UInt64

    @usableFromInline init() {
        word = Atomic(0)
        (mark, flags, key, padding) = (0, 0, .zero, 0)
    }
}

/// The keys of all accounts, for readers on other threads: acquire loads of one word that holds state and generation.
@frozen public struct KeyTable: @unchecked Sendable {
    @usableFromInline let rows: UnsafeMutablePointer<KeyRow>
    @usableFromInline let accountsMax: UInt32
    @usableFromInline let slotsMax: UInt32

    @usableFromInline init(rows: UnsafeMutablePointer<KeyRow>, accountsMax: UInt32, slotsMax: UInt32) {
        self.rows = rows
        self.accountsMax = accountsMax
        self.slotsMax = slotsMax
    }

    /// Where the slot is; nil for an account or slot that cannot exist.
    @inlinable func row(_ account: UInt32, _ slot: UInt16) -> UnsafeMutablePointer<KeyRow>? {
        guard account < accountsMax, UInt32(slot) < slotsMax else { return nil }
        return rows + (Int(account) &* Int(slotsMax) &+ Int(slot))
    }

    /// The slot as it is now; state none for an account or slot that does not exist.
    @inlinable public func entry(account: UInt32, slot: UInt16) -> KeyEntry {
        guard let row = row(account, slot) else {
            return KeyEntry(state: .none, generation: 0, key: UnsafeRawPointer(rows))
        }
        let word = row.pointee.word.load(ordering: .acquiring)
        guard let state = KeyState(rawValue: UInt8(truncatingIfNeeded: word)) else {
            preconditionFailure("a key slot of unknown state")
        }
        let key = UnsafeRawPointer(row) + 24
        return KeyEntry(state: state, generation: UInt32(truncatingIfNeeded: word &>> 8), key: key)
    }

    /// The slot's generation as it is now; 0 for an account or slot that does not exist.
    @inlinable public func generation(account: UInt32, slot: UInt16) -> UInt32 {
        guard let row = row(account, slot) else { return 0 }
        return UInt32(truncatingIfNeeded: row.pointee.word.load(ordering: .acquiring) &>> 8)
    }

    /// Highest nonce that the slot's key has used; 0 for an account or slot that does not exist. Only for the thread
    /// that applies commands: it writes the mark without telling others.
    @inlinable public func nonceMark(account: UInt32, slot: UInt16) -> UInt64 {
        row(account, slot)?.pointee.mark ?? 0
    }

    /// Whether the account exists: its slot 0 was written when it was opened.
    @inlinable public func hasAccount(_ account: UInt32) -> Bool { generation(account: account, slot: 0) != 0 }
}

// Ledger: see Ledger.md.

/// The keys of all accounts, for readers on other threads: acquire loads of one word that holds state and generation.
@frozen public struct KeyTable: @unchecked Sendable {
    @usableFromInline let nothing: UnsafeRawPointer

    public init() { nothing = UnsafeRawPointer(UnsafeMutableRawPointer.allocate(byteCount: 32, alignment: 8)) }

    /// The slot as it is now; state none for an account or slot that does not exist.
    @inlinable public func entry(account: UInt32, slot: UInt16) -> KeyEntry {
        KeyEntry(state: .none, generation: 0, key: nothing)
    }

    /// The slot's generation as it is now; 0 for an account or slot that does not exist.
    @inlinable public func generation(account: UInt32, slot: UInt16) -> UInt32 { 0 }

    /// Whether the account exists.
    @inlinable public func hasAccount(_ account: UInt32) -> Bool { false }
}

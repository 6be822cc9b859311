import Wire

/// What an auditor asks between two records.
extension Reference {
    /// A key as it is now.
    public struct KeyInForce: Equatable, Sendable {
        /// The public key.
        public var bytes: Bytes32
        /// Whether it was revoked, for ever.
        public var isRevoked: Bool
        /// Highest nonce that it has used.
        public var nonceMark: UInt64
    }

    /// The key in a slot; nil when the slot was never used.
    public func key(account: UInt32, slot: UInt16) -> KeyInForce? {
        guard let key = accounts[account]?.keys[slot] else { return nil }
        return KeyInForce(bytes: key.bytes, isRevoked: key.isRevoked, nonceMark: key.nonceMark)
    }

    /// One of the venue's own keys; nil before genesis.
    public func venueKey(_ purpose: VenueKeyPurpose) -> Bytes32? { venueKeys[purpose] }

    /// Whether the feed session was ended: a restart has to begin the next one.
    public var feedHasEnded: Bool { state == .endOfMessages }

    /// An asset whose balances do not add up to deposits minus withdrawals, of those that the last record changed; nil
    /// when all do.
    public func imbalance() -> (asset: UInt32, total: Int128, balances: Int128)? {
        for asset in moved where assets[Int(asset)].balances != assets[Int(asset)].total {
            return (asset, assets[Int(asset)].total, assets[Int(asset)].balances)
        }
        return nil
    }
}

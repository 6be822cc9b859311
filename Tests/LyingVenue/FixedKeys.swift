import Cryptography
import Wire

/// Keys of the venue and of its clients: the same on every run.
public struct FixedKeys: Sendable {
    public let venueOperator = SigningKey(insecureDeterministic: 1)
    public let log = SigningKey(insecureDeterministic: 2)
    public let receipt = SigningKey(insecureDeterministic: 3)
    public let settlement = SigningKey(insecureDeterministic: 4)

    public init() {}

    /// The owner key of an account: the operator's and settlement's are the venue's own.
    public func owner(_ account: UInt32) -> SigningKey {
        switch account {
        case WellKnownAccount.fees, WellKnownAccount.venueOperator: venueOperator
        case WellKnownAccount.settlement: settlement
        default: SigningKey(insecureDeterministic: 100 + UInt64(account))
        }
    }

    /// A trading key.
    public func trading(_ account: UInt32, slot: UInt16) -> SigningKey {
        slot == 0 ? owner(account) : SigningKey(insecureDeterministic: 10_000 + UInt64(account) * 100 + UInt64(slot))
    }

    /// A key that the venue never registered.
    public var stranger: SigningKey { SigningKey(insecureDeterministic: 999_999) }
}

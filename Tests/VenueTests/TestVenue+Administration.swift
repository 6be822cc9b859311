import Wire

@testable import Venue

/// What operator, owners and settlement send.
extension TestVenue {
    @discardableResult
    func createAccount(
        _ account: UInt32, by signer: UInt32 = 1, slot: UInt16 = 0, flags: UInt32 = 0, deadline: UInt64 = 0,
        proofsHold: Bool = true
    ) -> [Told] {
        send(account: signer, slot: slot, proofsHold: proofsHold, size: CreateAccountMessage.size) { message, nonce in
            CreateAccountMessage.encode(
                at: message, account: signer, keySlot: slot, nonce: nonce, deadline: deadline, newAccount: account,
                flags: flags, ownerKey: Self.key(UInt64(account) + 100), proof: Bytes64())
        }
    }

    @discardableResult
    func addKey(_ account: UInt32, _ slot: UInt16, by signerSlot: UInt16 = 0, proofsHold: Bool = true) -> [Told] {
        send(account: account, slot: signerSlot, proofsHold: proofsHold, size: AddTradingKeyMessage.size) {
            AddTradingKeyMessage.encode(
                at: $0, account: account, keySlot: signerSlot, nonce: $1, deadline: 0, slot: slot, flags: .custodial,
                key: Self.key(UInt64(account) * 1_000 + UInt64(slot)), proof: Bytes64())
        }
    }

    @discardableResult
    func revokeKey(_ account: UInt32, _ slot: UInt16, by signerSlot: UInt16 = 0) -> [Told] {
        send(account: account, slot: signerSlot, size: RevokeTradingKeyMessage.size) {
            RevokeTradingKeyMessage.encode(
                at: $0, account: account, keySlot: signerSlot, nonce: $1, deadline: 0, slot: slot)
        }
    }

    @discardableResult
    func rotate(
        _ purpose: VenueKeyPurpose, slot: UInt16, by signerSlot: UInt16 = 0, proofsHold: Bool = true
    ) -> [Told] {
        send(account: 1, slot: signerSlot, proofsHold: proofsHold, size: RotateVenueKeyMessage.size) {
            RotateVenueKeyMessage.encode(
                at: $0, account: 1, keySlot: signerSlot, nonce: $1, deadline: 0, purpose: purpose, slot: slot,
                newKey: Self.key(500 + UInt64(slot)), oldProof: Bytes64(), newProof: Bytes64())
        }
    }

    @discardableResult
    func commit(through: UInt64, by signer: UInt32 = 2) -> [Told] {
        send(account: signer, size: StateCommitmentMessage.size) {
            StateCommitmentMessage.encode(
                at: $0, account: signer, keySlot: 0, nonce: $1, deadline: 0, through: through, stateRoot: .zero,
                chainHead: .zero, dataThrough: 0, dataDigest: .zero)
        }
    }

    @discardableResult
    func listAsset(_ asset: UInt32, symbol: String, decimals: UInt8 = 8) -> [Told] {
        send(account: 1, size: ListAssetMessage.size) {
            ListAssetMessage.encode(
                at: $0, account: 1, keySlot: 0, nonce: $1, deadline: 0, asset: asset, decimals: decimals,
                symbol: FixedText.eight(symbol)!)
        }
    }

    @discardableResult
    func deposit(_ amount: UInt64, _ asset: UInt32, to target: UInt32, reference: Bytes32? = nil) -> [Told] {
        let reference = reference ?? nextReference()
        return send(account: 1, size: DepositMessage.size) {
            DepositMessage.encode(
                at: $0, account: 1, keySlot: 0, nonce: $1, deadline: 0, target: target, asset: asset, amount: amount,
                reference: reference)
        }
    }

    @discardableResult
    func withdraw(_ amount: UInt64, _ asset: UInt32, from account: UInt32, slot: UInt16 = 0) -> [Told] {
        send(account: account, slot: slot, size: WithdrawMessage.size) {
            WithdrawMessage.encode(
                at: $0, account: account, keySlot: slot, nonce: $1, deadline: 0, asset: asset, amount: amount,
                reference: .zero)
        }
    }

    /// What a listing says; tests change a field.
    struct Listing {
        var instrument: UInt32 = 0
        var base: UInt32 = 0
        var quote: UInt32 = 1
        var multiplier: UInt32 = 100
        var symbol = "XY"
        var lotSize: UInt64 = 10
        var tickValue: UInt64 = 5
        var minimum: UInt32 = 10
        var maximum: UInt32 = 1_000
        var reference: UInt32 = 500
        var band: UInt32 = 0
        var protection: UInt32 = 1_000
        var makerFee: Int32 = 0
        var takerFee: Int32 = 0
        var feeMode: FeeMode = .quote
        var state: TradingState = .continuous
        var quantityMax: UInt64 = 1_000_000
        var notionalMax: UInt64 = 1 << 62
    }

    @discardableResult
    func list(_ listing: Listing = Listing()) -> [Told] {
        send(account: 1, size: ListInstrumentMessage.size) {
            ListInstrumentMessage.encode(
                at: $0, account: 1, keySlot: 0, nonce: $1, deadline: 0, instrument: listing.instrument,
                baseAsset: listing.base, quoteAsset: listing.quote, priceMultiplier: listing.multiplier,
                symbol: FixedText.eight(listing.symbol)!, lotSize: listing.lotSize, tickValue: listing.tickValue,
                priceMinTicks: listing.minimum, priceMaxTicks: listing.maximum,
                referencePriceTicks: listing.reference, bandBasisPoints: listing.band,
                protectionBasisPoints: listing.protection, makerFee: listing.makerFee, takerFee: listing.takerFee,
                feeMode: listing.feeMode, state: listing.state, quantityMaxLots: listing.quantityMax,
                notionalMax: listing.notionalMax)
        }
    }

    @discardableResult
    func setState(_ state: TradingState, of instrument: UInt32? = nil, reason: String = "TEST") -> [Told] {
        send(account: 1, size: SetTradingStateMessage.size) {
            SetTradingStateMessage.encode(
                at: $0, account: 1, keySlot: 0, nonce: $1, deadline: 0, instrument: instrument ?? Null.u32,
                state: state, reason: FixedText.four(reason)!)
        }
    }

    @discardableResult
    func killSwitch(_ target: UInt32?, engage: Bool = true) -> [Told] {
        send(account: 1, size: KillSwitchMessage.size) {
            KillSwitchMessage.encode(
                at: $0, account: 1, keySlot: 0, nonce: $1, deadline: 0, target: target ?? Null.u32,
                engage: engage ? 1 : 0)
        }
    }

    @discardableResult
    func setLimits(
        _ scope: LimitScope, _ target: UInt32, openOrders: UInt32 = Null.u32, band: UInt32 = Null.u32,
        protection: UInt32 = Null.u32, makerFee: Int32 = Null.i32, takerFee: Int32 = Null.i32,
        quantity: UInt64 = Null.u64, notional: UInt64 = Null.u64
    ) -> [Told] {
        send(account: 1, size: SetLimitsMessage.size) {
            SetLimitsMessage.encode(
                at: $0, account: 1, keySlot: 0, nonce: $1, deadline: 0, scope: scope, target: target,
                openOrdersMax: openOrders, bandBasisPoints: band, protectionBasisPoints: protection,
                makerFee: makerFee, takerFee: takerFee, quantityMaxLots: quantity, notionalMax: notional)
        }
    }

    /// Two assets, an instrument, and accounts 3, 4 and 5 with this much of both.
    static func trading(
        _ listing: Listing = Listing(), funds: UInt64 = 1_000_000_000, capacity: Capacity = Capacity()
    ) -> TestVenue {
        let venue = TestVenue(capacity)
        venue.listAsset(0, symbol: "X")
        venue.listAsset(1, symbol: "Y")
        venue.list(listing)
        for account in 3...5 as ClosedRange<UInt32> {
            venue.createAccount(account)
            if funds > 0 {
                venue.deposit(funds, 0, to: account)
                venue.deposit(funds, 1, to: account)
            }
        }
        return venue
    }
}

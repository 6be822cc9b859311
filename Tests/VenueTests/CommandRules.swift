import Testing
import Wire

@testable import Venue

@Suite struct CommandRules {
    @Test("CMD-1: the nonce is used up even by a command that is refused")
    func nonceIsUsedUp() {
        let venue = TestVenue.trading()
        venue.send(account: 3, nonce: 41, size: NewOrderMessage.size) {
            self.encode($0, account: 3, nonce: $1, lots: 0)
        }
        #expect(venue.venue.nonceMark(account: 3, slot: 0) == 41)
        #expect(venue.venue.nonceMark(account: 3, slot: 1) == nil)
        #expect(venue.venue.nonceMark(account: 4, slot: 0) == 0)
    }

    @Test("CMD-2: a deadline that lies before the record's time; the same time is in time; it comes before fields")
    func deadline() {
        let venue = TestVenue.trading()
        venue.time = 2_000
        #expect(venue.order(3, .buy, 1, at: 100, deadline: 1_999) == [.rejected(.deadlinePassed, 2_000)])
        #expect(venue.order(3, .buy, 1, at: 100, deadline: 2_000).count == 2)
        #expect(venue.createAccount(9, by: 3, flags: 1, deadline: 5) == [.rejected(.deadlinePassed, 2_000)])
    }

    /// Every field that CMD-3 speaks of: offset from the start of the message, a bad value, and the reason.
    struct Spoiled: CustomStringConvertible, Sendable {
        var message: String
        var offset: Int
        var bytes: [UInt8]
        var reason = Reason.invalidField
        var description: String { "\(message) \(offset) \(bytes)" }
    }

    static let newOrders: [Spoiled] = [
        Spoiled(message: "order", offset: 14, bytes: [1]), Spoiled(message: "order", offset: 36, bytes: [0]),
        Spoiled(message: "order", offset: 36, bytes: [3]), Spoiled(message: "order", offset: 37, bytes: [0]),
        Spoiled(message: "order", offset: 37, bytes: [3], reason: .unsupportedFeature),
        Spoiled(message: "order", offset: 37, bytes: [4], reason: .unsupportedFeature),
        Spoiled(message: "order", offset: 38, bytes: [2]),
        Spoiled(message: "order", offset: 38, bytes: [0], reason: .unsupportedFeature),
        Spoiled(message: "order", offset: 38, bytes: [6], reason: .unsupportedFeature),
        Spoiled(message: "order", offset: 39, bytes: [5]),
        Spoiled(message: "order", offset: 56, bytes: [1], reason: .unsupportedFeature),
        Spoiled(message: "order", offset: 64, bytes: [1], reason: .unsupportedFeature),
        Spoiled(message: "order", offset: 68, bytes: [1], reason: .unsupportedFeature),
        Spoiled(message: "order", offset: 72, bytes: [1], reason: .unsupportedFeature),
        Spoiled(message: "order", offset: 76, bytes: [2], reason: .unsupportedFeature),
        Spoiled(message: "order", offset: 76, bytes: [6]), Spoiled(message: "order", offset: 78, bytes: [1]),
        Spoiled(message: "cancel", offset: 14, bytes: [1]), Spoiled(message: "replace", offset: 64, bytes: [2]),
        Spoiled(message: "replace", offset: 66, bytes: [1]),
        Spoiled(message: "replace", offset: 68, bytes: [0, 0, 0, 1]),
        Spoiled(message: "mass", offset: 36, bytes: [9]), Spoiled(message: "mass", offset: 37, bytes: [1]),
        Spoiled(message: "mass", offset: 38, bytes: [1]), Spoiled(message: "batch", offset: 32, bytes: [1]),
    ]

    static let administration: [Spoiled] = [
        Spoiled(message: "account", offset: 36, bytes: [1]), Spoiled(message: "key", offset: 34, bytes: [2]),
        Spoiled(message: "key", offset: 36, bytes: [1]), Spoiled(message: "revoke", offset: 34, bytes: [1]),
        Spoiled(message: "revoke", offset: 36, bytes: [1]), Spoiled(message: "withdraw", offset: 36, bytes: [1]),
        Spoiled(message: "deposit", offset: 14, bytes: [1]), Spoiled(message: "asset", offset: 37, bytes: [1]),
        Spoiled(message: "asset", offset: 38, bytes: [1]), Spoiled(message: "list", offset: 100, bytes: [3]),
        Spoiled(message: "list", offset: 101, bytes: [9]), Spoiled(message: "list", offset: 101, bytes: [0]),
        Spoiled(message: "list", offset: 101, bytes: [2], reason: .unsupportedFeature),
        Spoiled(message: "list", offset: 101, bytes: [6], reason: .unsupportedFeature),
        Spoiled(message: "list", offset: 102, bytes: [1]), Spoiled(message: "state", offset: 36, bytes: [10]),
        Spoiled(message: "state", offset: 36, bytes: [9]),
        Spoiled(message: "state", offset: 36, bytes: [5], reason: .unsupportedFeature),
        Spoiled(message: "state", offset: 37, bytes: [1]), Spoiled(message: "state", offset: 38, bytes: [1]),
        Spoiled(message: "state", offset: 40, bytes: [0x1F]), Spoiled(message: "state", offset: 44, bytes: [1]),
        Spoiled(message: "kill", offset: 36, bytes: [2]), Spoiled(message: "kill", offset: 37, bytes: [1]),
        Spoiled(message: "kill", offset: 38, bytes: [1]), Spoiled(message: "limits", offset: 32, bytes: [3]),
        Spoiled(message: "limits", offset: 33, bytes: [1]), Spoiled(message: "limits", offset: 34, bytes: [1]),
        Spoiled(message: "limits", offset: 60, bytes: [1]), Spoiled(message: "rotate", offset: 32, bytes: [5]),
        Spoiled(message: "rotate", offset: 33, bytes: [1]), Spoiled(message: "rotate", offset: 36, bytes: [1]),
    ]

    @Test("CMD-3: a field that cannot have its value is refused with its offset", arguments: newOrders + administration)
    func fields(_ spoiled: Spoiled) {
        let venue = TestVenue.trading()
        let before = venue.venue.lastOrderId
        let told = send(spoiled.message, to: venue) { message in
            for (index, byte) in spoiled.bytes.enumerated() {
                message.storeBytes(of: byte, toByteOffset: spoiled.offset + index, as: UInt8.self)
            }
        }
        #expect(told == [.rejected(spoiled.reason, UInt64(spoiled.offset))])
        #expect(venue.venue.lastOrderId == before)
        // The same message as it was is none of these.
        let good = send(spoiled.message, to: TestVenue.trading()) { _ in }
        if case .rejected(let reason, _)? = good.first {
            #expect(reason != .invalidField && reason != .unsupportedFeature)
        }
    }

    @Test("CMD-3: fields are checked in the order of their offsets; a bad character is its field's first byte")
    func fieldOrder() {
        let venue = TestVenue.trading()
        let told = send("order", to: venue) {
            $0.storeBytes(of: 9, toByteOffset: 39, as: UInt8.self)
            $0.storeBytes(of: 0, toByteOffset: 38, as: UInt8.self)
        }
        #expect(told == [.rejected(.unsupportedFeature, 38)])
        #expect(
            send("state", to: venue) { $0.storeBytes(of: 0x7F, toByteOffset: 43, as: UInt8.self) }
                == [.rejected(.invalidField, 40)])
    }

    @Test("CMD-3: a commitment speaks of an earlier record")
    func commitmentField() {
        let venue = TestVenue()
        #expect(venue.commit(through: venue.sequence + 1) == [.rejected(.invalidField, 32)])
        #expect(venue.commit(through: 0) == [.rejected(.invalidField, 32)])
        #expect(venue.commit(through: 1) == [.commitment(through: 1)])
        #expect(venue.commit(through: venue.sequence) == [.commitment(through: venue.sequence - 1)])
    }

    @Test("CMD-4: the account is judged before the slot, and only templates below 40 need the owner slot")
    func whoMay() {
        let venue = TestVenue.trading()
        venue.addKey(3, 2)
        venue.addKey(1, 3)
        #expect(venue.createAccount(9, by: 3) == [.rejected(.notOperator, 1)])
        #expect(venue.createAccount(9, by: 3, slot: 2) == [.rejected(.notOperator, 1)])
        #expect(venue.createAccount(9, by: 1, slot: 3) == [.rejected(.ownerKeyRequired, 0)])
        #expect(venue.commit(through: 1, by: 3) == [.rejected(.notSettlement, 2)])
        #expect(venue.withdraw(1, 0, from: 3, slot: 2) == [.rejected(.ownerKeyRequired, 0)])
        #expect(venue.order(3, .buy, 1, at: 50, slot: 2).count == 2)
        // The operator's own trading key, and account 0 by the operator's key.
        #expect(venue.order(1, .buy, 1, at: 50, slot: 3) == [.rejected(.insufficientFunds, 0)])
        #expect(venue.order(0, .buy, 1, at: 50) == [.rejected(.insufficientFunds, 0)])
    }

    private func encode(_ message: UnsafeMutableRawPointer, account: UInt32, nonce: UInt64, lots: UInt32) {
        NewOrderMessage.encode(
            at: message, account: account, keySlot: 0, nonce: nonce, deadline: 0, instrument: 0, side: .buy,
            orderType: .limit, timeInForce: .goodTillCancel, selfTradePrevention: .cancelBoth, clientOrderId: 7,
            priceTicks: 100, quantityLots: lots, expiry: Null.u64, displayLots: Null.u32, minimumLots: Null.u32,
            stopPriceTicks: Null.u32, flags: [])
    }

    /// Sends a good message of each kind, spoiled; those of the operator come from an account that may not, so that
    /// only the fields can be what is refused first.
    private func send(
        _ name: String, to venue: TestVenue, _ spoil: @escaping (UnsafeMutableRawPointer) -> Void
    ) -> [Told] {
        func go(_ size: Int, _ encode: (UnsafeMutableRawPointer, UInt64) -> Void) -> [Told] {
            venue.send(account: 3, size: size) { message, nonce in
                encode(message, nonce)
                spoil(message)
            }
        }
        switch name {
        case "order": return go(NewOrderMessage.size) { encode($0, account: 3, nonce: $1, lots: 1) }
        case "cancel":
            return go(CancelOrderMessage.size) {
                CancelOrderMessage.encode(
                    at: $0, account: 3, keySlot: 0, nonce: $1, deadline: 0, orderId: 1, clientOrderId: Null.u64)
            }
        case "replace":
            return go(ReplaceOrderMessage.size) {
                ReplaceOrderMessage.encode(
                    at: $0, account: 3, keySlot: 0, nonce: $1, deadline: 0, orderId: 1, clientOrderId: Null.u64,
                    newClientOrderId: Null.u64, priceTicks: 1, quantityLots: 1, flags: [])
            }
        case "mass":
            return go(MassCancelMessage.size) {
                MassCancelMessage.encode(
                    at: $0, account: 3, keySlot: 0, nonce: $1, deadline: 0, instrument: Null.u32, side: nil)
            }
        case "batch": return venue.batch(3, [.cancel(1)], change: spoil)
        default: return administer(name, go)
        }
    }

    private func administer(
        _ name: String, _ go: (Int, (UnsafeMutableRawPointer, UInt64) -> Void) -> [Told]
    ) -> [Told] {
        switch name {
        case "account":
            go(CreateAccountMessage.size) {
                CreateAccountMessage.encode(
                    at: $0, account: 3, keySlot: 0, nonce: $1, deadline: 0, newAccount: 9, flags: 0, ownerKey: .zero,
                    proof: Bytes64())
            }
        case "key":
            go(AddTradingKeyMessage.size) {
                AddTradingKeyMessage.encode(
                    at: $0, account: 3, keySlot: 0, nonce: $1, deadline: 0, slot: 1, flags: [], key: .zero,
                    proof: Bytes64())
            }
        case "revoke":
            go(RevokeTradingKeyMessage.size) {
                RevokeTradingKeyMessage.encode(at: $0, account: 3, keySlot: 0, nonce: $1, deadline: 0, slot: 1)
            }
        case "withdraw":
            go(WithdrawMessage.size) {
                WithdrawMessage.encode(
                    at: $0, account: 3, keySlot: 0, nonce: $1, deadline: 0, asset: 0, amount: 1, reference: .zero)
            }
        case "deposit":
            go(DepositMessage.size) {
                DepositMessage.encode(
                    at: $0, account: 3, keySlot: 0, nonce: $1, deadline: 0, target: 3, asset: 0, amount: 1,
                    reference: .zero)
            }
        case "asset":
            go(ListAssetMessage.size) {
                ListAssetMessage.encode(
                    at: $0, account: 3, keySlot: 0, nonce: $1, deadline: 0, asset: 2, decimals: 1, symbol: 0)
            }
        case "list":
            go(ListInstrumentMessage.size) {
                ListInstrumentMessage.encode(
                    at: $0, account: 3, keySlot: 0, nonce: $1, deadline: 0, instrument: 1, baseAsset: 0, quoteAsset: 1,
                    priceMultiplier: 1, symbol: 0, lotSize: 1, tickValue: 1, priceMinTicks: 1, priceMaxTicks: 2,
                    referencePriceTicks: 1, bandBasisPoints: 0, protectionBasisPoints: 0, makerFee: 0, takerFee: 0,
                    feeMode: .quote, state: .continuous, quantityMaxLots: 1, notionalMax: 1)
            }
        default: operate(name, go)
        }
    }

    private func operate(_ name: String, _ go: (Int, (UnsafeMutableRawPointer, UInt64) -> Void) -> [Told]) -> [Told] {
        switch name {
        case "state":
            go(SetTradingStateMessage.size) {
                SetTradingStateMessage.encode(
                    at: $0, account: 3, keySlot: 0, nonce: $1, deadline: 0, instrument: 0, state: .halted,
                    reason: 0x2020_2020)
            }
        case "kill":
            go(KillSwitchMessage.size) {
                KillSwitchMessage.encode(
                    at: $0, account: 3, keySlot: 0, nonce: $1, deadline: 0, target: 3, engage: 1)
            }
        case "limits":
            go(SetLimitsMessage.size) {
                SetLimitsMessage.encode(
                    at: $0, account: 3, keySlot: 0, nonce: $1, deadline: 0, scope: .account, target: 3,
                    openOrdersMax: 1, bandBasisPoints: Null.u32, protectionBasisPoints: Null.u32, makerFee: Null.i32,
                    takerFee: Null.i32, quantityMaxLots: Null.u64, notionalMax: Null.u64)
            }
        default:
            go(RotateVenueKeyMessage.size) {
                RotateVenueKeyMessage.encode(
                    at: $0, account: 3, keySlot: 0, nonce: $1, deadline: 0, purpose: .log, slot: 0, newKey: .zero,
                    oldProof: Bytes64(), newProof: Bytes64())
            }
        }
    }
}

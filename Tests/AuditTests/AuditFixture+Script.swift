import Cryptography
import Wire

/// What happens at the venue.
extension AuditFixture {
    /// Listings, accounts, keys, `orders` resting sells, a buy that meets all of them and needs continuations, a change
    /// of the operator's key, a restart, orders that rest.
    func runScript(orders: UInt32) {
        list()
        for account in UInt32(3)...4 { open(account) }
        keys()
        commit(step: .firstCommitment)
        for index in 0..<orders {
            order(3, .sell, 100 + index % 50, 1, step: index == 0 ? .firstOrder : nil)
        }
        order(4, .buy, 200, orders + 100, step: .crossing)
        order(3, .sell, 300, 5, step: .afterCrossing)
        command(4, CancelOrderMessage.size, key: Self.traderKey(4), step: .cancel) { base, nonce in
            CancelOrderMessage.encode(
                at: base, account: 4, keySlot: 0, nonce: nonce, deadline: 0, orderId: UInt64(orders) + 1,
                clientOrderId: Null.u64)
        }
        rotate()
        restart()
        order(3, .sell, 301, 5)
        command(3, WithdrawMessage.size, key: Self.traderKey(3), step: .withdraw) { base, nonce in
            WithdrawMessage.encode(
                at: base, account: 3, keySlot: 0, nonce: nonce, deadline: 0, asset: 0, amount: 7, reference: Bytes32(1))
        }
        commit(dataThrough: 20, step: .secondCommitment)
        order(4, .buy, 300, 7, step: .last)
    }

    private func list() {
        for (asset, symbol) in [(UInt32(0), "USD"), (1, "GLD")] {
            command(1, ListAssetMessage.size, key: operatorKey) { base, nonce in
                ListAssetMessage.encode(
                    at: base, account: 1, keySlot: 0, nonce: nonce, deadline: 0, asset: asset, decimals: 2,
                    symbol: FixedText.eight(symbol)!)
            }
        }
        command(1, ListInstrumentMessage.size, key: operatorKey) { base, nonce in
            ListInstrumentMessage.encode(
                at: base, account: 1, keySlot: 0, nonce: nonce, deadline: 0, instrument: 0, baseAsset: 1,
                quoteAsset: 0, priceMultiplier: 100, symbol: FixedText.eight("GLDUSD")!, lotSize: 1, tickValue: 1,
                priceMinTicks: 1, priceMaxTicks: 900, referencePriceTicks: 100, bandBasisPoints: 0,
                protectionBasisPoints: 0, makerFee: 10, takerFee: 30, feeMode: .quote, state: .continuous,
                quantityMaxLots: 1_000_000, notionalMax: 1 << 40)
        }
    }

    private func open(_ account: UInt32) {
        let key = Self.traderKey(account)
        let proof = Self.bytes(prefixes.signPossession(account: account, key: key))
        command(1, CreateAccountMessage.size, key: operatorKey, proofsHold: true, step: .createAccount) { base, nonce in
            CreateAccountMessage.encode(
                at: base, account: 1, keySlot: 0, nonce: nonce, deadline: 0, newAccount: account, flags: 0,
                ownerKey: Self.bytes(key.publicKey), proof: proof)
        }
        for asset in UInt32(0)...1 {
            command(1, DepositMessage.size, key: operatorKey, step: .deposit) { base, nonce in
                DepositMessage.encode(
                    at: base, account: 1, keySlot: 0, nonce: nonce, deadline: 0, target: account, asset: asset,
                    amount: 1 << 40, reference: Bytes32(nonce))
            }
        }
    }

    /// An account whose key proves nothing, a trading key that is added, used and revoked.
    private func keys() {
        command(1, CreateAccountMessage.size, key: operatorKey, step: .badProof) { base, nonce in
            CreateAccountMessage.encode(
                at: base, account: 1, keySlot: 0, nonce: nonce, deadline: 0, newAccount: 5, flags: 0,
                ownerKey: Bytes32(5), proof: Bytes64())
        }
        let proof = Self.bytes(prefixes.signPossession(account: 3, key: tradingKey))
        let key = Self.bytes(tradingKey.publicKey)
        command(3, AddTradingKeyMessage.size, key: Self.traderKey(3), proofsHold: true, step: .addKey) { base, nonce in
            AddTradingKeyMessage.encode(
                at: base, account: 3, keySlot: 0, nonce: nonce, deadline: 0, slot: 1, flags: [], key: key,
                proof: proof)
        }
        order(3, .sell, 500, 1, slot: 1, key: tradingKey)
        command(3, RevokeTradingKeyMessage.size, key: Self.traderKey(3), step: .revokeKey) { base, nonce in
            RevokeTradingKeyMessage.encode(at: base, account: 3, keySlot: 0, nonce: nonce, deadline: 0, slot: 1)
        }
    }

    private func rotate() {
        let purpose = VenueKeyPurpose.venueOperator
        let signed = prefixes.rotationMessage(venueKey: purpose.rawValue, newKey: newOperatorKey.publicKey)
        let proofs = signed.withUnsafeBytes { (operatorKey.sign($0), newOperatorKey.sign($0)) }
        command(1, RotateVenueKeyMessage.size, key: operatorKey, proofsHold: true, step: .rotateKey) { base, nonce in
            RotateVenueKeyMessage.encode(
                at: base, account: 1, keySlot: 0, nonce: nonce, deadline: 0, purpose: purpose, slot: 1,
                newKey: Self.bytes(newOperatorKey.publicKey), oldProof: Self.bytes(proofs.0),
                newProof: Self.bytes(proofs.1))
        }
        command(1, slot: 1, KillSwitchMessage.size, key: newOperatorKey) { base, nonce in
            KillSwitchMessage.encode(
                at: base, account: 1, keySlot: 1, nonce: nonce, deadline: 0, target: Null.u32, engage: 0)
        }
    }

    private func order(
        _ account: UInt32, _ side: Side, _ price: UInt32, _ quantity: UInt32, slot: UInt16 = 0, key: SigningKey? = nil,
        step: Step? = nil
    ) {
        let key = key ?? Self.traderKey(account)
        command(account, slot: slot, NewOrderMessage.size, key: key, step: step) { base, nonce in
            NewOrderMessage.encode(
                at: base, account: account, keySlot: slot, nonce: nonce, deadline: 0, instrument: 0, side: side,
                orderType: .limit, timeInForce: .goodTillCancel, selfTradePrevention: .cancelTaker,
                clientOrderId: nonce + UInt64(slot) << 32, priceTicks: price, quantityLots: quantity,
                expiry: Null.u64, displayLots: Null.u32, minimumLots: Null.u32, stopPriceTicks: Null.u32, flags: [])
        }
    }
}

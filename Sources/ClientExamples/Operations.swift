import Cryptography
import GlassbookClient
import Wire

/// What the operator and settlement send.
extension Example {
    static let operations = [
        Example(name: "list-asset", needs: .venueKeys, shows: "ListAsset: a refusal says the next id") { venue in
            let boss = try venue.operatorSigner()
            let session = try venue.session(boss)
            let next = try session.refused(
                .listAsset(0, symbol: "EXAMPLE", decimals: 2), by: boss, for: .assetInvalid)
            try session.apply(.listAsset(UInt32(next), symbol: "X\(next)", decimals: 2), by: boss)
        },
        Example(name: "list-instrument", needs: .venueKeys, shows: "ListInstrument") { venue in
            let boss = try venue.operatorSigner()
            let session = try venue.session(boss)
            var listing = InstrumentListing(
                instrument: 0, symbol: "EXAMPLE", baseAsset: 1, quoteAsset: 0, lotSize: 1_000, tickValue: 1,
                priceMultiplier: 10_000, priceMinTicks: 1, priceMaxTicks: 1_000, referencePriceTicks: 500,
                quantityMaxLots: 1_000_000, notionalMax: 1_000_000_000)
            let next = try session.refused(.listInstrument(listing), by: boss, for: .instrumentInvalid)
            listing.instrument = UInt32(next)
            listing.symbol = "X-\(next)"
            try session.apply(.listInstrument(listing), by: boss)
        },
        Example(name: "set-trading-state", needs: .venueKeys, shows: "SetTradingState: a halt, and its end") { venue in
            let boss = try venue.operatorSigner()
            let trader = try venue.newTrader()
            let session = try venue.session(boss, trader.signer)
            try session.apply(.setTradingState(.halted, instrument: 1, reason: "NEWS"), by: boss)
            try session.refused(
                .newOrder(.limit(.buy, 1, at: 40_000, instrument: 1, clientOrderId: 1)), by: trader.signer,
                for: .instrumentHalted)
            try session.apply(.setTradingState(.continuous, instrument: 1), by: boss)
        },
        Example(
            name: "kill-switch", needs: .venueKeys, shows: "KillSwitch: an account is blocked, its orders are cancelled"
        ) { venue in
            let boss = try venue.operatorSigner()
            let trader = try venue.newTrader()
            let session = try venue.session(boss)
            let owner = try venue.session(trader.signer)
            let order = NewOrder.limit(.buy, 1, at: 90_000, instrument: 0, clientOrderId: 1)
            try owner.place(order, by: trader.signer)
            try session.apply(.killSwitch(account: trader.signer.account, isEngaged: true), by: boss)
            guard case .orderCancelled(let cancelled) = try owner.next(), cancelled.reason == .killSwitch else {
                throw Unexpected("no cancel")
            }
            try owner.refused(.newOrder(order), by: trader.signer, for: .accountBlocked)
            try session.apply(.killSwitch(account: trader.signer.account, isEngaged: false), by: boss)
            try owner.place(order, by: trader.signer)
            try owner.cancel(1, by: trader.signer)
        },
        Example(name: "set-limits", needs: .venueKeys, shows: "SetLimits: one open order") { venue in
            let boss = try venue.operatorSigner()
            let trader = try venue.newTrader()
            let session = try venue.session(boss, trader.signer)
            try session.apply(.setLimits(LimitChange(.account, trader.signer.account, openOrdersMax: 1)), by: boss)
            try session.place(.limit(.buy, 1, at: 90_000, instrument: 0, clientOrderId: 1), by: trader.signer)
            try session.refused(
                .newOrder(.limit(.buy, 1, at: 90_000, instrument: 0, clientOrderId: 2)), by: trader.signer,
                for: .tooManyOpenOrders)
            try session.cancel(1, by: trader.signer)
        },
        Example(name: "rotate-venue-key", needs: .venueKeys, shows: "RotateVenueKey: the receipt key, there and back") {
            venue in
            let boss = try venue.operatorSigner()
            let session = try venue.session(boss)
            let old = try venue.key(.receipt), new = SigningKey()
            for (from, to) in [(old, new), (new, old)] {
                let message = boss.prefixes.rotationMessage(
                    venueKey: VenueKeyPurpose.receipt.rawValue, newKey: to.publicKey)
                let (oldProof, newProof) = message.withUnsafeBytes { (from.sign($0), to.sign($0)) }
                try session.apply(
                    .rotateVenueKey(
                        .receipt, slot: 0, newKey: to.publicKey, oldProof: oldProof, newProof: newProof), by: boss)
            }
        },
        // An accepted one with any other root than the state's would be a lie, and every audit would say so.
        Example(
            name: "state-commitment", needs: .account, shows: "StateCommitment, refused: only settlement may send it"
        ) { venue in
            let trader = try venue.trader()
            let session = try venue.session(trader.signer)
            let commitment = CommandBody.stateCommitment(
                through: 1, stateRoot: .zero, chainHead: .zero, dataThrough: 0, dataDigest: .zero)
            let expected = try session.refused(commitment, by: trader.signer, for: .notSettlement)
            guard expected == UInt64(WellKnownAccount.settlement) else { throw Unexpected(expected) }
        },
    ]
}

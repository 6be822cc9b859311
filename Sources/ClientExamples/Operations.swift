import Cryptography
import GlassbookClient
import Wire

/// What the operator and settlement send.
extension Example {
    static let operations = [
        Example(name: "list-asset", shows: "ListAsset: a refusal says the next id") { venue in
            let boss = try venue.operatorSigner()
            let session = try venue.session(boss)
            let next = try session.refused(
                .listAsset(0, symbol: "EXAMPLE", decimals: 2), by: boss, for: .assetInvalid)
            try session.apply(.listAsset(UInt32(next), symbol: "X\(next)", decimals: 2), by: boss)
        },
        Example(name: "list-instrument", shows: "ListInstrument") { venue in
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
        Example(name: "set-trading-state", shows: "SetTradingState: a halt, and its end") { venue in
            let boss = try venue.operatorSigner()
            let trader = try venue.newTrader()
            let session = try venue.session(boss, trader.signer)
            try session.apply(.setTradingState(.halted, instrument: 1, reason: "NEWS"), by: boss)
            try session.refused(
                .newOrder(.limit(.buy, 1, at: 40_000, instrument: 1, clientOrderId: 1)), by: trader.signer,
                for: .instrumentHalted)
            try session.apply(.setTradingState(.continuous, instrument: 1), by: boss)
        },
        Example(name: "kill-switch", shows: "KillSwitch: an account is blocked, its orders are cancelled") { venue in
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
        },
        Example(name: "set-limits", shows: "SetLimits: one open order") { venue in
            let boss = try venue.operatorSigner()
            let trader = try venue.newTrader()
            let session = try venue.session(boss, trader.signer)
            try session.apply(.setLimits(LimitChange(.account, trader.signer.account, openOrdersMax: 1)), by: boss)
            try session.place(.limit(.buy, 1, at: 90_000, instrument: 0, clientOrderId: 1), by: trader.signer)
            try session.refused(
                .newOrder(.limit(.buy, 1, at: 90_000, instrument: 0, clientOrderId: 2)), by: trader.signer,
                for: .tooManyOpenOrders)
        },
        Example(name: "rotate-venue-key", shows: "RotateVenueKey: the receipt key, there and back") { venue in
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
        Example(name: "state-commitment", shows: "StateCommitment, by settlement") { venue in
            let settlement = try venue.settlementSigner()
            let session = try venue.session(settlement)
            try session.apply(
                .stateCommitment(
                    through: 1, stateRoot: Bytes32(1, 2, 3, 4), chainHead: Bytes32(5, 6, 7, 8), dataThrough: 1,
                    dataDigest: Bytes32(9, 10, 11, 12)), by: settlement)
        },
    ]
}

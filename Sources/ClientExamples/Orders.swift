import GlassbookClient
import Wire

/// Orders. Traders of the examples rest away from each other's prices, and end with nothing in the book.
extension Example {
    static let orders = [
        Example(name: "first-order", needs: .account, shows: "NewOrder that rests, OrderAccepted; its end") { venue in
            let trader = try venue.trader()
            let session = try venue.session(trader.signer)
            try session.place(.limit(.buy, 1, at: 90_000, instrument: 0, clientOrderId: 1), by: trader.signer)
            try session.cancel(1, by: trader.signer)
        },
        Example(name: "new-order", needs: .venueKeys, shows: "NewOrder, OrderAccepted, OrderExecuted of both sides") {
            venue in
            let seller = try venue.newTrader(), buyer = try venue.newTrader()
            let session = try venue.session(seller.signer, buyer.signer)
            try session.place(.limit(.sell, 5, at: 95_000, instrument: 0, clientOrderId: 1), by: seller.signer)
            try session.place(
                .limit(.buy, 5, at: 95_000, instrument: 0, clientOrderId: 1, timeInForce: .immediateOrCancel),
                by: buyer.signer)
            for liquidity in [Liquidity.taker, .maker] {
                guard case .orderExecuted(let fill) = try session.next(), fill.liquidity == liquidity else {
                    throw Unexpected("no fill")
                }
            }
        },
        Example(
            name: "market-order", needs: .venueKeys, shows: "NewOrder at the market, OrderCancelled for its remainder"
        ) { venue in
            let seller = try venue.newTrader(), buyer = try venue.newTrader()
            let session = try venue.session(seller.signer, buyer.signer)
            try session.place(.limit(.sell, 5, at: 95_000, instrument: 0, clientOrderId: 1), by: seller.signer)
            try session.place(.market(.buy, 8, instrument: 0, clientOrderId: 1), by: buyer.signer)
            for _ in 0..<2 {
                guard case .orderExecuted = try session.next() else { throw Unexpected("no fill") }
            }
            guard case .orderCancelled(let rest) = try session.next(), rest.reason == .marketRemainder else {
                throw Unexpected("no remainder")
            }
        },
        Example(name: "post-only", needs: .venueKeys, shows: "NewOrder that is refused because it would trade") {
            venue in
            let seller = try venue.newTrader(), buyer = try venue.newTrader()
            let session = try venue.session(seller.signer, buyer.signer)
            try session.place(.limit(.sell, 5, at: 95_000, instrument: 0, clientOrderId: 1), by: seller.signer)
            try session.refused(
                .newOrder(.limit(.buy, 5, at: 95_000, instrument: 0, clientOrderId: 1, isPostOnly: true)),
                by: buyer.signer, for: .wouldTrade)
            try session.cancel(1, by: seller.signer)
        },
        Example(name: "cancel-order", needs: .account, shows: "CancelOrder, by either id, OrderCancelled") { venue in
            let trader = try venue.trader()
            let session = try venue.session(trader.signer)
            let id = try session.place(
                .limit(.buy, 1, at: 90_000, instrument: 0, clientOrderId: 1), by: trader.signer)
            let answer = try session.ask(.cancelOrder(.orderId(id)), by: trader.signer)
            guard case .orderCancelled = answer else { throw Unexpected(answer) }
            try session.place(.limit(.buy, 1, at: 90_000, instrument: 0, clientOrderId: 2), by: trader.signer)
            try session.cancel(2, by: trader.signer)
            try session.refused(.cancelOrder(.clientOrderId(2)), by: trader.signer, for: .unknownOrder)
        },
        Example(name: "replace-order", needs: .account, shows: "ReplaceOrder, with and without its place in the queue")
        { venue in
            let trader = try venue.trader()
            let session = try venue.session(trader.signer)
            try session.place(.limit(.buy, 9, at: 90_000, instrument: 0, clientOrderId: 1), by: trader.signer)
            for (quantity, price, keeps) in [(5, 90_000, true), (5, 90_001, false)] as [(UInt32, UInt32, Bool)] {
                let change = OrderReplacement(.clientOrderId(1), priceTicks: price, quantityLots: quantity)
                let answer = try session.ask(.replaceOrder(change), by: trader.signer)
                guard case .orderReplaced(let replaced) = answer, replaced.keptPriority == keeps else {
                    throw Unexpected(answer)
                }
            }
            try session.cancel(1, by: trader.signer)
        },
        Example(name: "mass-cancel", needs: .account, shows: "MassCancel, OrderCancelled for each, CommandAccepted") {
            venue in
            let trader = try venue.trader()
            let session = try venue.session(trader.signer)
            for id in 1...3 as ClosedRange<UInt64> {
                try session.place(.limit(.buy, 1, at: 90_000, instrument: 0, clientOrderId: id), by: trader.signer)
            }
            var answer = try session.ask(.massCancel(instrument: 0), by: trader.signer)
            while case .orderCancelled = answer { answer = try session.next() }
            guard case .commandAccepted(let done) = answer, done.value == 3 else { throw Unexpected(answer) }
        },
        Example(name: "batch", needs: .account, shows: "Batch: each entry has its own outcome") { venue in
            let trader = try venue.trader()
            let session = try venue.session(trader.signer)
            let items: [BatchItem] = [
                .new(.limit(.buy, 1, at: 90_000, instrument: 0, clientOrderId: 1)),
                .replace(OrderReplacement(.clientOrderId(1), priceTicks: 90_001, quantityLots: 2)),
                .cancel(.clientOrderId(1)),
                .cancel(.clientOrderId(1)),
            ]
            guard case .orderAccepted = try session.ask(.batch(items), by: trader.signer),
                case .orderReplaced = try session.next(), case .orderCancelled = try session.next(),
                case .commandRejected(let refusal) = try session.next(), refusal.reason == .unknownOrder
            else { throw Unexpected("another outcome") }
        },
        Example(name: "deadline", needs: .account, shows: "a command that came too late") { venue in
            let trader = try venue.trader()
            let session = try venue.session(trader.signer)
            let answer = try session.ask(.massCancel(), by: trader.signer, deadline: 1)
            guard case .commandRejected(let refusal) = answer, refusal.reason == .deadlinePassed else {
                throw Unexpected(answer)
            }
        },
        Example(name: "nonce", needs: .account, shows: "a nonce that was used: CommandRejected, not journaled") {
            venue in
            let trader = try venue.trader()
            let session = try venue.session(trader.signer)
            try session.apply(.massCancel(), by: trader.signer)
            let other = Signer(
                account: trader.signer.account, key: trader.key, venue: venue.venue,
                lastNonce: trader.signer.nonce - 1)
            try session.refused(.massCancel(instrument: 0), by: other, for: .nonceConflict)
        },
    ]
}

extension ExampleSession {
    /// Cancels an order by its client order id.
    func cancel(_ clientOrderId: UInt64, by signer: Signer) throws {
        let answer = try ask(.cancelOrder(.clientOrderId(clientOrderId)), by: signer)
        guard case .orderCancelled = answer else { throw Unexpected(answer) }
    }
}

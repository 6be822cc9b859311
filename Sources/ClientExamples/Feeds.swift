import GlassbookClient
import Platform
import Wire

/// Market data.
extension Example {
    static let feeds = [
        Example(name: "feed", needs: .account, shows: "ITCH over MoldUDP64 from its first message, gaps repaired") {
            venue in
            let feed = try FeedClient(venue.feed)
            let trader = try venue.trader()
            let session = try venue.session(trader.signer)
            let id = try session.place(
                .limit(.buy, 1, at: 90_000, instrument: 0, clientOrderId: 1), by: trader.signer)
            try session.cancel(1, by: trader.signer)
            var books = BookBuilder()
            var isDone = false
            try feed.follow(until: { isDone }) { message in
                try books.apply(message)
                guard message.type == OrderDeleteMessage.type, let base = message.bytes.baseAddress else { return }
                if OrderDeleteMessage(base).reference == id { isDone = true }
            }
            let counts = feed.statistics
            print("<- messages=\(books.messages) trades=\(books.trades) orders=\(books.orderCount)")
            print("   packets=\(counts.packets) duplicates=\(counts.duplicates) requests=\(counts.requests)")
        },
        Example(
            name: "snapshot", needs: .account,
            shows: "the books from a snapshot (GLIMPSE over SoupBinTCP), then the feed"
        ) {
            venue in
            let trader = try venue.trader()
            let session = try venue.session(trader.signer)
            try session.place(.limit(.buy, 7, at: 90_000, instrument: 0, clientOrderId: 1), by: trader.signer)
            let feed = try FeedClient(venue.feed, options: FeedOptions(.snapshot))
            var books = BookBuilder()
            try feed.follow(until: { books.messages > 0 && feed.isCurrent }) { try books.apply($0) }
            let image = books.image(of: 0)
            print("<- instrument=0 orders=\(image.orderCount) nextMessage=\(feed.nextSequence)")
            for (side, levels) in [("buy", image.buys), ("sell", image.sells)] {
                for level in levels.prefix(3) { print("   side=\(side) lots=\(level.lots) price=\(level.price)") }
            }
            try session.cancel(1, by: trader.signer)
        },
    ]
}

extension FeedClient {
    /// Receives until a condition holds, within a minute.
    fileprivate func follow(until isDone: () -> Bool, _ take: (FeedMessage) throws -> Void) throws {
        let end = SystemClock.monotonicNanoseconds() + 60_000_000_000
        var failure: (any Error)?
        repeat {
            guard SystemClock.monotonicNanoseconds() < end else { throw ClientError.timedOut }
            _ = try receive(timeoutMilliseconds: 100) { message in
                do { try take(message) } catch { failure = failure ?? error }
            }
            if let failure { throw failure }
        } while !isDone()
    }
}

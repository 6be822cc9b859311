import GlassbookClient
import MarketData
import Platform
import Settings
import Wire

/// The venue's books, from its feed alone: gaps are repaired through the request server.
final class FeedAudience {
    private let feed: FeedClient
    private var books: BookBuilder
    private var failure: FeedBookError?
    private var last: [FeedTrade] = []
    private let heartbeatMilliseconds: Int
    /// Trades that were seen since `catchUp` was called first.
    private(set) var trades = 0
    private var isCounting = false

    init(_ access: VenueAccess) throws(BenchmarkError) {
        let addresses = FeedAddresses(
            group: access.feedGroup, interface: access.feedInterface, requestServer: access.request,
            snapshotServer: access.snapshot)
        feed = try client { () throws(ClientError) in try FeedClient(addresses) }
        books = BookBuilder(ordersMax: Int(access.settings.venue.ordersMax))
        heartbeatMilliseconds = access.settings.marketData.heartbeatMilliseconds
    }

    /// Orders that the feed shows now.
    var orderCount: Int { books.orderCount }

    /// The books.
    func images() -> [UInt32: BookImage] { books.images() }

    /// Takes what comes within that time.
    func follow(milliseconds: Int) throws(BenchmarkError) {
        let progress = try receive(milliseconds)
        switch progress {
        case .delivered, .idle: break
        case .ended: throw .unexpected("the feed has ended")
        case .sessionChanged: throw .unexpected("the venue began another feed session")
        }
    }

    /// Takes everything that was sent: silence for more than a heartbeat, and nothing missing.
    func catchUp() throws(BenchmarkError) {
        let limit = SystemClock.monotonicNanoseconds() + 60_000_000_000
        while true {
            let progress = try receive(heartbeatMilliseconds * 2 + 200)
            if progress == .idle && feed.isCurrent && feed.session != nil { break }
            guard SystemClock.monotonicNanoseconds() < limit else { throw .silence("the end of the feed") }
        }
        isCounting = true
    }

    private func receive(_ milliseconds: Int) throws(BenchmarkError) -> FeedProgress {
        var found: [FeedTrade] = []
        var failure = failure
        let progress = try client { () throws(ClientError) in
            try feed.receive(timeoutMilliseconds: milliseconds) { message in
                do throws(FeedBookError) {
                    if let trade = try books.apply(message) { found.append(trade) }
                } catch { failure = failure ?? error }
            }
        }
        if let failure { throw .unexpected("the feed does not fit its book: \(failure)") }
        self.failure = failure
        guard isCounting else { return progress }
        trades += found.count
        last = Array((last + found).suffix(32))
        return progress
    }

    /// Whether the feed shows the order as its owner knows it.
    func shows(_ id: UInt64, _ order: OpenOrder) -> Bool {
        guard let shown = books.order(id) else { return false }
        return shown.shares == order.lots && shown.side == order.side && UInt32(shown.locate) == order.instrument + 1
    }

    /// The last trades, a line each.
    func lastTrades(_ count: Int, _ settings: NodeSettings) -> [String] {
        last.suffix(count).map { trade in
            let symbol = books.listings[trade.instrument]?.symbol ?? "?"
            let price = "\(trade.price / 10_000).\(pad("\(trade.price % 10_000)", 4).replacing(" ", with: "0"))"
            return "  match \(pad(grouped(trade.matchNumber), 8))  \(symbol)  "
                + "\(pad("\(trade.lots)", 5)) lots at \(pad(price, 12))"
        }
    }
}

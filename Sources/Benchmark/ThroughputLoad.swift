import Cryptography
import Platform
import Wire

/// A session that sends pre-signed frames at a rate and counts answers: one for each order, whatever else comes of it.
struct ThroughputLoad: ~Copyable {
    private let batch: Int
    private let identity: VenueIdentity
    private var traders: [Trader]
    private var link: OrderLink
    private var mix: OrderMix
    private let instrument: UInt32
    private let price: UInt32
    private var nextClientOrder: UInt64 = 1 << 40
    private let scale = TimestampCounter.calibrate()

    static func messageBytes(_ batch: Int) -> Int {
        batch == 1 ? NewOrderMessage.size : BatchMessage.size + batch * BatchEntry.size
    }

    /// Opens the accounts.
    init(_ batch: Int, _ depth: Int, _ access: VenueAccess) throws(BenchmarkError) {
        var traders = try access.openAccounts(2, amount: 1 << 60)
        link = try OrderLink.established(access.orderEntry, access.identity, &traders)
        self.batch = batch
        identity = access.identity
        self.traders = traders
        let listings = access.settings.venue.instruments
        mix = OrderMix(instruments: UInt32(listings.count), depth: depth, seed: 3)
        instrument = listings[0].id
        price = listings[0].referencePriceTicks
    }

    /// Lets orders rest, when batches are measured.
    mutating func prepare(_ depth: Int, _ progress: ProgressLog) throws(BenchmarkError) {
        guard batch > 1 else { return }
        progress.say("throughput: \(grouped(depth)) orders rest first")
        let frames = (depth + 127) / 128
        let pool = makePool(frames, 128, progress, isResting: true)
        _ = try send(pool, 128, framesPerSecond: 2_000)
    }

    /// Signs what a run of that length needs, and runs it.
    mutating func run(
        framesPerSecond: Double, seconds: Double, _ progress: ProgressLog
    ) throws(BenchmarkError) -> ThroughputRun {
        let pool = makePool(max(1, Int(framesPerSecond * seconds)), batch, progress, isResting: false)
        return try send(pool, batch, framesPerSecond: framesPerSecond)
    }

    private mutating func makePool(
        _ frames: Int, _ entries: Int, _ progress: ProgressLog, isResting: Bool
    ) -> FramePool {
        var (traders, mix, clientOrder) = (traders, mix, nextClientOrder)
        let (isSingle, instrument, price) = (entries == 1, instrument, price)
        let pool = FramePool(
            count: frames, messageBytes: Self.messageBytes(entries), prefix: identity.prefixes.command, progress
        ) { index, message in
            let side = index & 1
            let nonce = traders[side].nextNonce()
            let trader = traders[side]
            if isSingle {
                // A sell that rests, then a buy that takes it.
                encodeOrder(
                    at: message, account: trader.account, slot: trader.slot, nonce: nonce, instrument: instrument,
                    side: side == 0 ? .sell : .buy, price: price, quantity: 1, clientOrder: clientOrder)
                clientOrder += 1
                return trader.key
            }
            BatchMessage.encode(
                at: message, account: trader.account, keySlot: trader.slot, nonce: nonce, deadline: 0,
                entryCount: UInt16(entries))
            for number in 0..<entries {
                let entry = message + BatchMessage.size + number * BatchEntry.size
                if isResting {
                    mix.writeResting(side == 0 ? .buy : .sell, at: entry)
                } else {
                    mix.write(side == 0 ? .buy : .sell, at: entry)
                }
            }
            return trader.key
        }
        (self.traders, self.mix, nextClientOrder) = (traders, mix, clientOrder)
        return pool
    }

    /// Sends on the schedule, until all is answered; stops early when a second is late.
    private mutating func send(
        _ pool: borrowing FramePool, _ entries: Int, framesPerSecond: Double
    ) throws(BenchmarkError) -> ThroughputRun {
        var run = ThroughputRun(framesPerSecond: framesPerSecond, frames: pool.count)
        let ticks = Double(scale.ticksPerSecond)
        let start = TimestampCounter.now() + scale.ticksPerSecond / 1000
        func due(_ index: Int) -> UInt64 { start + UInt64(Double(index) * ticks / framesPerSecond) }
        // How many frames of this second are complete, and how many of them were late.
        let framesInSecond = max(1, Int(framesPerSecond))
        var (inSecond, lateInSecond) = (0, 0)
        let silence = scale.ticksPerSecond * 10
        var (next, sentBytes, answered, complete, end) = (0, 0, 0, 0, pool.count)
        var lastAnswer = start
        while complete < end {
            let now = TimestampCounter.now()
            if next < end && now >= due(next) {
                let frame = pool[next]
                sentBytes += try link.send(UnsafeRawBufferPointer(rebasing: frame[sentBytes...]))
                if sentBytes == frame.count { (sentBytes, next) = (0, next + 1) }
            }
            var (fresh, refused) = (0, 0)
            try link.poll { message in
                switch MessageHeader(message).templateId {
                case Template.orderAccepted, Template.orderReplaced: fresh += 1
                case Template.orderCancelled: if OrderCancelledMessage(message).reason == .requested { fresh += 1 }
                case Template.commandRejected: (fresh, refused) = (fresh + 1, refused + 1)
                default: break
                }
            }
            run.refused += refused
            if fresh == 0 {
                if now > lastAnswer && now - lastAnswer > silence { throw .silence("\(answered) answers") }
                continue
            }
            answered += fresh
            lastAnswer = TimestampCounter.now()
            while complete < next && answered >= (complete + 1) * entries {
                let latency = scale.nanoseconds(from: due(complete), to: lastAnswer)
                run.answers.record(latency)
                if latency > ThroughputBenchmark.limitNanoseconds { lateInSecond += 1 }
                complete += 1
                inSecond += 1
                guard inSecond == framesInSecond || complete == end else { continue }
                if lateInSecond * 2 > inSecond { run.lateSeconds += 1 }
                (inSecond, lateInSecond) = (0, 0)
            }
            if run.lateSeconds > 0 && sentBytes == 0 && end == pool.count && next < end { end = next }
        }
        return run
    }
}

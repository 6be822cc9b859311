import Cryptography
import Platform
import Wire

/// Sends a neutral workload through a whole node, signed, and compares what came of it with what is expected: the
/// trades as the replies tell of them, the books as the feed alone tells of them.
///
/// Buys and sells come from two accounts, because nobody trades with himself. Commands go in batches as long as they
/// are of one account, in the order of the file. Prices are ticks, quantities lots, client order ids the file's ids.
/// A reduce becomes a replace that keeps its place; the open quantity that it needs is known when everything before it
/// is answered.
public struct ReplayBenchmark: Sendable {
    /// Entries of a batch at most.
    public var batchMax = 64
    /// Commands of the file that are sent; nil: all. With fewer there is nothing to compare with.
    public var commandsMax: Int?
    public var clientCore: UInt32 = 1

    public init() {}

    /// What came of it.
    public struct Result: Sendable {
        public var line: String
        /// First line of `FILE.expect`; nil when there is none, or not all was sent.
        public var expectation: String?
        public var commands: Int
        public var milliseconds: UInt64
        public var matches: Bool { expectation == nil || expectation == line }
    }

    public func run(
        _ path: String, _ profile: VenueProfile, _ progress: ProgressLog
    ) throws(BenchmarkError) -> Result {
        let file = try WorkloadFile(path)
        var profile = profile
        profile.instruments = file.instruments
        (profile.priceMinTicks, profile.priceMaxTicks) = (file.priceMin, file.priceMax)
        profile.referencePriceTicks = file.priceMin + (file.priceMax - file.priceMin) / 2
        profile.ordersMax = UInt32(max(1024, min(UInt64(file.count), 1 << 21)))
        let access = try VenueAccess(profile, progress)
        defer { access.close() }
        return try onCore(clientCore) { () throws(BenchmarkError) in try replay(file, access, progress) }
    }

    private func replay(
        _ file: WorkloadFile, _ access: VenueAccess, _ progress: ProgressLog
    ) throws(BenchmarkError) -> Result {
        let count = min(file.count, commandsMax ?? file.count)
        let traders = try access.openAccounts(2, amount: 1 << 61)
        let follower = try FeedAudience(access)
        try follower.catchUp()
        var replay = try WorkloadReplay(file, access, traders, batchMax: batchMax)
        let start = SystemClock.monotonicNanoseconds()
        var meter = ProgressMeter(progress)
        for index in 0..<count {
            guard let record = file.record(index) else { throw .input("record \(index): unknown operation") }
            try replay.add(record)
            if index % 256 == 0 {
                try follower.follow(milliseconds: 0)
                meter.update(
                    "replay: \(grouped(index)) of \(grouped(count)) commands, "
                        + "\(grouped(replay.outcome.trades)) trades")
            }
        }
        try replay.finish()
        let milliseconds = (SystemClock.monotonicNanoseconds() - start) / 1_000_000
        progress.say("replay: all answered; waiting for the end of the feed")
        try follower.catchUp()
        let line = replay.outcome.line(follower.images(), instruments: file.instruments)
        return Result(
            line: line, expectation: count == file.count ? file.expectation : nil, commands: count,
            milliseconds: milliseconds)
    }
}

/// The commands of a workload on their way through one session.
struct WorkloadReplay: ~Copyable {
    private static let outstandingMax = 8_192
    private let venue: VenueIdentity
    private var traders: [Trader]
    private var link: OrderLink
    private let batchMax: Int
    private let memory: UnsafeMutableRawPointer
    private var entries = 0
    private var side: UInt8 = 0
    private var sent = 0
    private var state: ReplayState

    var outcome: WorkloadOutcome { state.outcome }

    init(
        _ file: WorkloadFile, _ access: VenueAccess, _ traders: [Trader], batchMax: Int
    ) throws(BenchmarkError) {
        precondition((1...Limits.batchEntriesMax).contains(batchMax), "entries that a batch can have")
        venue = access.identity
        var attached = traders
        link = try OrderLink.established(access.orderEntry, access.identity, &attached)
        self.traders = attached
        self.batchMax = batchMax
        memory = .allocate(
            byteCount: SignedFrame.headroom + Limits.messageBytesMax + Limits.signatureBytes, alignment: 64)
        state = ReplayState(idMax: file.idMax)
    }

    deinit { memory.deallocate() }

    /// Takes the next command; sends what is whole.
    mutating func add(_ record: WorkloadFile.Record) throws(BenchmarkError) {
        if record.side != side || entries == batchMax { try flush() }
        side = record.side
        var left: UInt32 = 0
        if record.operation == .reduce {
            try flush()
            try drain(to: 0)
            let open = state.open[Int(record.id)]
            // A reduce of an order that is gone has to be refused: any quantity does.
            left = open > record.quantity ? open - record.quantity : 1
        }
        let entry = memory + SignedFrame.headroom + BatchMessage.size + entries * BatchEntry.size
        encode(record, left, at: entry)
        entries += 1
    }

    private func encode(_ record: WorkloadFile.Record, _ left: UInt32, at entry: UnsafeMutableRawPointer) {
        switch record.operation {
        case .new, .immediateOrCancel:
            BatchEntry.encode(
                at: entry, kind: .new, side: record.side == 0 ? .buy : .sell, orderType: .limit,
                timeInForce: record.operation == .new ? .goodTillCancel : .immediateOrCancel,
                selfTradePrevention: .cancelTaker, flags: 0, instrument: UInt32(record.instrument),
                priceTicks: record.price, quantityLots: record.quantity, clientOrderId: record.id, orderId: Null.u64,
                newClientOrderId: Null.u64)
        case .cancel:
            BatchEntry.encode(
                at: entry, kind: .cancel, side: nil, orderType: nil, timeInForce: nil, selfTradePrevention: nil,
                flags: 0, instrument: Null.u32, priceTicks: Null.u32, quantityLots: Null.u32,
                clientOrderId: record.id, orderId: Null.u64, newClientOrderId: Null.u64)
        case .replace, .reduce:
            let isReplace = record.operation == .replace
            BatchEntry.encode(
                at: entry, kind: .replace, side: nil, orderType: nil, timeInForce: nil, selfTradePrevention: nil,
                flags: isReplace ? ReplaceFlags.losePriority.rawValue : 0, instrument: Null.u32,
                priceTicks: isReplace ? record.price : state.price[Int(record.id)],
                quantityLots: isReplace ? record.quantity : left, clientOrderId: record.id, orderId: Null.u64,
                newClientOrderId: isReplace ? record.newId : Null.u64)
        }
    }

    private mutating func flush() throws(BenchmarkError) {
        guard entries > 0 else { return }
        let message = memory + SignedFrame.headroom
        let trader = traders[Int(side)]
        let nonce = traders[Int(side)].nextNonce()
        BatchMessage.encode(
            at: message, account: trader.account, keySlot: trader.slot, nonce: nonce, deadline: 0,
            entryCount: UInt16(entries))
        let frame = SignedFrame.seal(
            message, count: BatchMessage.size + entries * BatchEntry.size, prefix: venue.prefixes.command,
            key: trader.key)
        // The closure cannot hold a part of self that is being used otherwise.
        let state = state
        try link.sendAll(frame) { state.take($0) }
        sent += entries
        entries = 0
        try link.poll { state.take($0) }
        try drain(to: Self.outstandingMax)
    }

    /// Waits until at most so many commands have no answer.
    private mutating func drain(to outstandingMax: Int) throws(BenchmarkError) {
        let state = state
        var lastAnswered = state.answered
        var limit = SystemClock.monotonicNanoseconds() + OrderLink.replyTimeoutNanoseconds
        var turns = 0
        while sent - state.answered > outstandingMax {
            try link.poll { state.take($0) }
            turns &+= 1
            guard turns & 0xFFF == 0 else { continue }
            let now = SystemClock.monotonicNanoseconds()
            if state.answered != lastAnswered {
                (lastAnswered, limit) = (state.answered, now + OrderLink.replyTimeoutNanoseconds)
            }
            if now > limit { throw .silence("\(state.answered) answers to \(sent) commands") }
        }
        if let failure = state.failure { throw failure }
    }

    /// Sends what is left and waits for all answers.
    mutating func finish() throws(BenchmarkError) {
        try flush()
        try drain(to: 0)
    }
}

/// What the replies have told so far.
final class ReplayState {
    var outcome = WorkloadOutcome()
    private(set) var answered = 0
    private(set) var failure: BenchmarkError?
    /// Open quantity and price by the workload's id; the quantity is 0 when the order is not open.
    let open: UnsafeMutablePointer<UInt32>
    let price: UnsafeMutablePointer<UInt32>
    private let idMax: UInt64
    /// The taker's side of a trade, until the maker's follows.
    private var taker: (match: UInt64, id: UInt64) = (0, 0)

    init(idMax: UInt64) {
        self.idMax = idMax
        open = .allocate(capacity: Int(idMax) + 1)
        open.initialize(repeating: 0, count: Int(idMax) + 1)
        price = .allocate(capacity: Int(idMax) + 1)
        price.initialize(repeating: 1, count: Int(idMax) + 1)
    }

    deinit {
        open.deallocate()
        price.deallocate()
    }

    /// Takes a reply into account.
    func take(_ message: UnsafeRawPointer) {
        switch MessageHeader(message).templateId {
        case Template.orderAccepted:
            let reply = OrderAcceptedMessage(message)
            answered += 1
            set(reply.clientOrderId, reply.quantityLots, reply.priceTicks)
        case Template.orderReplaced:
            let reply = OrderReplacedMessage(message)
            answered += 1
            set(reply.originalClientOrderId, 0, 1)
            set(reply.clientOrderId, reply.quantityLots, reply.priceTicks)
        case Template.orderCancelled:
            let reply = OrderCancelledMessage(message)
            if reply.reason == .requested { answered += 1 }
            set(reply.clientOrderId, reply.leavesLots, reply.priceTicks)
        case Template.orderExecuted: takeTrade(OrderExecutedMessage(message))
        case Template.commandRejected:
            let reply = CommandRejectedMessage(message)
            answered += 1
            // About one command in a hundred names an order that is gone; nothing else may be refused.
            if reply.reason != .unknownOrder {
                failure = .refused(template: reply.templateId, reason: reply.reason, expected: reply.expected)
            }
        case Template.terminate: failure = .sessionEnded(TerminateMessage(message).reason)
        default: break
        }
    }

    private func set(_ id: UInt64, _ lots: UInt32, _ ticks: UInt32) {
        guard id <= idMax else {
            failure = .unexpected("client order id \(id)")
            return
        }
        open[Int(id)] = lots
        price[Int(id)] = ticks
    }

    private func takeTrade(_ reply: OrderExecutedMessage) {
        guard reply.clientOrderId <= idMax else {
            failure = .unexpected("client order id \(reply.clientOrderId)")
            return
        }
        open[Int(reply.clientOrderId)] = reply.leavesLots
        if reply.liquidity == .taker {
            taker = (reply.matchNumber, reply.clientOrderId)
            return
        }
        guard taker.match == reply.matchNumber else {
            failure = .unexpected("the maker's reply of match \(reply.matchNumber) without the taker's before it")
            return
        }
        outcome.addTrade(
            instrument: reply.instrument, maker: reply.clientOrderId, taker: taker.id, price: reply.priceTicks,
            quantity: reply.quantityLots)
    }
}

import Journal
import OrderEntry
import Settings
import Wire

/// Reads replies back from the journal, on the services thread: for sessions that resume, and for commands that were
/// sent again. Blocks on the disk if it has to; reads nothing above `gate.released`.
///
/// Where a record stands the feed's follower knows, within some hundred records. What it does not know yet is looked
/// for from the segment's beginning, and those records count in the turn as all others do: nobody's wish, and no place
/// that it names, makes a turn longer.
struct HistoryService: ~Copyable {
    /// Records that one lane reads or passes over in one turn, so that the other lanes and services get theirs.
    static let recordsPerTurn = 1_024

    private let directory: String
    private let durability: Durability
    private let gate: ReleaseGate
    private let exchange: HistoryExchange
    private let readings: UnsafeMutablePointer<LaneReading>

    init(facts: NodeFacts, gate: ReleaseGate, exchange: HistoryExchange) throws(NodeError) {
        directory = facts.journalDirectory
        durability = facts.durability
        self.gate = gate
        self.exchange = exchange
        readings = .allocate(capacity: exchange.laneCount)
        for lane in 0..<exchange.laneCount { (readings + lane).initialize(to: LaneReading()) }
    }

    deinit {
        readings.deinitialize(count: exchange.laneCount)
        readings.deallocate()
    }

    /// One bounded lap over the requests. Returns how much was done, 0 when idle.
    mutating func doWork(_ follower: borrowing FeedFollower) -> Int {
        var work = 0
        for lane in 0..<exchange.laneCount {
            guard let request = exchange.given(lane) else { continue }
            work += serve(lane, request, follower)
        }
        return work
    }

    /// Reads on for one lane; gives it back when its buffer is full or everything is read.
    private mutating func serve(
        _ lane: Int, _ request: HistoryExchange.Request, _ follower: borrowing FeedFollower
    ) -> Int {
        let reading = readings + lane
        do throws(JournalError) {
            if reading.pointee.job != request.job {
                reading.pointee.begin(request, durability: durability)
                try reading.pointee.open(request.from.sequence, directory, follower)
            }
            return try read(lane, request, follower)
        } catch {
            reading.pointee.end()
            exchange.fill(lane, HistoryExchange.Answer(isFinished: true, isUnavailable: true))
            return 1
        }
    }

    private mutating func read(
        _ lane: Int, _ request: HistoryExchange.Request, _ follower: borrowing FeedFollower
    ) throws(JournalError) -> Int {
        let reading = readings + lane
        let buffer = exchange.buffer(lane)
        let limit = min(request.through, gate.released)
        var count = 0
        while count < Self.recordsPerTurn {
            switch try reading.pointee.step(request, limit: limit, buffer) {
            case .read: count += 1
            case .earlier(let cause):
                try reading.pointee.open(cause, directory, follower)
                count += 1
            case .full:
                exchange.fill(lane, reading.pointee.answer(isFinished: false))
                return count + 1
            case .end:
                // What is asked for is released later: come again.
                if request.purpose != .lap, limit < request.through { return count }
                reading.pointee.complete(request, buffer)
                exchange.fill(lane, reading.pointee.answer(isFinished: true))
                if request.purpose != .lap { reading.pointee.end() }
                return count + 1
            }
        }
        return count
    }
}

/// How far one lane has read.
struct LaneReading: ~Copyable {
    private(set) var job: UInt64 = 0
    private var tail: TailReader?
    /// Records before this one are passed over.
    private var first: UInt64 = 0
    private var history = ReplyHistory(
        account: 0, from: ReplyNumber(sequence: 0, index: 0), durability: .journaled, resent: false)
    /// The record whose replies did not all fit.
    private var current: RecordView?
    /// What is in the lane's buffer by now.
    private var written = 0

    enum Step {
        /// One record more.
        case read
        /// The buffer is full.
        case full
        /// There is nothing more up to the limit, or nothing that is wanted.
        case end
        /// A record of this sequence has to be read before.
        case earlier(UInt64)
    }

    /// Begins anew; `open` follows.
    mutating func begin(_ request: HistoryExchange.Request, durability: Durability) {
        end()
        job = request.job
        history = ReplyHistory(
            account: request.account, from: request.from, durability: durability, resent: request.resent)
    }

    /// Goes to a record, or to one before it that is near.
    mutating func open(
        _ sequence: UInt64, _ directory: String, _ follower: borrowing FeedFollower
    ) throws(JournalError) {
        let start = follower.place(near: sequence).map(TailStart.place) ?? .segment(holding: sequence)
        tail = try TailReader.open(directory: directory, from: start, hashing: false)
        current = nil
        first = sequence
    }

    /// Lets the file go.
    mutating func end() {
        tail = nil
        current = nil
        job = 0
        written = 0
    }

    /// Takes one record, up to a sequence.
    mutating func step(
        _ request: HistoryExchange.Request, limit: UInt64, _ buffer: UnsafeMutableRawBufferPointer
    ) throws(JournalError) -> Step {
        if current == nil {
            guard let next = tail?.nextSequence, next <= limit else { return .end }
            current = try tail?.next()
        }
        guard let record = current, record.sequence <= limit else { return .end }
        if record.sequence < first {
            current = nil
            return .read
        }
        if request.purpose == .command, record.sequence > request.from.sequence, !history.continues(record) {
            return .end
        }
        let room = written..<buffer.count - SessionReplies.frameBytesMax
        switch history.append(record, to: UnsafeMutableRawBufferPointer(rebasing: buffer[room])) {
        case .done(let bytes):
            written += bytes
            current = nil
            return .read
        case .full(let bytes):
            written += bytes
            return .full
        case .needsCause(let cause): return .earlier(cause)
        }
    }

    /// Everything that was asked for is written: says so, where that is wanted. There is always room for it.
    mutating func complete(_ request: HistoryExchange.Request, _ buffer: UnsafeMutableRawBufferPointer) {
        guard request.purpose == .last, let base = buffer.baseAddress else { return }
        written += SessionReplies.resumeComplete(
            at: base + written, account: request.account, throughSequence: request.through)
    }

    /// What goes back with the lane, whose buffer is then new.
    mutating func answer(isFinished: Bool) -> HistoryExchange.Answer {
        defer { written = 0 }
        return HistoryExchange.Answer(bytes: written, next: history.next, isFinished: isFinished)
    }
}

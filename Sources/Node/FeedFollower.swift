import Journal
import MarketData
import Settings
import Wire

/// Makes the feed a second time, from the journal, for those who missed some of it or come late: its last messages, an
/// index of the older ones, and the book of displayed orders. On the services thread; fixed memory. It knows where
/// records stand, too, for who reads some of them again (`HistoryService`).
///
/// It begins with the first record, in laps, and from then on stays at most a lap behind the released tail.
struct FeedFollower: ~Copyable {
    /// Records that one turn takes, so that the other services get theirs.
    private static let recordsPerTurn = 16_384
    /// Places of the journal that one turn opens for requests of older messages: each costs a walk from the index to
    /// the message, and whoever asks for places far apart must not keep the other services from their turns.
    private static let lookUpsPerTurn = 2

    private let directory: String
    private let gate: ReleaseGate
    private let venueName: UInt32
    private let scratch: UnsafeMutableRawPointer
    private var tail: TailReader?
    private var index = FeedIndex<RecordPlace>()
    /// The same of all records, by their own sequence: it goes on when a feed session ends.
    private var records = FeedIndex<RecordPlace>()
    private var lookUpsLeft = lookUpsPerTurn
    /// Reads messages again that are no longer in `history`.
    private var older: OlderFeed?
    /// Listings, as far as it has read.
    private(set) var encoder: FeedEncoder
    /// Displayed orders, as far as it has read.
    private(set) var book: FeedBook
    /// The last messages, as far as it has read.
    private(set) var history: FeedHistory
    private(set) var session: FeedSession
    /// Time of the last record that was read, ns Unix UTC.
    private(set) var time: UInt64 = 0
    /// Whether something is wrong with the files: nothing more is served.
    private(set) var hasFailed = false
    private var lastSequence: UInt64 = 0

    /// - Parameter history: what is answered from memory.
    init(facts: NodeFacts, gate: ReleaseGate, history: consuming FeedHistory = FeedHistory()) {
        directory = facts.journalDirectory
        self.gate = gate
        venueName = facts.venueName
        let venue = facts.settings.venue
        encoder = FeedEncoder(instrumentsMax: Int(venue.instrumentsMax))
        book = FeedBook(capacity: Int(venue.ordersMax))
        self.history = history
        session = FeedSession(venueName: facts.venueName, generation: 1)
        scratch = .allocate(byteCount: FeedEncoder.bytesPerEffectMax, alignment: 8)
    }

    deinit { scratch.deallocate() }

    /// Bytes of memory.
    var byteCount: Int { book.byteCount + history.byteCount }

    /// Whether everything that is released has been read: a snapshot made before would be old.
    var isCurrent: Bool { !hasFailed && lastSequence >= gate.released }

    /// Reads on, up to what is released. Returns records read.
    mutating func doWork() -> Int {
        lookUpsLeft = Self.lookUpsPerTurn
        if hasFailed { return 0 }
        do throws(JournalError) {
            return try read()
        } catch {
            hasFailed = true
            return 1
        }
    }

    private mutating func read() throws(JournalError) -> Int {
        let released = gate.released
        if lastSequence >= released { return 0 }
        if tail == nil { tail = try TailReader.open(directory: directory, from: .first, hashing: false) }
        var count = 0
        while count < Self.recordsPerTurn, lastSequence < released, let record = try tail?.next(),
            let place = tail?.lastPlace
        {
            records.add(feedSequence: record.sequence, journalSequence: record.sequence, place: place)
            take(record, place)
            count += 1
        }
        return count
    }

    /// Where a record stands that is at or a little before that of a sequence; nil when none is known that is so near:
    /// it has not read so far.
    func place(near sequence: UInt64) -> RecordPlace? {
        guard let place = records.place(before: sequence) else { return nil }
        let isNear = sequence <= lastSequence || sequence - place.sequence < UInt64(2 * Self.recordsPerTurn)
        return isNear ? place : nil
    }

    private mutating func take(_ record: RecordView, _ place: RecordPlace) {
        lastSequence = record.sequence
        time = record.time
        var effects = record.effects
        var hasBegun = false
        while let effect = effects.read() {
            if effect.template == Template.feedSessionStarted {
                session = FeedSession(
                    venueName: venueName, generation: FeedSessionStartedMessage(effect.base).generation)
                history.clear()
                index.clear()
                older = nil
            }
            if !hasBegun {
                index.add(feedSequence: record.feedSequence, journalSequence: record.sequence, place: place)
                hasBegun = true
            }
            let messages = encoder.encode(effect, time: record.time, at: scratch)
            if messages.count > 0 { take(scratch, messages.firstBytes) }
            if messages.count > 1 { take(scratch + messages.firstBytes, messages.secondBytes) }
        }
    }

    private mutating func take(_ message: UnsafeRawPointer, _ bytes: Int) {
        history.append(message, bytes)
        do throws(FeedBookError) {
            try book.apply(UnsafeRawBufferPointer(start: message, count: bytes))
        } catch {
            // The venue's orders fit the capacity, and its feed is right: anything else is not to be served.
            hasFailed = true
        }
    }

    /// Writes the packet that answers a request; 0 when there is no answer now.
    mutating func answer(_ request: FeedRequest, at packet: UnsafeMutableRawPointer) -> Int {
        if hasFailed || request.sequence >= history.nextSequence { return 0 }
        if history.has(request.sequence) {
            return history.packet(session, from: request.sequence, count: request.count, at: packet)
        }
        do throws(JournalError) {
            return try answerOlder(request, packet)
        } catch {
            return 0
        }
    }

    private mutating func answerOlder(
        _ request: FeedRequest, _ packet: UnsafeMutableRawPointer
    ) throws(JournalError) -> Int {
        if !(older?.reaches(request.sequence) ?? false) {
            // Who gets no answer asks again.
            guard lookUpsLeft > 0, let place = index.place(before: request.sequence) else { return 0 }
            lookUpsLeft -= 1
            older = try OlderFeed(directory: directory, place: place, listings: encoder)
        }
        return try older?.packet(session, request, packet) ?? 0
    }
}

/// Messages of the feed that are read again from the journal, in ascending order as long as requests go on.
struct OlderFeed: ~Copyable {
    /// Messages that are skipped rather than looked up.
    private static let skipMax: UInt64 = 1_024

    private var tail: TailReader
    /// One of its own: what states were must not become what states are, for the snapshot.
    private var encoder: FeedEncoder
    private var recent = FeedHistory(blockBytes: 1 << 20, messages: 1 << 15)
    private let scratch: UnsafeMutableRawPointer
    private var hasBegun = false

    init(directory: String, place: RecordPlace, listings: borrowing FeedEncoder) throws(JournalError) {
        tail = try TailReader.open(directory: directory, from: .place(place), hashing: false)
        encoder = FeedEncoder(copying: listings)
        scratch = .allocate(byteCount: FeedEncoder.bytesPerEffectMax, alignment: 8)
    }

    deinit { scratch.deallocate() }

    /// Whether a message is here, or not far ahead.
    func reaches(_ sequence: UInt64) -> Bool {
        hasBegun
            && (recent.has(sequence)
                || sequence >= recent.nextSequence && sequence - recent.nextSequence < Self.skipMax)
    }

    /// Writes a packet of wanted messages; 0 when the journal has not got that far.
    mutating func packet(
        _ session: FeedSession, _ request: FeedRequest, _ packet: UnsafeMutableRawPointer
    ) throws(JournalError) -> Int {
        let end = request.sequence + UInt64(min(request.count, 128))
        while !hasBegun || recent.nextSequence < end {
            guard let record = try tail.next() else { break }
            take(record)
        }
        guard hasBegun, recent.has(request.sequence) else { return 0 }
        return recent.packet(session, from: request.sequence, count: request.count, at: packet)
    }

    private mutating func take(_ record: RecordView) {
        if !hasBegun {
            recent.clear(nextSequence: record.feedSequence)
            hasBegun = true
        }
        var effects = record.effects
        while let effect = effects.read() {
            let messages = encoder.encode(effect, time: record.time, at: scratch)
            if messages.count > 0 { recent.append(scratch, messages.firstBytes) }
            if messages.count > 1 { recent.append(scratch + messages.firstBytes, messages.secondBytes) }
        }
    }
}

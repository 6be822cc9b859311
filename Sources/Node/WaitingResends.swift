import OrderEntry

/// Commands that were sent again and whose original answers are still to be read from the journal: a queue for every
/// session, of fixed size, so that nobody's resends take the room of another's.
///
/// A session has room for as many as it may have messages on their way: one is taken only while those that wait and
/// those on their way are fewer (`OrderEntryAgent.hasRoom`). So what is found to be a resend, which is known only
/// behind the sequencer, always has a place, and a client that sends more waits for its own answers.
struct WaitingResends: ~Copyable {
    /// Whose original answer is due: that of the command that was journaled as `sequence`.
    struct Resend {
        var sequence: UInt64 = 0
        var account: UInt32 = 0
    }

    private struct Ends {
        var first: UInt32 = 0
        var count: UInt32 = 0
    }

    /// Resends of one session that may wait.
    let perSession: Int
    private let sessions: Int
    private let ends: UnsafeMutablePointer<Ends>
    private let resends: UnsafeMutablePointer<Resend>

    /// - Parameters:
    ///   - sendBufferBytes: what bounds a session's messages on their way, by their answers.
    ///   - slots: of the ring: what bounds those of all.
    init(sessions: Int, sendBufferBytes: Int, slots: Int) {
        self.sessions = sessions
        perSession = max(1, min(slots, sendBufferBytes / ReplyBudget.messageBytesMin))
        ends = .allocate(capacity: sessions)
        ends.initialize(repeating: Ends(), count: sessions)
        resends = .allocate(capacity: sessions * perSession)
        resends.initialize(repeating: Resend(), count: sessions * perSession)
    }

    deinit {
        ends.deallocate()
        resends.deallocate()
    }

    /// Bytes of memory that it holds.
    var byteCount: Int { sessions * (MemoryLayout<Ends>.stride + perSession * MemoryLayout<Resend>.stride) }

    /// How many of a session wait.
    func count(_ place: Int) -> Int { Int(ends[place].count) }

    /// Puts one behind the others of its session; the caller knows that there is room.
    mutating func append(_ resend: Resend, _ place: Int) {
        let end = ends[place]
        precondition(end.count < perSession, "a message is taken only while its resend has room")
        resends[place * perSession + (Int(end.first) + Int(end.count)) % perSession] = resend
        ends[place].count += 1
    }

    /// Takes the first of a session; nil when none waits.
    mutating func popFirst(_ place: Int) -> Resend? {
        let end = ends[place]
        if end.count == 0 { return nil }
        ends[place] = Ends(first: UInt32((Int(end.first) + 1) % perSession), count: end.count - 1)
        return resends[place * perSession + Int(end.first)]
    }

    /// The session is gone.
    mutating func removeAll(_ place: Int) { ends[place] = Ends() }
}

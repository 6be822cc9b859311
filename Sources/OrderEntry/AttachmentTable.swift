import Wire

/// Which accounts each session speaks for or copies, and which sessions the replies of an account go to.
///
/// Fixed capacity: a row of places for every session, and a list through them for every account. Attaching, detaching
/// and finding the first session of an account take constant time; nothing is allocated after `init`.
@frozen public struct AttachmentTable: ~Copyable {
    /// No attachment.
    public static let none = UInt32.max

    private let places: UnsafeMutablePointer<Attachment>
    private let heads: UnsafeMutablePointer<UInt32>
    private let counts: UnsafeMutablePointer<UInt32>
    private let sessions: Int
    private let perSession: Int
    private let accounts: Int

    /// - Parameters:
    ///   - sessions: sessions, numbered from 0.
    ///   - perSession: accounts of one session.
    ///   - accounts: accounts of the venue, numbered from 0.
    public init(sessions: Int, perSession: Int, accounts: Int) {
        precondition(sessions > 0 && perSession > 0 && accounts > 0 && sessions * perSession < Int(UInt32.max))
        (self.sessions, self.perSession, self.accounts) = (sessions, perSession, accounts)
        places = .allocate(capacity: sessions * perSession)
        places.initialize(repeating: Attachment(), count: sessions * perSession)
        heads = .allocate(capacity: accounts)
        heads.initialize(repeating: Self.none, count: accounts)
        counts = .allocate(capacity: sessions)
        counts.initialize(repeating: 0, count: sessions)
    }

    deinit {
        places.deallocate()
        heads.deallocate()
        counts.deallocate()
    }

    /// Bytes of memory that a table takes.
    public static func byteCount(sessions: Int, perSession: Int, accounts: Int) -> Int {
        sessions * perSession * MemoryLayout<Attachment>.stride + (accounts + sessions) * 4
    }

    /// Accounts that are attached to a session.
    public func count(_ session: Int) -> Int { Int(counts[session]) }

    /// A session's attachment of that number, in the order in which they were made.
    public func attachment(_ session: Int, _ number: Int) -> UInt32 {
        assert(number < count(session))
        return UInt32(session * perSession + number)
    }

    /// What stands at an attachment.
    public func read(_ attachment: UInt32) -> Attachment { places[Int(attachment)] }

    /// Changes an attachment; account, session and links are the table's.
    public func update(_ attachment: UInt32, _ body: (inout Attachment) -> Void) { body(&places[Int(attachment)]) }

    /// A session's attachment of an account; `none` when it is not attached.
    public func find(_ session: Int, account: UInt32) -> UInt32 {
        let first = session * perSession
        for place in first..<first + Int(counts[session]) where places[place].account == account {
            return UInt32(place)
        }
        return Self.none
    }

    /// Attaches an account to a session; an account that is attached already keeps its place and takes the new kind.
    ///
    /// - Returns: the attachment; `none` when the session has no place left or the account is not below the capacity.
    public mutating func attach(_ session: Int, account: UInt32, dropCopy: Bool) -> UInt32 {
        guard account < UInt32(accounts) else { return Self.none }
        let known = find(session, account: account)
        if known != Self.none {
            places[Int(known)].isDropCopy = dropCopy
            return known
        }
        guard count(session) < perSession else { return Self.none }
        let place = UInt32(session * perSession + count(session))
        counts[session] += 1
        var made = Attachment()
        made.account = account
        made.session = UInt32(session)
        made.isDropCopy = dropCopy
        made.next = heads[Int(account)]
        places[Int(place)] = made
        if made.next != Self.none { places[Int(made.next)].previous = place }
        heads[Int(account)] = place
        return place
    }

    /// Detaches all accounts of a session.
    public mutating func detachAll(_ session: Int) {
        let first = session * perSession
        for place in first..<first + Int(counts[session]) {
            let old = places[place]
            if old.next != Self.none { places[Int(old.next)].previous = old.previous }
            if old.previous != Self.none {
                places[Int(old.previous)].next = old.next
            } else {
                heads[Int(old.account)] = old.next
            }
        }
        counts[session] = 0
    }

    /// The first attachment of an account, `none` when it has no session; `read(_:).next` is the one behind it.
    @inline(__always)
    public func first(account: UInt32) -> UInt32 { account < UInt32(accounts) ? heads[Int(account)] : Self.none }
}

/// One account on one session.
@frozen public struct Attachment {
    public internal(set) var account: UInt32 = .max
    public internal(set) var session: UInt32 = .max
    /// The next session of the same account.
    public internal(set) var next = AttachmentTable.none
    var previous = AttachmentTable.none
    /// Read only.
    public internal(set) var isDropCopy = false
    /// What of the account's replies goes to the session now.
    public var delivery = Delivery.live
    /// Live replies are those of later records.
    public var liveAfter: UInt64 = 0
    /// The replies that are owed were never sent: nobody asked for them again.
    public var isCatchingUp = false
    /// First reply that is still owed from the journal, while `delivery` is not `live`.
    public var resumeFrom = ReplyNumber(sequence: 0, index: 0)
}

/// How an account's replies reach a session.
@frozen public enum Delivery: UInt8, Sendable {
    /// As they come.
    case live
    /// Older ones are wanted first: nothing is sent until they are asked for.
    case waiting
    /// Older ones are being read from the journal; live ones follow once they are sent.
    case resuming
}

/// Number of a reply within its account: (journal sequence, index).
@frozen public struct ReplyNumber: Comparable, Hashable, Sendable {
    public var sequence: UInt64
    public var index: UInt32

    @inlinable public init(sequence: UInt64, index: UInt32) {
        self.sequence = sequence
        self.index = index
    }

    @inlinable public static func < (left: ReplyNumber, right: ReplyNumber) -> Bool {
        (left.sequence, left.index) < (right.sequence, right.index)
    }
}

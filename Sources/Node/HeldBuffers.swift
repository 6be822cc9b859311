/// Receive buffers whose bytes are not all taken yet: a list for every session, through arrays of fixed size.
///
/// Usually a buffer is empty within the turn in which it came. One is held when its session has used up its quota, when
/// the ring is full, or when its answers have to be sent first.
struct HeldBuffers: ~Copyable {
    static let none = -1

    /// What is in a buffer, and when it came.
    struct Entry {
        var base: UnsafeRawPointer?
        var next = HeldBuffers.none
        var count = 0
        var nanoseconds: UInt64 = 0
        var ticks: UInt64 = 0
    }

    private let entries: UnsafeMutablePointer<Entry>
    private let capacity: Int
    /// Buffers that are held now.
    private(set) var count = 0

    init(capacity: Int) {
        self.capacity = capacity
        entries = .allocate(capacity: capacity)
        entries.initialize(repeating: Entry(), count: capacity)
    }

    deinit { entries.deallocate() }

    subscript(_ buffer: Int) -> Entry { entries[buffer] }

    /// Whether the kernel has a buffer to receive into.
    var areAllHeld: Bool { count >= capacity }

    /// Whether so few are free that whoever holds some and does not read has to go.
    var areScarce: Bool { count > capacity - capacity / 8 }

    /// Puts a buffer behind those of a session.
    mutating func append(_ buffer: UInt16, _ entry: Entry, to session: inout ClientSession) {
        let place = Int(buffer)
        entries[place] = entry
        entries[place].next = Self.none
        if session.lastHeld == Self.none {
            session.firstHeld = place
            session.heldOffset = 0
        } else {
            entries[session.lastHeld].next = place
        }
        session.lastHeld = place
        session.heldCount += 1
        count += 1
    }

    /// Takes the first buffer off a session's list: it goes back to the kernel.
    mutating func removeFirst(of session: inout ClientSession) -> UInt16 {
        let place = session.firstHeld
        precondition(place != Self.none)
        session.firstHeld = entries[place].next
        if session.firstHeld == Self.none { session.lastHeld = Self.none }
        session.heldOffset = 0
        session.heldCount -= 1
        count -= 1
        return UInt16(place)
    }
}

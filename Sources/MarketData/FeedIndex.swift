import Wire

/// Which record holds a message of the feed: one entry for every so many records, so that a reader begins near it. What
/// says where a record is (`Place`) is the user's.
///
/// Fixed memory: when it is full, every other entry goes, and from then on entries are twice as far apart.
public struct FeedIndex<Place: BitwiseCopyable>: ~Copyable, @unchecked Sendable {
    private struct Entry {
        var feedSequence: UInt64
        var journalSequence: UInt64
        var place: Place
    }

    private let entries: UnsafeMutablePointer<Entry>
    private let capacity: Int
    private var count = 0
    private var stride: UInt64 = 256

    public init(capacity: Int = 65_536) {
        precondition(capacity >= 2 && capacity % 2 == 0, "half of the entries have to go")
        self.capacity = capacity
        entries = .allocate(capacity: capacity)
    }

    deinit { entries.deallocate() }

    /// Forgets everything: another feed session.
    public mutating func clear() {
        count = 0
        stride = 256
    }

    /// Takes a record into account: they come in order.
    public mutating func add(feedSequence: UInt64, journalSequence: UInt64, place: Place) {
        if count > 0 && journalSequence < entries[count - 1].journalSequence + stride { return }
        if count == capacity {
            for index in 0..<capacity / 2 { entries[index] = entries[2 * index] }
            count = capacity / 2
            stride *= 2
        }
        entries[count] = Entry(feedSequence: feedSequence, journalSequence: journalSequence, place: place)
        count += 1
    }

    /// Where the last record is that is known to begin at this message or before it; nil when the message is before
    /// all that is known.
    public func place(before feedSequence: UInt64) -> Place? {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].feedSequence <= feedSequence { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : entries[low - 1].place
    }
}

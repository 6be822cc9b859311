/// A queue of numbers below a capacity, each in it at most once: first in, first out, of fixed size.
struct PlaceQueue: ~Copyable {
    private let places: UnsafeMutablePointer<UInt32>
    private let capacity: Int
    private var first = 0
    private(set) var count = 0

    init(capacity: Int) {
        self.capacity = capacity
        places = .allocate(capacity: capacity)
        places.initialize(repeating: 0, count: capacity)
    }

    deinit { places.deallocate() }

    /// Puts a number behind the others; the caller knows that it is not among them.
    mutating func append(_ place: Int) {
        precondition(count < capacity, "each number once")
        var index = first + count
        if index >= capacity { index -= capacity }
        places[index] = UInt32(truncatingIfNeeded: place)
        count += 1
    }

    /// Takes the first number; nil when there is none.
    mutating func popFirst() -> Int? {
        if count == 0 { return nil }
        let place = Int(places[first])
        first = first + 1 == capacity ? 0 : first + 1
        count -= 1
        return place
    }
}

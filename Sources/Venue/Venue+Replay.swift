import Wire

extension Venue: ReplayVenue {
    /// Brings near what a command will touch; nothing of the orders that it names.
    public mutating func prefetch(_ message: UnsafeRawPointer, count: Int) {
        prefetch(message, count: count, step: .first)
    }
}

/// Why books could not be made or an instrument not be listed. Nothing has changed when one is thrown.
public enum BookError: Error, Equatable, Sendable {
    /// A field of `BookCapacity` is outside its bounds.
    case capacity
    /// The kernel refused the memory, with this errno.
    case memory(errno: Int32)
    /// The instrument is not below `BookCapacity.instruments`.
    case unknownInstrument
    /// The instrument is listed already.
    case alreadyListed
    /// The price range is empty, includes 0 or `UInt32.max`, or has more prices than a ladder holds.
    case priceRange
    /// Fewer than two levels for every price of the range are left.
    case levelsExhausted
}

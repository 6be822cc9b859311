/// Whether a key may sign.
@frozen public enum KeyState: UInt8, Sendable {
    /// The slot was never used.
    case none = 0
    case inForce = 1
    /// For ever.
    case revoked = 2
}

/// A key slot at one moment.
@frozen public struct KeyEntry {
    public let state: KeyState
    /// Changes whenever the state does; 0 for a slot that was never used.
    public let generation: UInt32
    /// 32 bytes, written once, before the state says that they are there.
    public let key: UnsafeRawPointer

    @inlinable public init(state: KeyState, generation: UInt32, key: UnsafeRawPointer) {
        self.state = state
        self.generation = generation
        self.key = key
    }
}

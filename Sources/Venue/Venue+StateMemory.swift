import Wire

/// What a state takes of memory while it is written or read, beside its bytes: by the capacities of genesis.
extension Venue {
    /// Bytes at most while one is written: references, and slots of orders, in their order, and half as many again
    /// to sort them.
    public static func writingByteCountMax(_ genesis: GenesisMessage) -> Int {
        (Int(genesis.referencesMax) * MemoryLayout<Bytes32>.stride + Int(genesis.ordersMax) * 4) * 3 / 2
    }

    /// Bytes at most while a venue is made of one: what was read of the bytes, and what each order reserves.
    public static func restoringByteCountMax(_ genesis: GenesisMessage) -> Int {
        CanonicalState.byteCountMax(genesis) + Int(genesis.ordersMax) * 8
    }
}

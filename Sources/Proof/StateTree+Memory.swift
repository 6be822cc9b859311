import Cryptography
import Wire

/// What the trees of a state take at most, by the capacities of genesis.
extension StateTree {
    /// Bytes of memory that the trees of a venue take at most.
    ///
    /// Ids are dense, so that a level of n nodes is n / 4 pages and one that is begun.
    public static func byteCountMax(_ genesis: GenesisMessage) -> Int {
        let accounts = Int(genesis.accountsMax), references = Int(genesis.referencesMax)
        let buckets = min(references, 1 << referenceDepth)
        let plain = MemoryLayout<Hash256>.stride, sum = MemoryLayout<SumNode>.stride
        let nodes =
            pages(leaves: accounts, depth: accountDepth) * pageBytes(plain)
            + pages(leaves: Int(genesis.instrumentsMax), depth: instrumentDepth) * pageBytes(plain)
            + pages(leaves: Int(genesis.assetsMax), depth: assetDepth) * pageBytes(plain)
            + pages(leaves: buckets, depth: referenceDepth) * pageBytes(plain)
            + Int(genesis.assetsMax) * pages(leaves: accounts, depth: accountDepth) * pageBytes(sum)
        // A bucket is an array, which may be twice as long as what is in it, behind a dictionary.
        let references32 = 2 * 32 * references + buckets * (32 + entryBytes)
        // All parts of the orders of one account are hashed at once; the buffer doubles.
        let account =
            StateLayout.accountHeadBytes + StateLayout.keyBytes * Int(genesis.keySlots)
            + StateLayout.balanceBytes * Int(genesis.assetsMax)
        let part = account + StateLayout.orderBytes * Int(genesis.openOrdersMax)
        return nodes + references32 + 3 * part
    }

    private static func pages(leaves: Int, depth: Int) -> Int { leaves / 2 + depth + 1 }

    /// A page of 4 nodes, what the allocator adds, and the entry of the dictionary that finds it.
    private static func pageBytes(_ node: Int) -> Int { 4 * node + 16 + entryBytes }

    /// An entry of a dictionary that is filled to between 3/8 and 3/4, beside the one that it grew out of.
    private static let entryBytes = 48
}

extension TouchedParts {
    /// Bytes of memory that they take at most: arrays of ids that are made unique when there are many, twice as long as
    /// what is in them; references are new ones.
    public static func byteCountMax(_ genesis: GenesisMessage) -> Int {
        let ids = Int(genesis.accountsMax) + Int(genesis.instrumentsMax) + Int(genesis.assetsMax)
        return 3 * 4 * max(compactAtLeast, 4 * ids) + 2 * 32 * Int(genesis.referencesMax)
    }
}

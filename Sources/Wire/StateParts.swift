/// A state that gives its parts one by one, each as it stands in the canonical bytes (rule STA-1): what a tree over
/// the state is built from, and brought up to date from.
///
/// Asked between commands only: the state is not defined while one is unfinished.
public protocol StateParts: ~Copyable {
    /// Assets listed; their ids are 0 ..< this.
    var listedAssets: UInt32 { get }
    /// Instruments listed; their ids are 0 ..< this.
    var listedInstruments: UInt32 { get }
    /// Ids of the accounts that exist, ascending. Walks all.
    func accountIds() -> [UInt32]
    /// Whether the account exists.
    func hasAccount(_ account: UInt32) -> Bool
    /// Calls `body` with every deposit reference, in any order.
    func forEachReference(_ body: (Bytes32) -> Void)
    /// Writes the part `genesis`: 224 bytes.
    func writeGenesisPart<S: StateSink & ~Copyable>(into sink: inout S)
    /// Writes the part `venue`: 150 bytes.
    func writeVenuePart<S: StateSink & ~Copyable>(into sink: inout S)
    /// Writes the entry of a listed asset: 17 bytes.
    func writeAssetPart<S: StateSink & ~Copyable>(_ asset: UInt32, into sink: inout S)
    /// Writes the entry of a listed instrument: 82 bytes.
    func writeInstrumentPart<S: StateSink & ~Copyable>(_ instrument: UInt32, into sink: inout S)
    /// Writes the entry of an account that exists.
    func writeAccountPart<S: StateSink & ~Copyable>(_ account: UInt32, into sink: inout S)
    /// Writes the open orders of an account that exists, ascending by id, 43 bytes each, without their number.
    func writeOrderParts<S: StateSink & ~Copyable>(ofAccount account: UInt32, into sink: inout S)
}

/// Sizes of the parts of the canonical bytes that have one.
@frozen public enum StateLayout {
    /// Version of the canonical bytes.
    public static let version: UInt32 = 1
    /// Bytes of the genesis message.
    public static let genesisBytes = GenesisMessage.size
    /// Feed generation, state, kill switch, four keys, two counters.
    public static let venueBytes = 150
    /// Bytes of an asset.
    public static let assetBytes = 17
    /// Bytes of an instrument.
    public static let instrumentBytes = 82
    /// Bytes of a key slot of an account.
    public static let keyBytes = 45
    /// Bytes of a balance of an account.
    public static let balanceBytes = 20
    /// Bytes of a deposit reference.
    public static let referenceBytes = 32
    /// Bytes of an open order.
    public static let orderBytes = 43
    /// Bytes of an account before its keys: id, kill switch, owner slot, largest number of open orders, open orders.
    public static let accountHeadBytes = 15
}

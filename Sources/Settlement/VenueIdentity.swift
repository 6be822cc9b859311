import Cryptography
import Journal
import Platform
import Settings
import Wire

/// What genesis says of a venue: its id, its keys, its promise, and the log's origin that follows from them.
public struct VenueIdentity: Sendable {
    /// Hash of the genesis body.
    public let id: Hash256
    /// The genesis message, SBE header included, as in `DATA/journal/genesis` and in record 1.
    public let genesisBytes: [UInt8]
    /// Ed25519 key that checkpoints are signed with.
    public let logKey: PublicKey
    /// Ed25519 key that receipts are signed with.
    public let receiptKey: PublicKey
    /// Seconds within which a record is promised to be in a checkpoint.
    public let promiseSeconds: UInt32
    /// Origin of the log and name of its key: the configured domain, a slash, the first 16 digits of the id.
    public let origin: String

    /// Reads `DATA/journal/genesis`; whether the journal begins with it is compared when its first record is read.
    public init(_ settings: NodeSettings) throws(SettlementError) {
        let bytes: [UInt8]
        do throws(PlatformError) {
            bytes = try File.readPrefix(settings.genesisFile, limit: GenesisMessage.size + 1)
        } catch {
            throw .genesis("\(error)")
        }
        try self.init(genesis: bytes, domain: settings.settlement.domain)
    }

    /// - Parameter bytes: the genesis message with its header.
    public init(genesis bytes: [UInt8], domain: String) throws(SettlementError) {
        guard bytes.count == GenesisMessage.size else {
            throw .genesis("\(bytes.count) bytes, expected \(GenesisMessage.size)")
        }
        genesisBytes = bytes
        var id = Hash256.zero, log = Hash256.zero, receipt = Hash256.zero
        var promise: UInt32 = 0
        bytes.withUnsafeBytes { bytes in
            let message = GenesisMessage(bytes.baseAddress!)
            id = Blake2b256.hash(UnsafeRawBufferPointer(rebasing: bytes[MessageHeader.size...]))
            log = Self.hash(message.logKey)
            receipt = Self.hash(message.receiptKey)
            promise = message.promiseSeconds
        }
        self.id = id
        logKey = PublicKey(log)
        receiptKey = PublicKey(receipt)
        promiseSeconds = promise
        origin = "\(domain)/\(id.hexadecimal.prefix(16))"
    }

    private static func hash(_ bytes: Bytes32) -> Hash256 {
        withUnsafeBytes(of: bytes) { Hash256(loading: $0.baseAddress!) }
    }
}

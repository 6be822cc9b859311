import Cryptography
import Journal
import Platform
import Settings
import Wire

/// What genesis says of a venue: its id, its log key, and the log's origin that follows from them.
public struct VenueIdentity: Sendable {
    /// Hash of the genesis body.
    public let id: Hash256
    /// The genesis message, SBE header included, as in `DATA/journal/genesis` and in record 1.
    public let genesisBytes: [UInt8]
    /// Ed25519 key that checkpoints are signed with.
    public let logKey: PublicKey
    /// Origin of the log and name of its key: the configured domain, a slash, the first 16 digits of the id.
    public let origin: String

    /// Reads `DATA/journal/genesis`; whether the journal begins with it is compared when its first record is read.
    public init(_ settings: NodeSettings) throws(SettlementError) {
        let bytes: [UInt8]
        do throws(PlatformError) {
            bytes = try File.readPrefix(settings.genesisFile, limit: GenesisMessage.size + 1)
        } catch {
            guard File.exists(settings.genesisFile) else {
                throw .genesis("no genesis in \(settings.genesisFile): found the venue with `keys genesis`")
            }
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
        var id = Hash256.zero, log = Hash256.zero
        bytes.withUnsafeBytes { bytes in
            let message = GenesisMessage(bytes.baseAddress!)
            id = Blake2b256.hash(UnsafeRawBufferPointer(rebasing: bytes[MessageHeader.size...]))
            log = Hash256(message.logKey)
        }
        self.id = id
        logKey = PublicKey(log)
        origin = "\(domain)/\(id.hexadecimal.prefix(16))"
    }
}

extension VenueIdentity {
    /// Lends the genesis message.
    func withGenesis<Value: ~Copyable>(_ body: (GenesisMessage) -> Value) -> Value {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: genesisBytes.count, alignment: 8)
        defer { copy.deallocate() }
        copy.copyBytes(from: genesisBytes)
        return body(GenesisMessage(copy.baseAddress!))
    }
}

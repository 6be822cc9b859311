import Cryptography
import Platform
import Settings
import Wire

/// What the genesis of a founded venue says: its id, and the key that its log is signed with.
public struct FoundedVenue: Sendable {
    /// BLAKE2b-256 of the genesis body.
    public let id: Hash256
    /// The log's public key.
    public let logKey: PublicKey

    /// Reads the genesis file of a configuration.
    ///
    /// - Throws: `noGenesis` when there is none, or it is no genesis message.
    public init(_ settings: NodeSettings) throws(GenesisError) {
        let path = settings.genesisFile
        guard File.exists(path) else { throw .noGenesis("no genesis in \(path): found the venue with `keys genesis`") }
        let bytes: [UInt8]
        do throws(PlatformError) { bytes = try File.readPrefix(path, limit: GenesisMessage.size + 1) } catch {
            throw .system(error)
        }
        guard bytes.count == GenesisMessage.size, Self.isGenesis(bytes) else {
            throw .noGenesis("\(path) is no genesis message")
        }
        id = Blake2b256.hash(Array(bytes[MessageHeader.size...]))
        logKey = bytes.withUnsafeBytes { buffer in
            withUnsafeBytes(of: GenesisMessage(buffer.baseAddress!).logKey) { PublicKey(loading: $0.baseAddress!) }
        }
    }

    private static func isGenesis(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { buffer in
            let header = MessageHeader(buffer.baseAddress!)
            return header.templateId == Template.genesis && header.schemaId == MessageHeader.journalSchema
                && header.version == MessageHeader.version && Int(header.blockLength) == GenesisMessage.blockLength
        }
    }
}

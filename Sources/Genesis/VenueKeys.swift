import Cryptography
import Platform

/// The four keys of a venue, each for one purpose, in one directory: `operator.key`, `log.key`, `receipt.key`,
/// `settlement.key`.
public struct VenueKeys: Sendable {
    public let operatorKey: SigningKey
    public let logKey: SigningKey
    public let receiptKey: SigningKey
    public let settlementKey: SigningKey

    /// The file of a role.
    public static func path(_ role: KeyRole, in directory: String) -> String { "\(directory)/\(role.name).key" }

    /// Reads the keys of a directory, and makes those that it does not have.
    public static func loadOrMake(in directory: String) throws(GenesisError) -> VenueKeys {
        do { try FileDirectory.createDurably(directory) } catch { throw .system(error) }
        return VenueKeys(
            operatorKey: try loadOrMake(.operator, directory), logKey: try loadOrMake(.log, directory),
            receiptKey: try loadOrMake(.receipt, directory), settlementKey: try loadOrMake(.settlement, directory))
    }

    private static func loadOrMake(_ role: KeyRole, _ directory: String) throws(GenesisError) -> SigningKey {
        let path = path(role, in: directory)
        do throws(KeyFileError) {
            do throws(KeyFileError) {
                return try KeyFile.loadDurably(path, role: role).key
            } catch .notFound {
                let key = SigningKey()
                try KeyFile.create(path, key: key, role: role)
                return key
            }
        } catch { throw .key(error) }
    }
}

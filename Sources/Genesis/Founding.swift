import Cryptography
import Journal
import Platform
import Settings
import Wire

/// Founds venues, and writes their operator's commands: what `keys genesis` and `keys apply` do.
public enum Founding {
    /// Name of the operator's commands, beside the segments.
    public static let commandsName = "operator.commands"

    /// A venue that was founded.
    public struct Venue: Sendable {
        /// BLAKE2b-256 of the genesis body.
        public let id: Hash256
        /// The files that were written.
        public let genesisFile: String, commandsFile: String
        /// Listings in the second.
        public let commands: Int
    }

    /// Writes genesis and the first commands.
    ///
    /// - Throws: `exists` when the directory has a genesis or segments.
    public static func found(_ settings: NodeSettings, keys: VenueKeys) throws(GenesisError) -> Venue {
        let directory = settings.journalDirectory
        let commandsFile = "\(directory)/\(commandsName)"
        do throws(PlatformError) {
            try FileDirectory.createDurably(settings.dataDirectory)
            try FileDirectory.createDurably(directory)
        } catch { throw .system(error) }
        for path in [settings.genesisFile, commandsFile] where File.exists(path) {
            // Who made it may have been killed before its name was durable, and who is told of it relies on it.
            do throws(PlatformError) { try FileDirectory.synchronize(directory) } catch { throw .system(error) }
            throw .exists(path)
        }
        guard (try? TailReader.open(directory: directory)) == nil else { throw .exists(directory) }
        let message = genesis(settings.venue, keys, time: SystemClock.realtimeNanoseconds())
        let id = Blake2b256.hash(Array(message[MessageHeader.size...]))
        var commands = OperatorCommand(venueId: id, key: keys.operatorKey, slot: 0, nonce: 1)
        for asset in settings.venue.assets { commands.list(asset) }
        for instrument in settings.venue.instruments { commands.list(instrument) }
        // The commands first: a genesis without them would be a venue without listings.
        try write(commandsFile, commands.frames)
        try write(settings.genesisFile, message)
        return Venue(
            id: id, genesisFile: settings.genesisFile, commandsFile: commandsFile, commands: commands.count)
    }

    /// The genesis message of a configuration.
    static func genesis(_ venue: VenueSettings, _ keys: VenueKeys, time: UInt64) -> [UInt8] {
        guard let name = FixedText.four(venue.name) else { preconditionFailure("a name of more than four characters") }
        var message = [UInt8](repeating: 0, count: GenesisMessage.size)
        message.withUnsafeMutableBytes { buffer in
            GenesisMessage.encode(
                at: buffer.baseAddress!, random: bytes(SecureRandom.hash256()), operatorKey: bytes(keys.operatorKey),
                logKey: bytes(keys.logKey), receiptKey: bytes(keys.receiptKey),
                settlementKey: bytes(keys.settlementKey), time: time, promiseSeconds: venue.promiseSeconds,
                rulesVersion: venue.rulesVersion, venueName: name, accountsMax: venue.accountsMax,
                keySlots: venue.keySlotsPerAccount, assetsMax: venue.assetsMax, instrumentsMax: venue.instrumentsMax,
                ordersMax: venue.ordersMax, levelsMax: venue.levelsMax, referencesMax: venue.referencesMax,
                openOrdersMax: venue.openOrdersMax)
        }
        return message
    }

    /// Appends commands that make the journal follow the configuration. Returns what each does; empty when there is
    /// nothing to do.
    ///
    /// - Throws: `forEver` when the configuration differs in what no command changes; nothing is written then.
    public static func apply(_ settings: NodeSettings, operatorKey: SigningKey) throws(GenesisError) -> [String] {
        let state: OperatorState
        do { state = try OperatorState(directory: settings.journalDirectory) } catch { throw .journal(error) }
        guard let journaled = state.tables.settings, let slot = state.slot(of: operatorKey.publicKey) else {
            throw .wrongKey(
                "this is not the operator key that the journal of \(settings.journalDirectory) has in force")
        }
        let configured = settings.venue
        try refuseWhatIsForEver(configured, journaled)
        let commandsFile = "\(settings.journalDirectory)/\(commandsName)"
        let nonce = max(state.nonceMark, pendingNonce(commandsFile)) + 1
        var commands = OperatorCommand(venueId: state.venueId, key: operatorKey, slot: slot, nonce: nonce)
        var lines: [String] = []
        for asset in configured.assets where !journaled.assets.contains(where: { $0.id == asset.id }) {
            commands.list(asset)
            lines.append("list asset \(asset.id), \(asset.symbol)")
        }
        for instrument in configured.instruments {
            guard let listed = journaled.instruments.first(where: { $0.id == instrument.id }) else {
                commands.list(instrument)
                lines.append("list instrument \(instrument.id), \(instrument.symbol)")
                continue
            }
            if listed == instrument { continue }
            commands.setLimits(instrument)
            lines.append("set limits of instrument \(instrument.id), \(instrument.symbol)")
        }
        if commands.count > 0 { try append(commandsFile, commands.frames) }
        return lines
    }

    /// Everything but further listings, and limits and fees of listed instruments.
    private static func refuseWhatIsForEver(
        _ configured: VenueSettings, _ journaled: VenueSettings
    ) throws(GenesisError) {
        var wish = configured
        wish.assets = configured.assets.filter { asset in journaled.assets.contains { $0.id == asset.id } }
        wish.instruments = configured.instruments.compactMap { instrument in
            guard var listed = journaled.instruments.first(where: { $0.id == instrument.id }) else { return nil }
            listed.makerFee = instrument.makerFee
            listed.takerFee = instrument.takerFee
            listed.quantityMaxLots = instrument.quantityMaxLots
            listed.notionalMax = instrument.notionalMax
            listed.bandBasisPoints = instrument.bandBasisPoints
            listed.protectionBasisPoints = instrument.protectionBasisPoints
            return listed == instrument ? journaled.instruments.first { $0.id == instrument.id } : instrument
        }
        let differences = wish.differences(from: journaled)
        if !differences.isEmpty { throw .forEver(differences.map(\.description)) }
    }

    /// The highest nonce in the commands file: they may not have been taken yet.
    private static func pendingNonce(_ path: String) -> UInt64 {
        guard let bytes = try? File.readPrefix(path, limit: 64 << 20) else { return 0 }
        return bytes.withUnsafeBytes { buffer in
            var offset = 0
            var highest: UInt64 = 0
            while buffer.count - offset >= FrameHeader.size + 32, let base = buffer.baseAddress {
                highest = max(highest, CommandHeader(base + offset + FrameHeader.size).nonce)
                offset += max(Int(FrameHeader.length(base + offset)), FrameHeader.size)
            }
            return highest
        }
    }

    private static func write(_ path: String, _ bytes: [UInt8]) throws(GenesisError) {
        do { try File.replace(path, with: bytes) } catch { throw .system(error) }
    }

    private static func append(_ path: String, _ bytes: [UInt8]) throws(GenesisError) {
        let before = (try? File.readPrefix(path, limit: 64 << 20)) ?? []
        try write(path, before + bytes)
    }

    private static func bytes(_ key: SigningKey) -> Bytes32 { bytes(key.publicKey.bytes) }

    private static func bytes(_ hash: Hash256) -> Bytes32 { hash.withUnsafeBytes { Bytes32(from: $0.baseAddress!) } }
}

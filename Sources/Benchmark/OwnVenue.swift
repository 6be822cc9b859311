import Cryptography
import Foundation
import Settings
import Wire

/// What a venue that a benchmark makes for itself looks like.
public struct VenueProfile: Sendable {
    /// Instruments, all of the same two assets.
    public var instruments: UInt32 = 1
    public var priceMinTicks: UInt32 = 1
    public var priceMaxTicks: UInt32 = 65_534
    public var referencePriceTicks: UInt32 = 30_000
    /// Orders that rest at a time.
    public var ordersMax: UInt32 = 1 << 20
    /// Core of the node's hot thread.
    public var nodeCore = 0
    /// Core of the client, of the node's other threads and of the kernel's workers.
    public var clientCore = 1
    /// Where the venue's directory is made; nil: the system's temporary directory.
    public var directory: String?
    /// The node's executable; nil: `execution-plane` beside this one.
    public var executable: String?

    public init() {}
}

/// A venue in a directory of its own, made for one run: configuration, keys, genesis, listings, and its node. All of it
/// goes with the value.
final class OwnVenue {
    let directory: String
    let settings: NodeSettings
    let operatorKey = SigningKey()
    let identity: VenueIdentity
    /// Greater than the nonces of the listings.
    let operatorNonce: UInt64

    init(_ profile: VenueProfile) throws(BenchmarkError) {
        let parent = profile.directory ?? FileManager.default.temporaryDirectory.path
        directory = parent + "/glassbook-benchmark-" + UUID().uuidString
        let text = ownConfiguration(profile, directory: directory)
        do throws(SettingsError) { settings = try NodeSettings(text, directory: directory) } catch {
            throw .input("the benchmark's own configuration: \(error)")
        }
        let genesis = Self.genesis(settings.venue, operatorKey)
        identity = VenueIdentity(
            id: genesis.withUnsafeBytes { Blake2b256.hash(.init(rebasing: $0[MessageHeader.size...])) })
        var nonce: UInt64 = 1
        let listings = Self.listings(settings.venue, operatorKey, identity, &nonce)
        operatorNonce = nonce
        do {
            try FileManager.default.createDirectory(
                atPath: settings.journalDirectory, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: URL(fileURLWithPath: configurationFile))
            try Data(genesis).write(to: URL(fileURLWithPath: settings.genesisFile))
            try Data(listings).write(to: URL(fileURLWithPath: settings.journalDirectory + "/operator.commands"))
        } catch { throw .input("\(directory): \(error)") }
    }

    deinit { remove() }

    /// Removes the directory with all that is in it.
    func remove() { try? FileManager.default.removeItem(atPath: directory) }

    var configurationFile: String { directory + "/config.toml" }

    private static func message(_ size: Int, _ encode: (UnsafeMutableRawPointer) -> Void) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            encode(UnsafeMutableRawPointer(buffer.baseAddress!))
            count = size
        }
    }

    private static func genesis(_ venue: VenueSettings, _ operatorKey: SigningKey) -> [UInt8] {
        message(GenesisMessage.size) {
            GenesisMessage.encode(
                at: $0, random: SigningKey().publicKey.wireBytes, operatorKey: operatorKey.publicKey.wireBytes,
                logKey: SigningKey().publicKey.wireBytes, receiptKey: SigningKey().publicKey.wireBytes,
                settlementKey: SigningKey().publicKey.wireBytes, time: UInt64(Date().timeIntervalSince1970 * 1e9),
                promiseSeconds: venue.promiseSeconds, rulesVersion: venue.rulesVersion,
                venueName: FixedText.four(venue.name) ?? 0, accountsMax: venue.accountsMax,
                keySlots: venue.keySlotsPerAccount, assetsMax: venue.assetsMax, instrumentsMax: venue.instrumentsMax,
                ordersMax: venue.ordersMax, levelsMax: venue.levelsMax, referencesMax: venue.referencesMax,
                openOrdersMax: venue.openOrdersMax)
        }
    }

    /// The listings of the configuration as frames that the operator signed.
    private static func listings(
        _ venue: VenueSettings, _ key: SigningKey, _ identity: VenueIdentity, _ nonce: inout UInt64
    ) -> [UInt8] {
        var frames: [UInt8] = []
        func add(_ size: Int, _ encode: (UnsafeMutableRawPointer) -> Void) {
            let memory = UnsafeMutableRawPointer.allocate(byteCount: size + 96, alignment: 8)
            defer { memory.deallocate() }
            encode(memory + SignedFrame.headroom)
            frames += SignedFrame.seal(
                memory + SignedFrame.headroom, count: size, prefix: identity.prefixes.command, key: key)
            nonce += 1
        }
        for asset in venue.assets {
            add(ListAssetMessage.size) {
                ListAssetMessage.encode(
                    at: $0, account: 1, keySlot: 0, nonce: nonce, deadline: 0, asset: asset.id,
                    decimals: asset.decimals, symbol: FixedText.eight(asset.symbol) ?? 0)
            }
        }
        for listing in venue.instruments {
            add(ListInstrumentMessage.size) {
                ListInstrumentMessage.encode(
                    at: $0, account: 1, keySlot: 0, nonce: nonce, deadline: 0, instrument: listing.id,
                    baseAsset: listing.base, quoteAsset: listing.quote, priceMultiplier: listing.priceMultiplier,
                    symbol: FixedText.eight(listing.symbol) ?? 0, lotSize: listing.lotSize,
                    tickValue: listing.tickValue, priceMinTicks: listing.priceMinTicks,
                    priceMaxTicks: listing.priceMaxTicks, referencePriceTicks: listing.referencePriceTicks,
                    bandBasisPoints: listing.bandBasisPoints, protectionBasisPoints: listing.protectionBasisPoints,
                    makerFee: listing.makerFee, takerFee: listing.takerFee, feeMode: .quote, state: .continuous,
                    quantityMaxLots: UInt64(listing.quantityMaxLots), notionalMax: listing.notionalMax)
            }
        }
        return frames
    }
}

extension PublicKey {
    /// The key as messages hold it.
    var wireBytes: Bytes32 { withUnsafeBytes(of: self) { Bytes32(from: $0.baseAddress!) } }
}

extension Signature {
    /// The signature as messages hold it.
    var wireBytes: Bytes64 { withUnsafeBytes(of: self) { Bytes64(from: $0.baseAddress!) } }
}

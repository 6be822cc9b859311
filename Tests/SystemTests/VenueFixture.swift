import Cryptography
import Foundation
import Settings
import Wire

/// A venue in a directory of its own: configuration, keys, genesis and the operator's first commands, as `keys genesis`
/// makes them. The directory goes with the fixture.
final class VenueFixture: Sendable {
    /// Where everything is.
    let directory: String
    let operatorKey = SigningKey(insecureDeterministic: 1)
    let settlementKey = SigningKey(insecureDeterministic: 4)
    /// Hash of the genesis body.
    let venueId: Hash256
    let prefixes: Prefixes
    /// Nonces of the operator's commands in the file are below this.
    let operatorNonce: UInt64 = 1000

    /// How threads are laid out.
    enum Layout: CaseIterable {
        /// All agents of the hot path on one thread.
        case one
        /// Verifiers and publisher on threads of their own.
        case many

        var toml: String {
            func thread(_ name: String, _ agents: String, _ idle: String = "park") -> String {
                "[[thread]]\nname = \"\(name)\"\ncore = -1\nagents = [\(agents)]\nidle = \"\(idle)\"\n"
            }
            let services = thread("services", "\"services\"")
            switch self {
            case .one: return thread("hot", "\"order-entry\", \"verify\", \"sequence\", \"publish\"") + services
            case .many:
                return thread("edge", "\"order-entry\"") + thread("verify-1", "\"verify\"")
                    + thread("verify-2", "\"verify\"", "yield") + thread("sequence", "\"sequence\"")
                    + thread("publish", "\"publish\"") + services
            }
        }
    }

    /// - Parameters:
    ///   - changing: pairs of texts of the shipped configuration and what replaces them.
    ///   - other: a fixture that has not started yet: this one is the same venue in another directory.
    init(_ layout: Layout = .one, changing: [(String, String)] = [], copying other: VenueFixture? = nil) throws {
        directory = FileManager.default.temporaryDirectory.path + "/glassbook-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory + "/journal", withIntermediateDirectories: true)
        let text = try Self.configuration(directory, layout, changing)
        try text.write(toFile: directory + "/config.toml", atomically: true, encoding: .utf8)
        let settings = try NodeSettings.load(directory + "/config.toml")
        let copied = try other.map {
            try [UInt8](Data(contentsOf: URL(fileURLWithPath: $0.directory + "/journal/genesis")))
        }
        let genesis = copied ?? Self.genesis(settings.venue, operatorKey, settlementKey)
        venueId = genesis.withUnsafeBytes {
            Blake2b256.hash(UnsafeRawBufferPointer(rebasing: $0[MessageHeader.size...]))
        }
        prefixes = Prefixes(venue: venueId)
        try Data(genesis).write(to: URL(fileURLWithPath: settings.genesisFile))
        try Data(listings(settings.venue)).write(to: URL(fileURLWithPath: directory + "/journal/operator.commands"))
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    var configurationFile: String { directory + "/config.toml" }

    /// Rewrites the configuration: another layout, other values.
    func configure(_ layout: Layout = .one, changing: [(String, String)] = []) throws {
        let text = try Self.configuration(directory, layout, changing)
        try text.write(toFile: configurationFile, atomically: true, encoding: .utf8)
    }

    /// The shipped configuration with small capacities, free ports and a multicast port of its own.
    private static func configuration(
        _ directory: String, _ layout: Layout, _ changing: [(String, String)]
    ) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        var text = try String(contentsOf: root.appendingPathComponent("config.toml"), encoding: .utf8)
        let first = text.range(of: "[[thread]]\n# Name")!.lowerBound
        text.replaceSubrange(first..<text.range(of: "[order_entry]")!.lowerBound, with: layout.toml + "\n")
        let multicastPort = 20_000 + abs(directory.hashValue) % 20_000
        let all =
            [
                ("data = \"run\"", "data = \"\(directory)\""), ("\nport = 4600", "\nport = 0"),
                ("\nport = 4610", "\nport = \(multicastPort)"), ("request_port = 4601", "request_port = 0"),
                ("snapshot_port = 4602", "snapshot_port = 0"), ("io_worker_cores = [1]", "io_worker_cores = []"),
                ("segment_bytes = 268_435_456", "segment_bytes = 4_194_304"),
                ("populate_ahead_bytes = 8_388_608", "populate_ahead_bytes = 1_048_576"),
                ("sessions_max = 1024", "sessions_max = 64"),
                ("remembered_keys_max = 16_384", "remembered_keys_max = 256"),
                ("accounts_max = 65_536", "accounts_max = 4_096"), ("orders_max = 1_048_576", "orders_max = 65_536"),
                ("references_max = 1_048_576", "references_max = 4_096"), ("\nslots = 1_024", "\nslots = 256"),
                ("level = \"info\"", "level = \"notice\""), ("snapshot_sessions_max = 16", "snapshot_sessions_max = 4"),
            ] + changing
        for (old, new) in all {
            precondition(text.contains(old), "the configuration has no \(old)")
            text = text.replacingOccurrences(of: old, with: new)
        }
        return text
    }

    private static func genesis(_ venue: VenueSettings, _ operatorKey: SigningKey, _ settlement: SigningKey) -> [UInt8]
    {
        bytes(GenesisMessage.size) {
            GenesisMessage.encode(
                at: $0, random: Bytes32(1, 2, 3, UInt64.random(in: 1...(.max))),
                operatorKey: operatorKey.publicKey.bytes32,
                logKey: SigningKey(insecureDeterministic: 2).publicKey.bytes32,
                receiptKey: SigningKey(insecureDeterministic: 3).publicKey.bytes32,
                settlementKey: settlement.publicKey.bytes32, time: UInt64(Date().timeIntervalSince1970 * 1e9),
                promiseSeconds: venue.promiseSeconds, rulesVersion: venue.rulesVersion,
                venueName: FixedText.four(venue.name)!, accountsMax: venue.accountsMax,
                keySlots: venue.keySlotsPerAccount, assetsMax: venue.assetsMax, instrumentsMax: venue.instrumentsMax,
                ordersMax: venue.ordersMax, levelsMax: venue.levelsMax, referencesMax: venue.referencesMax,
                openOrdersMax: venue.openOrdersMax)
        }
    }

    /// The listings of the configuration, signed by the operator, as frames.
    private func listings(_ venue: VenueSettings) -> [UInt8] {
        var frames: [UInt8] = []
        var nonce: UInt64 = 1
        for asset in venue.assets {
            frames += frame(
                signed(ListAssetMessage.size) {
                    ListAssetMessage.encode(
                        at: $0, account: 1, keySlot: 0, nonce: nonce, deadline: 0, asset: asset.id,
                        decimals: asset.decimals, symbol: FixedText.eight(asset.symbol)!)
                })
            nonce += 1
        }
        for listing in venue.instruments {
            frames += frame(
                signed(ListInstrumentMessage.size) {
                    ListInstrumentMessage.encode(
                        at: $0, account: 1, keySlot: 0, nonce: nonce, deadline: 0, instrument: listing.id,
                        baseAsset: listing.base, quoteAsset: listing.quote, priceMultiplier: listing.priceMultiplier,
                        symbol: FixedText.eight(listing.symbol)!, lotSize: listing.lotSize,
                        tickValue: listing.tickValue, priceMinTicks: listing.priceMinTicks,
                        priceMaxTicks: listing.priceMaxTicks, referencePriceTicks: listing.referencePriceTicks,
                        bandBasisPoints: listing.bandBasisPoints,
                        protectionBasisPoints: listing.protectionBasisPoints, makerFee: listing.makerFee,
                        takerFee: listing.takerFee, feeMode: listing.feeMode == .quote ? .quote : .received,
                        state: .continuous, quantityMaxLots: UInt64(listing.quantityMaxLots),
                        notionalMax: listing.notionalMax)
                })
            nonce += 1
        }
        return frames
    }

    private func signed(_ size: Int, _ encode: (UnsafeMutableRawPointer) -> Void) -> [UInt8] {
        sign(bytes(size, encode), operatorKey)
    }

    /// The message with its signature behind it.
    func sign(_ message: [UInt8], _ key: SigningKey, _ purpose: Purpose = .command) -> [UInt8] {
        var signed: [UInt8] = []
        prefixes[purpose].withUnsafeBytes { signed += $0 }
        signed += message
        let signature = signed.withUnsafeBytes { key.sign($0) }
        return message + withUnsafeBytes(of: signature) { [UInt8]($0) }
    }
}

/// The bytes that `encode` writes.
func bytes(_ size: Int, _ encode: (UnsafeMutableRawPointer) -> Void) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
        encode(UnsafeMutableRawPointer(buffer.baseAddress!))
        count = size
    }
}

/// A frame around a message (and its signature).
func frame(_ content: [UInt8]) -> [UInt8] {
    bytes(FrameHeader.size) { FrameHeader.encode(at: $0, contentBytes: content.count) } + content
}

extension PublicKey {
    var bytes32: Bytes32 { bytes.withUnsafeBytes { Bytes32(from: $0.baseAddress!) } }
}

extension Signature {
    var bytes64: Bytes64 { withUnsafeBytes(of: self) { Bytes64(from: $0.baseAddress!) } }
}

import Cryptography
import Foundation
import Glibc
import Settings
import Synchronization
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
    /// Whether the directory is a file system of its own.
    private let isMounted: Bool
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
    ///   - changing: keys of the shipped configuration and their values.
    ///   - mountedBytes: a file system of that size for the directory; needs root.
    ///   - other: a fixture that has not started yet: this one is the same venue in another directory.
    init(
        _ layout: Layout = .one, changing: [(String, String)] = [], copying other: VenueFixture? = nil,
        mountedBytes: Int? = nil
    ) throws {
        directory = FileManager.default.temporaryDirectory.path + "/glassbook-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        isMounted = mountedBytes != nil
        if let mountedBytes, mount("tmpfs", directory, "tmpfs", 0, "size=\(mountedBytes)") != 0 {
            throw RawClient.Failure("mount: errno \(errno)")
        }
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

    deinit {
        if isMounted { umount2(directory, Int32(MNT_DETACH)) }
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Changes the size of its file system.
    func remount(bytes: Int) throws {
        let remountFlag: UInt = 32
        guard mount("tmpfs", directory, "tmpfs", remountFlag, "size=\(bytes)") == 0 else {
            throw RawClient.Failure("remount: errno \(errno)")
        }
    }

    var configurationFile: String { directory + "/config.toml" }

    /// Audits the journal with the anchors of this venue. Returns the exit status, and what was printed.
    func audit() throws -> (status: Int32, output: String) {
        let anchors = try run("keys", ["anchors", "--config", configurationFile])
        guard anchors.status == 0 else { return anchors }
        try anchors.output.write(toFile: directory + "/anchors", atomically: true, encoding: .utf8)
        return try run(
            "verifier",
            [
                "audit", "--journal", directory + "/journal", "--anchors", directory + "/anchors", "--no-checkpoints",
                "--quiet",
            ])
    }

    private func run(_ executable: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process(), output = Pipe()
        process.executableURL = NodeProcess.executable(executable)
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    /// Rewrites the configuration: another layout, other values.
    func configure(_ layout: Layout = .one, changing: [(String, String)] = []) throws {
        let text = try Self.configuration(directory, layout, changing)
        try text.write(toFile: configurationFile, atomically: true, encoding: .utf8)
    }

    /// How long the node waits for clients: on a busy machine a test may not run for seconds, and only the tests of
    /// these limits are about that.
    private static let patience = [
        ("negotiate_timeout_ms", "120_000"), ("frame_timeout_ms", "120_000"), ("order_entry.heartbeat_ms", "60_000"),
    ]

    /// The shipped configuration with small capacities, free ports and a multicast port of its own.
    private static func configuration(
        _ directory: String, _ layout: Layout, _ changing: [(String, String)]
    ) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        var text = try String(contentsOf: root.appendingPathComponent("config.toml"), encoding: .utf8)
        let first = text.range(of: "[[thread]]\n# Name")!.lowerBound
        text.replaceSubrange(first..<text.range(of: "[order_entry]")!.lowerBound, with: layout.toml + "\n")
        for (key, value) in changing { text = try set(text, key, value) }
        let changed = Set(changing.map(\.0))
        let defaults = [
            ("data", "\"\(directory)\""), ("io_worker_cores", "[]"), ("order_entry.port", "0"),
            ("market_data.port", "\(multicastPort())"), ("request_port", "0"), ("snapshot_port", "0"),
            ("segment_bytes", "4_194_304"), ("populate_ahead_bytes", "1_048_576"), ("order_entry.sessions_max", "64"),
            ("remembered_keys_max", "256"), ("accounts_max", "4_096"), ("orders_max", "65_536"),
            ("references_max", "4_096"), ("slots", "256"), ("level", "\"notice\""), ("snapshot_sessions_max", "4"),
        ]
        for (key, value) in defaults + patience where !changed.contains(key) { text = try set(text, key, value) }
        return text
    }

    /// Venues so far, on top of a number that other processes hardly have.
    private static let venues = Mutex(Int.random(in: 0..<6_000))

    /// A port that no other venue of these tests has meanwhile, nor one of the other tests, who have other ranges; and
    /// below those that the system gives away, 32,768 on. All venues have one group and one name: of two on one port,
    /// a receiver would take what the other sends for its own.
    private static func multicastPort() -> Int {
        venues.withLock { count in
            count += 1
            return 20_000 + count % 6_000
        }
    }

    /// Gives a key another value: `key`, or `table.key` where several tables have it.
    private static func set(_ text: String, _ key: String, _ value: String) throws -> String {
        let parts = key.split(separator: ".")
        var isInTable = parts.count == 1
        var count = 0
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            if line.hasPrefix("["), parts.count == 2 { isInTable = line == "[\(parts[0])]" }
            guard isInTable, line.hasPrefix("\(parts.last!) = ") else { return String(line) }
            count += 1
            return "\(parts.last!) = \(value)"
        }
        guard count == 1 else { throw RawClient.Failure("the configuration has \(count) keys \(key)") }
        return lines.joined(separator: "\n")
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

/// The settlement plane: what it publishes, when, and who else signs it.
public struct SettlementSettings: Equatable, Sendable {
    /// Directory of everything that is published; any static web server may serve it.
    public var published: String
    /// First part of the log's origin, which the venue's id completes.
    public var domain: String
    /// Directory of the keys that the settlement plane signs with: log, receipt, settlement.
    public var keys: String
    /// Longest time between two checkpoints while records come, in milliseconds.
    public var checkpointIntervalMilliseconds: Int
    /// Records after which a checkpoint is made before the interval has passed.
    public var checkpointRecords: Int
    /// Least age of a record whose bytes are published, in milliseconds; hashes and checkpoints never wait.
    public var publishDelayMilliseconds: Int
    /// Least time between two receipt ranges, in microseconds.
    public var receiptIntervalMicroseconds: Int
    /// Records between two snapshots of the state.
    public var snapshotRecords: Int
    /// Snapshots that are kept; older ones are removed.
    public var snapshotsKept: Int
    /// Whether trades, orders, balances, transfers and checkpoints go to SQLite.
    public var history: Bool
    /// IPv4 address that `serve` listens on.
    public var serveAddress: String
    /// TCP port that `serve` listens on; 0 is any free one.
    public var servePort: UInt16
    /// Cosignatures that a checkpoint needs before it is published as the latest; 0 publishes it at once.
    public var witnessQuorum: Int
    /// Longest wait for one answer of one witness, in milliseconds.
    public var witnessTimeoutMilliseconds: Int
    /// Who is asked for cosignatures.
    public var witnesses: [WitnessSettings]
    /// Where the records go so that others can read them without the venue.
    public var availability: AvailabilitySettings

    static let keys = [
        "published", "domain", "keys", "checkpoint_interval_ms", "checkpoint_records", "publish_delay_ms",
        "receipt_interval_us", "snapshot_records", "snapshots_kept", "history", "serve_address", "serve_port",
        "witness_quorum", "witness_timeout_ms", "witness", "availability",
    ]

    init(_ reader: TableReader, directory: String) throws(SettingsError) {
        published = try reader.path("published", relativeTo: directory)
        domain = try reader.string("domain", OriginText.expected, where: OriginText.isValid)
        keys = try reader.path("keys", relativeTo: directory)
        checkpointIntervalMilliseconds = try reader.integer("checkpoint_interval_ms", 10...600_000, "milliseconds")
        checkpointRecords = try reader.integer("checkpoint_records", 1...16_777_216, "records")
        publishDelayMilliseconds = try reader.integer("publish_delay_ms", 0...86_400_000, "milliseconds")
        receiptIntervalMicroseconds = try reader.integer("receipt_interval_us", 1_000...1_000_000, "microseconds")
        snapshotRecords = try reader.integer("snapshot_records", 1...1_000_000_000, "records")
        snapshotsKept = try reader.integer("snapshots_kept", 1...1_000, "snapshots")
        history = try reader.boolean("history")
        serveAddress = try reader.string("serve_address", "an IPv4 address to listen on", where: IPv4.isAddress)
        servePort = try reader.integer("serve_port", 0...UInt16.max, "TCP port, 0 = any free one")
        witnessQuorum = try reader.integer("witness_quorum", 0...63, "cosignatures")
        witnessTimeoutMilliseconds = try reader.integer("witness_timeout_ms", 10...60_000, "milliseconds")
        var witnesses: [WitnessSettings] = []
        for table in try reader.tables("witness", keys: WitnessSettings.keys) {
            let witness = try WitnessSettings(table)
            guard !witnesses.contains(where: { $0.key == witness.key }) else {
                throw .inconsistent(key: table.name("key"), reason: "is the key of two witnesses")
            }
            witnesses.append(witness)
        }
        self.witnesses = witnesses
        availability = try AvailabilitySettings(
            reader.table("availability", keys: AvailabilitySettings.keys), directory: directory)
        guard witnessQuorum <= witnesses.count else {
            throw .inconsistent(
                key: reader.name("witness_quorum"),
                reason: "\(witnessQuorum) cosignatures are asked of \(witnesses.count) witnesses")
        }
    }
}

/// A witness that is asked to cosign every checkpoint (`[[settlement.witness]]`).
public struct WitnessSettings: Equatable, Sendable {
    /// Where its `add-checkpoint` is, without that word.
    public var url: String
    /// Its verifier key: name, key id and public key as signed-note writes them.
    public var key: String

    static let keys = ["url", "key"]

    init(_ reader: TableReader) throws(SettingsError) {
        url = try reader.string("url", HTTPAddress.expected, where: HTTPAddress.isValid)
        key = try reader.string("key", "a verifier key, name+8 hexadecimal digits+base64") { text in
            let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
            return parts.count == 3 && OriginText.isValid(String(parts[0])) && parts[1].utf8.count == 8
                && parts[1].utf8.allSatisfy(Character8.isHexadecimal) && !parts[2].isEmpty
                && parts[2].utf8.allSatisfy(Character8.isBase64)
        }
    }
}

/// Which layer holds the records' bytes for others.
public enum AvailabilityLayer: String, CaseIterable, Sendable {
    /// Files beside the published ones, named by their digest.
    case directory
    /// The HTTP interface of an EigenDA proxy.
    case eigenda
}

/// Batches of records for a data availability layer (`[settlement.availability]`).
public struct AvailabilitySettings: Equatable, Sendable {
    /// The layer.
    public var layer: AvailabilityLayer
    /// Directory of the blobs of the layer `directory`.
    public var directory: String
    /// The proxy's address, of the layer `eigenda`.
    public var url: String
    /// Most records of one batch.
    public var batchRecords: Int
    /// Most bytes of one batch.
    public var batchBytes: Int
    /// Longest time that a record waits for its batch to fill, in milliseconds.
    public var batchMilliseconds: Int
    /// Longest wait for one answer of the layer, in milliseconds.
    public var timeoutMilliseconds: Int
    /// Age of the oldest unpublished record from which on an alarm is logged, in milliseconds.
    public var alarmMilliseconds: Int

    static let keys = [
        "layer", "directory", "url", "batch_records", "batch_bytes", "batch_ms", "timeout_ms", "alarm_ms",
    ]

    /// The longest blob that EigenDA takes, after its encoding: what a batch may have at most.
    static let batchBytesMax = 16_252_897

    init(_ reader: TableReader, directory base: String) throws(SettingsError) {
        layer = try reader.word("layer")
        directory = try reader.path("directory", relativeTo: base)
        url = try reader.string("url", HTTPAddress.expected, where: HTTPAddress.isValid)
        batchRecords = try reader.integer("batch_records", 1...16_777_216, "records")
        batchBytes = try reader.integer("batch_bytes", 131_072...Self.batchBytesMax, "bytes")
        batchMilliseconds = try reader.integer("batch_ms", 10...3_600_000, "milliseconds")
        timeoutMilliseconds = try reader.integer("timeout_ms", 10...600_000, "milliseconds")
        alarmMilliseconds = try reader.integer("alarm_ms", 1_000...86_400_000, "milliseconds")
    }
}

/// Names that can stand in a note: a scheme-less URL.
enum OriginText {
    static let expected = "1 to 200 letters, digits, dots, hyphens, slashes or colons"

    static func isValid(_ text: String) -> Bool {
        (1...200).contains(text.utf8.count)
            && text.utf8.allSatisfy { Character8.isAlphanumeric($0) || "._-/:".utf8.contains($0) }
    }
}

/// Addresses of HTTP services.
enum HTTPAddress {
    static let expected = "an address that starts with http:// or https://"

    static func isValid(_ text: String) -> Bool {
        guard let scheme = ["http://", "https://"].first(where: text.hasPrefix) else { return false }
        let rest = text.dropFirst(scheme.count).utf8
        return !rest.isEmpty && rest.first != UInt8(ascii: "/") && rest.allSatisfy { (0x21...0x7e).contains($0) }
    }
}

/// Classes of characters of one byte.
enum Character8 {
    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    static func isHexadecimal(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) && (byte < UInt8(ascii: "A") || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte))
    }

    static func isBase64(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || "+/=".utf8.contains(byte) }
}

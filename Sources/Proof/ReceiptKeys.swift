import Cryptography
import Wire

/// The receipt keys of a venue, from its genesis message and the changes since, provable to a holder of the venue id.
///
/// Bytes, also of the published file `receipts/keys`: the genesis message (224 bytes, SBE header included), then 160
/// bytes for every change of the receipt key, in order: new key 32, signature of the old key 64, signature of the new
/// key 64, both over the rotation prefix ‖ `03` ‖ new key (`Prefixes.rotationMessage`).
public struct ReceiptKeys: Hashable, Sendable {
    /// Most changes of the receipt key that a receipt carries: those that lead to the key that signed it.
    public static let rotationsMax = 16
    /// Most changes that the published file holds.
    public static let fileRotationsMax = 65_536
    /// Bytes of the genesis message.
    public static let genesisByteCount = GenesisMessage.size
    /// Bytes of one change.
    public static let rotationByteCount = 160

    /// A change of the receipt key.
    public struct Rotation: Hashable, Sendable {
        /// The key from here on.
        public let newKey: PublicKey
        /// By the key before.
        public let oldProof: Signature
        /// By the new key itself.
        public let newProof: Signature

        /// A change with its two signatures.
        public init(newKey: PublicKey, oldProof: Signature, newProof: Signature) {
            self.newKey = newKey
            self.oldProof = oldProof
            self.newProof = newProof
        }
    }

    /// The genesis message.
    public let genesis: [UInt8]
    /// Changes since, oldest first.
    public private(set) var rotations: [Rotation]

    /// The keys at genesis; nil when the bytes are no genesis message.
    public init?(genesis: [UInt8]) {
        guard genesis.count == Self.genesisByteCount, Self.hasGenesisHeader(genesis) else { return nil }
        self.genesis = genesis
        rotations = []
    }

    /// Reads the file `receipts/keys`. Whether it holds is `check`'s to say.
    public init(_ bytes: [UInt8]) throws(ReceiptError) {
        let rest = bytes.count - Self.genesisByteCount
        guard rest >= 0 else { throw .truncated }
        guard rest % Self.rotationByteCount == 0 else { throw .trailing }
        guard rest / Self.rotationByteCount <= Self.fileRotationsMax else { throw .field }
        var reader = ByteReader<ReceiptError>(bytes)
        try self.init(&reader, rotations: rest / Self.rotationByteCount)
    }

    init(_ reader: inout ByteReader<ReceiptError>, rotations count: Int) throws(ReceiptError) {
        guard let keys = ReceiptKeys(genesis: try reader.bytes(Self.genesisByteCount)) else { throw .genesis }
        self = keys
        for _ in 0..<count {
            rotations.append(
                Rotation(
                    newKey: PublicKey(try reader.hash()), oldProof: try reader.signature(),
                    newProof: try reader.signature()))
        }
    }

    private static func hasGenesisHeader(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { buffer in
            let header = MessageHeader(buffer.baseAddress!)
            return header.schemaId == MessageHeader.journalSchema && header.version == MessageHeader.version
                && header.templateId == GenesisMessage.templateId && header.blockLength == GenesisMessage.blockLength
        }
    }

    /// BLAKE2b-256 of the genesis body: the venue id that the keys are of.
    public var venue: Hash256 { Blake2b256.hash(Array(genesis[MessageHeader.size...])) }

    /// The keys in the order in which they were in force; not checked.
    public var keys: [PublicKey] { [genesisKey] + rotations.map(\.newKey) }

    /// The key in force; not checked.
    public var current: PublicKey { rotations.last?.newKey ?? genesisKey }

    /// Seconds within which a receipt promises inclusion.
    public var promiseSeconds: UInt32 { genesis.withUnsafeBytes { GenesisMessage($0.baseAddress!).promiseSeconds } }

    private var genesisKey: PublicKey {
        genesis.withUnsafeBytes { PublicKey(loading: GenesisMessage($0.baseAddress!).receiptKeyPointer) }
    }

    /// Adds a change. The caller has seen that the venue accepted it.
    ///
    /// - Throws: `field` when there are `fileRotationsMax` already.
    public mutating func append(_ rotation: Rotation) throws(ReceiptError) {
        guard rotations.count < Self.fileRotationsMax else { throw .field }
        rotations.append(rotation)
    }

    /// The fewest changes that lead from the key of genesis to `key`, which is then `current`; nil when it never was
    /// a receipt key. A key that came back needs none of the changes between.
    public func leading(to key: PublicKey) -> ReceiptKeys? {
        let keys = keys
        // Breadth first over keys; `via` is the change by which a key was reached first.
        var via: [PublicKey: Int] = [:]
        var frontier = [genesisKey]
        while !frontier.isEmpty, key != genesisKey, via[key] == nil {
            var next: [PublicKey] = []
            let reached = Set(frontier)
            for index in rotations.indices where reached.contains(keys[index]) {
                let newKey = keys[index + 1]
                guard newKey != genesisKey, via[newKey] == nil else { continue }
                via[newKey] = index
                next.append(newKey)
            }
            frontier = next
        }
        var steps: [Rotation] = []
        var place = key
        while place != genesisKey {
            guard let index = via[place] else { return nil }
            steps.append(rotations[index])
            place = keys[index]
        }
        var chosen = self
        chosen.rotations = steps.reversed()
        return chosen
    }

    /// Checks that the genesis message is the venue's, and that every change is signed by the key before and by
    /// itself. Then `keys` are the venue's receipt keys.
    ///
    /// - Throws: `genesis`, `rotation`.
    public func check(venue: Hash256) throws(ReceiptError) {
        guard self.venue == venue else { throw .genesis }
        guard genesisKey.isValid else { throw .genesis }
        let prefixes = rotations.isEmpty ? nil : Prefixes(venue: venue)
        var key = genesisKey
        for rotation in rotations {
            guard let prefixes, rotation.newKey.isValid else { throw .rotation }
            let message = prefixes.rotationMessage(
                venueKey: VenueKeyPurpose.receipt.rawValue, newKey: rotation.newKey)
            let holds = message.withUnsafeBytes { message in
                Ed25519.verify(rotation.oldProof, of: message, by: key)
                    && Ed25519.verify(rotation.newProof, of: message, by: rotation.newKey)
            }
            guard holds else { throw .rotation }
            key = rotation.newKey
        }
    }

    /// The bytes of the file `receipts/keys`.
    public var encoded: [UInt8] {
        var bytes = genesis
        for rotation in rotations {
            bytes.append(rotation.newKey.bytes)
            bytes.append(rotation.oldProof)
            bytes.append(rotation.newProof)
        }
        return bytes
    }
}

import Cryptography
import Proof
import Wire

/// Ranges of made-up records, signed with keys of their own.
struct ReceiptFixture {
    let receiptKey = SigningKey(insecureDeterministic: 31)
    let keys: ReceiptKeys
    var venue: Hash256 { keys.venue }

    init(seed: UInt64 = 1) {
        keys = ReceiptKeys(genesis: Self.genesis(receiptKey.publicKey, seed: seed))!
    }

    static func genesis(_ receiptKey: PublicKey, seed: UInt64 = 1) -> [UInt8] {
        func bytes32(_ number: UInt64) -> Bytes32 {
            SigningKey(insecureDeterministic: number).publicKey.bytes.withUnsafeBytes { Bytes32(from: $0.baseAddress!) }
        }
        return [UInt8](unsafeUninitializedCapacity: GenesisMessage.size) { buffer, count in
            GenesisMessage.encode(
                at: UnsafeMutableRawPointer(buffer.baseAddress!), random: Bytes32(seed, 2, 3, 4),
                operatorKey: bytes32(1), logKey: bytes32(2),
                receiptKey: receiptKey.bytes.withUnsafeBytes { Bytes32(from: $0.baseAddress!) },
                settlementKey: bytes32(4), time: 1_700_000_000_000_000_000, promiseSeconds: 60, rulesVersion: 1,
                venueName: FixedText.four("TEST")!, accountsMax: 16, keySlots: 4, assetsMax: 4, instrumentsMax: 4,
                ordersMax: 16, levelsMax: 16, referencesMax: 16, openOrdersMax: 16)
            count = GenesisMessage.size
        }
    }

    static func leaf(_ sequence: UInt64) -> ReceiptLeaf {
        ReceiptLeaf(
            sequence: sequence, commandHash: Sha256.hash(Array("command \(sequence)".utf8)),
            leafHash: Sha256.hash([0] + record(sequence)))
    }

    /// What stands for the record of a sequence.
    static func record(_ sequence: UInt64) -> [UInt8] { Array("record \(sequence)".utf8) }

    func range(_ sequences: ClosedRange<UInt64>, epoch: UInt32 = 1, by key: SigningKey? = nil) -> ReceiptRange {
        ReceiptRange(
            signing: sequences.map(Self.leaf), venue: venue, epoch: epoch,
            time: 1_700_000_000_000_000_000 + sequences.upperBound,
            prefix: SigningPrefix.make(.receipt, venue: venue), by: key ?? receiptKey)
    }

    /// A change of the receipt key, signed by both.
    func rotation(from old: SigningKey, to new: SigningKey) -> ReceiptKeys.Rotation {
        let message = Prefixes(venue: venue).rotationMessage(
            venueKey: VenueKeyPurpose.receipt.rawValue, newKey: new.publicKey)
        return message.withUnsafeBytes {
            ReceiptKeys.Rotation(newKey: new.publicKey, oldProof: old.sign($0), newProof: new.sign($0))
        }
    }
}

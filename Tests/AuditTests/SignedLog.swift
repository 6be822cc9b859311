import Cryptography
import Foundation
import Proof
import Reference
import Wire

@testable import Audit

/// A venue's log with real keys and signatures, in memory, written as a node and its settlement plane write it. A test
/// may change a record on the way; chain and hashes are then made of what was changed, as a liar would.
final class SignedLog {
    /// A record that is about to be written.
    struct Draft {
        var sequence: UInt64
        var time: UInt64
        var epoch: UInt32 = 1
        var kind: RecordKind
        var flags: RecordFlags
        var feedSequence: UInt64
        var command: [UInt8]
        var effects: [UInt8]
        var previousHash: Bytes32

        /// Changes a field of the command, or of the effects.
        static func set<Value: FixedWidthInteger>(_ bytes: inout [UInt8], _ value: Value, at offset: Int) {
            bytes.withUnsafeMutableBytes { $0.storeBytes(of: value, toByteOffset: offset, as: Value.self) }
        }
    }

    static let operatorKey = SigningKey(insecureDeterministic: 1)
    static let logKey = SigningKey(insecureDeterministic: 2)
    static let receiptKey = SigningKey(insecureDeterministic: 3)
    static let settlementKey = SigningKey(insecureDeterministic: 4)
    static let witnessKeys = (10..<13).map { SigningKey(insecureDeterministic: UInt64($0)) }
    static let secondMask: UInt64 = 1_000_000_000

    let genesis: [UInt8]
    let venueId: Hash256
    let prefixes: Prefixes
    let logSigner: NoteSigner
    let witnesses: [NoteSigner]
    private(set) var records: [[UInt8]] = []
    private(set) var leaves: [Hash256] = []
    private(set) var head = Bytes32.zero
    var time: UInt64 = 1_700_000_000 * secondMask
    /// Changes a record; its place is the draft's sequence.
    var change: (inout Draft) -> Void = { _ in }
    private(set) var venue: Reference
    private var nextFeedSequence: UInt64 = 1
    private var nonces: [UInt32: UInt64] = [:]
    private let scratch = UnsafeMutableRawPointer.allocate(byteCount: EffectWriter.capacity, alignment: 64)

    /// - Parameter random: makes another venue of the same keys.
    init(random: UInt64 = 1, change: @escaping (inout Draft) -> Void = { _ in }) {
        Sodium.initialize()
        let genesis = Self.message(GenesisMessage.size) {
            GenesisMessage.encode(
                at: $0, random: Bytes32(random), operatorKey: Self.bytes(Self.operatorKey),
                logKey: Self.bytes(Self.logKey), receiptKey: Self.bytes(Self.receiptKey),
                settlementKey: Self.bytes(Self.settlementKey), time: 1, promiseSeconds: 60, rulesVersion: 1,
                venueName: FixedText.four("TEST")!, accountsMax: 16, keySlots: 4, assetsMax: 4, instrumentsMax: 2,
                ordersMax: 2000, levelsMax: 4000, referencesMax: 64, openOrdersMax: 1000)
        }
        self.genesis = genesis
        venueId = Blake2b256.hash(Array(genesis[MessageHeader.size...]))
        prefixes = Prefixes(venue: venueId)
        logSigner = NoteSigner(
            name: Checkpoint.origin(domain: "glassbook.test", venue: venueId), key: Self.logKey)!
        witnesses = Self.witnessKeys.enumerated().map {
            NoteSigner(name: "witness.test/\($0.offset)", key: $0.element, kind: .cosignature)!
        }
        self.change = change
        scratch.copyMemory(from: genesis, byteCount: genesis.count)
        venue = Reference(genesis: GenesisMessage(scratch))
        append(.genesis, genesis)
    }

    deinit { scratch.deallocate() }

    /// What an auditor trusts.
    func anchors(witnesses count: Int = 0, quorum: Int = 0) -> Anchors {
        try! Anchors(
            venue: venueId, log: logSigner.verifierKey, witnesses: witnesses.prefix(count).map(\.verifierKey),
            quorum: quorum)
    }

    func judge(_ evidence: Evidence, witnesses: Int = 0, quorum: Int = 0) throws -> Judgement {
        try EvidenceJudge(anchors(witnesses: witnesses, quorum: quorum)).judge(evidence.encoded)
    }

    var lastSequence: UInt64 { UInt64(records.count) }

    // MARK: Script

    /// Two assets, an instrument, two accounts with money, orders that trade and orders that rest.
    func open() {
        for (asset, symbol) in ["USD", "GLD"].enumerated() {
            operatorCommand(ListAssetMessage.size) { base, nonce in
                ListAssetMessage.encode(
                    at: base, account: 1, keySlot: 0, nonce: nonce, deadline: 0, asset: UInt32(asset), decimals: 2,
                    symbol: FixedText.eight(symbol)!)
            }
        }
        operatorCommand(ListInstrumentMessage.size) { base, nonce in
            ListInstrumentMessage.encode(
                at: base, account: 1, keySlot: 0, nonce: nonce, deadline: 0, instrument: 0, baseAsset: 1,
                quoteAsset: 0, priceMultiplier: 100, symbol: FixedText.eight("GLDUSD")!, lotSize: 1, tickValue: 1,
                priceMinTicks: 1, priceMaxTicks: 900, referencePriceTicks: 100, bandBasisPoints: 0,
                protectionBasisPoints: 0, makerFee: 1000, takerFee: 3000, feeMode: .quote, state: .continuous,
                quantityMaxLots: 1_000_000, notionalMax: 1 << 40)
        }
        for account in UInt32(3)...4 {
            createAccount(account)
            for asset in UInt32(0)...1 { deposit(account, asset, 1 << 30) }
        }
        for index in UInt32(0)..<8 { order(3, .sell, 100 + index, 10) }
        order(4, .buy, 103, 25)
    }

    func createAccount(_ account: UInt32) {
        let proof = prefixes.signPossession(account: account, key: Self.key(account))
        operatorCommand(CreateAccountMessage.size, flags: .proofsHold) { base, nonce in
            CreateAccountMessage.encode(
                at: base, account: 1, keySlot: 0, nonce: nonce, deadline: 0, newAccount: account, flags: 0,
                ownerKey: Self.bytes(Self.key(account)),
                proof: withUnsafeBytes(of: proof) { Bytes64(from: $0.baseAddress!) })
        }
    }

    func deposit(_ account: UInt32, _ asset: UInt32, _ amount: UInt64) {
        operatorCommand(DepositMessage.size) { base, nonce in
            DepositMessage.encode(
                at: base, account: 1, keySlot: 0, nonce: nonce, deadline: 0, target: account, asset: asset,
                amount: amount, reference: Bytes32(nonce))
        }
    }

    func order(_ account: UInt32, _ side: Side, _ price: UInt32, _ quantity: UInt32) {
        command(account, Self.key(account), NewOrderMessage.size) { base, nonce in
            NewOrderMessage.encode(
                at: base, account: account, keySlot: 0, nonce: nonce, deadline: 0, instrument: 0, side: side,
                orderType: .limit, timeInForce: .goodTillCancel, selfTradePrevention: .cancelTaker,
                clientOrderId: nonce, priceTicks: price, quantityLots: quantity, expiry: Null.u64,
                displayLots: Null.u32, minimumLots: Null.u32, stopPriceTicks: Null.u32, flags: [])
        }
    }

    /// The operator replaces the receipt key.
    func rotateReceiptKey(to key: SigningKey) {
        let message = prefixes.rotationMessage(venueKey: VenueKeyPurpose.receipt.rawValue, newKey: key.publicKey)
        let proofs = message.withUnsafeBytes { bytes in
            [Self.receiptKey, key].map { key in
                withUnsafeBytes(of: key.sign(bytes)) { Bytes64(from: $0.baseAddress!) }
            }
        }
        operatorCommand(RotateVenueKeyMessage.size, flags: .proofsHold) { base, nonce in
            RotateVenueKeyMessage.encode(
                at: base, account: 1, keySlot: 0, nonce: nonce, deadline: 0, purpose: .receipt, slot: 0,
                newKey: Self.bytes(key), oldProof: proofs[0], newProof: proofs[1])
        }
    }

    /// Settlement says what the state is now.
    func commit(
        through: UInt64? = nil, stateRoot: Hash256, chainHead: Bytes32? = nil, dataThrough: UInt64 = 0,
        dataDigest: Hash256 = .zero
    ) {
        let through = through ?? lastSequence, chainHead = chainHead ?? head
        command(2, Self.settlementKey, StateCommitmentMessage.size, commitment: true) { base, nonce in
            StateCommitmentMessage.encode(
                at: base, account: 2, keySlot: 0, nonce: nonce, deadline: 0, through: through,
                stateRoot: Self.bytes(stateRoot), chainHead: chainHead, dataThrough: dataThrough,
                dataDigest: Self.bytes(dataDigest))
        }
    }

    /// The canonical bytes of the state as it is.
    var state: [UInt8] {
        struct Sink: StateSink {
            var bytes: [UInt8] = []
            mutating func write(_ more: UnsafeRawBufferPointer) { bytes += more }
        }
        var sink = Sink()
        venue.writeState(into: &sink)
        return sink.bytes
    }

    // MARK: Records

    func operatorCommand(
        _ size: Int, flags: RecordFlags = [], _ encode: (UnsafeMutableRawPointer, UInt64) -> Void
    ) { command(1, Self.operatorKey, size, flags: flags, encode) }

    /// Signs a command and writes its records.
    func command(
        _ account: UInt32, _ key: SigningKey, _ size: Int, flags: RecordFlags = [], commitment: Bool = false,
        _ encode: (UnsafeMutableRawPointer, UInt64) -> Void
    ) {
        nonces[account, default: 0] += 1
        let message = Self.message(size) { encode($0, nonces[account]!) }
        let signed = Array(commitment ? prefixes.commitment : prefixes.command) + message
        let signature = signed.withUnsafeBytes { key.sign($0) }
        append(.command, message + withUnsafeBytes(of: signature) { Array($0) }, flags: flags)
    }

    /// Writes a record, and continuations until it is done.
    func append(_ kind: RecordKind, _ command: [UInt8], flags: RecordFlags = []) {
        let sequence = lastSequence + 1
        time += 1000
        var writer = EffectWriter(scratch)
        let progress = command.withUnsafeBytes { bytes in
            venue.apply(
                Command(
                    message: bytes.baseAddress!, count: command.count - (kind == .command ? Limits.signatureBytes : 0),
                    kind: kind, sequence: sequence, time: time, proofsHold: flags.contains(.proofsHold)),
                into: &writer)
        }
        var draft = Draft(
            sequence: sequence, time: time, kind: kind, flags: flags, feedSequence: nextFeedSequence,
            command: command, effects: Array(UnsafeRawBufferPointer(start: scratch, count: writer.length)),
            previousHash: head)
        nextFeedSequence += UInt64(writer.feedMessages)
        change(&draft)
        write(Self.bytes(draft))
        if progress == .more {
            append(
                .continuation,
                Self.message(ContinuationMessage.size) {
                    ContinuationMessage.encode(at: $0, cause: venue.pendingCause!)
                })
        }
    }

    /// Appends bytes to the log as they are.
    func write(_ record: [UInt8]) {
        records.append(record)
        leaves.append(MerkleHash.leaf(record))
        if record.count >= 32 { head = record.withUnsafeBytes { Bytes32(from: $0.baseAddress! + record.count - 32) } }
    }

    static func bytes(_ draft: Draft) -> [UInt8] {
        let command = RecordLayout.padded(draft.command.count)
        let length = RecordLayout.bytesMin + command + draft.effects.count
        var bytes = [UInt8](repeating: 0, count: length)
        bytes.withUnsafeMutableBytes { buffer in
            let base = buffer.baseAddress!
            func store<Value: FixedWidthInteger>(_ value: Value, _ offset: Int) {
                base.storeBytes(of: value, toByteOffset: offset, as: Value.self)
            }
            store(UInt32(length), RecordLayout.length)
            store(~UInt32(length), RecordLayout.complement)
            store(draft.sequence, RecordLayout.sequence)
            store(draft.time, RecordLayout.time)
            store(draft.time, RecordLayout.arrivalTime)
            store(draft.sequence, RecordLayout.arrivalTicket)
            store(draft.epoch, RecordLayout.epoch)
            store(draft.kind.rawValue, RecordLayout.kind)
            store(draft.flags.rawValue, RecordLayout.flags)
            store(draft.feedSequence, RecordLayout.feedSequence)
            store(UInt32(draft.command.count), RecordLayout.commandLength)
            store(UInt32(draft.effects.count), RecordLayout.effectsLength)
            draft.previousHash.store(to: base + RecordLayout.previousHash)
            (base + RecordLayout.body).copyMemory(from: draft.command, byteCount: draft.command.count)
            (base + RecordLayout.body + command).copyMemory(from: draft.effects, byteCount: draft.effects.count)
            Blake2b256.hash(
                base, count: length - RecordLayout.hashBytes, into: base + length - RecordLayout.hashBytes)
        }
        return bytes
    }

    // MARK: What is published

    /// A signed checkpoint of the first `size` records, cosigned by some witnesses at a time.
    func checkpoint(_ size: UInt64? = nil, cosigned: [(witness: Int, time: UInt64)] = []) -> [UInt8] {
        let size = size ?? lastSequence
        let text = Checkpoint(
            origin: logSigner.verifierKey.name, size: size, root: MerkleTree.root(Array(leaves.prefix(Int(size))))
        ).text
        let signatures = [logSigner.sign(text)] + cosigned.map { witnesses[$0.witness].sign(text, time: $0.time) }
        return SignedNote(text: text, signatures: signatures).bytes
    }

    /// Records `first` to `last`, proven for the whole log or its first `size` records.
    func range(_ first: UInt64, _ last: UInt64, size: UInt64? = nil) -> RecordRange {
        RecordRange(
            first: first, records: Array(records[Int(first - 1)..<Int(last)]),
            of: Array(leaves.prefix(Int(size ?? lastSequence))))
    }

    /// The receipt of a record.
    func receipt(_ sequence: UInt64, time: UInt64? = nil) -> Receipt {
        let leaf = records[Int(sequence - 1)].withUnsafeBytes { ReceiptLeaf(RecordView($0.baseAddress!)) }
        let range = ReceiptRange(
            signing: [leaf], venue: venueId, epoch: 1, time: time ?? self.time, prefix: prefixes.receipt,
            by: Self.receiptKey)
        return range.receipt(for: sequence, keys: ReceiptKeys(genesis: genesis)!)!
    }

    // MARK: Bytes

    /// The key of an account that clients own.
    static func key(_ account: UInt32) -> SigningKey { SigningKey(insecureDeterministic: 100 + UInt64(account)) }

    static func bytes(_ key: SigningKey) -> Bytes32 { bytes(key.publicKey.bytes) }

    static func bytes(_ hash: Hash256) -> Bytes32 { hash.withUnsafeBytes { Bytes32(from: $0.baseAddress!) } }

    static func message(_ size: Int, _ encode: (UnsafeMutableRawPointer) -> Void) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: size)
        bytes.withUnsafeMutableBytes { encode($0.baseAddress!) }
        return bytes
    }
}

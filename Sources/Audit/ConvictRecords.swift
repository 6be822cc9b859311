import Cryptography
import Proof
import Wire

extension EvidenceJudge {
    /// Records of one log that cannot all be true, without a replay: a record that contradicts itself or the key that
    /// it names, or two that contradict each other. The first contradiction in the order of the log counts.
    func records(_ exhibits: inout Exhibits) throws(Doubt) -> Conviction {
        let head = try exhibits.head()
        var contradictions = RecordContradictions(Prefixes(venue: anchors.venue))
        if exhibits.next == .genesis {
            let bytes = try exhibits.take(.genesis)
            guard let keys = ReceiptKeys(genesis: bytes), keys.venue == anchors.venue else {
                throw .unproven("the genesis message is not that of the venue")
            }
            bytes.withUnsafeBytes { contradictions.take(genesis: GenesisMessage($0.baseAddress!)) }
        }
        var found: [UInt64: ProvenRecord] = [:]
        while exhibits.next != nil {
            for record in try exhibits.records(in: head) { found[record.sequence] = record }
        }
        for record in found.values.sorted(by: { $0.sequence < $1.sequence }) {
            if let conviction = contradictions.take(record) { return conviction }
        }
        throw .unproven("the records do not contradict each other")
    }
}

/// Compares records of one log, in their order, with what earlier ones among them said.
///
/// It knows only what it was given, so it concludes nothing from what it was not: a key counts as known when a record
/// gives it, because a slot is written once and for ever.
struct RecordContradictions {
    /// A slot of an account.
    private struct Slot: Hashable {
        var account: UInt32
        var slot: UInt16
    }

    private let prefixes: Prefixes
    private var keys: [Slot: Bytes32] = [:]
    private var revoked: [Slot: UInt64] = [:]
    private var nonces: [Slot: (nonce: UInt64, sequence: UInt64)] = [:]
    private var commitments: [UInt64: StateCommitmentRecord] = [:]
    private var hashes: [UInt64: Bytes32] = [:]
    private var last: (sequence: UInt64, time: UInt64, epoch: UInt32, hash: Bytes32)?

    init(_ prefixes: Prefixes) { self.prefixes = prefixes }

    /// The keys that accounts 0, 1 and 2 begin with.
    mutating func take(genesis: GenesisMessage) {
        keys[Slot(account: WellKnownAccount.fees, slot: 0)] = genesis.operatorKey
        keys[Slot(account: WellKnownAccount.venueOperator, slot: 0)] = genesis.operatorKey
        keys[Slot(account: WellKnownAccount.settlement, slot: 0)] = genesis.settlementKey
    }

    /// Takes the next record, which stands behind those before; returns what it contradicts.
    mutating func take(_ record: ProvenRecord) -> Conviction? {
        if let fault = record.fault() { return fault }
        return record.withView { view in
            if let conviction = place(view, record.sequence) { return conviction }
            if view.kind == .command, let conviction = command(view, record.sequence) { return conviction }
            if let commitment = record.commitment() {
                if let conviction = check(commitment) { return conviction }
                commitments[commitment.through] = commitment
            }
            remember(view, record.sequence)
            return nil
        }
    }

    private func place(_ record: RecordView, _ sequence: UInt64) -> Conviction? {
        guard let last else { return nil }
        if last.sequence + 1 == sequence && record.previousHash != last.hash {
            return Conviction(
                .chainBroken, sequence,
                "it names \(hexadecimal(record.previousHash)), and the one before is \(hexadecimal(last.hash))")
        }
        if record.time < last.time {
            return Conviction(
                .timeBack, sequence, "its time is \(record.time) ns, record \(last.sequence) has \(last.time) ns")
        }
        if record.epoch < last.epoch {
            return Conviction(
                .epoch, sequence, "its epoch is \(record.epoch), record \(last.sequence) has \(last.epoch)")
        }
        return nil
    }

    private func command(_ record: RecordView, _ sequence: UInt64) -> Conviction? {
        let header = CommandHeader(record.command)
        let slot = Slot(account: header.account, slot: header.keySlot)
        let signer = "key slot \(slot.slot) of account \(slot.account)"
        if let at = revoked[slot] {
            return Conviction(.revokedKey, sequence, "\(signer) was revoked by record \(at)")
        }
        if let mark = nonces[slot], header.nonce <= mark.nonce {
            return Conviction(
                .nonce, sequence,
                "\(signer) used nonce \(mark.nonce) in record \(mark.sequence), and now \(header.nonce)")
        }
        if let key = keys[slot], !CommandSignature.holds(record, key, prefixes) {
            return Conviction(.signature, sequence, "the signature is not by \(hexadecimal(key)), \(signer)")
        }
        if record.flags.contains(.proofsHold) && !CommandSignature.proofsCanHold(record, prefixes) {
            return Conviction(.proofs, sequence, "it says that the proofs in the command hold, and they do not")
        }
        return nil
    }

    private func check(_ commitment: StateCommitmentRecord) -> Conviction? {
        if let other = commitments[commitment.through], other.stateRoot != commitment.stateRoot {
            return Conviction(
                .stateRoot, commitment.sequence,
                "state \(commitment.stateRoot) after record \(commitment.through), and record \(other.sequence) says "
                    + "\(other.stateRoot)")
        }
        if commitment.through == 0 || commitment.through >= commitment.sequence {
            return Conviction(
                .commitmentThrough, commitment.sequence,
                "it speaks of record \(commitment.through), which is none before it")
        }
        if let hash = hashes[commitment.through] { return commitment.contradicts(hash: hash) }
        return nil
    }

    private mutating func remember(_ record: RecordView, _ sequence: UInt64) {
        last = (sequence, record.time, record.epoch, record.hash)
        hashes[sequence] = record.hash
        if record.kind == .genesis { take(genesis: GenesisMessage(record.command)) }
        guard record.kind == .command else { return }
        let header = CommandHeader(record.command)
        nonces[Slot(account: header.account, slot: header.keySlot)] = (header.nonce, sequence)
        var effects = record.effects
        while let effect = effects.read() {
            switch effect.template {
            case Template.accountCreated:
                let created = AccountCreatedMessage(effect.base)
                keys[Slot(account: created.newAccount, slot: 0)] = created.ownerKey
            case Template.keyAdded:
                let added = KeyAddedMessage(effect.base)
                keys[Slot(account: added.account, slot: added.slot)] = added.key
            case Template.keyRevoked:
                let key = KeyRevokedMessage(effect.base)
                revoked[Slot(account: key.account, slot: key.slot)] = sequence
            case Template.venueKeyRotated: rotate(VenueKeyRotatedMessage(effect.base))
            default: break
            }
        }
    }

    private mutating func rotate(_ rotated: VenueKeyRotatedMessage) {
        let accounts: [UInt32] =
            switch rotated.purpose {
            case .venueOperator: [WellKnownAccount.fees, WellKnownAccount.venueOperator]
            case .settlement: [WellKnownAccount.settlement]
            default: []
            }
        for account in accounts { keys[Slot(account: account, slot: rotated.slot)] = rotated.newKey }
    }
}

/// Signatures in a command record whose structure was checked.
enum CommandSignature {
    /// Whether the record's own signature is by a key.
    static func holds(_ record: RecordView, _ key: Bytes32, _ prefixes: Prefixes) -> Bool {
        let isCommitment = MessageHeader(record.command).templateId == Template.stateCommitment
        let length = record.messageLength
        var signed: [UInt8] = Array(isCommitment ? prefixes.commitment : prefixes.command)
        signed += UnsafeRawBufferPointer(start: record.command, count: length)
        return signed.withUnsafeBytes { message in
            withUnsafeBytes(of: key) { key in
                Ed25519.verify(
                    signature: record.command + length, message: message.baseAddress!, count: message.count,
                    publicKey: key.baseAddress!)
            }
        }
    }

    /// Whether the proofs inside the command hold, as far as the record alone says. Commands without proofs: true.
    static func proofsCanHold(_ record: RecordView, _ prefixes: Prefixes) -> Bool {
        switch MessageHeader(record.command).templateId {
        case Template.createAccount:
            let command = CreateAccountMessage(record.command)
            return prefixes.verifyPossession(
                account: command.newAccount, publicKey: command.ownerKeyPointer, signature: command.proofPointer)
        case Template.addTradingKey:
            let command = AddTradingKeyMessage(record.command)
            return prefixes.verifyPossession(
                account: command.account, publicKey: command.keyPointer, signature: command.proofPointer)
        default: return true
        }
    }
}

import Cryptography
import Wire

/// What a worker has to verify of one record: keys as they were in force before it.
struct SignatureTask {
    /// What the record's signature is made over.
    enum Kind: UInt8 {
        /// The record carries no signature.
        case none
        /// Prefix of commands, then the message.
        case command
        /// Prefix of commitments, then the message.
        case commitment
    }

    var kind = Kind.none
    /// The signer's key.
    var key = Bytes32.zero
    /// For RotateVenueKey: the venue key that has to agree.
    var venueKey = Bytes32.zero
}

/// Verifies signatures of records. Strict Ed25519, the definition that the node uses (`Cryptography.Ed25519`).
struct SignatureVerifier {
    private let prefixes: Prefixes
    /// Prefix and message, in one piece.
    private let scratch: UnsafeMutableRawPointer
    /// Verifications made.
    private(set) var count: UInt64 = 0

    /// - Parameter scratch: `scratchBytes` bytes.
    init(prefixes: Prefixes, scratch: UnsafeMutableRawPointer) {
        self.prefixes = prefixes
        self.scratch = scratch
    }

    static let scratchBytes = SigningPrefix.byteCount + Limits.messageBytesMax

    /// What does not hold of the record; nil when all does. Its command's structure was checked.
    mutating func verify(_ record: RecordView, _ task: SignatureTask) -> Finding? {
        guard task.kind != .none else { return nil }
        let prefix = task.kind == .command ? prefixes.command : prefixes.commitment
        let length = record.messageLength
        prefix.store(to: scratch)
        (scratch + SigningPrefix.byteCount).copyMemory(from: record.command, byteCount: length)
        count += 1
        let holds = withUnsafeBytes(of: task.key) { key in
            Ed25519.verify(
                signature: record.command + length, message: scratch, count: SigningPrefix.byteCount + length,
                publicKey: key.baseAddress!)
        }
        if !holds {
            let header = CommandHeader(record.command)
            return Finding(
                .signature, record.sequence,
                expected: "a signature of account \(header.account) by key \(hexadecimal(task.key))",
                found: "one that does not hold")
        }
        let (says, shall) = (record.flags.contains(.proofsHold), proofsHold(record, task))
        if says == shall { return nil }
        return Finding(.proofs, record.sequence, expected: "proofs hold: \(shall)", found: "\(says)")
    }

    /// Keys and proofs inside a command; false for commands that have none.
    private mutating func proofsHold(_ record: RecordView, _ task: SignatureTask) -> Bool {
        switch MessageHeader(record.command).templateId {
        case Template.createAccount:
            let command = CreateAccountMessage(record.command)
            count += 1
            return prefixes.verifyPossession(
                account: command.newAccount, publicKey: command.ownerKeyPointer, signature: command.proofPointer)
        case Template.addTradingKey:
            let command = AddTradingKeyMessage(record.command)
            count += 1
            return prefixes.verifyPossession(
                account: command.account, publicKey: command.keyPointer, signature: command.proofPointer)
        case Template.rotateVenueKey:
            return rotationHolds(RotateVenueKeyMessage(record.command), task)
        default: return false
        }
    }

    private mutating func rotationHolds(_ command: RotateVenueKeyMessage, _ task: SignatureTask) -> Bool {
        guard command.purpose != nil else { return false }
        let signed = scratch, count = Prefixes.rotationByteCount, newKey = command.newKeyPointer
        prefixes.writeRotationMessage(venueKey: command.purposeRaw, newKey: newKey, to: signed)
        self.count += 2
        return withUnsafeBytes(of: task.venueKey) { current in
            Ed25519.isValidPublicKey(newKey)
                && Ed25519.verify(
                    signature: command.oldProofPointer, message: signed, count: count, publicKey: current.baseAddress!)
                && Ed25519.verify(
                    signature: command.newProofPointer, message: signed, count: count, publicKey: newKey)
        }
    }
}

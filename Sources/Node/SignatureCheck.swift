import Cryptography
import Ledger
import Ring
import Wire

/// Whether a slot's message is authentic, and whether the keys and proofs inside it hold: by the key table as it is at
/// this moment. Used by the verifiers, and by the sequencer when a key changed after them.
///
/// Copied freely: the prefixes stand in memory of their own, which lives as long as the process.
struct SignatureCheck: @unchecked Sendable {
    private let keys: KeyTable
    private let prefixes: UnsafeMutablePointer<Prefixes>

    init(keys: KeyTable, prefixes: Prefixes) {
        self.keys = keys
        self.prefixes = .allocate(capacity: 1)
        self.prefixes.initialize(to: prefixes)
    }

    /// The generation of a key as it is now: it changes whenever the key is added or revoked.
    @inline(__always)
    func generation(_ slot: Slot) -> UInt32 { keys.generation(account: slot.account, slot: slot.keySlot) }

    /// Checks the message and fills status, reason, detail and keyGeneration.
    /// - Returns: whether it is authentic.
    @discardableResult
    func check(_ slot: Slot) -> Bool {
        let entry = keys.entry(account: slot.account, slot: slot.keySlot)
        slot.keyGeneration = entry.generation
        switch entry.state {
        case .none:
            slot.refuse(keys.hasAccount(slot.account) ? .unknownKey : .unknownAccount)
            return false
        case .revoked:
            slot.refuse(.revokedKey)
            return false
        case .inForce: break
        }
        let holds = Ed25519.verify(
            signature: UnsafeRawPointer(slot.signature), message: UnsafeRawPointer(slot.prefix),
            count: Slot.prefixSize + Int(slot.messageLength), publicKey: entry.key)
        guard holds else {
            slot.refuse(.badSignature)
            return false
        }
        slot.set(proofsHold(slot) ? .authentic : .authenticWithoutProofs)
        return true
    }

    /// Keys and proofs inside a command; true for commands without. Those of RotateVenueKey are the sequencer's: the
    /// key that has to agree is the one in force when the command is sequenced.
    private func proofsHold(_ slot: Slot) -> Bool {
        let message = UnsafeRawPointer(slot.message)
        switch slot.template {
        case Template.createAccount where slot.slotKind == .command:
            let command = CreateAccountMessage(message)
            return prefixes.pointee.verifyPossession(
                account: command.newAccount, publicKey: command.ownerKeyPointer, signature: command.proofPointer)
        case Template.addTradingKey where slot.slotKind == .command:
            let command = AddTradingKeyMessage(message)
            return prefixes.pointee.verifyPossession(
                account: command.account, publicKey: command.keyPointer, signature: command.proofPointer)
        default:
            return true
        }
    }

    /// Whether the proofs of a RotateVenueKey hold: both signatures, of the key that is in force and of the new one,
    /// which has to be a key that may be registered.
    func rotationHolds(_ command: RotateVenueKeyMessage, current: UnsafeRawPointer) -> Bool {
        let newKey = command.newKeyPointer
        return withUnsafeTemporaryAllocation(byteCount: Prefixes.rotationByteCount, alignment: 8) { buffer in
            let signed = buffer.baseAddress!
            prefixes.pointee.writeRotationMessage(venueKey: command.purposeRaw, newKey: newKey, to: signed)
            let count = Prefixes.rotationByteCount
            return Ed25519.isValidPublicKey(newKey)
                && Ed25519.verify(
                    signature: command.oldProofPointer, message: signed, count: count, publicKey: current)
                && Ed25519.verify(
                    signature: command.newProofPointer, message: signed, count: count, publicKey: newKey)
        }
    }
}

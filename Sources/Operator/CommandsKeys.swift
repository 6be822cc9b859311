import ArgumentParser
import Cryptography
import Genesis
import GlassbookClient
import Wire

/// One of the venue's four keys, as it is typed.
enum VenueKey: String, CaseIterable, ExpressibleByArgument {
    case `operator`, log, receipt, settlement

    var role: KeyRole {
        switch self {
        case .operator: .operator
        case .log: .log
        case .receipt: .receipt
        case .settlement: .settlement
        }
    }

    var purpose: VenueKeyPurpose {
        switch self {
        case .operator: .venueOperator
        case .log: .log
        case .receipt: .receipt
        case .settlement: .settlement
        }
    }

    /// Whether it is the owner key of an account of the venue, in a slot of it.
    var hasSlot: Bool { self == .operator || self == .settlement }
}

/// `operator rotate`.
struct RotateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Replaces one of the venue's keys by another; both keys sign, and the operator.",
        discussion: """
            Make the new one with `keys make --role ROLE`. Operator and settlement keys need a slot of their account \
            that was never used, from 1 on; the old key is revoked for ever. Of the operator, --slot of later commands \
            is the new slot. Log and receipt keys have no slot. The settlement plane has to be given the new file: a \
            log or receipt key before the rotation, beside the old one as log-2.key or receipt-2.key; a settlement key \
            after it, in the place of the old one, at its next start.
            """)
    @Argument(help: "operator, log, receipt or settlement.") var name: VenueKey
    @Option(help: "File of the key in force; without it ROLE.key in the directory that settlement.keys names.") var old:
        String?
    @Option(help: "File of the new key.") var new: String
    @Option(help: "Slot of the new key: operator and settlement.") var newSlot: UInt16?
    @OptionGroup var access: AccessOptions

    func validate() throws {
        guard name.hasSlot == (newSlot != nil) else {
            throw ValidationError(name.hasSlot ? "\(name.rawValue) needs --new-slot" : "\(name.rawValue) has no slot")
        }
    }

    func run() throws {
        try access.apply { (desk) throws(OperatorError) in
            let before: SigningKey, after: SigningKey
            do throws(KeyFileError) {
                before = try KeyFile.load(
                    old ?? VenueKeys.path(name.role, in: desk.settings.settlement.keys), role: name.role
                ).key
                after = try KeyFile.loadDurably(new, role: name.role).key
            } catch { throw .key(error) }
            let message = Prefixes(venue: desk.venue).rotationMessage(
                venueKey: name.purpose.rawValue, newKey: after.publicKey)
            let (oldProof, newProof) = message.withUnsafeBytes { (before.sign($0), after.sign($0)) }
            return (
                .rotateVenueKey(
                    name.purpose, slot: newSlot ?? 0, newKey: after.publicKey, oldProof: oldProof, newProof: newProof),
                [
                    ("role", name.rawValue), ("keySlot", "\(newSlot ?? 0)"), ("oldKey", before.publicKey.hexadecimal),
                    ("newKey", after.publicKey.hexadecimal),
                ]
            )
        }
    }
}

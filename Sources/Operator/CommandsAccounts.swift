import ArgumentParser
import Cryptography
import Genesis
import GlassbookClient
import Platform
import Wire

/// `operator account`.
struct AccountCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account",
        abstract: "Opens an account for the owner of a key.",
        discussion: """
            The owner makes the proof with `keys prove`, offline, for the account number that you name: any from 3 on \
            that is not in use. The owner's key is in slot 0 for ever; trading keys are the owner's to add.
            """)
    @Argument(help: "The file that `keys prove` printed.") var proof: String
    @OptionGroup var access: AccessOptions

    func run() throws {
        try access.apply { (desk) throws(OperatorError) in
            let proof = try read(desk)
            return (
                .createAccount(proof.account, ownerKey: proof.key, proof: proof.proof),
                [("account", "\(proof.account)"), ("keySlot", "0"), ("key", proof.key.hexadecimal)]
            )
        }
    }

    /// Checked here, so that a mistake is not journaled.
    private func read(_ desk: OperatorDesk) throws(OperatorError) -> PossessionProof {
        let bytes: [UInt8]
        do throws(PlatformError) {
            bytes = try File.readPrefix(proof, limit: PossessionProof.byteCountMax + 1)
        } catch { throw .input("\(error)") }
        guard let read = PossessionProof(String(decoding: bytes, as: UTF8.self)) else {
            throw .input("\(proof): expected the line that `keys prove` prints")
        }
        guard read.venue == desk.venue else {
            throw .input("\(proof): is for the venue \(read.venue.hexadecimal), this one is \(desk.venue.hexadecimal)")
        }
        guard read.holds else { throw .input("\(proof): the proof does not hold, or the key is not one to register") }
        return read
    }
}

/// `operator deposit`.
struct DepositCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deposit",
        abstract: "Credits an account with what came from outside.",
        discussion: """
            The reference names the payment outside: 64 hexadecimal digits stand for themselves, any other text for \
            its BLAKE2b-256. A venue credits a reference once, for ever, whatever else the deposit says. So after \
            status 4 or 5 the same line may be run again: either it is applied now, or it is refused with code 68, \
            referenceUsed, which says that this payment was credited before.
            """)
    @Option(help: "The account.") var account: UInt32
    @Option(help: "The asset: its symbol or its number.") var asset: String
    @Option(help: "How much, as a decimal number of whole units: 100.50.") var amount: String?
    @Option(help: "How much, in smallest units.") var units: UInt64?
    @Option(help: "What the payment is called outside; unique.") var reference: String
    @OptionGroup var access: AccessOptions

    func validate() throws {
        guard (amount == nil) != (units == nil) else { throw ValidationError("--amount or --units, one of the two") }
        guard Amount.reference(reference) != nil else { throw ValidationError("--reference is empty") }
    }

    func run() throws {
        try access.apply { (desk) throws(OperatorError) in
            let asset = try desk.asset(self.asset)
            guard let units = units ?? Amount.units(amount ?? "", decimals: asset.decimals) else {
                throw .input(
                    "--amount \(amount ?? ""): expected a decimal number above 0 with at most \(asset.decimals) "
                        + "decimals, below 2^63 smallest units")
            }
            let reference = Amount.reference(self.reference) ?? .zero
            return (
                .deposit(to: account, asset: asset.id, amount: units, reference: Bytes32(reference)),
                [
                    ("account", "\(account)"), ("asset", "\(asset.id)"), ("symbol", asset.symbol),
                    ("units", "\(units)"), ("amount", Amount.text(units, decimals: asset.decimals)),
                    ("reference", reference.hexadecimal),
                ]
            )
        }
    }
}

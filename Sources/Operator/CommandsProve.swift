import ArgumentParser
import Cryptography
import Foundation

/// `keys prove`: what a trader makes for `operator account`.
public struct Prove: ParsableCommand {
    public static let configuration = CommandConfiguration(
        abstract: "Proves possession of an owner key, for the operator who opens the account. Needs no network.",
        discussion: """
            Prints one line with the venue, the account, the public key and its signature: nothing secret. The \
            operator says which account, and gives the file to `operator account`.
            """)
    @Argument(help: "The owner's key file, as `keys make` makes it.") var file: String
    @Option(help: "The account that the key is to own.") var account: UInt32
    @Option(help: "The venue's id, 64 hexadecimal digits.") var venue: String

    public init() {}

    public func validate() throws {
        guard Hash256(hexadecimal: venue) != nil else {
            throw ValidationError("--venue \(venue): expected 64 hexadecimal digits")
        }
    }

    public func run() throws {
        let key: SigningKey
        do throws(KeyFileError) { key = try KeyFile.loadDurably(file, role: .account).key } catch {
            FileHandle.standardError.write(Data("keys: \(error)\n".utf8))
            throw ExitCode(OperatorError.key(error).exitStatus)
        }
        print(PossessionProof(venue: Hash256(hexadecimal: venue) ?? .zero, account: account, key: key))
    }
}

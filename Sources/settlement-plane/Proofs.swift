import ArgumentParser
import Platform
import Program
import Settlement

/// Serves the published files until SIGTERM or SIGINT.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve the published files, and proofs made of them, over HTTP.",
        discussion: "Files as in tlog-tiles, /receipt/N, /proof/N, /record/N and /balance/ACCOUNT/ASSET[/N].")
    @Option(name: .shortAndLong, help: "The configuration file.") var config = "config.toml"

    func run() throws {
        try Main.reporting { () throws(SettlementError) in
            let settings = try SettlementProcess.settings(config)
            let signals = EndSignals()
            let server = try ServingThread(settings, SettlementProcess.logger(settings))
            SettlementProcess.say("ready serve http=\(server.endpoint)")
            signals.wait()
            server.stop()
        }
    }
}

/// Where a proof comes from and goes. Exit status: 0 written, 1 there is none, else as for `run`.
struct ProofFile: ParsableArguments {
    @Option(name: .shortAndLong, help: "The configuration file.") var config = "config.toml"
    @Option(help: "The file.") var output: String

    func write(_ make: (ServedProofs) throws(ProofMissing) -> [UInt8]) throws {
        try Main.reporting { () throws(SettlementError) in
            let settings = try SettlementProcess.settings(config)
            let proofs = ServedProofs(settings, SettlementProcess.logger(settings))
            let bytes: [UInt8]
            do throws(ProofMissing) { bytes = try make(proofs) } catch { SettlementProcess.end(error) }
            do throws(PlatformError) { try File.replace(output, with: bytes) } catch { throw .system(error) }
        }
    }
}

/// Writes proof files without a server.
struct ReceiptFileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "receipt", abstract: "Write the receipt of a record to a file.")
    @Option(help: "The record's sequence.") var sequence: UInt64
    @OptionGroup var file: ProofFile

    func run() throws {
        try file.write { (proofs) throws(ProofMissing) in try proofs.receipt(sequence).encoded }
    }
}

struct RecordFileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record", abstract: "Write a record and the proof that it is in the log (tlog-proof) to a file.")
    @Option(help: "The record's sequence.") var sequence: UInt64
    @OptionGroup var file: ProofFile

    func run() throws {
        try file.write { (proofs) throws(ProofMissing) in try proofs.proof(sequence).bytes }
    }
}

struct BalanceFileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "balance", abstract: "Write a balance proof to a file: of the newest commitment, or --through.")
    @Option(help: "Number of the account.") var account: UInt32
    @Option(help: "The asset: its symbol in config.toml, or its number.") var asset: String
    @Option(help: "After this record: at its commitment, else at the last before.") var through: UInt64?
    @OptionGroup var file: ProofFile

    func run() throws {
        try file.write { (proofs) throws(ProofMissing) in
            let balance = try proofs.balance(account: account, asset: proofs.asset(asset), at: through)
            StandardError.write("settlement-plane: \(balance.place)\n")
            return balance.encoded
        }
    }
}

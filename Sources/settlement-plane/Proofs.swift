import ArgumentParser
import Glibc
import Platform
import Program
import Settlement

/// Serves the published files until SIGTERM or SIGINT.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve the published files, and proofs made of them, over HTTP.",
        discussion: "Files as in tlog-tiles, /receipt/N, /proof/N, /record/N and /balance/ACCOUNT/ASSET.")
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

/// Writes a proof. Exit status: 0 written, 1 there is none, otherwise as for `run`.
private func write(
    _ config: String, _ output: String, _ make: (ServedProofs) throws(ProofMissing) -> [UInt8]
) throws {
    try Main.reporting { () throws(SettlementError) in
        let settings = try SettlementProcess.settings(config)
        let bytes: [UInt8]
        do throws(ProofMissing) { bytes = try make(ServedProofs(settings)) } catch {
            StandardError.write("settlement-plane: \(error)\n")
            exit(1)
        }
        do throws(PlatformError) { try File.replace(output, with: bytes) } catch { throw .system(error) }
    }
}

/// Writes proof files without a server.
struct ReceiptFileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "receipt", abstract: "Write the receipt of a record to a file.")
    @Option(name: .shortAndLong, help: "The configuration file.") var config = "config.toml"
    @Option(help: "The record's sequence.") var sequence: UInt64
    @Option(help: "The file.") var output: String

    func run() throws {
        try write(config, output) { (proofs) throws(ProofMissing) in try proofs.receipt(sequence).encoded }
    }
}

struct RecordFileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record", abstract: "Write a record and the proof that it is in the log (tlog-proof) to a file.")
    @Option(name: .shortAndLong, help: "The configuration file.") var config = "config.toml"
    @Option(help: "The record's sequence.") var sequence: UInt64
    @Option(help: "The file.") var output: String

    func run() throws {
        try write(config, output) { (proofs) throws(ProofMissing) in try proofs.proof(sequence).bytes }
    }
}

struct BalanceFileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "balance", abstract: "Write the proof of an account's balance at the last commitment to a file.")
    @Option(name: .shortAndLong, help: "The configuration file.") var config = "config.toml"
    @Option(help: "The account.") var account: UInt32
    @Option(help: "The asset.") var asset: UInt32
    @Option(help: "The file.") var output: String

    func run() throws {
        try write(config, output) { (proofs) throws(ProofMissing) in
            try proofs.balance(account: account, asset: asset).encoded
        }
    }
}

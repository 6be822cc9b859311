import ArgumentParser
import Program
import Settlement

/// The settlement plane: log, receipts, data availability and history of one venue.
@main
struct Main: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settlement-plane",
        abstract: "Publishes what a venue did so that strangers can check it.",
        subcommands: [Run.self, Serve.self, ReceiptFileCommand.self, RecordFileCommand.self, BalanceFileCommand.self])

    /// Prints what went wrong and ends with its status. All of the subcommands read the journal or published files
    /// through mappings.
    static func reporting(_ body: () throws(SettlementError) -> Void) throws {
        TruncationSignal.handle(
            "settlement-plane: a mapped file lost its end (SIGBUS): the journal was truncated, or the disk failed\n",
            status: 3)
        do throws(SettlementError) { try body() } catch {
            StandardError.write("settlement-plane: \(error)\n")
            throw ExitCode(error.exitStatus)
        }
    }
}

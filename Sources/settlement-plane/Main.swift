import ArgumentParser
import Settlement

/// The settlement plane: log, receipts, data availability and history of one venue.
@main
struct Main: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settlement-plane",
        abstract: "Publishes what a venue did so that strangers can check it.",
        subcommands: [Run.self, Serve.self, ReceiptFileCommand.self, RecordFileCommand.self, BalanceFileCommand.self])

    /// Prints what went wrong and ends with its status.
    static func reporting(_ body: () throws(SettlementError) -> Void) throws {
        do throws(SettlementError) { try body() } catch {
            StandardErrorLog.write("settlement-plane: \(error)\n")
            throw ExitCode(error.exitStatus)
        }
    }
}

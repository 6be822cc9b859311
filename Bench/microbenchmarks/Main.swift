import ArgumentParser

/// What the parts cost, each alone: figures of whole runs, nothing asserted.
@main
struct Microbenchmarks: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "microbenchmarks", abstract: "What the parts of the node cost, each alone.",
        subcommands: [
            VenueBenchmark.self, RecoveryBenchmark.self, PartsBenchmark.self, VerifyBenchmark.self,
            StateBenchmark.self, SettlementBenchmark.self, ReceiptBenchmark.self, MachineBenchmark.self,
        ])
}

import ArgumentParser

/// The settlement plane: log, receipts, data availability and history of one venue.
@main
struct Main: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settlement-plane",
        abstract: "Publishes what a venue did so that strangers can check it.",
        subcommands: [Run.self])
}

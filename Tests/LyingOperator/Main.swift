import ArgumentParser
import LyingVenue

/// An operator who cheats, for demonstrations: shows another price than the one that was traded.
@main
struct LyingOperator: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lying-operator",
        abstract: "Makes a lying copy of what a venue has published, signed with the venue's own keys.")

    @Option(help: "The node's journal directory.")
    var journal: String
    @Option(help: "The directory of the venue's keys.")
    var keys: String
    @Option(help: "The published files.")
    var published: String
    @Option(help: "A directory for `published`, the lying copy.")
    var output: String

    func run() throws {
        let fraud = try PriceFraud(journal: journal, keys: keys, published: published)
        try fraud.write(to: output)
        let (traded, shown) = fraud.priceTicks
        print("record \(fraud.sequence): traded at \(traded) ticks, shown at \(shown); chained and signed again")
    }
}

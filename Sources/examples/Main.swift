import ArgumentParser
import ClientExamples

/// Runs an example of each message against a running node, and prints what was asked and what was answered.
@main
struct Main: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "examples",
        abstract: "Runnable examples of every message of the protocol, against a running node.",
        discussion: """
            Without a name the examples are listed, with what each needs. `nothing` and `account` are for any venue: \
            an order is one lot of instrument 0, bought at 90,000 ticks, and is cancelled again; it trades when the \
            market is there.

            WARNING: a journal has no undo. Examples that use keys of the venue change it for ever: they open accounts \
            with funds that nobody has paid; list-asset and list-instrument list what the configuration does not \
            have, so that the node refuses its next start until the configuration has it; rotate-venue-key replaces \
            the receipt key twice. They run only by their names with --changes-the-venue, or all at once with --all \
            --throwaway-venue, at a venue that is thrown away afterwards.

            Exit status: 0 every answer was the expected one, 1 another answer, or none, 64 command line.
            """
    )

    @Argument(help: "Names of examples; without any they are listed.") var names: [String] = []
    @Flag(help: "Lists the examples.") var list = false
    @Flag(help: "Runs all that need a node only; with --throwaway-venue.") var all = false
    @Flag(help: "Says that the venue is thrown away afterwards.") var throwawayVenue = false
    @Flag(help: "Says that the venue may be changed for ever, by the examples that are named.") var changesTheVenue =
        false
    @Option(help: "Configuration of the node: where it listens, and where its genesis is.") var config = "config.toml"
    @Option(help: "Directory of operator.key and receipt.key.") var keys = "keys"
    @Option(help: "Your account, with funds, for the examples that need one.") var account: UInt32?
    @Option(help: "File of its owner key.") var accountKey: String?
    @Option(help: "TCP port of order entry, when the configuration leaves it to the system.") var port: UInt16?
    @Option(help: "UDP port of the request server, likewise.") var requestPort: UInt16?
    @Option(help: "TCP port of the snapshot server, likewise.") var snapshotPort: UInt16?

    func validate() throws {
        guard all == throwawayVenue else {
            throw ValidationError("everything at once changes a venue beyond use: --all --throwaway-venue, or neither")
        }
        guard !all || names.isEmpty else { throw ValidationError("--all, or names") }
        guard (account == nil) == (accountKey == nil) else {
            throw ValidationError("--account and --account-key belong together")
        }
        for example in try chosen() {
            let refusal = example.refusal(hasAccount: account != nil, mayChange: mayChange)
            if let refusal { throw ValidationError(refusal) }
        }
    }

    func run() throws {
        if list || (names.isEmpty && !all) { return print(Example.list) }
        var own: (UInt32, String)?
        if let account, let accountKey { own = (account, accountKey) }
        let venue = try ExampleVenue(
            config: config, keys: mayChange ? keys : nil, account: own, port: port, requestPort: requestPort,
            snapshotPort: snapshotPort)
        for example in try chosen() {
            print("== \(example.name): \(example.shows)")
            try example.run(venue)
        }
    }

    private var mayChange: Bool { all || changesTheVenue }

    private func chosen() throws -> [Example] { try all ? Example.all : names.map(Self.named) }

    private static func named(_ name: String) throws -> Example {
        guard let example = (Example.all + Example.settled).first(where: { $0.name == name }) else {
            throw ValidationError("no example \(name); --list shows them")
        }
        return example
    }
}

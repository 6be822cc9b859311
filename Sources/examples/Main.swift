import ArgumentParser
import ClientExamples

/// Runs an example of each message against a running node, and prints what was asked and what was answered.
@main
struct Main: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "examples",
        abstract: "Runnable examples of every message of the protocol, against a running node.",
        discussion:
            """
            Without a name all are run that need a node only, one after the other; `receipt` also needs a settlement \
            plane. Exit status: 0 every answer was the expected one.
            """
    )

    @Argument(help: "Names of examples; none = all.") var names: [String] = []
    @Flag(help: "Lists the examples.") var list = false
    @Option(help: "Configuration of the node: where it listens, and where its genesis is.") var config = "config.toml"
    @Option(help: "Directory of operator.key, settlement.key and receipt.key.") var keys = "keys"
    @Option(help: "TCP port of order entry, when the configuration leaves it to the system.") var port: UInt16?
    @Option(help: "UDP port of the request server, likewise.") var requestPort: UInt16?
    @Option(help: "TCP port of the snapshot server, likewise.") var snapshotPort: UInt16?

    func run() throws {
        if list {
            for example in Example.all + Example.settled {
                print("\(example.name.padded(to: 20))\(example.shows)")
            }
            return
        }
        let chosen = try names.isEmpty ? Example.all : names.map(Self.named)
        let venue = try ExampleVenue(
            config: config, keys: keys, port: port, requestPort: requestPort, snapshotPort: snapshotPort)
        for example in chosen {
            print("== \(example.name): \(example.shows)")
            try example.run(venue)
        }
    }

    private static func named(_ name: String) throws -> Example {
        guard let example = (Example.all + Example.settled).first(where: { $0.name == name }) else {
            throw ValidationError("no example \(name); --list shows them")
        }
        return example
    }
}

extension String {
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}

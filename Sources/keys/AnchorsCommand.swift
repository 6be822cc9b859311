import ArgumentParser
import Genesis

struct PrintAnchors: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "anchors",
        abstract: "Prints what an auditor has to know of a venue beforehand: venue id, log key, witnesses, quorum.",
        discussion: """
            Venue id and log key are the founding ones; a log key that was rotated to since is a further line `log`. \
            Publish the file where the venue cannot change it unseen, and give it to `verifier` as --anchors.
            """)
    @Option(name: .shortAndLong, help: "The configuration file.") var config = "config.toml"

    func run() throws {
        let settings = try Main.load(config)
        do throws(GenesisError) { print(try Founding.anchors(settings), terminator: "") } catch {
            throw Main.fail(error)
        }
    }
}

import ArgumentParser
import Genesis
import Proof
import Settings

struct AnchorsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "anchors",
        abstract: "Prints what an auditor has to know of a venue beforehand: venue id, log key, witnesses, quorum.",
        discussion: """
            The venue id is the hash of the founding genesis, the log key stands in it, witnesses and quorum come from \
            [settlement]. Publish the file where the venue cannot change it unseen, and give it to `verifier` as \
            --anchors: everything else that the venue says is checked against it. A verifier that takes its anchors \
            from the directory that it audits proves nothing.
            """)
    @Option(name: .shortAndLong, help: "The configuration file.") var config = "config.toml"

    func run() throws {
        let settings = try Main.load(config)
        do throws(GenesisError) { print(try Self.text(settings), terminator: "") } catch { throw Main.fail(error) }
    }

    private static func text(_ settings: NodeSettings) throws(GenesisError) -> String {
        let venue = try FoundedVenue(settings), settlement = settings.settlement
        let origin = Checkpoint.origin(domain: settlement.domain, venue: venue.id)
        guard let log = VerifierKey(name: origin, kind: .ed25519, key: venue.logKey) else {
            throw .anchors("settlement.domain: \(settlement.domain) cannot begin the name of a key")
        }
        var witnesses: [VerifierKey] = []
        for witness in settlement.witnesses {
            do throws(LogError) { witnesses.append(try VerifierKey(witness.key)) } catch {
                throw .anchors("settlement.witness: \(error)")
            }
        }
        do throws(AnchorsError) {
            return try Anchors(
                venue: venue.id, log: log, witnesses: witnesses, quorum: settlement.witnessQuorum
            ).text
        } catch { throw .anchors("\(error)") }
    }
}

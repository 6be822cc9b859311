import ArgumentParser
import Cryptography
import Foundation
import Genesis
import Settings

/// `keys anchors`: what an auditor is told beforehand.
public struct PrintAnchors: ParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "anchors",
        abstract: "Prints what an auditor has to know of a venue beforehand: venue id, log keys, witnesses, quorum.",
        discussion: """
            The venue id and the first log key are the founding ones; each log key that the journal says was rotated \
            to is a further line `log`. So print the file again after a rotation, or before it with --next-log-key, so \
            that witnesses have the line when the new key begins to sign. Publish it where the venue cannot change it \
            unseen, and give it to `verifier` as --anchors.
            """)
    @Option(name: .shortAndLong, help: "The configuration file.") var config = "config.toml"
    @Option(help: "Directory of the journal. (default: that of the configuration)") var journal: String?
    @Option(help: "The key file of a log key that is about to be rotated to: its line as well.")
    var nextLogKey: String?

    public init() {}

    public func run() throws {
        do throws(GenesisError) {
            let settings: NodeSettings
            do throws(SettingsError) { settings = try NodeSettings.load(config) } catch { throw .settings(error) }
            var next: PublicKey?
            if let nextLogKey {
                do throws(KeyFileError) { next = try KeyFile.loadDurably(nextLogKey, role: .log).key.publicKey } catch {
                    throw .key(error)
                }
            }
            print(try Founding.anchors(settings, journal: journal, next: next), terminator: "")
        } catch {
            FileHandle.standardError.write(Data("keys: \(error)\n".utf8))
            throw ExitCode(error.exitStatus)
        }
    }
}

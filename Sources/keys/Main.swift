import ArgumentParser
import Cryptography
import Foundation
import Genesis
import Operator
import Settings

/// Keys, and what is signed with them outside the node.
@main
struct Main: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Makes, shows and uses keys; founds a venue and signs its operator's commands.",
        discussion: """
            Exit status: 0 done, 2 configuration, 3 key file, 4 exists already, 5 cannot be changed by a command, \
            6 journal, 8 operating system, 64 command line.
            """,
        subcommands: [Make.self, Show.self, Sign.self, GenesisCommand.self, Apply.self, PrintAnchors.self, Prove.self])

    /// Prints what went wrong and ends with its status.
    static func fail(_ error: GenesisError) -> any Error {
        FileHandle.standardError.write(Data("keys: \(error)\n".utf8))
        return ExitCode(error.exitStatus)
    }

    static func load(_ config: String) throws -> NodeSettings {
        do throws(SettingsError) { return try NodeSettings.load(config) } catch { throw fail(.settings(error)) }
    }

    static func key(_ path: String, role: KeyRole? = nil) throws -> (key: SigningKey, role: KeyRole) {
        do throws(KeyFileError) { return try KeyFile.loadDurably(path, role: role) } catch { throw fail(.key(error)) }
    }
}

extension KeyRole: ExpressibleByArgument {
    public init?(argument: String) { self.init(name: argument) }
    public static var allValueStrings: [String] { allCases.map(\.name) }
    public static var allValueDescriptions: [String: String] { [:] }
}

extension Purpose: ExpressibleByArgument {}

struct Make: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Makes a key in a new file, mode 0600.")
    @Argument(help: "The file; an existing one is never replaced.") var file: String
    @Option(help: "What it is for. (default: account)") var role: KeyRole?

    func run() throws {
        let key = SigningKey(), role = role ?? .account
        do throws(KeyFileError) { try KeyFile.create(file, key: key, role: role) } catch {
            throw Main.fail(.key(error))
        }
        print("\(key.publicKey.hexadecimal)  \(role.name)  \(file)")
    }
}

struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Shows the public half of a key.")
    @Argument(help: "The key file.") var file: String

    func run() throws {
        let (key, role) = try Main.key(file)
        print("role         \(role.name)")
        print("public key   \(key.publicKey.hexadecimal)")
        print("base64       \(key.publicKey.bytes.withUnsafeBytes { Data($0) }.base64EncodedString())")
    }
}

struct Sign: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Signs the bytes of a file, or of standard input, behind the prefix of a purpose.")
    @Argument(help: "The key file.") var file: String
    @Option(help: "What the signature is for.") var purpose: Purpose
    @Option(help: "The venue's id, 64 hexadecimal digits.") var venue: String
    @Option(help: "The file to sign; without it standard input.") var input: String?

    func validate() throws {
        guard Hash256(hexadecimal: venue) != nil else {
            throw ValidationError("--venue \(venue): expected 64 hexadecimal digits")
        }
    }

    func run() throws {
        let read = try input.map(FileManager.default.contents) ?? (FileHandle.standardInput.readToEnd() ?? Data())
        guard let message = read else { throw Main.fail(.unreadable(input ?? "standard input")) }
        let prefix = SigningPrefix.make(purpose, venue: Hash256(hexadecimal: venue)!)
        let signed = prefix.withUnsafeBytes { Data($0) } + message
        let key = try Main.key(file).key
        let signature = signed.withUnsafeBytes { key.sign($0) }
        print(withUnsafeBytes(of: signature) { Hexadecimal.encode($0) })
    }
}

struct GenesisCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "genesis",
        abstract: "Founds the venue of a configuration: its keys, its genesis, its first listings.")
    @Option(name: .shortAndLong, help: "The configuration file.") var config = "config.toml"
    @Option(help: "The four keys, made where missing. (default: [settlement] keys)") var keys: String?

    func run() throws {
        let settings = try Main.load(config), keys = self.keys ?? settings.settlement.keys
        do throws(GenesisError) {
            let venue = try Founding.found(settings, keys: try VenueKeys.loadOrMake(in: keys))
            print("venue     \(venue.id.hexadecimal)")
            print("genesis   \(venue.genesisFile)")
            print("commands  \(venue.commandsFile), \(venue.commands) listings signed by the operator")
            print("keys      \(keys)/operator.key, log.key, receipt.key, settlement.key; the node needs none of them")
        } catch { throw Main.fail(error) }
    }
}

struct Apply: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Signs the commands that make the journal follow the configuration; the next start takes them.")
    @Option(name: .shortAndLong, help: "The configuration file.") var config = "config.toml"
    @Option(help: "The operator's key file. (default: operator.key of [settlement] keys)") var key: String?

    func run() throws {
        let settings = try Main.load(config)
        let operatorKey = try Main.key(key ?? settings.settlement.keys + "/operator.key", role: .operator).key
        do throws(GenesisError) {
            let lines = try Founding.apply(settings, operatorKey: operatorKey)
            if lines.isEmpty { return print("nothing to do: the journal says what the configuration says") }
            for line in lines { print(line) }
            print("\(lines.count) commands signed; start the node again to apply them")
        } catch { throw Main.fail(error) }
    }
}

import ArgumentParser
import Cryptography
import Foundation
import GlassbookClient
import Wire

/// The operator's commands, signed here and sent to a running node.
public struct OperatorTool: ParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "operator",
        abstract: "Opens accounts, credits deposits, halts trading, and shows how node and settlement are.",
        discussion: """
            Each command but status is one signed message to order entry. What was applied is printed as one line of \
            field=value, with the sequence of its journal record. What went wrong is said on standard error.

            Exit status: 0 applied, 1 refused by the venue (code, reason, text), 2 configuration or genesis, 3 key \
            file, 4 nothing was sent, 5 sent but not answered, 6 what was asked for cannot be a command, 64 command \
            line.
            """,
        subcommands: [
            AccountCommand.self, DepositCommand.self, HaltCommand.self, ResumeCommand.self, KillCommand.self,
            LimitsCommand.self, RotateCommand.self, StatusCommand.self,
        ])

    public init() {}
}

/// What all of them take.
struct AccessOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "The configuration file of the node.") var config = "config.toml"
    @Option(help: "The operator's key file. (default: operator.key of [settlement] keys)") var key: String?
    @Option(help: "Owner slot of the operator's key; another one after it was rotated.") var slot: UInt16 = 0
    @Option(help: "PORT or ADDRESS:PORT of order entry, when it is not what the configuration says.")
    var orderEntry: String?
    @Option(help: "The venue's id, where the genesis file is not at hand: 64 hexadecimal digits.") var venue: String?

    func validate() throws {
        if let venue, Hash256(hexadecimal: venue) == nil {
            throw ValidationError("--venue \(venue): expected 64 hexadecimal digits")
        }
    }

    func desk() throws(OperatorError) -> OperatorDesk {
        try OperatorDesk(
            OperatorDesk.Access(
                config: config, key: key, slot: slot, orderEntry: orderEntry,
                venue: venue.flatMap { Hash256(hexadecimal: $0) }))
    }

    /// Sends what `make` makes, and prints its fields and the answer's. Ends with the status of what went wrong.
    func apply(
        _ make: (OperatorDesk) throws(OperatorError) -> (CommandBody, [(name: String, value: String)])
    ) throws {
        do throws(OperatorError) {
            let desk = try desk()
            let (body, fields) = try make(desk)
            let reply = try desk.apply(body)
            let answer = [
                ("sequence", "\(reply.number.sequence)"), ("durability", "\(reply.durability)"),
                ("time", "\(reply.time)"),
            ]
            print((fields + answer).map { "\($0.0)=\($0.1)" }.joined(separator: " "))
        } catch {
            FileHandle.standardError.write(Data("operator: \(error)\n".utf8))
            throw ExitCode(error.exitStatus)
        }
    }
}

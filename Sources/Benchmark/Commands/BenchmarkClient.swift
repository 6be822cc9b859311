import ArgumentParser

/// Measures a node from outside, over the protocols that everyone uses.
public struct BenchmarkClient: ParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "benchmark-client", abstract: "Measures a node from outside, beside what the machine can do.",
        subcommands: [DemoCommand.self, Floor.self, Latency.self, Replay.self, Throughput.self])

    public init() {}
}

/// Which node, and how loud.
struct TargetOptions: ParsableArguments {
    @Option(help: "Configuration file of a running node to attach to. Without it the client starts a node of its own.")
    var config: String?

    @Option(help: "With --config: directory of the venue's keys; the operator's opens accounts and credits deposits.")
    var keys: String?

    @Option(help: "With --config: the port of order entry, when the configuration says 0.") var orderEntry: UInt16?
    @Option(help: "With --config: the port of the request server, when the configuration says 0.") var request: UInt16?
    @Option(help: "With --config: the port of the snapshot server, when the configuration says 0.")
    var snapshot: UInt16?

    @Option(help: "Core of the node's hot thread.")
    var nodeCore: UInt32 = 0

    @Option(help: "Core of the client.")
    var clientCore: UInt32 = 1

    @Flag(name: .shortAndLong, help: "No progress on standard error.")
    var quiet = false

    var progress: ProgressLog { ProgressLog(isVerbose: !quiet) }

    func target(_ profile: VenueProfile = VenueProfile()) throws -> Target {
        guard let config else {
            var profile = profile
            (profile.nodeCore, profile.clientCore) = (Int(nodeCore), Int(clientCore))
            return .own(profile)
        }
        guard let keys else { throw ValidationError("--config needs --keys, the directory that `keys genesis` made") }
        return .running(
            configuration: config, operatorKey: keys + "/operator.key",
            ports: NodePorts(orderEntry: orderEntry, request: request, snapshot: snapshot))
    }
}

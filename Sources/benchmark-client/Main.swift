import ArgumentParser
import Benchmark
import Foundation

/// Measures a node from outside, over the protocols that everyone uses.
@main
struct BenchmarkClient: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmark-client", abstract: "Measures a node from outside, beside what the machine can do.",
        subcommands: [DemoCommand.self, Floor.self, Latency.self, Replay.self, Throughput.self])
}

/// Which node, and how loud.
struct TargetOptions: ParsableArguments {
    @Option(help: "Configuration file of a running node to attach to. Without it the client starts a node of its own.")
    var config: String?

    @Option(help: "With --config: the file of the operator's key, which opens accounts and credits deposits.")
    var operatorKey: String?

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
        guard let operatorKey else { throw ValidationError("--config needs --operator-key") }
        return .running(configuration: config, operatorKey: operatorKey)
    }
}

struct Floor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The bare echo: TCP in, one signature check, multicast out.",
        discussion: "Exit status: 0, or 1 when the machine is too busy for the figures to mean anything.")
    @OptionGroup var options: TargetOptions
    @Option(help: "Orders to send.") var orders = 20_000
    @Option(help: "Orders a second; 0 = one at a time.") var rate: UInt64 = 0

    func run() throws {
        var floor = FloorBenchmark()
        (floor.orders, floor.serverCore, floor.clientCore) = (orders, options.nodeCore, options.clientCore)
        let result = try floor.run(rate == 0 ? .oneAtATime : .perSecond(rate), options.progress)
        print(result.table())
        if !result.isValid { throw ExitCode(1) }
    }
}

struct Latency: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Signed orders that cross, on a schedule: from the intended send time to the fill and to the reply.",
        discussion: "Exit status: 0, or 1 when the floor is void.")
    @OptionGroup var options: TargetOptions
    @Option(help: "Orders to measure.") var orders = 20_000
    @Option(help: "Orders a second, evenly spaced; 0 = one at a time.") var rate: UInt64 = 0
    @Option(help: "Write OUTPUT.hgrm, OUTPUT-reply.hgrm, OUTPUT-floor.hgrm and OUTPUT.svg.") var output: String?
    @Flag(help: "Print the figures as JSON.") var json = false

    func run() throws {
        var latency = LatencyBenchmark()
        (latency.orders, latency.nodeCore, latency.clientCore) = (orders, options.nodeCore, options.clientCore)
        let pace: Pace = rate == 0 ? .oneAtATime : .perSecond(rate)
        let result = try latency.run(pace, options.target(), options.progress)
        print(json ? result.json() : result.table())
        if let output { try result.write(output) }
        if !json { print(result.floor.verdict) }
        if !result.floor.isValid { throw ExitCode(1) }
    }
}

struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Users, deposits, trading clients with signed orders, the feed's books, latency beside the floor.",
        discussion: "Exit status: 0 all holds, 1 something is wrong.")
    @OptionGroup var options: TargetOptions
    @Option(help: "Trading clients, a session and a thread each.") var clients = 4
    @Option(help: "Commands of all clients together.") var commands = 20_000
    @Option(help: "Orders whose latency is measured; 0 = none.") var latencyOrders = 10_000

    func run() throws {
        var demo = Demo()
        (demo.clients, demo.commands, demo.latencyOrders) = (clients, commands, latencyOrders)
        (demo.nodeCore, demo.clientCore) = (options.nodeCore, options.clientCore)
        var profile = VenueProfile()
        profile.instruments = 3
        let result = try demo.run(options.target(profile), options.progress)
        for line in result.lines { print(line) }
        print(result.holds ? "demo: all holds" : "demo: WRONG")
        if !result.holds { throw ExitCode(1) }
    }
}

struct Replay: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "A neutral workload (LOBW) through a whole node, compared with FILE.expect.",
        discussion: "Exit status: 0 as expected, 1 not.")
    @OptionGroup var options: TargetOptions
    @Argument(help: "The workload, FILE.lobw; FILE.lobw.expect beside it.") var file: String
    @Option(help: "Commands that are sent; without it all. With fewer nothing is compared.") var commands: Int?
    @Option(help: "Entries of a batch at most, 1 to 128.") var batch = 64

    func validate() throws {
        guard (1...128).contains(batch) else { throw ValidationError("--batch \(batch): expected 1 to 128") }
        guard options.config == nil else {
            throw ValidationError("a replay needs a venue of its own, without --config")
        }
    }

    func run() throws {
        var replay = ReplayBenchmark()
        (replay.batchMax, replay.commandsMax, replay.clientCore) = (batch, commands, options.clientCore)
        var profile = VenueProfile()
        (profile.nodeCore, profile.clientCore) = (Int(options.nodeCore), Int(options.clientCore))
        let result = try replay.run(file, profile, options.progress)
        print("\(result.commands) commands in \(result.milliseconds) ms")
        print("got    \(result.line)")
        print("expect \(result.expectation ?? "nothing to compare with")")
        print(result.matches ? (result.expectation == nil ? "replay: not compared" : "replay: OK") : "replay: MISMATCH")
        if !result.matches { throw ExitCode(1) }
    }
}

struct Throughput: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The highest rate held: 99.9 % answered within 10 ms, for single orders and for batches.",
        discussion: "Exit status: 0, or 1 when no rate was held.")
    @OptionGroup var options: TargetOptions
    @Option(help: "Orders of a frame, 1 to 128; repeat for several.") var batch: [Int] = [1, 16, 64, 128]
    @Option(help: "Length of the run that confirms, seconds.") var seconds = 10.0
    @Option(help: "Orders that rest before batches are measured.") var depth = 100_000
    @Flag(help: "Print the figures as JSON, a list.") var json = false

    func validate() throws {
        for size in batch where !(1...128).contains(size) {
            throw ValidationError("--batch \(size): expected 1 to 128")
        }
    }

    func run() throws {
        var results: [ThroughputBenchmark.Result] = []
        for size in batch {
            var benchmark = ThroughputBenchmark()
            (benchmark.batch, benchmark.seconds, benchmark.depth) = (size, seconds, depth)
            (benchmark.nodeCore, benchmark.clientCore) = (options.nodeCore, options.clientCore)
            var profile = VenueProfile()
            profile.instruments = size == 1 ? 1 : 100
            let result = try benchmark.run(options.target(profile), options.progress)
            if !json { print(result.line) }
            results.append(result)
        }
        if json { print("[" + results.map(\.json).joined(separator: ", ") + "]") }
        if results.contains(where: { $0.ordersPerSecond == 0 }) { throw ExitCode(1) }
    }
}

import ArgumentParser

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
        abstract: "The highest rate at which the node never falls behind, for single orders and for batches.",
        discussion: "Exit status: 0, or 1 when no rate was held.")
    @OptionGroup var options: TargetOptions
    @Option(help: "Orders of a frame, 1 to 128; repeat for several.") var batch: [Int] = [1, 16, 64, 128]
    @Option(help: "Length of the run that confirms, seconds.") var seconds = 10.0
    @Option(help: "Orders that rest before batches are measured.") var depth = 100_000
    @Flag(help: "Print the figures as JSON, one object a line.") var json = false

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
        if json { for result in results { print(result.json) } }
        if results.contains(where: { $0.ordersPerSecond == 0 }) { throw ExitCode(1) }
    }
}

import ArgumentParser

struct Floor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The bare echo: TCP in, one signature check, multicast out.",
        discussion: "Exit status: 0, or 1 when the machine is too busy for the figures to mean anything.")
    @OptionGroup var options: TargetOptions
    @Option(help: "Orders to send.") var orders = 20_000
    @Option(help: "Orders a second; 0 = one at a time.") var rate: UInt64 = 0
    @Option(help: "Write the result to this file, for --floor of latency and demo.") var save: String?

    func run() throws {
        var floor = FloorBenchmark()
        (floor.orders, floor.serverCore, floor.clientCore) = (orders, options.nodeCore, options.clientCore)
        let result = try floor.run(rate == 0 ? .oneAtATime : .perSecond(rate), options.progress)
        print(result.table())
        if let save { try result.save(save) }
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
    @Option(help: "A floor that `floor --save` wrote: needed beside a running node that spins.") var floor: String?

    func run() throws {
        var latency = LatencyBenchmark()
        (latency.orders, latency.nodeCore, latency.clientCore) = (orders, options.nodeCore, options.clientCore)
        let pace: Pace = rate == 0 ? .oneAtATime : .perSecond(rate)
        if let floor { latency.floor = try FloorResult.load(floor) }
        let result = try latency.run(pace, options.target(), options.progress)
        print(json ? result.json() : result.table())
        if let output { try result.write(output) }
        if !json { print(result.floor.verdict) }
        if !result.floor.isValid { throw ExitCode(1) }
    }
}

import ArgumentParser

struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Users, deposits, trading clients with signed orders, the feed's books, latency beside the floor.",
        discussion: "Exit status: 0 all holds, 1 something is wrong.")
    @OptionGroup var options: TargetOptions
    @Option(help: "Trading clients, a session and a thread each.") var clients = 4
    @Option(help: "Commands of all clients together.") var commands = 20_000
    @Option(help: "Orders whose latency is measured; 0 = none.") var latencyOrders = 10_000

    @Option(help: "A floor that `floor --save` wrote: needed beside a running node that spins.") var floor: String?

    func validate() throws {
        guard clients > 0, commands > 0 else {
            throw ValidationError("--clients and --commands from 1: where nothing is traded nothing holds")
        }
        guard latencyOrders >= 0 else { throw ValidationError("--latency-orders from 0") }
    }

    func run() throws {
        var demo = Demo()
        (demo.clients, demo.commands, demo.latencyOrders) = (clients, commands, latencyOrders)
        (demo.nodeCore, demo.clientCore) = (options.nodeCore, options.clientCore)
        if let floor { demo.floor = try FloorResult.load(floor) }
        var profile = VenueProfile()
        profile.instruments = 3
        let result = try demo.run(options.target(profile), options.progress)
        for line in result.lines { print(line) }
        print(result.holds ? "clients: all holds" : "clients: WRONG")
        if !result.holds { throw ExitCode(1) }
    }
}

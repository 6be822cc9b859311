import Platform

/// The log as a follower.
struct LogFollower: Follower {
    static let name = "log"
    private let core: LogCore

    init(_ context: FollowerContext) throws { core = try LogCore(context) }

    mutating func run(until stop: StopFlag) throws { try core.run(until: stop) }
}

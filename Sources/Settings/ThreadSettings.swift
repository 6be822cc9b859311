/// A stage of the node, or the work beside it, that has to run on some thread.
public enum AgentName: String, CaseIterable, Sendable {
    /// Owns the TCP sockets: accepts, receives, frames, sends replies.
    case orderEntry = "order-entry"
    /// Checks signatures. May be on several threads: that many verifiers.
    case verify
    /// Numbers the commands, applies them and writes the journal.
    case sequence
    /// Multicasts, and hands the replies of committed records to order entry.
    case publish
    /// Request server, snapshot server, resume, journal helper: everything that may wait for a disk.
    case services
}

/// What a thread does when none of its agents had work.
public enum IdleStrategy: String, CaseIterable, Sendable {
    /// Looks again at once: lowest latency, a whole core.
    case spin
    /// Lets other threads of the core run in between.
    case yield
    /// Sleeps in the kernel until something arrives: tens of microseconds more, no power when quiet.
    case park
}

/// One thread of the node and what runs on it.
public struct ThreadSettings: Equatable, Sendable {
    /// Name, for the operating system and the counters; up to 15 bytes.
    public var name: String
    /// The core that the thread is pinned to; nil leaves it to the operating system.
    public var core: Int?
    /// The agents in the order in which they run.
    public var agents: [AgentName]
    /// What the thread does without work.
    public var idle: IdleStrategy

    public init(name: String, core: Int?, agents: [AgentName], idle: IdleStrategy) {
        self.name = name
        self.core = core
        self.agents = agents
        self.idle = idle
    }

    static let keys = ["name", "core", "agents", "idle"]

    init(_ reader: TableReader) throws(SettingsError) {
        name = try reader.string("name", "a name of 1 to 15 letters, digits or hyphens") {
            (1...15).contains($0.utf8.count) && $0.utf8.allSatisfy(ThreadSettings.isNameCharacter)
        }
        core = try CoreNumber.read(reader, "core")
        let words = TableReader.words(AgentName.self)
        var agents: [AgentName] = []
        for (key, value) in try reader.list("agents", "a list of agents, each \(words)") {
            guard case .string(let word) = value else {
                throw .wrongType(key: key, expected: words, found: value.typeName)
            }
            guard let agent = AgentName(rawValue: word) else {
                throw .invalid(key: key, expected: words, found: "\"\(word)\"")
            }
            agents.append(agent)
        }
        guard !agents.isEmpty else {
            throw .invalid(key: reader.name("agents"), expected: "at least one agent", found: "[]")
        }
        self.agents = agents
        idle = try reader.word("idle")
    }

    private static func isNameCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

/// A core in the configuration, where -1 stands for none.
enum CoreNumber {
    static let max = 1023

    static func read(_ reader: TableReader, _ key: String) throws(SettingsError) -> Int? {
        let number = try reader.integer(key, -1...max, "core number, -1 = not pinned")
        return number < 0 ? nil : number
    }
}

extension [ThreadSettings] {
    /// Checks that every agent runs, once, and that no thread is starved by another.
    func validate(key: String) throws(SettingsError) {
        for agent in AgentName.allCases {
            let count = self.count { $0.agents.contains(agent) }
            if agent == .verify ? count >= 1 : count == 1 { continue }
            let expected = agent == .verify ? "at least one thread" : "exactly one thread"
            throw .inconsistent(
                key: key, reason: "agent \"\(agent.rawValue)\" is on \(count) threads, needs \(expected)")
        }
        var names: Set<String> = []
        for (index, thread) in enumerated() {
            let name = "\(key)[\(index)]"
            guard names.insert(thread.name).inserted else {
                throw .inconsistent(key: "\(name).name", reason: "\"\(thread.name)\" is the name of two threads")
            }
            guard Set(thread.agents).count == thread.agents.count else {
                throw .inconsistent(key: "\(name).agents", reason: "names an agent twice")
            }
            // Services wait for disks and for readers; what shares their thread waits with them.
            guard !thread.agents.contains(.services) || thread.agents.count == 1 else {
                throw .inconsistent(
                    key: "\(name).agents", reason: "\"services\" may block and needs a thread of its own")
            }
            guard let core = thread.core, thread.idle == .spin else { continue }
            for (other, neighbour) in enumerated() where other != index && neighbour.core == core {
                throw .inconsistent(
                    key: "\(key)[\(other)].core",
                    reason: "core \(core) belongs to thread \"\(thread.name)\", which spins and gives nothing up")
            }
        }
    }
}

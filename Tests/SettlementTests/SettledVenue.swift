import Cryptography
import Foundation
import Genesis
import Glibc
import GlassbookClient
import Journal
import Platform
import Proof
import Settings
import Wire

/// A venue in a directory of its own, with its node and its settlement plane as processes. The directory goes with it.
final class SettledVenue {
    let directory: String
    private(set) var settings: NodeSettings
    let keys: VenueKeys
    let id: Hash256
    private(set) var node: RunningProcess?
    private(set) var plane: RunningProcess?
    private let isMounted: Bool
    private var logs = 0
    private var nextAccount = WellKnownAccount.firstCreated

    /// - Parameters:
    ///   - changing: keys of the shipped configuration and their values; `table.key` where several tables have it.
    ///   - tables: text that takes the place of `witness = []`.
    ///   - mountedBytes: a file system of that size for the directory of what is published; needs root.
    ///   - isInMemory: where no disk is waited for, when there is such a place.
    init(
        _ changing: [(String, String)] = [], witnesses: String? = nil, mountedBytes: Int? = nil,
        isInMemory: Bool = false
    ) throws {
        let memory = "/dev/shm"
        let parent =
            isInMemory && FileManager.default.isWritableFile(atPath: memory)
            ? memory : FileManager.default.temporaryDirectory.path
        directory = parent + "/glassbook-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory + "/published", withIntermediateDirectories: true)
        isMounted = mountedBytes != nil
        if let mountedBytes, mount("tmpfs", directory + "/published", "tmpfs", 0, "size=\(mountedBytes)") != 0 {
            throw RunningProcess.Failure("mount: errno \(errno)")
        }
        try Self.configuration(directory, changing, witnesses).write(
            toFile: directory + "/config.toml", atomically: true, encoding: .utf8)
        settings = try NodeSettings.load(directory + "/config.toml")
        keys = try VenueKeys.loadOrMake(in: directory + "/keys")
        id = try Founding.found(settings, keys: keys).id
    }

    deinit {
        node?.killNow()
        plane?.killNow()
        if isMounted { umount2(directory + "/published", Int32(MNT_DETACH)) }
        try? FileManager.default.removeItem(atPath: directory)
    }

    var published: String { settings.settlement.published }
    var state: String { settings.settlementDirectory }
    var origin: String { Checkpoint.origin(domain: settings.settlement.domain, venue: id) }
    var logVerifier: VerifierKey { VerifierKey(name: origin, kind: .ed25519, key: keys.logKey.publicKey)! }

    /// Rewrites the configuration.
    func configure(_ changing: [(String, String)], witnesses: String? = nil) throws {
        try Self.configuration(directory, changing, witnesses).write(
            toFile: directory + "/config.toml", atomically: true, encoding: .utf8)
        settings = try NodeSettings.load(directory + "/config.toml")
    }

    /// Changes the size of the file system of what is published.
    func remount(bytes: Int) throws {
        let remountFlag: UInt = 32
        guard mount("tmpfs", directory + "/published", "tmpfs", remountFlag, "size=\(bytes)") == 0 else {
            throw RunningProcess.Failure("remount: errno \(errno)")
        }
    }

    private func logFile(_ name: String) -> String {
        logs += 1
        return "\(directory)/\(name).\(logs).log"
    }

    // MARK: Processes

    @discardableResult
    func startNode(tracer: [String] = []) throws -> RunningProcess {
        let node = try RunningProcess(
            "execution-plane", ["--config", directory + "/config.toml"], errors: logFile("node"), tracer: tracer)
        self.node = node
        try node.waitUntilReady()
        return node
    }

    /// Ends the node in order.
    func stopNode() throws {
        guard let status = node?.stop(), status == 0 else {
            throw RunningProcess.Failure("node: \(node?.errorText ?? "none")")
        }
        node = nil
    }

    @discardableResult
    func startPlane(tracer: [String] = [], isServing: Bool = false) throws -> RunningProcess {
        var arguments = ["run", "--config", directory + "/config.toml"] + (isServing ? [] : ["--no-serve"])
        if let port = node?.value("order-entry") { arguments += ["--order-entry", port] }
        let plane = try RunningProcess("settlement-plane", arguments, errors: logFile("plane"), tracer: tracer)
        self.plane = plane
        return plane
    }

    /// Ends the settlement plane in order.
    func stopPlane() throws {
        guard let plane else { return }
        let status = plane.stop()
        self.plane = nil
        guard status == 0 else { throw RunningProcess.Failure("status \(status): \(plane.errorText)") }
    }

    // MARK: Trading

    /// A session of the operator and an account with funds, and orders of it that rest and are cancelled: `count`
    /// records at least.
    ///
    /// - Parameter refusing: for which of them more is asked than the account has: their records change no balance.
    func trade(_ count: Int, refusing: (Int) -> Bool = { _ in false }) throws {
        let boss = Signer(account: WellKnownAccount.venueOperator, key: keys.operatorKey, venue: id)
        let key = SigningKey()
        let account = nextAccount
        nextAccount += 1
        let endpoint = IPv4Endpoint(.loopback, port: UInt16(node!.value("order-entry")!)!)
        let office = try open(endpoint, boss)
        let proof = boss.prefixes.signPossession(account: account, key: key)
        try accept(office, .createAccount(account, ownerKey: key.publicKey, proof: proof), boss)
        for asset in 0..<2 as Range<UInt32> {
            let reference = Bytes32(SecureRandom.hash256())
            try accept(office, .deposit(to: account, asset: asset, amount: 1 << 40, reference: reference), boss)
        }
        _ = try office.terminate(timeoutMilliseconds: 120_000)
        let trader = Signer(account: account, key: key, venue: id)
        let session = try open(endpoint, trader)
        for number in 0..<max(count - 3, 0) {
            let side: Side = number % 3 == 0 ? .buy : .sell
            let quantity: UInt32 = refusing(number) ? 1 << 30 : 2
            let order = NewOrder.limit(
                side, quantity, at: side == .buy ? 99_000 : 101_000, instrument: 0, clientOrderId: UInt64(number + 1))
            try session.send(.newOrder(order), by: trader)
            switch try session.receiveReply(timeoutMilliseconds: 120_000)?.body {
            case .orderAccepted where !refusing(number), .commandRejected where refusing(number): break
            case let other: throw RunningProcess.Failure("order \(number): \(String(describing: other))")
            }
        }
        _ = try session.terminate(timeoutMilliseconds: 120_000)
    }

    /// Trades while the settlement plane stands still, and lets it go on when all of that is durable: it reads it at
    /// once, and makes one checkpoint, one commitment and at most one snapshot of it, however slow the machine is.
    func tradeAtOnce(_ count: Int) throws {
        guard let plane else { throw RunningProcess.Failure("no settlement plane runs") }
        kill(plane.identifier, SIGSTOP)
        defer { kill(plane.identifier, SIGCONT) }
        try trade(count)
        let last = UInt64(try PublishedLog(self).leaves.count)
        try waitUntil("durable records") {
            let reader = try TailReader.open(directory: settings.journalDirectory)
            return try reader.durableSequence() >= last
        }
    }

    /// Replaces the key of the log, by the operator.
    func rotateLogKey(from old: SigningKey, to new: SigningKey) throws {
        let boss = Signer(account: WellKnownAccount.venueOperator, key: keys.operatorKey, venue: id)
        let message = boss.prefixes.rotationMessage(venueKey: VenueKeyPurpose.log.rawValue, newKey: new.publicKey)
        let (oldProof, newProof) = message.withUnsafeBytes { (old.sign($0), new.sign($0)) }
        let endpoint = IPv4Endpoint(.loopback, port: UInt16(node!.value("order-entry")!)!)
        let office = try open(endpoint, boss)
        try accept(
            office,
            .rotateVenueKey(.log, slot: 0, newKey: new.publicKey, oldProof: oldProof, newProof: newProof), boss)
        _ = try office.terminate(timeoutMilliseconds: 120_000)
    }

    /// A session that waits for the node as long as a busy machine may stop it.
    private func open(_ endpoint: IPv4Endpoint, _ signer: Signer) throws -> Session {
        var options = SessionOptions()
        options.timeoutMilliseconds = 120_000
        return try Session.open(endpoint, [signer], options: options)
    }

    private func accept(_ session: Session, _ body: CommandBody, _ signer: Signer) throws {
        try session.send(body, by: signer)
        while let reply = try session.receiveReply(timeoutMilliseconds: 120_000) {
            if case .commandAccepted = reply.body { return }
            if case .commandRejected = reply.body { break }
        }
        throw RunningProcess.Failure("\(body) was not accepted")
    }

    // MARK: Configuration

    private static func configuration(
        _ directory: String, _ changing: [(String, String)], _ witnesses: String?
    ) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        var text = try String(contentsOf: root.appendingPathComponent("config.toml"), encoding: .utf8)
        // Other than those of the tests that receive the feed.
        let multicastPort = 12_000 + abs(directory.hashValue) % 8_000
        for (key, value) in changing { text = try set(text, key, value) }
        let changed = Set(changing.map(\.0))
        let defaults = [
            ("data", "\"\(directory)/run\""), ("io_worker_cores", "[]"), ("core", "-1"), ("idle", "\"park\""),
            ("order_entry.port", "0"), ("market_data.port", "\(multicastPort)"), ("request_port", "0"),
            ("snapshot_port", "0"), ("segment_bytes", "4_194_304"), ("populate_ahead_bytes", "1_048_576"),
            ("order_entry.sessions_max", "64"), ("remembered_keys_max", "256"), ("accounts_max", "256"),
            ("orders_max", "65_536"), ("references_max", "4_096"), ("slots", "256"), ("published", "\"published\""),
            ("settlement.availability.directory", "\"da\""), ("history", "false"), ("serve_port", "0"),
            ("checkpoint_interval_ms", "100"), ("batch_ms", "100"), ("snapshots_kept", "2"),
            // On a busy machine a test may not run for seconds.
            ("negotiate_timeout_ms", "120_000"), ("frame_timeout_ms", "120_000"),
            ("order_entry.heartbeat_ms", "60_000"),
        ]
        for (key, value) in defaults where !changed.contains(key) { text = try set(text, key, value) }
        if let witnesses {
            text = text.replacingOccurrences(of: "\nwitness = []\n", with: "\n")
                .replacingOccurrences(
                    of: "[settlement.availability]\n", with: witnesses + "\n[settlement.availability]\n")
        }
        return text
    }

    /// Gives a key another value, wherever it stands, or in one table.
    private static func set(_ text: String, _ key: String, _ value: String) throws -> String {
        let dot = key.lastIndex(of: ".")
        let table = dot.map { "[\(key[..<$0])]" }
        let name = dot.map { String(key[key.index(after: $0)...]) } ?? key
        var isInTable = table == nil
        var count = 0
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            if line.hasPrefix("["), let table { isInTable = line == table }
            guard isInTable, line.hasPrefix("\(name) = ") else { return String(line) }
            count += 1
            return "\(name) = \(value)"
        }
        guard count >= 1 else { throw RunningProcess.Failure("the configuration has no key \(key)") }
        return lines.joined(separator: "\n")
    }
}

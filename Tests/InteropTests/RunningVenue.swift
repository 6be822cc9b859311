import Cryptography
import Foundation
import Glibc
import GlassbookClient
import Platform
import Settings
import Wire

/// A venue as its operator makes it: configuration, `keys genesis`, `execution-plane`. Ends with the object.
final class RunningVenue {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let directory: String
    let settings: NodeSettings
    let addresses: FeedAddresses
    let orderEntry: IPv4Endpoint
    let venue: Hash256
    let operatorKey: SigningKey
    /// Receives the feed from before the first message on, in its buffer.
    let tap: Descriptor
    private let process = Process()
    private var errorFile: String { directory + "/node.log" }

    /// Founds a venue in a directory of its own and starts its node.
    init() throws {
        directory = FileManager.default.temporaryDirectory.path + "/glassbook-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let configuration = directory + "/config.toml", keys = directory + "/keys"
        try Self.configuration(directory).write(toFile: configuration, atomically: true, encoding: .utf8)
        settings = try NodeSettings.load(configuration)
        _ = try Tools.run(Tools.executable("keys"), ["genesis", "--config", configuration, "--keys", keys])
        operatorKey = try KeyFile.load(keys + "/operator.key").key

        tap = try Sockets.multicastReceiver(
            group: IPv4Endpoint(IPv4Address(settings.marketData.group)!, port: settings.marketData.port),
            interface: .loopback, receiveBufferBytes: 16 << 20)
        let output = Pipe()
        _ = FileManager.default.createFile(atPath: directory + "/node.log", contents: nil)
        process.executableURL = Tools.executable("execution-plane")
        process.arguments = ["--config", configuration]
        process.standardOutput = output
        process.standardError = FileHandle(forWritingAtPath: directory + "/node.log")
        try process.run()
        var words: [String: String] = [:]
        for word in try Self.firstLine(output.fileHandleForReading).split(separator: " ").dropFirst() {
            let parts = word.split(separator: "=").map(String.init)
            words[parts[0]] = parts[1]
        }
        guard let port = words["order-entry"].flatMap(UInt16.init), let request = words["request"].flatMap(UInt16.init),
            let snapshot = words["snapshot"].flatMap(UInt16.init), let id = words["venue"]
        else {
            throw Failure(description: (try? String(contentsOfFile: directory + "/node.log", encoding: .utf8)) ?? "")
        }
        orderEntry = IPv4Endpoint(.loopback, port: port)
        venue = Hash256(hexadecimal: id)!
        addresses = FeedAddresses(
            group: IPv4Endpoint(IPv4Address(settings.marketData.group)!, port: settings.marketData.port),
            interface: .loopback, requestServer: IPv4Endpoint(.loopback, port: request),
            snapshotServer: IPv4Endpoint(.loopback, port: snapshot))
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Ends it in order. Returns its exit status.
    func stop() -> Int32 {
        kill(process.processIdentifier, SIGTERM)
        process.waitUntilExit()
        return process.terminationStatus
    }

    func signer(_ account: UInt32, _ key: SigningKey) -> Signer { Signer(account: account, key: key, venue: venue) }

    /// The shipped configuration with small capacities, free ports, and no thread pinned or spinning.
    private static func configuration(_ directory: String) throws -> String {
        let values = [
            "data": "\"\(directory)\"", "io_worker_cores": "[]", "core": "-1", "idle": "\"park\"",
            "request_port": "0", "snapshot_port": "0", "segment_bytes": "4_194_304",
            "populate_ahead_bytes": "1_048_576", "sessions_max": "16", "remembered_keys_max": "256",
            "accounts_max": "64", "orders_max": "16_384", "open_orders_max": "16_384", "references_max": "1_024",
            "slots": "256", "level": "\"warning\"", "snapshot_sessions_max": "4", "heartbeat_ms": "250",
            "negotiate_timeout_ms": "120_000", "frame_timeout_ms": "120_000",
        ]
        var table = ""
        let text = try String(contentsOf: Tools.root.appending(path: "config.toml"), encoding: .utf8)
        return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            if line.hasPrefix("[") { table = String(line) }
            guard let equals = line.range(of: " = "), !line.hasPrefix("#") else { return String(line) }
            let key = String(line[..<equals.lowerBound])
            switch (table, key) {
            // On a busy machine a test may not run for seconds.
            case ("[order_entry]", "heartbeat_ms"): return "heartbeat_ms = 60_000"
            case ("[order_entry]", "port"): return "port = 0"
            // Below those that the system gives away, and that tshark takes for a traceroute's, 33434 on; other than
            // those of the system tests.
            case ("[market_data]", "port"): return "port = \(26_000 + abs(directory.hashValue) % 6_000)"
            default: return values[key].map { "\(key) = \($0)" } ?? String(line)
            }
        }.joined(separator: "\n")
    }

    private static func firstLine(_ handle: FileHandle) throws -> String {
        var line: [UInt8] = []
        while let byte = try handle.read(upToCount: 1)?.first {
            if byte == UInt8(ascii: "\n") { break }
            line.append(byte)
        }
        return String(decoding: line, as: UTF8.self)
    }
}

/// A capture of one venue's feed on `lo`, by dumpcap; needs root or CAP_NET_RAW.
///
/// It comes through a pipe, so that what was captured last is awaited, not hoped for; what the pipe does not hold waits
/// in the capture's own buffer.
final class LoopbackCapture {
    private let process = Process()
    private let output = Pipe()
    private let running: RunningVenue
    private var bytes = Data()

    /// Starts it and waits for its first packet: the venue is idle, a heartbeat comes. Nil when it may not capture.
    init?(of running: RunningVenue) throws {
        self.running = running
        let feed = running.addresses
        let filter =
            "udp port \(feed.group.port) or udp port \(feed.requestServer.port) or tcp port \(feed.snapshotServer.port)"
        process.executableURL = try Tools.dumpcap()
        process.arguments = ["-q", "-i", "lo", "-B", "64", "-f", filter, "-w", "-"]
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try runUnblocked()
        let session = Data("GLAS000001".utf8)
        while bytes.range(of: session) == nil { if try !readOn() { return nil } }
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    /// Threads of a test's pool block signals, and a process inherits that: it could not be told to end.
    private func runUnblocked() throws {
        var signals = sigset_t(), before = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_UNBLOCK, &signals, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try process.run()
    }

    /// False when it has ended.
    private func readOn() throws -> Bool {
        let more = output.fileHandleForReading.availableData
        bytes += more
        return !more.isEmpty
    }

    /// Ends it when everything up to now has been captured: the last packet is a request for a session that there is
    /// not, which gets no answer. Returns the capture.
    func stop() throws -> URL {
        let socket = try Sockets.datagram(boundTo: IPv4Endpoint(.loopback, port: 0))
        let mark = Array("END       ".utf8) + [0, 0, 0, 0, 0, 0, 0, 1, 0, 1]
        _ = mark.withUnsafeBytes {
            Sockets.send(socket.raw, $0, to: Sockets.Destination(running.addresses.requestServer))
        }
        while bytes.range(of: Data(mark)) == nil { if try !readOn() { break } }
        kill(process.processIdentifier, SIGINT)
        while try readOn() {}
        process.waitUntilExit()
        let file = URL(filePath: running.directory + "/run.pcapng")
        try bytes.write(to: file)
        return file
    }
}

import Cryptography
import Foundation
import Platform
import Proof
import Testing

@testable import Audit

/// A log of given leaves, published into a directory as the settlement plane does it.
private final class RunningLog {
    let directory: String
    let signer: NoteSigner
    let witness = NoteSigner(name: "witness.test", key: SigningKey(insecureDeterministic: 60), kind: .cosignature)!
    let venue = Sha256.hash([9])
    private var hashes: TileWriter
    private(set) var leaves: [Hash256] = []

    init(_ parent: Published) throws {
        Sodium.initialize()
        directory = parent.tiles
        signer = NoteSigner(name: "log.test/1", key: SigningKey(insecureDeterministic: 61))!
        try FileDirectory.create(directory)
        hashes = try TileWriter(directory: directory)
    }

    func anchors(quorum: Int = 0) -> Anchors {
        try! Anchors(venue: venue, log: signer.verifierKey, witnesses: [witness.verifierKey], quorum: quorum)
    }

    /// Appends leaves up to a size, and publishes their tiles.
    ///
    /// - Parameter lie: makes the leaves of this number others than they were.
    func grow(to size: Int, lie: Int? = nil) throws {
        while leaves.count < size {
            let index = leaves.count
            leaves.append(MerkleHash.leaf(Array("\(index)\(index == lie ? "!" : "")".utf8)))
            hashes.append(leaves[index])
        }
        try hashes.publish()
    }

    /// Begins again, with nothing published.
    func startAgain() throws {
        try FileManager.default.removeItem(atPath: directory)
        try FileDirectory.create(directory)
        hashes = try TileWriter(directory: directory)
        leaves = []
    }

    func note(_ size: Int? = nil, cosigned time: UInt64? = nil, by key: NoteSigner? = nil) -> [UInt8] {
        let size = size ?? leaves.count
        let root = size == leaves.count ? hashes.root : MerkleTree.root(Array(leaves.prefix(size)))
        let text = Checkpoint(origin: signer.verifierKey.name, size: UInt64(size), root: root).text
        let cosignatures = time.map { [witness.sign(text, time: $0)] } ?? []
        return SignedNote(text: text, signatures: [(key ?? signer).sign(text)] + cosignatures).bytes
    }

    func publish(_ note: [UInt8]) throws { try File.replace("\(directory)/checkpoint", with: note) }

    func publish(size: Int) throws {
        try grow(to: size)
        try publish(note())
    }
}

@Suite struct WatchTests {
    private func alarm(
        _ finding: CheckpointWatch.Look, _ location: SourceLocation = #_sourceLocation
    ) throws -> WatchAlarm {
        guard case .alarm(let alarm) = finding else {
            Issue.record("\(finding)", sourceLocation: location)
            throw EvidenceError.field
        }
        return alarm
    }

    private func expectConviction(
        _ alarm: WatchAlarm, _ log: RunningLog, _ verdict: ConvictionVerdict, _ sequence: UInt64,
        _ location: SourceLocation = #_sourceLocation
    ) throws {
        let evidence = try #require(alarm.evidence, sourceLocation: location)
        guard case .convicted(let conviction) = try EvidenceJudge(log.anchors()).judge(evidence.encoded) else {
            Issue.record("\(alarm)", sourceLocation: location)
            return
        }
        #expect(conviction.verdict == verdict && conviction.sequence == sequence, sourceLocation: location)
    }

    @Test("a log that grows holds at every size")
    func honest() throws {
        let place = try Published(), log = try RunningLog(place)
        var watch = CheckpointWatch(log.directory, anchors: log.anchors())
        guard case .unreachable = watch.look() else {
            Issue.record("nothing was published yet")
            return
        }
        for size in [1, 2, 3, 200, 255, 256, 257, 511, 600, 66_000] {
            try log.publish(size: size)
            #expect(watch.look() == .holds(size: UInt64(size), witnesses: 0))
            #expect(watch.look() == .unchanged)
        }
        // Goes on from what it knew.
        var again = CheckpointWatch(log.directory, anchors: log.anchors(), known: watch.known)
        try log.publish(size: 66_001)
        #expect(again.look() == .holds(size: 66_001, witnesses: 0))
    }

    @Test("another root of the same size convicts")
    func equivocation() throws {
        let place = try Published(), log = try RunningLog(place)
        try log.publish(size: 300)
        var watch = CheckpointWatch(log.directory, anchors: log.anchors())
        #expect(watch.look() == .holds(size: 300, witnesses: 0))
        try log.startAgain()
        try log.grow(to: 300, lie: 17)
        try log.publish(log.note())
        let alarm = try alarm(watch.look())
        #expect(alarm.reason == .equivocation)
        try expectConviction(alarm, log, .equivocation, 300)
    }

    @Test("a log that does not continue convicts, at sizes of every shape", arguments: [1, 255, 256, 300])
    func rewritten(old: Int) throws {
        let place = try Published(), log = try RunningLog(place)
        try log.publish(size: old)
        var watch = CheckpointWatch(log.directory, anchors: log.anchors())
        #expect(watch.look() == .holds(size: UInt64(old), witnesses: 0))
        try log.startAgain()
        try log.grow(to: 700, lie: 0)
        try log.publish(log.note())
        let alarm = try alarm(watch.look())
        #expect(alarm.reason == .rewrittenHistory)
        try expectConviction(alarm, log, .rewrittenHistory, UInt64(old))
    }

    @Test("a checkpoint that goes back is an alarm, and convicts when the newer one did not continue it")
    func goesBack() throws {
        let place = try Published(), log = try RunningLog(place)
        try log.publish(size: 300)
        let old = log.note(200)
        var watch = CheckpointWatch(log.directory, anchors: log.anchors())
        #expect(watch.look() == .holds(size: 300, witnesses: 0))
        try log.publish(old)
        let plain = try alarm(watch.look())
        #expect(plain.reason == .goesBack && plain.evidence == nil)
        let other = try Published(), liar = try RunningLog(other)
        try liar.grow(to: 200, lie: 5)
        try log.publish(liar.note())
        let alarm = try alarm(watch.look())
        #expect(alarm.reason == .goesBack)
        try expectConviction(alarm, log, .rewrittenHistory, 200)
    }

    @Test("signatures, quorum and tiles are checked")
    func checks() throws {
        let place = try Published(), log = try RunningLog(place)
        try log.grow(to: 300)
        func look(_ note: [UInt8], quorum: Int = 0) throws -> CheckpointWatch.Look {
            try log.publish(note)
            var watch = CheckpointWatch(log.directory, anchors: log.anchors(quorum: quorum))
            return watch.look()
        }
        let stranger = NoteSigner(name: "log.test/1", key: SigningKey(insecureDeterministic: 99))!
        #expect(try alarm(look(log.note(by: stranger))).reason == .checkpoint)
        #expect(try alarm(look([1, 2, 3])).reason == .checkpoint)
        #expect(try alarm(look([UInt8](repeating: 65, count: SignedNote.bytesMax + 1))).reason == .checkpoint)
        #expect(try alarm(look(log.note(), quorum: 1)).reason == .quorum)
        #expect(try look(log.note(cosigned: 1_700_000_000), quorum: 1) == .holds(size: 300, witnesses: 1))
        try place.change("published/tile/0/001.p/44") { $0[40] ^= 1 }
        #expect(try alarm(look(log.note())).reason == .tile)
    }

    @Test("a tile that stays away is an alarm, one that comes is none")
    func missingTile() throws {
        let place = try Published(), log = try RunningLog(place)
        try log.publish(size: 300)
        let tile = log.directory + "/tile/0/001.p/44"
        try FileManager.default.moveItem(atPath: tile, toPath: tile + "-gone")
        var watch = CheckpointWatch(log.directory, anchors: log.anchors())
        guard case .unreachable = watch.look() else {
            Issue.record("the tile is missing")
            return
        }
        var other = CheckpointWatch(log.directory, anchors: log.anchors())
        var findings: [CheckpointWatch.Look] = []
        for _ in 0..<4 { findings.append(other.look()) }
        #expect(try alarm(findings[3]).reason == .tile)
        try FileManager.default.moveItem(atPath: tile + "-gone", toPath: tile)
        #expect(watch.look() == .holds(size: 300, witnesses: 0))
    }

    @Test("age is an alarm where it was asked for")
    func age() throws {
        final class Clock { var now: UInt64 = 2_000_000_000_000_000_000 }
        let place = try Published(), log = try RunningLog(place), clock = Clock()
        let second: UInt64 = 1_000_000_000
        try log.grow(to: 300)
        try log.publish(log.note(cosigned: clock.now / second))
        var watch = CheckpointWatch(
            log.directory, anchors: log.anchors(), ageMaxSeconds: 60, now: { clock.now })
        #expect(watch.look() == .holds(size: 300, witnesses: 1))
        clock.now += 60 * second
        #expect(watch.look() == .unchanged)
        clock.now += 1
        #expect(try alarm(watch.look()).reason == .age)
        try log.grow(to: 301)
        try log.publish(log.note(cosigned: clock.now / second - 62))
        #expect(try alarm(watch.look()).reason == .age)
    }

    // MARK: Processes

    private func verifier(_ arguments: [String], in directory: String) throws -> (process: Process, output: Pipe) {
        let process = Process(), output = Pipe()
        process.executableURL = Executables.url("verifier")
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        process.standardOutput = output
        process.standardError = output
        try process.run()
        return (process, output)
    }

    /// Reads lines until one begins so.
    private func line(_ prefix: String, from output: Pipe) -> String {
        var text = ""
        while let byte = try? output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty {
            text += String(decoding: byte, as: UTF8.self)
            guard text.hasSuffix("\n") else { continue }
            if text.hasPrefix(prefix) { return String(text.dropLast()) }
            text = ""
        }
        return ""
    }

    @Test("the program watches, alarms, leaves evidence, and convicts with it in an empty directory")
    func program() throws {
        let place = try Published(), log = try RunningLog(place)
        let state = place.directory + "/watch", empty = place.directory + "/empty"
        try FileDirectory.create(empty)
        try File.replace(place.directory + "/anchors", with: Array(log.anchors().text.utf8))
        try log.publish(size: 300)
        let (watch, output) = try verifier(
            ["watch", log.directory, "--anchors", "anchors", "--state", state, "--interval", "20"],
            in: place.directory)
        #expect(line("checkpoint", from: output) == "checkpoint 300 holds, 0 of 1 witnesses")
        let other = try Published(), liar = try RunningLog(other)
        try liar.grow(to: 300, lie: 100)
        try log.publish(liar.note())
        #expect(line("ALARM", from: output).hasPrefix("ALARM equivocation: "))
        let evidence = String(line("evidence ", from: output).dropFirst(9))
        watch.waitUntilExit()
        #expect(watch.terminationStatus == 1)
        let (convict, words) = try verifier(
            ["convict", evidence, "--anchors", place.directory + "/anchors"], in: empty)
        #expect(line("CONVICTED", from: words).hasPrefix("CONVICTED: equivocation at record 300: "))
        convict.waitUntilExit()
        #expect(convict.terminationStatus == 1)
        // What proves nothing is 0, what is no evidence is 2.
        let nothing = Evidence.equivocation(log.note(), log.note())
        try File.replace(empty + "/nothing", with: nothing.encoded)
        try File.replace(empty + "/noise", with: [1, 2, 3])
        for (name, status) in [("nothing", 0), ("noise", 2), ("absent", 2)] {
            let (process, words) = try verifier(
                ["convict", name, "--anchors", place.directory + "/anchors"], in: empty)
            #expect(status != 0 || line("NOT CONVICTED", from: words).hasPrefix("NOT CONVICTED: "))
            process.waitUntilExit()
            #expect(process.terminationStatus == Int32(status))
        }
    }

    @Test(
        "over HTTP the program follows a log that grows, and alarms at the first checkpoint that does not continue it")
    func programOverHTTP() throws {
        let place = try Published(), log = try RunningLog(place)
        try File.replace(place.directory + "/anchors", with: Array(log.anchors().text.utf8))
        let web = try WebPlace(log.directory)
        let state = place.directory + "/watch"
        let (watch, output) = try verifier(
            ["watch", web.url, "--anchors", "anchors", "--state", state, "--interval", "10"], in: place.directory)
        // Nothing is published yet: no alarm.
        #expect(line("NOT CHECKED", from: output).contains("checkpoint"))
        for size in [1, 300, 700, 66_000] {
            try log.publish(size: size)
            #expect(line("checkpoint", from: output) == "checkpoint \(size) holds, 0 of 1 witnesses")
        }
        let other = try Published(), liar = try RunningLog(other)
        try liar.grow(to: 66_001, lie: 299)
        try liar.publish(liar.note())
        web.change(to: liar.directory)
        #expect(line("ALARM", from: output).hasPrefix("ALARM rewritten-history: "))
        let evidence = String(line("evidence ", from: output).dropFirst(9))
        watch.waitUntilExit()
        #expect(watch.terminationStatus == 1)
        let bytes = try File.readPrefix(evidence, limit: Evidence.byteCountMax)
        guard case .convicted(let conviction) = try EvidenceJudge(log.anchors()).judge(bytes) else {
            Issue.record("the evidence does not convict")
            return
        }
        #expect(conviction.verdict == .rewrittenHistory && conviction.sequence == 66_000)
    }

    /// How a process ends that was told to.
    private func end(_ process: Process, _ signal: Int32) -> Int32 {
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        return process.terminationReason == .exit ? process.terminationStatus : -1
    }

    @Test("told to end, the program ends in order: 0, or 2 when it waits for a size; also while a server is silent")
    func programToldToEnd() throws {
        let place = try Published(), log = try RunningLog(place)
        try File.replace(place.directory + "/anchors", with: Array(log.anchors().text.utf8))
        try log.publish(size: 300)
        for (more, signal, status) in [([], SIGTERM, 0), ([], SIGINT, 0), (["--until", "301"], SIGTERM, 2)] {
            let (watch, output) = try verifier(
                ["watch", log.directory, "--anchors", "anchors", "--state", "state"] + more, in: place.directory)
            #expect(line("checkpoint", from: output) == "checkpoint 300 holds, 0 of 1 witnesses")
            #expect(end(watch, signal) == Int32(status))
            let words = line("", from: output)
            #expect(words == (status == 0 ? "" : "NOT CHECKED: ended before a checkpoint of size 301 held"))
            let kept = try File.readPrefix(place.directory + "/state/checkpoint", limit: SignedNote.bytesMax)
            #expect(kept == (try File.readPrefix(log.directory + "/checkpoint", limit: SignedNote.bytesMax)))
            try File.remove(place.directory + "/state/checkpoint")
        }
        let silent = try Sockets.listen(at: IPv4Endpoint(.loopback, port: 0))
        let url = "http://\(try Sockets.localEndpoint(of: silent.raw))/"
        let (watch, _) = try verifier(["watch", url, "--anchors", "anchors"], in: place.directory)
        // It has asked, and nobody answers.
        let connection = Sockets.acceptNonblocking(silent.raw)
        defer { close(connection) }
        #expect(connection >= 0)
        #expect(end(watch, SIGTERM) == 0)
    }

    @Test("the witness program makes its key, cosigns over a socket, and keeps its key over a restart")
    func witnessProgram() throws {
        let place = try Published(), log = try RunningLog(place)
        try log.grow(to: 5)
        let arguments = [
            "witness", "--key", "witness.key", "--listen", "127.0.0.1:0", "--state", "state", "--log",
            "\(log.signer.verifierKey)", "--name", "witness.test/p",
        ]
        var keys: [String] = []
        for expected in [200, 409] {
            let (process, output) = try verifier(arguments, in: place.directory)
            defer { if process.isRunning { process.terminate() } }
            keys.append(String(line("key ", from: output).dropFirst(4)))
            let endpoint = try #require(IPv4Endpoint(String(line("listening ", from: output).dropFirst(10))))
            let body = WitnessRequest(oldSize: 0, proof: [], checkpoint: log.note()).bytes
            #expect(try Requests.post(endpoint, "/add-checkpoint", body).status == expected)
            #expect(end(process, expected == 200 ? SIGTERM : SIGINT) == 0)
        }
        #expect(keys[0] == keys[1])
        #expect(try VerifierKey(keys[0]).kind == .cosignature)
    }
}

import Audit
import Proof
import Testing

@testable import Settlement

/// What a killed settlement plane left in memory of the operating system, the next one reads as if it were on the disk.
@Suite(.serialized, .enabled(if: Strace.isInstalled)) struct LeftBehindTests {
    /// Files whose content decides what is signed and given out.
    private static let deciding = ["signed", "receipts", "da.position"]

    @Test("names that it left are durable before the next one publishes anything")
    func names() throws {
        let venue = try tradedVenue()
        let start = try DiskModel(venue.directory, names: Self.below)
        let whole = try run(venue, after: []).operations
        let kept = venue.published + "/checkpoints/0"
        let checkpoint = try #require(whole.compactMap(\.renamed).first { $0.hasPrefix(kept) })
        let state = ["/signed", "/receipts", "/da.position"].map { venue.state + $0 }
        for name in state + [keys(venue), checkpoint] {
            // As if it were killed when the name is there, and its directory not synchronised.
            let renames = whole.indices.filter { whole[$0].renamed == name }
            let directory = String(name[..<name.lastIndex(of: "/")!]), file = name.dropFirst(directory.count + 1)
            for rename in Set([renames.first, renames.last].compactMap(\.self)) {
                let disk = try leave(whole[...rename], of: start, venue)
                #expect(disk.undurableNames(directory, before: disk.count).contains(String(file)))
                try check(venue, disk, run(venue, after: Array(whole[...rename])), left: name)
            }
            #expect(!renames.isEmpty, "\(name) is renamed")
        }
    }

    @Test("receipts that it left in memory are durable before the next one publishes them")
    func receipts() throws {
        let venue = try tradedVenue()
        let start = try DiskModel(venue.directory, names: Self.below)
        let whole = try run(venue, after: []).operations
        // As if it were killed between the pwrite and its fdatasync.
        let name = venue.state + "/receipts"
        let writes = whole.indices.filter { whole[$0].written == name }
        for write in Set([writes.first, writes.last].compactMap(\.self)) {
            let disk = try leave(whole[...write], of: start, venue)
            #expect(disk.isUndurable(name, before: disk.count))
            try check(venue, disk, run(venue, after: Array(whole[...write])), left: name)
        }
        #expect(!writes.isEmpty, "\(name) is written")
    }

    private static let below = ["run/settlement", "published", "da"]

    private func tradedVenue() throws -> SettledVenue {
        let venue = try SettledVenue(
            [("checkpoint_records", "60"), ("checkpoint_interval_ms", "600_000"), ("promise_seconds", "3_600")],
            isInMemory: true)
        try venue.startNode()
        try venue.trade(310)
        try venue.stopNode()
        return venue
    }

    /// Puts what operations leave in memory to the directory. Returns what of it is on the disk.
    private func leave(
        _ operations: ArraySlice<FileOperation>, of start: DiskModel, _ venue: SettledVenue
    ) throws -> DiskModel {
        var random = SystemRandomNumberGenerator()
        try start.store(names: .nothing, pages: .nothing, &random, replacing: Self.below)
        let disk = try DiskModel(venue.directory, names: Self.below)
        for operation in operations { disk.apply(operation) }
        try disk.store(names: .everything, pages: .everything, &random, replacing: Self.below)
        return disk
    }

    @Test("a start of the node makes the names of its journal durable before it is ready")
    func journal() throws {
        let venue = try SettledVenue(isInMemory: true)
        try venue.startNode()
        try venue.stopNode()
        let path = "\(venue.directory)/trace"
        let node = try venue.startNode(tracer: FileTrace.tracer(path))
        try venue.stopNode()
        var trace = FileTrace()
        try trace.add(path, process: node.identifier)
        let directory = venue.settings.journalDirectory
        let safe = trace.operations.firstIndex {
            if case .synchronize(directory, _) = $0 { true } else { false }
        }
        let ready = trace.operations.firstIndex {
            if case .write(_, _, let bytes) = $0 { bytes.starts(with: Array("ready ".utf8)) } else { false }
        }
        #expect(try #require(safe) < #require(ready))
    }

    @Test("a start of a witness makes its key, and behind its lock what it remembers, durable before it is ready")
    func witness() throws {
        let venue = try SettledVenue(isInMemory: true)
        let (key, state) = (venue.directory + "/witness.key", venue.directory + "/witness")
        let path = "\(venue.directory)/trace"
        func start(_ tracer: [String]) throws -> RunningProcess {
            let places = ["--key", key, "--state", state, "--listen", "127.0.0.1:0"]
            let witness = try RunningProcess(
                "verifier", ["witness"] + places + ["--log", "\(venue.logVerifier)"],
                errors: "\(venue.directory)/witness.log", tracer: tracer)
            #expect(witness.readLine().hasPrefix("key "), "\(witness.errorText)")
            #expect(witness.readLine().hasPrefix("listening "), "\(witness.errorText)")
            #expect(witness.stop() == 0)
            return witness
        }
        _ = try start([])
        let witness = try start(FileTrace.tracer(path))
        var trace = FileTrace()
        try trace.add(path, process: witness.identifier)
        let ready = try #require(
            trace.operations.firstIndex {
                if case .write(_, _, let bytes) = $0 { bytes.starts(with: Array("key ".utf8)) } else { false }
            })
        let lock = try #require(trace.operations.firstIndex(of: .create(state + "/lock")))
        let log = Witness.name(venue.logVerifier.name)
        for (name, from) in [(key, 0), (venue.directory, 0), ("\(state)/\(log)", lock), (state + "/evidence", lock)] {
            let isSafe = trace.operations[from..<ready].contains {
                if case .synchronize(name, _) = $0 { true } else { false }
            }
            #expect(isSafe, "\(name)")
        }
    }

    /// Everything that decides is durable at each publication of a process that began on what is on the disk.
    private func check(_ venue: SettledVenue, _ disk: DiskModel, _ trace: FileTrace, left name: String) throws {
        let boundary = disk.count
        var publications = 0
        for operation in trace.operations[boundary...] {
            if let path = Self.published(operation, venue) {
                publications += 1
                var names = disk.undurableNames(venue.state, before: boundary).filter(Self.deciding.contains)
                if path.hasPrefix(venue.published + "/receipts/") {
                    names += disk.undurableNames(venue.published + "/receipts", before: boundary).filter {
                        $0 == "keys"
                    }
                    #expect(!disk.isUndurable(venue.state + "/receipts", before: boundary), "left in memory, \(path)")
                }
                if path == venue.published + "/checkpoints/index" {
                    names += disk.undurableNames(venue.published + "/checkpoints", before: boundary)
                }
                #expect(names == [], "left behind \(name), before \(path)")
            }
            disk.apply(operation)
        }
        #expect(publications > 0, "behind \(name)")
    }

    private func keys(_ venue: SettledVenue) -> String { venue.published + "/receipts/" + ReceiptFile.keysName }

    /// Runs the plane under strace to its end. Returns what it did to files, behind what was done before.
    private func run(_ venue: SettledVenue, after operations: [FileOperation]) throws -> FileTrace {
        let path = "\(venue.directory)/trace"
        let plane = try venue.startPlane(tracer: FileTrace.tracer(path))
        try plane.waitUntilReady()
        #expect(plane.stop() == 0, "\(plane.errorText)")
        var trace = FileTrace(after: operations)
        try trace.add(path, process: plane.identifier)
        return trace
    }

    /// What anybody may take behind an operation: receipts, the checkpoint, a batch.
    private static func published(_ operation: FileOperation, _ venue: SettledVenue) -> String? {
        guard let path = operation.renamed ?? operation.written, !path.hasSuffix(".draft") else { return nil }
        let places = ["\(venue.published)/receipts/0", "\(venue.published)/checkpoint", "\(venue.directory)/da/"]
        return places.contains(where: path.hasPrefix) ? path : nil
    }
}

extension FileOperation {
    fileprivate var renamed: String? { if case .rename(_, let target) = self { target } else { nil } }
    fileprivate var written: String? { if case .write(let path, _, _) = self { path } else { nil } }
}

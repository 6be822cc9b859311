import ArgumentParser
import Foundation
import Proof

/// `verifier audit`.
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Checks a history, from its first record, or from a state that it commits to, to its last.",
        discussion: """
            Give one of --journal, --tiles, --batches; with one of the first two, --batches are compared with it.

            With --snapshot the records up to the snapshot's are not replayed: its state is held to the commitment in \
            the log that speaks of it. A snapshot that is bad, or of another venue, or of a record that no commitment \
            in what is read speaks of, is refused (status 2): give an older one, or none.

            Exit status: 0 all that was asked for holds, 1 fraud or damage, \
            2 something that was asked for could not be checked, or the anchors cannot be read, 64 usage.
            """)

    @Option(help: "A node's journal directory.")
    var journal: String?
    @Option(help: "Directory or URL of what a venue published: checkpoint, tiles, entry bundles.")
    var tiles: String?
    @Option(help: "With --tiles: size of the kept checkpoint to audit; else the newest whose entries are published.")
    var size: UInt64?
    @Option(help: "Directory of batches, or URL of a data-availability proxy; certificates come from --published.")
    var batches: String?
    @Option(help: "Directory or URL of checkpoints and certificates, where the records come from elsewhere.")
    var published: String?
    @Option(
        help: "File or URL of a snapshot to begin behind; a published one is snapshots/ and its record, in 20 digits.")
    var snapshot: String?
    @Option(help: "File for the state at the last commitment, to begin the next audit with; only when all holds.")
    var saveSnapshot: String?
    @Option(help: "The anchors: venue id, log key, witnesses, quorum.")
    var anchors: String
    @Option(help: "A capture of market data (classic pcap) to compare.")
    var feed: String?
    @Flag(help: "Leaves signatures out.")
    var noSignatures = false
    @Flag(help: "Leaves checkpoints out.")
    var noCheckpoints = false
    @Option(help: "Seconds that clocks of venue and witnesses may differ.")
    var skew: UInt32 = 10
    @Option(help: "Worker threads; as many as there are cores unless given.")
    var workers: Int?
    @Flag(help: "One JSON object.")
    var json = false
    @Flag(help: "No progress on standard error.")
    var quiet = false

    func validate() throws {
        let sources = [journal, tiles].compactMap { $0 }.count
        if sources > 1 || sources == 0 && batches == nil {
            throw ValidationError("one of --journal, --tiles, --batches")
        }
        if size != nil, tiles == nil { throw ValidationError("--size belongs to --tiles") }
        if let size, !(1..<1 << 48).contains(size) { throw ValidationError("--size from 1 to 2^48 - 1") }
        if let journal, journal.contains("://") {
            throw ValidationError("--journal \(journal): a directory; --tiles takes http:// and https:// too")
        }
        if snapshot != nil {
            if journal == nil, tiles == nil { throw ValidationError("--snapshot goes with --journal or --tiles") }
            if feed != nil { throw ValidationError("--feed is compared from record 1 on: without --snapshot") }
        }
        if let saveSnapshot, saveSnapshot.contains("://") || saveSnapshot.isEmpty {
            throw ValidationError("--save-snapshot \(saveSnapshot): a file")
        }
        for place in [tiles, batches, published, snapshot].compactMap({ $0 }) { try AuditFiles.requirePlace(place) }
        if let workers, !(1...1024).contains(workers) { throw ValidationError("--workers from 1 to 1024") }
    }

    func run() throws {
        if json { VerifierCommand.handleTruncation(json: true) }
        let anchors = try AuditFiles.anchors(anchors)
        let source: Audit.Source =
            if let journal { .journal(journal) } else if let tiles { .tiles(tiles) } else { .batches(batches!) }
        var options = Audit.Options(source: source, anchors: anchors)
        options.published = published
        options.size = size
        options.feed = feed
        options.snapshot = snapshot
        options.saveSnapshot = saveSnapshot
        if journal != nil || tiles != nil { options.data = batches }
        options.checksSignatures = !noSignatures
        options.checksCheckpoints = !noCheckpoints
        options.skewSeconds = UInt64(skew)
        options.workers = workers ?? ProcessInfo.processInfo.activeProcessorCount
        if !quiet { options.progress = Self.show }
        let report = Audit(options).run()
        print(json ? ReportPrinter.json(report) : ReportPrinter.text(report))
        if report.exitStatus != 0 { throw ExitCode(report.exitStatus) }
    }

    @Sendable private static func show(_ progress: AuditProgress) {
        let total = progress.total.map { " of \($0)" } ?? ""
        let left = progress.secondsLeft.map { ", \(Int($0)) s left" } ?? ""
        let line = "\(progress.records)\(total) records, \(Int(progress.rate)) records/s\(left)\n"
        FileHandle.standardError.write(Data(line.utf8))
    }
}

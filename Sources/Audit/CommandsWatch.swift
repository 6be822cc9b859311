import ArgumentParser
import Cryptography
import Foundation
import Platform
import Program
import Proof

/// `verifier watch`.
struct WatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Follows a running venue's checkpoints, and alarms when one does not hold.",
        discussion: """
            Each new checkpoint has to be signed by the log, cosigned by the quorum of the anchors, and continue the \
            one before, as the published tiles prove. The first that does not is an alarm: `ALARM reason: …`, a file \
            of evidence where signatures contradict each other (for `verifier convict`), and the end.

            SIGTERM or SIGINT end it, once what it is writing is written.

            Exit status: 1 alarm, 0 the size of --until was reached, or without --until it was told to end, 2 it was \
            told to end before that size, or something given cannot be read, 64 usage. What cannot be reached is said \
            once, and looked for again.
            """)
    @Argument(help: "Directory or URL of what the venue publishes.") var place: String
    @Option(help: "The anchors: venue id, log key, witnesses, quorum.") var anchors: String
    @Option(help: "Directory for the last checkpoint that holds, to go on from at the next start, and for evidence.")
    var state: String?
    @Option(help: "Milliseconds between two looks, 10 to 60000.") var interval: UInt32 = 250
    @Option(help: "Seconds without a new checkpoint that are an alarm; without it age is not checked.")
    var maxAge: UInt64?
    @Option(help: "Ends with 0 once a checkpoint of this size, or a larger one, holds.") var until: UInt64?

    func validate() throws {
        try AuditFiles.requirePlace(place)
        guard (10...60_000).contains(interval) else {
            throw ValidationError("--interval \(interval): expected 10 to 60000")
        }
        if let maxAge, !(1...1_000_000).contains(maxAge) {
            throw ValidationError("--max-age \(maxAge): expected 1 to 1000000")
        }
    }

    func run() throws {
        Sodium.initialize()
        let end = OrderlyEnd(
            status: until == nil ? 0 : 2,
            words: until.map { "NOT CHECKED: ended before a checkpoint of size \($0) held" })
        let anchors = try AuditFiles.anchors(anchors)
        var watch = CheckpointWatch(place, anchors: anchors, known: try remembered(anchors), ageMaxSeconds: maxAge)
        if maxAge == nil { AuditFiles.say("age NOT CHECKED: no --max-age") }
        if anchors.quorum == 0 { AuditFiles.say("witnesses NOT CHECKED: the anchors ask for none") }
        var complaint = ""
        while true {
            switch watch.look() {
            case .unchanged: complaint = ""
            case .holds(let size, let witnesses):
                complaint = ""
                let isReached = until.map { size >= $0 } ?? false
                try end.whole { answer in
                    if let known = watch.known { try remember(known) }
                    AuditFiles.say("checkpoint \(size) holds, \(witnesses) of \(anchors.witnesses.count) witnesses")
                    if isReached { answer = .init(status: 0) }
                }
                if isReached { return }
            case .unreachable(let text):
                if text != complaint { AuditFiles.say("NOT CHECKED: \(text)") }
                complaint = text
            case .alarm(let alarm):
                try end.whole { answer in
                    answer = .init(status: 1)
                    AuditFiles.say("ALARM \(alarm.reason.rawValue): \(alarm.text)")
                    try keep(alarm.evidence)
                }
                throw ExitCode(1)
            }
            Thread.sleep(forTimeInterval: Double(interval) / 1000)
        }
    }

    private func remembered(_ anchors: Anchors) throws -> SignedCheckpoint? {
        guard let state else { return nil }
        let path = "\(state)/checkpoint"
        guard File.exists(path) else { return nil }
        // The process before may have been killed before the name was durable: what is gone on from stays known.
        do throws(PlatformError) { try FileDirectory.synchronize(state) } catch { throw AuditFiles.fail("\(error)") }
        let bytes = try AuditFiles.read(path, limit: SignedNote.bytesMax)
        do throws(LogError) { return try SignedCheckpoint(bytes, logs: anchors.logs) } catch {
            throw AuditFiles.fail("\(path): \(error)")
        }
    }

    private func remember(_ known: SignedCheckpoint) throws {
        guard let state else { return }
        try write("\(state)/checkpoint", known.note.bytes)
    }

    private func keep(_ evidence: Evidence?) throws {
        guard let bytes = evidence?.encoded else { return }
        let path = "\(state ?? ".")/\(Sha256.hash(bytes).hexadecimal.prefix(32)).evidence"
        try write(path, bytes)
        AuditFiles.say("evidence \(path)")
    }

    private func write(_ path: String, _ bytes: [UInt8]) throws {
        do throws(PlatformError) {
            if let state { try FileDirectory.createDurably(state) }
            try File.replace(path, with: bytes)
        } catch { throw AuditFiles.fail("\(error)") }
    }
}

import ArgumentParser
import Foundation
import Platform
import Proof

/// `verifier accuse`.
struct AccuseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accuse", abstract: "Makes evidence from what a venue published and what you have kept.",
        discussion: """
            Give one of --receipt (the log has another record at its place), --head (a checkpoint that you have kept, \
            and that the published one does not continue), --record (the record that `verifier audit` names: it is \
            replayed with those before it, from the last committed state). The file is written only when `verifier \
            convict` would convict with it.

            A published checkpoint that is smaller than the one of --head convicts nobody, and is an alarm: \
            `ALARM goes-back: …`, and no file. The larger one may wait for its witnesses; look again.

            Exit status: 1 fraud is proven and the file written, or an alarm; 0 nothing wrong is proven, 2 something \
            cannot be read (NOT CHECKED), 64 usage.
            """)
    @Argument(help: "Directory or URL of what the venue publishes.") var place: String
    @Option(help: "The anchors: venue id, log key, witnesses, quorum.") var anchors: String
    @Option(help: "The evidence file to write.") var output: String
    @Option(help: "A receipt.") var receipt: String?
    @Option(help: "The signed command that the receipt is for: message, then signature.") var command: String?
    @Option(help: "A signed checkpoint.") var head: String?
    @Option(help: "Sequence of a record.") var record: UInt64?

    func validate() throws {
        let given = [receipt != nil, head != nil, record != nil].count { $0 }
        guard given == 1 else { throw ValidationError("one of --receipt, --head, --record") }
        guard command == nil || receipt != nil else { throw ValidationError("--command belongs to --receipt") }
    }

    func run() throws {
        let anchors = try AuditFiles.anchors(anchors)
        let accuser = Accuser(place, anchors: anchors)
        let found: Evidence
        do {
            if let receipt {
                let signed = try command.map { try AuditFiles.read($0, limit: 65_536) }
                found = try accuser.evidence(
                    receipt: AuditFiles.read(receipt, limit: Receipt.byteCountMax), command: signed)
            } else if let head {
                switch try accuser.comparison(head: AuditFiles.read(head, limit: SignedNote.bytesMax)) {
                case .contradiction(let evidence): found = evidence
                case .continues:
                    return AuditFiles.say("NOT CONVICTED: the published checkpoint continues the one given")
                case .shorter(let published, let kept):
                    AuditFiles.say(
                        "ALARM goes-back: a checkpoint of \(kept) records is signed, and one of \(published) published")
                    throw ExitCode(1)
                }
            } else {
                found = try accuser.evidence(record: record ?? 0)
            }
        } catch AccuserError.unreadable(let text) {
            AuditFiles.say("NOT CHECKED: \(text)")
            throw ExitCode(2)
        } catch let error as AccuserError { throw AuditFiles.fail("\(error)") }
        let judgement: Judgement
        do throws(EvidenceError) { judgement = try EvidenceJudge(anchors).judge(found) } catch {
            throw AuditFiles.fail("\(error)")
        }
        AuditFiles.say(judgement.line)
        guard case .convicted = judgement else { return }
        do throws(PlatformError) { try File.replace(output, with: found.encoded) } catch {
            throw AuditFiles.fail("\(error)")
        }
        AuditFiles.say("evidence \(output)")
        throw ExitCode(1)
    }
}

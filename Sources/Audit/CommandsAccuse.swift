import ArgumentParser
import Foundation
import Platform
import Proof

/// `verifier accuse`.
struct AccuseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accuse", abstract: "Makes evidence from what a venue published and what you have kept.",
        discussion: """
            Give one of: --receipt (the log has another record at its place; or, with --head for each checkpoint that \
            you have kept, the log ended before it when the promise had run out), --head (a checkpoint that you have \
            kept, and that the published one does not continue), --record (the record that `verifier audit` names: it \
            is replayed with those before it, from the last committed state; of `time-ahead` the cosignatures are \
            the evidence, also those of --head), --batches (a data availability layer: what commitments name there is \
            not what the log holds), --balance (a balance file whose sums are not the asset's total; nothing published \
            is needed). The file is written only when `verifier convict` would convict with it.

            A published checkpoint that is smaller than the one of --head convicts nobody, and is an alarm: \
            `ALARM goes-back: …`, and no file. The larger one may wait for its witnesses; look again.

            Exit status: 1 fraud is proven and the file written, or an alarm; 0 nothing wrong is proven, 2 something \
            cannot be read (NOT CHECKED), 64 usage.
            """)
    @Argument(help: "Directory or URL of what the venue publishes; none with --balance.") var place: String?
    @Option(help: "The anchors: venue id, log key, witnesses, quorum.") var anchors: String
    @Option(help: "The evidence file to write.") var output: String
    @Option(help: "A receipt.") var receipt: String?
    @Option(help: "The signed command that the receipt is for: message, then signature.") var command: String?
    @Option(help: "A signed checkpoint; may be given several times.") var head: [String] = []
    @Option(help: "Sequence of a record.") var record: UInt64?
    @Option(help: "Directory of batches, or URL of a data-availability proxy.") var batches: String?
    @Option(help: "A balance file.") var balance: String?

    func validate() throws {
        let given = [receipt != nil, record != nil, batches != nil, balance != nil].count { $0 }
        guard given == (head.isEmpty ? 1 : given), given <= 1 else {
            throw ValidationError("one of --receipt, --head, --record, --batches, --balance")
        }
        guard head.isEmpty || batches == nil && balance == nil else {
            throw ValidationError("--head stands alone, or with --receipt or --record")
        }
        guard record != 0 else { throw ValidationError("record 0: sequences begin with 1") }
        for place in [place, batches].compactMap({ $0 }) { try AuditFiles.requirePlace(place) }
        guard command == nil || receipt != nil else { throw ValidationError("--command belongs to --receipt") }
        guard (place == nil) == (balance != nil) else {
            throw ValidationError(place == nil ? "which venue's files?" : "--balance needs nothing published")
        }
    }

    func run() throws {
        let anchors = try AuditFiles.anchors(anchors)
        let found: Evidence?
        do { found = try evidence(anchors) } catch AccuserError.unreadable(let text) {
            AuditFiles.say("NOT CHECKED: \(text)")
            throw ExitCode(2)
        } catch let error as AccuserError { throw AuditFiles.fail("\(error)") }
        guard let found else {
            return AuditFiles.say(
                batches == nil
                    ? "NOT CONVICTED: the published checkpoint continues the one given"
                    : "NOT CONVICTED: the batches that commitments name are what the log holds")
        }
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

    /// The evidence that what was given makes; nil when it makes none.
    private func evidence(_ anchors: Anchors) throws -> Evidence? {
        if let balance {
            return try Accuser.evidence(
                balance: AuditFiles.read(balance, limit: BalanceFile.byteCountMax), anchors: anchors)
        }
        let accuser = Accuser(place ?? "", anchors: anchors)
        let heads = try head.map { try AuditFiles.read($0, limit: SignedNote.bytesMax) }
        if let receipt {
            let signed = try command.map { try AuditFiles.read($0, limit: 65_536) }
            return try accuser.evidence(
                receipt: AuditFiles.read(receipt, limit: Receipt.byteCountMax), command: signed, heads: heads)
        }
        if let record { return try accuser.evidence(record: record, heads: heads) }
        if let batches { return try accuser.evidence(batches: batches) }
        var shorter: (published: UInt64, kept: UInt64)?
        for head in heads {
            switch try accuser.comparison(head: head) {
            case .contradiction(let evidence): return evidence
            case .continues: break
            case .shorter(let published, let kept): shorter = (published, kept)
            }
        }
        guard let shorter else { return nil }
        AuditFiles.say(
            "ALARM goes-back: a checkpoint of \(shorter.kept) records is signed, and one of \(shorter.published) "
                + "published")
        throw ExitCode(1)
    }
}

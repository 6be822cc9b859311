import ArgumentParser
import Foundation
import Proof

/// `verifier convict`.
struct ConvictCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convict", abstract: "Judges a file of evidence: whether it proves fraud.",
        discussion: """
            Needs nothing but the file and the anchors: no network, no other file, nothing of the venue's. The format \
            and what each kind proves are in Sources/Proof/Evidence.md.

            Prints `CONVICTED: verdict at record N: …` when fraud is proven, `NOT CONVICTED: why` when the file proves \
            nothing wrong.

            Exit status, as for the other commands of this program: 1 fraud is proven, 0 the file proves nothing \
            wrong, 2 evidence or anchors cannot be read, 64 usage.
            """)
    @Argument(help: "The evidence.") var file: String
    @Option(help: "The anchors: venue id, log key, witnesses, quorum; `keys anchors` prints them.") var anchors: String
    @Flag(help: "One JSON object.") var json = false

    func run() throws {
        let anchors = try AuditFiles.anchors(anchors)
        let bytes = try AuditFiles.read(file, limit: Evidence.byteCountMax)
        let judgement: Judgement
        do throws(EvidenceError) { judgement = try EvidenceJudge(anchors).judge(bytes) } catch {
            throw AuditFiles.fail("\(file): \(error)")
        }
        print(json ? judgement.json : judgement.line)
        if case .convicted = judgement { throw ExitCode(1) }
    }
}

extension Judgement {
    /// The line that is printed.
    var line: String {
        switch self {
        case .convicted(let conviction): "CONVICTED: \(conviction)"
        case .notConvicted(let reason): "NOT CONVICTED: \(reason)"
        }
    }

    /// `convicted`, and `verdict`, `sequence`, `text`, or `reason`.
    var json: String {
        let object: [String: Any] =
            switch self {
            case .convicted(let conviction):
                [
                    "convicted": true, "verdict": conviction.verdict.rawValue, "sequence": conviction.sequence,
                    "text": conviction.text,
                ]
            case .notConvicted(let reason): ["convicted": false, "reason": reason]
            }
        let options: JSONSerialization.WritingOptions = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? JSONSerialization.data(withJSONObject: object, options: options) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }
}

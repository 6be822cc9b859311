import ArgumentParser
import Foundation
import Proof

/// `verifier proof`.
struct ProofCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proof", abstract: "Checks a receipt, a tlog-proof or a balance file, offline.",
        discussion: """
            Needs nothing but the file and the anchors. The formats are in Sources/Proof/Receipts.md, Proof.md and \
            StateRoot.md. Times are nanoseconds since 1970 UTC, amounts smallest units.

            Exit status: 0 it holds, 1 it does not, 2 something that belongs to it was not given, or a file cannot be \
            read, 64 usage.
            """)
    @Argument(help: "The proof.") var file: String
    @Option(help: "The anchors: venue id, log key, witnesses, quorum; `keys anchors` prints them.") var anchors: String
    @Option(help: "The record's bytes, to compare with a receipt or a tlog-proof.") var record: String?
    @Option(help: "The command as it was sent, message and signature, to compare with a receipt.") var command: String?
    @Option(help: "The account that a balance file has to be of.") var account: UInt32?
    @Option(help: "The asset that a balance file has to be of.") var asset: UInt32?
    @Flag(help: "One JSON object.") var json = false

    func run() throws {
        let anchors = try AuditFiles.anchors(anchors)
        let bytes = try AuditFiles.read(file, limit: ProofCheck.byteCountMax)
        let expectation = ProofCheck.Expectation(
            record: try record.map { try AuditFiles.read($0, limit: 65_535) },
            command: try command.map { try AuditFiles.read($0, limit: 65_535) }, account: account, asset: asset)
        let check = ProofCheck(bytes, anchors, expecting: expectation)
        print(json ? check.json : check.text)
        if check.exitStatus != 0 { throw ExitCode(check.exitStatus) }
    }
}

extension ProofCheck {
    /// What is printed: a line with the verdict, then one for each fact.
    var text: String {
        let name = kind?.rawValue ?? "file"
        let verdict =
            switch outcome {
            case .holds: "\(name): holds"
            case .fails(let reason): "\(name): DOES NOT HOLD: \(reason)"
            case .notChecked(let reason): "\(name): NOT CHECKED: \(reason)"
            }
        let width = (facts.map(\.name.count).max() ?? 0) + 2
        let lines = facts.map { fact in
            fact.name + String(repeating: " ", count: width - fact.name.count) + fact.value
        }
        return ([verdict] + lines).joined(separator: "\n")
    }

    /// `kind`, `holds`, `reason` where it does not or was not checked, and the facts as text.
    var json: String {
        var object: [String: Any] = ["kind": kind?.rawValue ?? "unknown", "holds": outcome == .holds]
        switch outcome {
        case .holds: break
        case .fails(let reason): object["reason"] = reason
        case .notChecked(let reason): object["notChecked"] = reason
        }
        object["facts"] = Dictionary(uniqueKeysWithValues: facts.map { ($0.name, $0.value) })
        let options: JSONSerialization.WritingOptions = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? JSONSerialization.data(withJSONObject: object, options: options) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }
}

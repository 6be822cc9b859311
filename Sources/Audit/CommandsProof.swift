import ArgumentParser
import Foundation
import Proof

/// `verifier proof`.
struct ProofCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proof", abstract: "Checks a receipt, a tlog-proof or a balance file, offline.",
        discussion: """
            Needs nothing but the files and the anchors. The formats are in Sources/Proof/Receipts.md, Proof.md and \
            StateRoot.md. Times are nanoseconds since 1970 UTC, amounts smallest units, then as people read them.

            Exit status: 0 it holds, 1 it does not, 2 something that belongs to it was not given, or a file cannot be \
            read or is no proof, 64 usage. Of several proofs the worst counts: 1, then 2.
            """)
    @Argument(help: "The proof, or several.") var files: [String]
    @Option(help: "The anchors: venue id, log key, witnesses, quorum; `keys anchors` prints them.") var anchors: String
    @Option(help: "The record to compare with a receipt or a tlog-proof: its bytes, or a tlog-proof that has them.")
    var record: String?
    @Option(help: "The command as it was sent, message and signature, to compare with a receipt.") var command: String?
    @Option(help: "The account that a balance file has to be of.") var account: UInt32?
    @Option(help: "The asset that a balance file has to be of.") var asset: UInt32?
    @Flag(help: "One JSON object a proof, each on a line.") var json = false

    func validate() throws {
        let isCompared = record != nil || command != nil || account != nil || asset != nil
        guard files.count == 1 || !isCompared else {
            throw ValidationError("--record, --command, --account and --asset are for one proof")
        }
    }

    func run() throws {
        let anchors = try AuditFiles.anchors(anchors)
        let expectation = ProofCheck.Expectation(
            record: try record.map(recordBytes),
            command: try command.map { try AuditFiles.read($0, limit: 65_535) }, account: account, asset: asset)
        // One that cannot be read is said before any is judged.
        let proofs = try files.map { ($0, try AuditFiles.read($0, limit: ProofCheck.byteCountMax)) }
        var statuses: Set<Int32> = []
        for (file, bytes) in proofs {
            let check = ProofCheck(bytes, anchors, expecting: expectation)
            let name = files.count > 1 && !json ? file + "\n" : ""
            print(name + (json ? check.json : check.text))
            statuses.insert(check.exitStatus)
        }
        for status in [1, 2] as [Int32] where statuses.contains(status) { throw ExitCode(status) }
    }

    /// The bytes of a record, from a file of them or from the `extra` line of a tlog-proof.
    private func recordBytes(_ path: String) throws -> [UInt8] {
        let bytes = try AuditFiles.read(path, limit: TlogProof.bytesMax)
        guard TlogProof.isProof(bytes) else { return bytes }
        do throws(LogError) {
            guard let record = try TlogProof(bytes).extra else {
                throw .malformed("the tlog-proof", expected: "a line `extra` with the record")
            }
            return record
        } catch { throw AuditFiles.fail("--record \(path): \(error)") }
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
            let reading = reading(fact).map { "  \($0)" } ?? ""
            return fact.name + String(repeating: " ", count: width - fact.name.count) + fact.value + reading
        }
        return ([verdict] + lines).joined(separator: "\n")
    }

    /// A time or an amount as people read it; nil for what is neither.
    private func reading(_ fact: (name: String, value: String)) -> String? {
        func other(_ name: String) -> String? { facts.first { $0.name == name }?.value }
        switch fact.name {
        case "signed", "promised-by": return UInt64(fact.value).map(HumanForm.time)
        case "amount", "total":
            guard let decimals = other("decimals").flatMap({ Int($0) }), let symbol = other("symbol") else {
                return nil
            }
            return "\(HumanForm.amount(fact.value, decimals: decimals)) \(symbol)"
        default: return nil
        }
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

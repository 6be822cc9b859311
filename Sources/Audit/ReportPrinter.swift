/// An audit's report for people, and for programs.
enum ReportPrinter {
    /// Lines of a name and a value; the verdict last.
    static func text(_ report: AuditReport) -> String {
        var lines: [String] = []
        func add(_ name: String, _ value: String) {
            lines.append(name + String(repeating: " ", count: max(1, 14 - name.count)) + value)
        }
        let counts = report.counts
        // Nothing was read: a block of zeros would hide why.
        if counts.records == 0, report.finding == nil {
            for reason in report.notChecked { add("NOT CHECKED", reason) }
            return lines.joined(separator: "\n")
        }
        if let venue = report.venueId { add("venue", venue) }
        if let start = report.startedBehind {
            let commitment = report.startCommitment.map { "the one that record \($0) commits to" }
            let state = commitment ?? "not borne out by a commitment that was checked"
            add("begins behind", "\(start): records 1 to \(start) were not replayed: their state is \(state)")
        }
        add("records", "\(counts.records), \(counts.commands) commands")
        add("orders", "\(counts.orders), \(counts.trades) trades")
        add("signatures", "\(counts.signatures)")
        add("commitments", "\(counts.commitments)")
        add("checkpoints", "\(counts.checkpoints), \(counts.cosignatures) cosignatures")
        if counts.batches > 0 { add("batches", "\(counts.batches)") }
        if let through = report.dataThrough {
            add("layer", through > 0 ? "compared through record \(through)" : "nothing was compared")
        }
        if counts.feedMessages > 0 { add("feed", "\(counts.feedMessages) messages") }
        if let head = report.chainHead { add("chain head", head) }
        if let root = report.logRoot { add("log root", root) }
        if let size = report.checkpointSize { add("checkpoint", "\(size), the same root as the local log") }
        if let saved = report.savedThrough { add("snapshot", "written, of the state behind record \(saved)") }
        if report.seconds > 0 { add("rate", "\(Int(Double(counts.records) / report.seconds)) records/s") }
        for note in report.notes { add("note", note) }
        for reason in report.notChecked { add("NOT CHECKED", reason) }
        if let finding = report.finding {
            add("VERDICT", finding.verdict.rawValue)
            if let sequence = finding.sequence { add("record", "\(sequence)") }
            add("expected", finding.expected)
            add("found", finding.found)
        } else if report.notChecked.isEmpty {
            lines.append("all that was asked for holds")
        }
        return lines.joined(separator: "\n")
    }

    /// One JSON object on one line.
    static func json(_ report: AuditReport) -> String {
        let counts = report.counts
        var parts: [String] = []
        func add(_ name: String, _ value: String) { parts.append("\"\(name)\":\(value)") }
        func string(_ text: String?) -> String { text.map(quoted) ?? "null" }
        add("exit", "\(report.exitStatus)")
        add("verdict", string(report.finding?.verdict.rawValue))
        add("sequence", report.finding?.sequence.map { "\($0)" } ?? "null")
        add("expected", string(report.finding?.expected))
        add("found", string(report.finding?.found))
        add("notChecked", "[\(report.notChecked.map(quoted).joined(separator: ","))]")
        add("notes", "[\(report.notes.map(quoted).joined(separator: ","))]")
        add("venue", string(report.venueId))
        add("chainHead", string(report.chainHead))
        add("logRoot", string(report.logRoot))
        add("checkpointSize", report.checkpointSize.map { "\($0)" } ?? "null")
        for (name, value) in [
            ("records", counts.records), ("commands", counts.commands), ("orders", counts.orders),
            ("trades", counts.trades), ("signatures", counts.signatures), ("commitments", counts.commitments),
            ("checkpoints", counts.checkpoints), ("cosignatures", counts.cosignatures),
            ("batches", counts.batches), ("feedMessages", counts.feedMessages),
        ] { add(name, "\(value)") }
        add("startedBehind", report.startedBehind.map { "\($0)" } ?? "null")
        add("startCommitment", report.startCommitment.map { "\($0)" } ?? "null")
        add("savedThrough", report.savedThrough.map { "\($0)" } ?? "null")
        add("dataThrough", report.dataThrough.map { "\($0)" } ?? "null")
        add("seconds", "\(report.seconds)")
        return "{\(parts.joined(separator: ","))}"
    }

    /// A JSON string.
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\u{0}"..<" ": quoted += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

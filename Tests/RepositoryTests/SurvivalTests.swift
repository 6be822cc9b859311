import Testing

/// `Tests/Survival.md` maps what has to be survived to the tests that show it. This holds its tables to their word.
@Suite("Survival tables") struct SurvivalTests {
    /// What has to be survived, by the page's headings; each table has these lines, in this order.
    private static let node = [
        "truncated, oversized and overlapping frames",
        "unknown template, schema version and enum values",
        "bad signature",
        "each case of the nonce rule",
        "published orders replayed by a stranger",
        "stale deadline",
        "unknown account, instrument",
        "a session that speaks for an account that did not sign its logon",
        "insufficient funds",
        "overflow in price × quantity",
        "full tables",
        "a client that never reads",
        "a client that sends one byte a second",
        "1,000 connections",
        "loss, duplication and reordering of multicast",
        "kill -9 at random moments under load",
        "torn tail at every byte offset",
        "a flipped bit at every byte of a small journal",
        "a client whose message imitates a journal record",
        "disk full at roll",
        "wrong, missing or unknown configuration keys",
    ]
    private static let settlement = [
        "kill -9 at each step of a checkpoint",
        "kill -9 at each step of a batch for data availability",
        "loss of power at any step, with any of what was not synchronised",
        "a failed fsync",
        "a restored older journal",
        "journal, what was signed and what was published restored together to an older copy",
        "corrupted tiles, and tiles of the wrong width",
        "a missing tile",
        "a journal truncated under it",
        "disk full",
        "a proxy that answers 429, 503 or 418, times out, loses answers, gives wrong or truncated bytes",
        "a witness that refuses, lies, is slow or answers 409",
        "a verifier fed hostile checkpoint and tile bytes",
        "a verifier fed hostile note bytes",
        "a verifier fed hostile proof bytes",
        "a verifier fed hostile batch bytes",
        "a verifier fed hostile evidence",
        "an empty directory",
        "an attacker's key inside the directory",
    ]
    private static let page = SourceFile(path: "Tests/Survival.md", text: Repository.text("Tests/Survival.md"))

    /// A row: what, the tests' file below Tests, the function.
    private struct Row {
        var what: String
        var file: String
        var function: String
    }

    /// The rows below a heading.
    private static func rows(_ heading: String) -> [Row] {
        let section = page.lines.drop { $0 != "## " + heading }.dropFirst().prefix { !$0.hasPrefix("## ") }
        return section.compactMap { line in
            let cells = cells(line)
            guard cells.count == 3, cells[1].hasSuffix(".swift") else { return nil }
            return Row(what: cells[0], file: cells[1], function: cells[2])
        }
    }

    /// The cells of a line of a table, without marks of code.
    private static func cells(_ line: String) -> [String] {
        line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast().map { cell in
            String(cell.replacing("`", with: "").trimming { $0 == " " })
        }
    }

    @Test(
        "each table has every line, and no other",
        arguments: [("The node", node), ("Settlement and audit", settlement)])
    func complete(_ heading: String, _ lines: [String]) {
        var named: [String] = []
        for row in Self.rows(heading) where !row.what.isEmpty { named.append(row.what) }
        #expect(named == lines)
    }

    @Test("the page has every variable that asks a test for more")
    func variables() {
        let parts = Self.page.lines.compactMap { line in Self.cells(line).first }
        let named = parts.filter { $0.hasPrefix("GLASSBOOK_") }
        // These are no matter of how much: where executables are, and tests that write what they would compare.
        let others: Set = ["GLASSBOOK_EXECUTABLES", "GLASSBOOK_WRITE_PAGES", "GLASSBOOK_WRITE_GOLDEN"]
        var read: Set<String> = []
        for line in Repository.files.filter({ $0.isSwift && $0.path.hasPrefix("Tests/") }).flatMap(\.lines) {
            for match in line.matches(of: /environment\["(GLASSBOOK_[A-Z_]+)"\]/) {
                read.insert(String(match.output.1))
            }
        }
        #expect(!named.isEmpty && Set(named) == read.subtracting(others))
    }

    @Test("every test that the table names is a test")
    func testsExist() {
        let rows = Self.rows("The node") + Self.rows("Settlement and audit")
        #expect(rows.count >= Self.node.count + Self.settlement.count)
        for row in rows {
            guard let file = Repository.files.first(where: { $0.path == "Tests/\(row.file)" }) else {
                Issue.record("no file Tests/\(row.file)")
                continue
            }
            let index = file.lines.firstIndex { $0.contains("func \(row.function)(") }
            #expect(index != nil, "Tests/\(row.file) has no function \(row.function)")
            guard let index else { continue }
            // An empty line, or the end of what is before, is above its attributes.
            let above = file.lines[..<index].reversed().prefix { !$0.isEmpty && !$0.hasPrefix("    }") }
            let attributes = above.joined() + file.lines[index]
            #expect(attributes.contains("@Test"), "\(row.function) is not a test")
        }
    }
}

extension StringProtocol {
    /// Without the characters at both ends that match.
    fileprivate func trimming(_ isDropped: (Character) -> Bool) -> Substring {
        let head = Substring(self).drop(while: isDropped)
        guard let last = head.lastIndex(where: { !isDropped($0) }) else { return "" }
        return head[...last]
    }
}

import Testing

/// `Tests/Survival.md` maps what the node has to survive to the tests that show it. This holds the table to its word.
@Suite("Survival table") struct SurvivalTests {
    /// What the node has to survive; the table has each of these, in this order.
    private let lines = [
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

    /// A row: what, the tests' file below Tests, the function.
    private struct Row {
        var what: String
        var file: String
        var function: String
    }

    private var rows: [Row] {
        Repository.text("Tests/Survival.md").split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).map { cell in
                String(cell.replacing("`", with: "").trimming { $0 == " " })
            }
            guard cells.count == 5, cells[2].hasSuffix(".swift") else { return nil }
            return Row(what: cells[1], file: cells[2], function: cells[3])
        }
    }

    @Test("the table has every line, and no other")
    func complete() {
        var named: [String] = []
        for row in rows where !row.what.isEmpty { named.append(row.what) }
        #expect(named == lines)
    }

    @Test("every test that the table names is a test")
    func testsExist() {
        #expect(rows.count >= lines.count)
        for row in rows {
            guard let file = Repository.files.first(where: { $0.path == "Tests/\(row.file)" }) else {
                Issue.record("no file Tests/\(row.file)")
                continue
            }
            let index = file.lines.firstIndex { $0.contains("func \(row.function)(") }
            #expect(index != nil, "Tests/\(row.file) has no function \(row.function)")
            guard let index else { continue }
            let attributes = file.lines[max(0, index - 8)...index].joined()
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

import Foundation

/// The table of Catalogue.md.
struct Catalogue {
    struct Row: Equatable {
        /// What the fraud is called.
        let fraud: String
        let how: String
        /// What `verifier audit` says.
        let verdict: String
        /// Kind of the evidence, and what it convicts of.
        let conviction: String
        /// What `verifier accuse` is given besides the published files.
        let accusedWith: String
    }

    /// Where the table has nothing to say.
    static let none = "–"

    let rows: [Row]
    /// The cells of every table, without the names of the columns, by the heading that it stands under.
    private let tables: [String: [[String]]]

    init() throws {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Catalogue.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        var tables: [String: [[String]]] = [:]
        var heading = ""
        for line in text.split(separator: "\n") {
            if line.hasPrefix("## ") { heading = String(line.dropFirst(3)) }
            guard line.hasPrefix("| ") else { continue }
            let cells = line.split(separator: "|").map {
                $0.trimmingCharacters(in: .whitespaces).replacing("`", with: "")
            }
            tables[heading, default: []].append(cells)
        }
        self.tables = tables.mapValues { Array($0.dropFirst()) }
        rows = self.tables["Frauds", default: []].map { cells in
            Row(fraud: cells[0], how: cells[1], verdict: cells[2], conviction: cells[3], accusedWith: cells[4])
        }
    }

    /// First and last column of a table.
    func outcomes(_ heading: String) -> [String: String] {
        Dictionary(tables[heading, default: []].map { ($0[0], $0[$0.count - 1]) }) { one, _ in one + " twice" }
    }

    subscript(fraud: String) -> Row? { rows.first { $0.fraud == fraud } }
}

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
    }

    /// Where the table has nothing to say.
    static let none = "–"

    let rows: [Row]

    init() throws {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Catalogue.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        rows = text.split(separator: "\n").compactMap { line in
            guard line.hasPrefix("| ") else { return nil }
            let cells = line.split(separator: "|", omittingEmptySubsequences: true).map {
                $0.trimmingCharacters(in: .whitespaces).replacing("`", with: "")
            }
            guard cells.count == 4, cells[0] != "Fraud" else { return nil }
            return Row(fraud: cells[0], how: cells[1], verdict: cells[2], conviction: cells[3])
        }
    }

    subscript(fraud: String) -> Row? { rows.first { $0.fraud == fraud } }
}

/// The rules over single files, as functions from text to violations.
enum Rules {
    static let lineLengthMax = 120
    static let lineCountMax = 500
    static let executableLineCountMax = 149
    static let pageLineCountMin = 8

    /// Modules whose code runs on the threads that never wait.
    static let hotModules: Set<String> = [
        "Wire", "Book", "Ledger", "Venue", "Reference", "Ring", "Journal", "OrderEntry", "MarketData", "Platform",
        "CPlatform", "Cryptography",
    ]

    /// Everything that may stand at the top level, beside hidden files and what is ignored.
    static let topLevel: Set<String> = [
        "Package.swift", "Package.resolved", "Sources", "Tests", "Bench", "tools", "config.toml", "README.md",
        "LICENSE",
    ]
    /// Made by running things, ignored by git.
    static let products: Set<String> = ["run"]

    static func longLines(_ file: SourceFile) -> [Violation] {
        guard file.isSwift else { return [] }
        return each(file) { line in
            line.count > lineLengthMax ? "\(line.count) characters, at most \(lineLengthMax)" : nil
        }
    }

    /// What a generator writes may be long; nobody reads it from top to bottom.
    static func longFile(_ file: SourceFile) -> [Violation] {
        guard file.isSwift, !file.path.contains("/Generated/"), file.lines.count > lineCountMax else { return [] }
        return [Violation(path: file.path, line: file.lines.count, text: "more than \(lineCountMax) lines")]
    }

    static func unfinished(_ file: SourceFile) -> [Violation] {
        // Spelt so that this file does not find itself.
        let words = ["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"]
        // Vectors and other people's formats may contain anything.
        guard !file.path.contains("/Vectors/") else { return [] }
        return each(file) { line in
            words.first { word in
                line.ranges(of: word).contains { range in
                    let before = range.lowerBound > line.startIndex ? line[line.index(before: range.lowerBound)] : " "
                    let after = range.upperBound < line.endIndex ? line[range.upperBound] : " "
                    return !before.isLetter && !before.isNumber && !after.isLetter && !after.isNumber
                }
            }.map { "contains \($0)" }
        }
    }

    static func whitespace(_ file: SourceFile) -> [Violation] {
        guard file.isSwift else { return [] }
        return each(file) { line in
            line.contains("\t") ? "contains a tab" : line.hasSuffix(" ") ? "ends in a space" : nil
        }
    }

    static func foundation(_ file: SourceFile) -> [Violation] {
        guard file.path.hasPrefix("Sources/"), let module = file.module, hotModules.contains(module) else { return [] }
        return imports(file).filter { $0.module.hasPrefix("Foundation") }.map {
            Violation(path: file.path, line: $0.line, text: "\(module) is hot and imports \($0.module)")
        }
    }

    /// A file of Sources that declares nothing: a leftover, or a place where something was meant to be.
    static func dead(_ file: SourceFile) -> [Violation] {
        guard file.isSwift, file.path.hasPrefix("Sources/") else { return [] }
        let code = file.lines.contains { line in
            let text = line.drop { $0 == " " }
            return !text.isEmpty && !text.hasPrefix("//") && !text.hasPrefix("import ")
        }
        return code ? [] : [Violation(path: file.path, line: 1, text: "declares nothing")]
    }

    /// Public declarations of the client library without a line that says what they are: others program against them.
    static func undocumented(_ file: SourceFile) -> [Violation] {
        guard file.isSwift, file.path.hasPrefix("Sources/GlassbookClient/") else { return [] }
        return file.lines.enumerated().compactMap { index, line in
            let words = line.split(separator: " ")
            guard words.first?.hasPrefix("public") == true, !words.contains("extension") else { return nil }
            let above = file.lines[..<index].last { !$0.drop { $0 == " " }.hasPrefix("@") } ?? ""
            guard !above.drop(while: { $0 == " " }).hasPrefix("///") else { return nil }
            return Violation(path: file.path, line: index + 1, text: "public, and says nothing about itself")
        }
    }

    /// The modules that a Swift file imports; text of several lines inside it imports nothing.
    static func imports(_ file: SourceFile) -> [(line: Int, module: String)] {
        let modifiers: Set<Substring> = ["public", "internal", "package", "private", "fileprivate"]
        let kinds: Set<Substring> = [
            "struct", "class", "enum", "protocol", "typealias", "func", "let", "var",
        ]
        guard file.isSwift else { return [] }
        var found: [(Int, String)] = []
        var isInText = false
        for (index, line) in file.lines.enumerated() {
            if line.ranges(of: "\"\"\"").count % 2 == 1 { isInText.toggle() }
            if isInText { continue }
            var words = line.split(separator: " ")[...]
            while let word = words.first, word.hasPrefix("@") || modifiers.contains(word) { words.removeFirst() }
            guard words.first == "import" else { continue }
            words.removeFirst()
            if let kind = words.first, kinds.contains(kind) { words.removeFirst() }
            guard let name = words.first?.split(separator: ".").first else { continue }
            found.append((index + 1, String(name)))
        }
        return found
    }

    private static func each(_ file: SourceFile, _ check: (String) -> String?) -> [Violation] {
        file.lines.enumerated().compactMap { index, line in
            check(line).map { Violation(path: file.path, line: index + 1, text: $0) }
        }
    }
}

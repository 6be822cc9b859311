/// The direction of dependencies: a target may depend on targets of lower layers only; tests on all.
enum Layers {
    static let layers: [[String]] = [
        // C: system libraries and inline functions.
        ["CLiburing", "CSodium", "CPlatform", "CPrefetch", "CAllocationCount"],
        // Foundations, each on its own.
        ["Platform", "Wire", "Cryptography", "Settings", "Program"],
        // Parts.
        ["Ring", "HTTP", "Book", "Ledger", "Monitor"],
        // What is made of the parts.
        ["Venue", "Reference", "Journal", "OrderEntry", "MarketData", "Proof", "GlassbookEngine"],
        ["Replay", "Genesis", "GlassbookClient", "History"],
        ["Availability"],
        [
            "Node", "Benchmark", "ClientExamples", "JournalTool", "Operator", "Settlement", "Audit", "LyingVenue",
        ],
        [
            "execution-plane", "benchmark-client", "examples", "journal", "keys", "operator-tool", "settlement-plane",
            "verifier", "microbenchmarks", "lying-operator",
        ],
    ]

    static func layer(_ name: String) -> Int? { layers.firstIndex { $0.contains(name) } }

    /// What a target must never reach, not even through others.
    static let forbidden: [(target: String, reaches: [String], why: String)] = [
        ("Reference", ["Book", "Ledger", "Venue"], "the second venue shares no code with the first"),
        ("Venue", ["Platform", "CLiburing", "Ring", "Journal"], "the venue is a function: no I/O, no clock"),
        ("OrderEntry", ["Platform", "CLiburing"], "sessions are state machines without sockets"),
        ("MarketData", ["Platform", "CLiburing"], "the feed is a state machine without sockets"),
        ("Audit", ["Book", "Ledger", "Venue", "Node", "Settlement"], "the auditor's venue is the second one"),
        ("Settlement", ["Node", "Reference"], "settlement tails the journal, and replays through the fast venue"),
        ("GlassbookClient", ["Venue", "Ledger", "Book", "Node"], "a client needs nothing of the node"),
    ]

    /// Dependencies that point sideways or upwards, and targets that have no layer.
    static func violations(_ manifest: Manifest) -> [Violation] {
        var found: [Violation] = []
        for target in manifest.targets where target.kind != .test {
            guard let own = layer(target.name) else {
                found.append(violation(target, "\(target.name) has no layer in Layers.swift"))
                continue
            }
            for name in target.dependencies {
                guard let other = layer(name), other >= own else { continue }
                found.append(violation(target, "\(target.name) depends on \(name), which is not below it"))
            }
        }
        for rule in forbidden {
            guard let target = manifest[rule.target] else { continue }
            for name in manifest.reachable(rule.target).intersection(rule.reaches).sorted() {
                found.append(violation(target, "\(rule.target) reaches \(name): \(rule.why)"))
            }
        }
        return found
    }

    /// Imports of targets of this package that the manifest does not declare; they compile by accident.
    static func undeclaredImports(_ file: SourceFile, _ manifest: Manifest) -> [Violation] {
        guard let target = manifest.target(of: file) else { return [] }
        return Rules.imports(file).compactMap { line, name in
            guard manifest[name] != nil, name != target.name, !target.dependencies.contains(name) else { return nil }
            return Violation(path: file.path, line: line, text: "\(target.name) imports \(name) undeclared")
        }
    }

    /// Declared dependencies that no file of the target imports. System libraries are declared to be linked, and
    /// executables by tests that start them.
    static func unusedDependencies(_ files: [SourceFile], _ manifest: Manifest) -> [Violation] {
        manifest.targets.flatMap { target in
            let own = files.filter { $0.path.hasPrefix(target.path + "/") }
            let imported = Set(own.flatMap(Rules.imports).map(\.module))
            let declared = target.dependencies.filter { name in
                switch manifest[name]!.kind {
                case .systemLibrary: false
                case .executable: target.kind != .test
                case .library, .test: true
                }
            }
            return (declared + target.products).filter { !imported.contains($0) }.map {
                violation(target, "\(target.name) declares \($0), and no file of it imports that")
            }
        }
    }

    private static func violation(_ target: Manifest.Target, _ text: String) -> Violation {
        Violation(path: "Package.swift", line: target.line, text: text)
    }
}

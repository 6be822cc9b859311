import Testing

/// Every rule finds what was planted for it: a lint that finds nothing is not distinguishable from one that looks at
/// nothing.
@Suite struct RuleTests {
    private func file(_ path: String, _ text: String) -> SourceFile { SourceFile(path: path, text: text) }

    @Test func longLines() {
        let text = String(repeating: "a", count: 120) + "\n" + String(repeating: "ü", count: 121) + "\n"
        #expect(Rules.longLines(file("Sources/A/A.swift", text)).map(\.line) == [2])
        #expect(Rules.longLines(file("Sources/A/A.md", text)).isEmpty)
    }

    @Test func longFile() {
        let lines = String(repeating: "a\n", count: 500)
        #expect(Rules.longFile(file("Sources/A/A.swift", lines)).isEmpty)
        #expect(Rules.longFile(file("Sources/A/A.swift", lines + "a\n")).count == 1)
        #expect(Rules.longFile(file("Sources/A/Generated/A.swift", lines + "a\n")).isEmpty)
    }

    @Test func unfinished() {
        let word = "TO" + "DO"
        #expect(Rules.unfinished(file("a.md", "a\n// \(word): b\n")).map(\.line) == [2])
        #expect(Rules.unfinished(file("a.md", "\(word)S are \(word.lowercased())\n")).isEmpty)
        #expect(Rules.unfinished(file("tools/a", "# " + "FIX" + "ME\n")).count == 1)
    }

    @Test func whitespace() {
        #expect(Rules.whitespace(file("a.swift", "a \n\tb\nc\n")).map(\.line) == [1, 2])
    }

    @Test func foundation() {
        for line in ["import Foundation", "internal import FoundationEssentials", "import struct Foundation.Data"] {
            #expect(Rules.foundation(file("Sources/Book/A.swift", "\n\(line)\n")).map(\.line) == [2], "\(line)")
            #expect(Rules.foundation(file("Sources/Settings/A.swift", line)).isEmpty)
            #expect(Rules.foundation(file("Tests/BookTests/A.swift", line)).isEmpty)
        }
        #expect(Rules.foundation(file("Sources/Book/A.swift", "// import Foundation\n")).isEmpty)
    }

    @Test func undocumented() {
        let text = """
            /// A.
            public struct A {
                @inlinable
                public var b = 1
                /// C.
                @inlinable
                public init() {}
            }
            """
        #expect(Rules.undocumented(file("Sources/GlassbookClient/A.swift", text)).map(\.line) == [4])
        #expect(Rules.undocumented(file("Sources/Book/A.swift", text)).isEmpty)
    }

    @Test func dead() {
        #expect(Rules.dead(file("Sources/A/A.swift", "// A: see A.md.\nimport B\n\n")).count == 1)
        #expect(Rules.dead(file("Sources/A/A.swift", "// A\nstruct A {}\n")).isEmpty)
    }

    @Test func imports() {
        let text = """
            import A
            @testable import B
            @preconcurrency public import C
            import enum D.E
            // import F
            let important = 1
            let text = \"""
                import G
                \"""
            import H
            """
        #expect(Rules.imports(file("a.swift", text)).map(\.module) == ["A", "B", "C", "D", "H"])
    }

    private let manifest = Manifest(
        """
        func module(_ name: String) {}
        let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
        let package = Package(
            targets: [
                .systemLibrary(name: "CLiburing", pkgConfig: "liburing", providers: [.apt(["Venue"])]),
                // module("Comment")
                .target(
                    name: "Wire", exclude: ["Book"]),
                module("Book", ["Wire", logging, .product(name: "Crypto", package: "swift-crypto")]),
                module("Ledger", ["Wire"]),
                .target(name: "Venue", dependencies: [
                    "Book",
                    "Ledger",
                ]),
                module("Reference", ["Wire"]),
                .executableTarget(name: "journal", dependencies: ["Venue"], path: "Sources/journal"),
                tests("Wire", ["Venue", "journal"], resources: [.copy("Book")]),
                .target(
                    name: "LyingVenue", dependencies: ["Venue"],
                    path: "Tests/LyingVenue"),
            ]
        )
        """)

    @Test func manifestIsRead() throws {
        #expect(
            manifest.targets.map(\.name) == [
                "CLiburing", "Wire", "Book", "Ledger", "Venue", "Reference", "journal", "WireTests", "LyingVenue",
            ])
        #expect(manifest["Venue"]?.dependencies == ["Book", "Ledger"])
        #expect(manifest["Wire"]?.dependencies == [])
        #expect(manifest["Book"]?.line == 9)
        #expect(manifest["Book"]?.products == ["Crypto", "Logging"])
        #expect(manifest["WireTests"]?.dependencies == ["Venue", "journal"])
        #expect(manifest["LyingVenue"]?.path == "Tests/LyingVenue" && manifest["Venue"]?.path == "Sources/Venue")
        #expect(manifest.targets.filter { $0.kind == .executable }.map(\.name) == ["journal"])
        #expect(manifest.targets.filter { $0.kind == .test }.map(\.name) == ["WireTests"])
        #expect(manifest.reachable("journal") == ["Venue", "Book", "Ledger", "Wire"])
        #expect(Layers.violations(manifest).isEmpty)
    }

    @Test func upwardsIsFound() {
        var changed = manifest
        changed.targets[1].dependencies = ["Book"]
        #expect(Layers.violations(changed).first?.text == "Wire depends on Book, which is not below it")
        changed = manifest
        changed.targets[2].dependencies = ["Ledger"]
        #expect(Layers.violations(changed).count == 1)
        changed = manifest
        changed.targets[5].dependencies = ["Ledger"]
        #expect(Layers.violations(changed).map(\.text).contains { $0.hasPrefix("Reference reaches Ledger") })
        changed = manifest
        changed.targets[0].name = "Unheard"
        #expect(Layers.violations(changed).count == 1)
    }

    @Test func undeclaredImportIsFound() {
        let source = file("Sources/Book/A.swift", "import Wire\nimport Ledger\nimport Foundation\n")
        #expect(Layers.undeclaredImports(source, manifest).map(\.line) == [2])
        let test = file("Tests/WireTests/A.swift", "import Wire\nimport Venue\n")
        #expect(Layers.undeclaredImports(test, manifest).map(\.line) == [1])
    }

    @Test func unusedDependencyIsFound() {
        var small = manifest
        small.targets.removeAll { !["CLiburing", "Wire", "Book", "journal", "WireTests"].contains($0.name) }
        small.targets[1].dependencies = ["CLiburing"]
        small.targets[3].dependencies = ["Book"]
        small.targets[4].dependencies = ["Book", "journal"]
        let files = [
            file("Sources/Book/A.swift", "import Wire\nimport Crypto\n"),
            file("Tests/WireTests/A.swift", "import Wire\n"),
            file("Sources/journal/A.swift", "import Booking\n"),
        ]
        #expect(
            Layers.unusedDependencies(files, small).map(\.text) == [
                "Book declares Logging, and no file of it imports that",
                "journal declares Book, and no file of it imports that",
                "WireTests declares Book, and no file of it imports that",
            ])
    }
}

import Testing

/// The rules of the house, over the working copy itself. A violation is printed as `file:line: what`.
@Suite struct RepositoryTests {
    let manifest = Manifest(Repository.text("Package.swift"))

    private func expectNone(_ violations: [Violation], _ location: SourceLocation = #_sourceLocation) {
        #expect(
            violations.isEmpty, "\n\(violations.map(\.description).joined(separator: "\n"))",
            sourceLocation: location)
    }

    @Test("the walk finds the repository")
    func walk() {
        let paths = Set(Repository.files.map(\.path))
        #expect(paths.isSuperset(of: ["Package.swift", "config.toml", "README.md"]))
        #expect(Repository.files.count { $0.isSwift } > 50)
    }

    @Test("Swift lines have at most 120 characters")
    func longLines() { expectNone(Repository.files.flatMap(Rules.longLines)) }

    @Test("Swift files have at most 500 lines")
    func longFiles() { expectNone(Repository.files.flatMap(Rules.longFile)) }

    @Test("nothing is marked as unfinished")
    func unfinished() { expectNone(Repository.files.flatMap(Rules.unfinished)) }

    @Test("no tabs, no spaces at the end of lines")
    func whitespace() { expectNone(Repository.files.flatMap(Rules.whitespace)) }

    @Test("no source file declares nothing")
    func deadFiles() { expectNone(Repository.files.flatMap(Rules.dead)) }

    @Test("hot modules do not import Foundation")
    func foundation() { expectNone(Repository.files.flatMap(Rules.foundation)) }

    @Test("the client library documents what is public")
    func documented() { expectNone(Repository.files.flatMap(Rules.undocumented)) }

    @Test("dependencies point downwards")
    func layers() {
        #expect(manifest.targets.count > 15)
        expectNone(Layers.violations(manifest))
    }

    @Test("every layer's targets exist")
    func layersExist() {
        let targets = manifest.targets.filter { $0.kind != .test }.map(\.name)
        #expect(Set(Layers.layers.joined()).symmetricDifference(targets).isEmpty)
    }

    @Test("every import is declared in Package.swift")
    func imports() { expectNone(Repository.files.flatMap { Layers.undeclaredImports($0, manifest) }) }

    @Test("every declared dependency is imported")
    func unused() { expectNone(Layers.unusedDependencies(Repository.files, manifest)) }

    @Test("every target is read, and has files")
    func targets() {
        let names = Set(manifest.targets.map(\.name))
        #expect(
            names.isSuperset(of: ["LyingVenue", "lying-operator", "CAllocationCount", "RepositoryTests", "FraudTests"]))
        for target in manifest.targets {
            #expect(
                Repository.files.contains { $0.path.hasPrefix(target.path + "/") }, "\(target.name): \(target.path)")
        }
    }

    @Test("every module has its page, and the page says something")
    func pages() {
        let systemLibraries: Set = ["CLiburing", "CSodium"]
        let executables = manifest.targets.filter { $0.kind == .executable }.map(\.name)
        var violations: [Violation] = []
        for module in Repository.directories("Sources")
        where !systemLibraries.contains(module) && !executables.contains(module) {
            let path = "Sources/\(module)/\(module).md"
            let page = SourceFile(path: path, text: Repository.text(path))
            if page.lines.count < Rules.pageLineCountMin {
                violations.append(Violation(path: path, line: page.lines.count, text: "no page, or nothing on it"))
            }
        }
        expectNone(violations)
    }

    @Test("every directory of Sources is a target")
    func directories() {
        let targets = Set(manifest.targets.map(\.name))
        #expect(Set(Repository.directories("Sources")).subtracting(targets).isEmpty)
    }

    @Test("no unsafe flags, so that others can depend on the package")
    func unsafeFlags() {
        let file = SourceFile(path: "Package.swift", text: Repository.text("Package.swift"))
        let lines = file.lines.enumerated().filter { $0.element.contains("unsafeFlags") }
        expectNone(lines.map { Violation(path: file.path, line: $0.offset + 1, text: "unsafeFlags") })
    }

    @Test("executables have less than 150 lines each")
    func executables() {
        let targets = manifest.targets.filter { $0.kind == .executable && $0.name != "microbenchmarks" }
        #expect(targets.count >= 8)
        for target in targets {
            let files = Repository.files.filter { $0.isSwift && $0.path.hasPrefix(target.path + "/") }
            let count = files.reduce(0) { $0 + $1.lines.count }
            #expect((1...Rules.executableLineCountMax).contains(count), "\(target.path):1: \(count) lines")
        }
    }

    @Test("the top level has nothing else")
    func topLevel() {
        let extra = Repository.topLevel.filter {
            !$0.hasPrefix(".") && !Rules.topLevel.contains($0) && !Rules.products.contains($0)
        }
        #expect(extra.isEmpty)
    }
}

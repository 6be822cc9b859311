// swift-tools-version: 6.1
// Glassbook: an exchange node that anyone can audit. Modules and their directions: Tests/RepositoryTests/Layers.swift.

import PackageDescription

/// Modules that other modules may import; the order is the direction of the dependencies.
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, exclude: ["\(name).md"])
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(name: "\(name)Tests", dependencies: dependencies, path: "Tests/\(name)Tests", resources: resources)
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")

let package = Package(
    name: "Glassbook",
    products: [
        .library(name: "GlassbookClient", targets: ["GlassbookClient"]),
        .library(name: "GlassbookEngine", type: .dynamic, targets: ["GlassbookEngine"]),
        .executable(name: "execution-plane", targets: ["execution-plane"]),
        .executable(name: "benchmark-client", targets: ["benchmark-client"]),
        .executable(name: "examples", targets: ["examples"]),
        .executable(name: "journal", targets: ["journal"]),
        .executable(name: "keys", targets: ["keys"]),
        // `operator` is a word of the language and no name of a module.
        .executable(name: "operator", targets: ["operator-tool"]),
        .executable(name: "settlement-plane", targets: ["settlement-plane"]),
        .executable(name: "verifier", targets: ["verifier"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    ],
    targets: [
        // System libraries, and the few inline C functions that Swift cannot import.
        .systemLibrary(name: "CLiburing", pkgConfig: "liburing", providers: [.apt(["liburing-dev"])]),
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .target(name: "CPlatform", exclude: ["CPlatform.md"]),
        .systemLibrary(name: "CPrefetch"),

        // Foundations.
        .target(
            name: "Wire", exclude: ["Wire.md", "order-entry.xml", "journal.xml"]),
        module("Program", [logging]),
        module("Platform", ["CPlatform", "CLiburing"]),
        module("Cryptography", ["CSodium", .product(name: "Crypto", package: "swift-crypto")]),
        module("Ring", ["Platform", "CPlatform"]),
        module("HTTP", ["Platform"]),
        .target(
            name: "Settings", dependencies: [.product(name: "TOMLKit", package: "TOMLKit")],
            exclude: ["Settings.md"]),
        module("Monitor", ["Platform", "Settings"]),

        // The venue, twice.
        module("Book", ["CPrefetch"]),
        module("Ledger", ["Wire", "CPrefetch"]),
        .target(name: "Venue", dependencies: ["Book", "Ledger", "Wire"], exclude: ["Venue.md", "Rules.md"]),
        module("Reference", ["Wire"]),

        // The record, and what is derived from it.
        module("Journal", ["CPlatform", "Platform", "Wire", "Cryptography"]),
        module("Replay", ["Journal", "Platform", "Cryptography", "Wire"]),
        .target(
            name: "Proof", dependencies: ["Cryptography", "Wire", "Platform"],
            exclude: ["Proof.md", "StateRoot.md", "Receipts.md", "Evidence.md"]),
        module("Availability", ["Proof", "Journal", "HTTP", "Cryptography", "Wire", "Platform"]),
        module(
            "History",
            ["Wire", "Cryptography", .product(name: "GRDB", package: "GRDB.swift")]),
        module("Genesis", ["Platform", "Wire", "Cryptography", "Settings", "Journal", "Proof"]),
        module("OrderEntry", ["Wire"]),
        module("MarketData", ["Wire"]),

        // Both sides of the wire.
        module(
            "Node",
            [
                "CPlatform", "Platform", "Ring", "Wire", "Cryptography", "Venue", "Ledger", "Journal", "Replay",
                "Genesis",
                "OrderEntry", "MarketData", "Settings", logging,
            ]),
        module("GlassbookClient", ["Wire", "Cryptography", "Platform", "MarketData", "Proof"]),
        module(
            "Benchmark",
            [
                "GlassbookClient", "MarketData", "Platform", "Wire", "Cryptography", "Settings", histogram,
                argumentParser,
            ]),
        // Settlement and audit.
        module(
            "Settlement",
            [
                "Proof", "Availability", "History", "Journal", "Replay", "Venue", "GlassbookClient", "Settings",
                "Genesis",
                "HTTP", "Platform", "Program", "Wire", "Cryptography", logging,
            ]),
        module(
            "Audit",
            [
                "Proof", "Availability", "Journal", "Replay", "Reference", "MarketData", "HTTP", "Platform", "Program",
                "Wire", "Cryptography", argumentParser,
            ]),
        module("ClientExamples", ["GlassbookClient", "Proof", "Settings", "Cryptography", "Platform", "Wire"]),
        module(
            "Operator",
            [
                "GlassbookClient", "Genesis", "Monitor", "Settings", "Cryptography", "Platform", "Wire", argumentParser,
            ]),
        .target(name: "GlassbookEngine", dependencies: ["Book"], path: "Bench/GlassbookEngine"),
        .executableTarget(
            name: "microbenchmarks",
            dependencies: [
                "CSodium", "Venue", "Wire", "Cryptography", "Ring", "Journal", "Replay", "Proof", "Platform",
                "Settlement", "Settings", "Genesis", argumentParser, logging,
            ],
            path: "Bench/microbenchmarks"),

        // Executables: they read the configuration, wire the parts and run.
        .executableTarget(name: "execution-plane", dependencies: ["Node", "Program", "Settings", argumentParser]),
        .executableTarget(
            name: "benchmark-client", dependencies: ["Benchmark"]),
        module("JournalTool", ["Journal", "Replay", "Venue", "Reference", "Wire", "Cryptography", argumentParser]),
        .executableTarget(name: "examples", dependencies: ["ClientExamples", argumentParser]),
        .executableTarget(name: "journal", dependencies: ["JournalTool", "Program"]),
        .executableTarget(
            name: "settlement-plane", dependencies: ["Settlement", "Program", "Platform", argumentParser]),
        .executableTarget(name: "verifier", dependencies: ["Audit"]),
        .executableTarget(
            name: "keys", dependencies: ["Genesis", "Operator", "Cryptography", "Settings", argumentParser]),
        .executableTarget(name: "operator-tool", dependencies: ["Operator"]),

        // Unit tests, beside their module's name.
        tests("Wire", ["Wire"]),
        tests("Program", ["Program", logging]),
        tests("Platform", ["Platform"]),
        tests("Cryptography", ["Cryptography", "CSodium"], resources: [.copy("Vectors")]),
        tests("Ring", ["Ring", "Platform"]),
        tests("HTTP", ["HTTP", "Platform"]),
        tests("Settings", ["Settings"]),
        tests("Book", ["Book"]),
        tests("Ledger", ["Ledger", "Wire"]),
        tests("Venue", ["Venue", "Book", "Ledger", "Wire"]),
        tests(
            "Journal", ["Journal", "Platform", "Wire", "Cryptography"], resources: [.copy("Golden")]),
        tests("OrderEntry", ["OrderEntry", "Wire", "Cryptography"]),
        tests("MarketData", ["MarketData", "Wire"]),
        tests("Replay", ["Replay", "Journal", "Venue", "Reference", "Platform", "Wire", "Cryptography"]),
        tests(
            "GlassbookClient", ["GlassbookClient", "MarketData", "Proof", "Platform", "Wire", "Cryptography"]),
        tests(
            "Node",
            [
                "Node", "Journal", "Venue", "OrderEntry", "MarketData", "Settings", "Wire", "Cryptography",
            ]),
        tests("Monitor", ["Monitor", "Settings", "Platform"]),
        tests("Operator", ["Operator", "Cryptography"]),
        tests("Reference", ["Reference", "Wire"]),
        tests("Proof", ["Proof", "Wire", "Cryptography", "Platform"]),
        tests("Availability", ["Availability", "Journal", "Wire", "Cryptography"]),
        tests("History", ["History", "Venue", "Wire", "Cryptography"]),
        // Kinds of tests that cross modules.
        tests("Benchmark", ["Benchmark", "execution-plane", "Settings", "Platform", "Wire", "Cryptography"]),
        tests("Differential", ["Proof", "Venue", "Reference", "Wire", "Cryptography"]),
        .target(name: "CAllocationCount", path: "Tests/CAllocationCount"),
        tests(
            "System",
            [
                "Node", "execution-plane", "examples", "keys", "operator-tool", "CAllocationCount",
                "GlassbookClient", "Journal", "Replay",
                "Venue", "MarketData", "Settings", "Platform", "Wire", "Cryptography", logging,
            ], resources: [.copy("Python")]),
        tests(
            "Settlement",
            [
                "Settlement", "Audit", "settlement-plane", "verifier", "execution-plane", "examples", "keys", "Proof",
                "Availability", "History",
                "GlassbookClient", "Genesis", "Journal", "Replay", "Venue", "Reference", "Settings", "HTTP", "Platform",
                "Wire", "Cryptography", logging,
            ]),
        tests(
            "Audit",
            [
                "Audit", "verifier", "Proof", "Availability", "Journal", "Replay", "MarketData", "Venue", "Reference",
                "HTTP", "Platform", "Wire", "Cryptography",
            ]),
        .target(
            name: "LyingVenue", dependencies: ["Venue", "GlassbookClient", "Journal", "Proof", "Cryptography", "Wire"],
            path: "Tests/LyingVenue"),
        .executableTarget(
            name: "lying-operator", dependencies: ["LyingVenue", argumentParser], path: "Tests/LyingOperator"),
        tests(
            "Fraud",
            [
                "LyingVenue", "GlassbookClient", "Audit", "verifier", "Proof", "Availability", "Platform", "Wire",
                "Cryptography",
            ], resources: [.copy("Catalogue.md")]),
        tests(
            "Interop",
            [
                "GlassbookClient", "MarketData", "Journal", "Replay", "Venue", "Settings", "Platform", "Wire",
                "Cryptography", "Proof",
            ], resources: [.copy("Go"), .copy("Python")]),
        tests("Repository", []),
    ],
    swiftLanguageModes: [.v6]
)

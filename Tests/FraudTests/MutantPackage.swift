/// The scratch package of the mutants: which Sources are copied, and what stands in for what is not.
enum MutantPackage {
    /// A module of Sources.
    struct Module {
        let name: String
        let dependencies: [String]
        /// Beginnings of the names of the files that are copied; nil: all.
        var only: [String]?

        func takes(_ file: String) -> Bool { only?.contains { file.hasPrefix($0) } ?? true }
    }

    static let modules = [
        Module(name: "CPrefetch", dependencies: []), Module(name: "CSodium", dependencies: []),
        Module(name: "Wire", dependencies: []), Module(name: "Book", dependencies: ["CPrefetch"]),
        Module(name: "Ledger", dependencies: ["Wire", "CPrefetch"]),
        Module(name: "Venue", dependencies: ["Book", "Ledger", "Wire"]),
        Module(name: "Cryptography", dependencies: ["CSodium", "Crypto"]),
        Module(
            name: "Proof", dependencies: ["Cryptography", "Wire", "Platform"],
            only: [
                "State", "BalanceProof", "MerkleHash", "MerkleTree", "TreeFrontier", "NumberedFile", "LogError",
                "TouchedParts",
                "Checkpoint", "SignedNote", "VerifierKey", "LogText", "Base64",
            ]),
        Module(name: "MarketData", dependencies: ["Wire"], only: ["FeedEncoder"]),
        Module(name: "Availability", dependencies: ["Proof", "Cryptography", "Wire"], only: ["Batch.swift"]),
    ]

    private static let systemLibraries: Set = ["CPrefetch", "CSodium"]

    /// Files that are not copies.
    static var files: [String: String] {
        [
            "Package.swift": manifest, "Sources/CMutation/CMutation.h": header,
            "Sources/CMutation/module.modulemap": "module CMutation { header \"CMutation.h\" export * }\n",
            "Sources/Crypto/SHA256.swift": sha256, "Sources/Platform/PlatformError.swift": platformError,
        ]
    }

    private static let header = """
        #pragma once
        #include <stdlib.h>
        /* Number of the mutant that is active; 0 = none. */
        static inline int mutation_active(void) {
            static int active = -1;
            if (active < 0) {
                const char *text = getenv("MUTATION");
                active = text ? atoi(text) : 0;
            }
            return active;
        }

        """

    /// swift-crypto takes minutes to build; libsodium has the same hash.
    private static let sha256 = """
        import CSodium

        public struct SHA256 {
            private var state = crypto_hash_sha256_state()
            public init() { crypto_hash_sha256_init(&state) }

            public struct Digest {
                var bytes = [UInt8](repeating: 0, count: 32)
                public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
                    try bytes.withUnsafeBytes(body)
                }
            }

            public mutating func update(bufferPointer bytes: UnsafeRawBufferPointer) {
                guard let base = bytes.baseAddress else { return }
                crypto_hash_sha256_update(&state, base.assumingMemoryBound(to: UInt8.self), UInt64(bytes.count))
            }

            public func finalize() -> Digest {
                var copy = state, digest = Digest()
                crypto_hash_sha256_final(&copy, &digest.bytes)
                return digest
            }

            public static func hash(data: UnsafeRawBufferPointer) -> Digest {
                var hash = SHA256()
                hash.update(bufferPointer: data)
                return hash.finalize()
            }
        }

        """

    /// Nothing that is copied makes a system call.
    private static let platformError = """
        public struct PlatformError: Error, Equatable, Sendable {}

        """

    private static var manifest: String {
        let targets = modules.map { module in
            if systemLibraries.contains(module.name) { return "        .systemLibrary(name: \"\(module.name)\"),\n" }
            let names = (module.dependencies + ["CMutation"]).map { "\"\($0)\"" }.joined(separator: ", ")
            return "        .target(name: \"\(module.name)\", dependencies: [\(names)]),\n"
        }
        return """
            // swift-tools-version: 6.1
            import PackageDescription

            let package = Package(
                name: "mutants",
                targets: [
                    .systemLibrary(name: "CMutation"), .target(name: "Platform"),
                    .target(name: "Crypto", dependencies: ["CSodium"]),
            \(targets.joined())        .executableTarget(
                        name: "driver",
                        dependencies: ["Venue", "Proof", "MarketData", "Availability", "Cryptography", "Wire"]),
                ],
                swiftLanguageModes: [.v6])

            """
    }
}

import Cryptography
import Foundation
import Proof
import Testing

/// A log in memory, and what is asked of golang.org/x/mod about it.
private struct Log: TreeSource {
    let signer = NoteSigner(name: "glassbook.test/0123456789abcdef", key: SigningKey(insecureDeterministic: 5))!
    let leaves: [Hash256]

    init(_ count: Int) { leaves = (0..<UInt64(count)).map { MerkleHash.leaf(Self.record($0)) } }

    static func record(_ index: UInt64) -> [UInt8] { Array("record \(index)".utf8) }

    func hash(level: Int, index: UInt64) throws(LogError) -> Hash256 {
        guard index < UInt64(leaves.count) >> UInt64(level) else { throw .missing("\(level)/\(index)") }
        return MerkleTree.root(Array(leaves[(Int(index) << level)..<(Int(index + 1) << level)]))
    }

    func root(_ size: UInt64) throws -> Hash256 { try MerkleTree.root(size: size, self) }

    /// A signed checkpoint, with a witness's cosignature of which the other side knows nothing.
    func note(_ size: UInt64, root: Hash256? = nil) throws -> [UInt8] {
        let root = try root ?? self.root(size)
        let text = Checkpoint(origin: signer.verifierKey.name, size: size, root: root).text
        let witness = NoteSigner(name: "witness.test", key: SigningKey(insecureDeterministic: 6), kind: .cosignature)!
        return SignedNote(text: text, signatures: [witness.sign(text, time: 1), signer.sign(text)]).bytes
    }

    func question(note: [UInt8]) -> String { "note \(signer.verifierKey) \(Base64.encode(note))" }

    func question(record: [UInt8], _ index: UInt64, _ path: [Hash256], in note: [UInt8]) -> String {
        "record \(signer.verifierKey) \(Base64.encode(note)) \(index) \(Base64.encode(record)) \(Self.text(path))"
    }

    func question(from old: [UInt8], to new: [UInt8], _ proof: [Hash256]) -> String {
        "tree \(signer.verifierKey) \(Base64.encode(old)) \(Base64.encode(new)) \(Self.text(proof))"
    }

    private static func text(_ hashes: [Hash256]) -> String {
        hashes.isEmpty ? "-" : Base64.encode(hashes.flatMap { Array($0) })
    }
}

/// `sumdb/note` and `sumdb/tlog` of golang.org/x/mod, asked by a program of ours.
@Suite("Go's checksum database packages")
struct LogCheckTests {
    /// 1, and the powers of two with their neighbours.
    private static let sizes: [UInt64] = {
        let powers: [UInt64] = (0...10).map { 1 << $0 }
        return Set(powers.flatMap { [max($0, 2) - 1, $0, $0 + 1] }).sorted()
    }()
    private let log = Log(1_100)

    /// The program, built once in a run.
    private static let program = Result {
        let source = Tools.root.appending(path: "Tests/InteropTests/Go/logcheck.go").path
        let program = Tools.root.appending(path: ".build/go/logcheck")
        let environment = [
            "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "CGO_ENABLED": "0",
            "GOCACHE": Tools.root.appending(path: ".build/go/cache").path,
        ]
        _ = try Tools.run(Tools.go(), ["build", "-o", program.path, source], environment: environment)
        return program
    }

    /// The answers to questions; nil = accepted, else why not.
    private static func answers(_ questions: [String]) throws -> [String?] {
        let lines = try Tools.run(program.get(), [], input: questions.joined(separator: "\n") + "\n")
            .split(separator: "\n").map(String.init)
        #expect(lines.count == questions.count)
        return lines.map { $0 == "accepted" ? nil : $0 }
    }

    private static func expect(accepted questions: [String], sourceLocation: SourceLocation = #_sourceLocation) throws {
        for (question, answer) in zip(questions, try answers(questions)) where answer != nil {
            Issue.record("\(answer!): \(question.prefix(200))", sourceLocation: sourceLocation)
        }
    }

    private static func expect(rejected questions: [String], sourceLocation: SourceLocation = #_sourceLocation) throws {
        for (question, answer) in zip(questions, try answers(questions)) where answer == nil {
            Issue.record("accepted: \(question.prefix(200))", sourceLocation: sourceLocation)
        }
    }

    @Test("checkpoints are accepted, and changed ones are not")
    func notes() throws {
        try Self.expect(accepted: ([0] + Self.sizes).map { log.question(note: try log.note($0)) })
        let note = try log.note(7)
        var changed: [String] = []
        for offset in note.indices {
            var bytes = note
            bytes[offset] ^= 1
            // What a witness wrote is nothing to those who do not know the witness.
            let lines = String(decoding: note[..<offset], as: UTF8.self).split(
                separator: "\n", omittingEmptySubsequences: false)
            guard lines.count != 5 else { continue }
            changed.append(log.question(note: bytes))
        }
        try Self.expect(rejected: changed)
    }

    @Test("inclusion proofs are accepted, and altered ones are not")
    func records() throws {
        var (good, bad) = ([String](), [String]())
        for size in Self.sizes {
            let note = try log.note(size)
            let indexes = size <= 17 ? Array(0..<size) : [0, 1, size / 2, size / 3, size - 2, size - 1]
            for index in indexes {
                let record = Log.record(index)
                let path = try MerkleTree.inclusionProof(index: index, size: size, log)
                good.append(log.question(record: record, index, path, in: note))
                bad.append(log.question(record: record + [0], index, path, in: note))
                bad.append(log.question(record: record, index + 1, path, in: note))
                bad.append(log.question(record: record, size + index, path, in: note))
                bad.append(log.question(record: record, index, path + [.zero], in: note))
                bad.append(log.question(record: record, index, path, in: try log.note(size, root: .zero)))
                guard let last = path.last else { continue }
                bad.append(log.question(record: record, index, path.dropLast(), in: note))
                bad.append(log.question(record: record, index, path.dropLast() + [last.flipped], in: note))
                bad.append(log.question(record: record, index, [last] + path, in: note))
            }
        }
        try Self.expect(accepted: good)
        try Self.expect(rejected: bad)
    }

    @Test("consistency proofs are accepted, and altered ones are not")
    func trees() throws {
        var (good, bad) = ([String](), [String]())
        for size in Self.sizes {
            let note = try log.note(size)
            for old in Self.sizes where old <= size {
                let (before, proof) = (try log.note(old), try MerkleTree.consistencyProof(old: old, size: size, log))
                good.append(log.question(from: before, to: note, proof))
                bad.append(log.question(from: before, to: note, proof + [.zero]))
                bad.append(log.question(from: try log.note(old, root: .zero), to: note, proof))
                bad.append(log.question(from: before, to: try log.note(size, root: .zero), proof))
                guard let last = proof.last else { continue }
                bad.append(log.question(from: note, to: before, proof))
                bad.append(log.question(from: before, to: note, proof.dropLast()))
                bad.append(log.question(from: before, to: note, [last.flipped] + proof.dropFirst()))
            }
        }
        try Self.expect(accepted: good)
        try Self.expect(rejected: bad)
    }

    @Test(
        "tiles and entry bundles are accepted, and damaged ones are not", arguments: [1, 255, 256, 257, 65_537, 70_000])
    func tiles(_ size: Int) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "glassbook-tiles-" + UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: directory) }
        var tiles = try TileWriter(directory: directory.path)
        var entries = EntryWriter(directory: directory.path, size: 0)
        for index in 0..<UInt64(size) {
            let record = Log.record(index)
            tiles.append(MerkleHash.leaf(record))
            try record.withUnsafeBytes { try entries.append($0) }
        }
        try tiles.publish()
        try entries.publish()
        let note = try log.note(UInt64(size), root: tiles.root)
        let question = "tiles \(log.signer.verifierKey) \(Base64.encode(note)) \(directory.path)"
        try Self.expect(accepted: [question])
        for kind in [TilePath.Kind.hashes(level: 0), .entries] {
            let path = try #require(TileReader.path(kind, index: UInt64(size - 1) / 256, size: UInt64(size)))
            let file = directory.appending(path: path.description)
            let bytes = try Data(contentsOf: file)
            var changed = bytes
            changed[changed.count - 1] ^= 1
            try changed.write(to: file)
            try Self.expect(rejected: [question])
            try bytes.dropLast().write(to: file)
            try Self.expect(rejected: [question])
            try bytes.write(to: file)
        }
        try Self.expect(accepted: [question])
    }
}

extension Hash256 {
    /// The hash with one bit changed.
    fileprivate var flipped: Hash256 {
        var bytes = Array(self)
        bytes[31] ^= 1
        return bytes.withUnsafeBytes { Hash256(loading: $0.baseAddress!) }
    }
}

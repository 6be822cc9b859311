import Cryptography
import Glibc
import Platform
import Testing

@testable import Proof

/// A directory of its own, removed with the value that made it.
final class ScratchDirectory {
    let path: String

    init() {
        var template = Array("/tmp/glassbook-proof-XXXXXX".utf8CString)
        path = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)) }
    }

    deinit { Self.remove(path) }

    private static func remove(_ path: String) {
        for name in (try? FileDirectory.names(path)) ?? [] { remove("\(path)/\(name)") }
        if (try? FileDirectory.remove(path)) == nil { try? File.remove(path) }
    }

    /// Every file below it, by its path from there.
    func files() throws -> [String: [UInt8]] {
        var found: [String: [UInt8]] = [:]
        var waiting = [""]
        while let directory = waiting.popLast() {
            for name in try FileDirectory.names(path + directory) {
                let place = "\(directory)/\(name)"
                if (try? FileDirectory.names(path + place)) != nil {
                    waiting.append(place)
                } else {
                    found[String(place.dropFirst())] = try File.readPrefix(path + place, limit: 1 << 24)
                }
            }
        }
        return found
    }

    /// Writes a file as it stands, without care for durability.
    func put(_ name: String, _ bytes: [UInt8]) throws {
        let place = "\(path)/\(name)"
        try FileDirectory.create(String(place[..<place.lastIndex(of: "/")!]))
        let file = try #require(fopen(place, "w"))
        defer { fclose(file) }
        #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    }
}

/// A log in memory: its leaves, its key, and a witness.
struct LogFixture {
    static let origin = "glassbook.test/0123456789abcdef"
    let log = NoteSigner(name: LogFixture.origin, key: SigningKey(insecureDeterministic: 41))!
    let witness = NoteSigner(
        name: "witness.test/w1", key: SigningKey(insecureDeterministic: 42), kind: .cosignature)!
    var source: LeafSource

    init(_ count: Int) { source = LeafSource.numbers(count) }

    static func entry(_ index: UInt64) -> [UInt8] { Array(String(index).utf8) }

    func checkpoint(_ size: UInt64) throws -> Checkpoint {
        Checkpoint(origin: Self.origin, size: size, root: try MerkleTree.root(size: size, source))
    }

    /// A signed checkpoint; cosigned when a time is given.
    func signed(_ size: UInt64, cosigned time: UInt64? = nil) throws -> [UInt8] {
        note(try checkpoint(size).text, cosigned: time)
    }

    func note(_ text: String, cosigned time: UInt64? = nil) -> [UInt8] {
        var signatures = [log.sign(text)]
        if let time { signatures.append(witness.sign(text, time: time)) }
        return SignedNote(text: text, signatures: signatures).bytes
    }

    func proof(_ index: UInt64, _ size: UInt64, cosigned time: UInt64? = nil) throws -> TlogProof {
        TlogProof(
            index: index, path: try MerkleTree.inclusionProof(index: index, size: size, source),
            checkpoint: try signed(size, cosigned: time))
    }

    func request(_ old: UInt64, _ size: UInt64) throws -> WitnessRequest {
        WitnessRequest(
            oldSize: old, proof: try MerkleTree.consistencyProof(old: old, size: size, source),
            checkpoint: try signed(size))
    }
}

/// Numbers that are the same in every run (splitmix64).
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}

/// Bytes as an attacker would change them.
enum Damage {
    /// Every prefix, every flipped bit, and seeded splices: pieces removed, repeated, or taken from another text.
    static func variants(of bytes: [UInt8], other: [UInt8], splices: Int = 500, seed: UInt64 = 1) -> [[UInt8]] {
        var found = bytes.indices.map { Array(bytes[..<$0]) }
        for bit in 0..<(bytes.count * 8) {
            var changed = bytes
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            found.append(changed)
        }
        var numbers = SeededNumbers(seed)
        for _ in 0..<splices {
            func range(_ bytes: [UInt8]) -> Range<Int> {
                let ends = [
                    Int.random(in: 0...bytes.count, using: &numbers), Int.random(in: 0...bytes.count, using: &numbers),
                ]
                return ends.min()!..<ends.max()!
            }
            let (place, piece) = (range(bytes), range(other))
            var changed = bytes
            changed.replaceSubrange(place, with: Bool.random(using: &numbers) ? other[piece] : bytes[range(bytes)])
            found.append(changed)
        }
        return found.filter { $0 != bytes }
    }
}

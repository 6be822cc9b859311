import Cryptography
import Testing

@testable import Proof

/// Proofs from whoever likes to: any numbers, any hashes.
@Suite struct HostileProofTests {
    private static let numbers: [UInt64] = [
        0, 1, 2, 3, 255, 256, 257, 1 << 32, 1 << 62 - 1, 1 << 62, 1 << 62 + 1, 1 << 63 - 1, 1 << 63, .max - 1, .max,
    ]

    @Test("any index, size and length of a path end in an answer, which is no")
    func inclusion() {
        let hash = MerkleHash.leaf([1])
        for index in Self.numbers {
            for size in Self.numbers {
                for count in [0, 1, 2, 32, 61, 62, 63, 64, 65, 1000] where size != 1 || index != 0 || count != 0 {
                    let proof = Array(repeating: hash, count: count)
                    #expect(!MerkleTree.includes(hash, index: index, size: size, proof: proof, root: hash))
                }
            }
        }
    }

    @Test("any sizes and length of a consistency proof end in an answer, which is no")
    func consistency() {
        let (hash, other) = (MerkleHash.leaf([1]), MerkleHash.leaf([2]))
        for old in Self.numbers {
            for size in Self.numbers {
                for count in [0, 1, 2, 32, 61, 62, 63, 64, 65, 1000] {
                    let proof = Array(repeating: hash, count: count)
                    #expect(
                        !MerkleTree.isConsistent(old: old, oldRoot: other, size: size, root: hash, proof: proof))
                }
            }
        }
    }

    @Test("proofs hold in the largest trees, with as many hashes as are read")
    func largest() throws {
        // A tree in which all subtrees of a height are the same.
        struct Uniform: TreeSource {
            func hash(level: Int, index: UInt64) throws(LogError) -> Hash256 {
                (0..<level).reduce(MerkleHash.leaf([])) { hash, _ in MerkleHash.node(hash, hash) }
            }
        }
        let sizes: [UInt64] = [MerkleTree.sizeMax, MerkleTree.sizeMax - 1, 1 << 61 + 1]
        for size in sizes {
            let root = try MerkleTree.root(size: size, Uniform())
            let indexes: [UInt64] = [0, 1, size / 2, size - 2, size - 1]
            for index in indexes {
                let proof = try MerkleTree.inclusionProof(index: index, size: size, Uniform())
                #expect(proof.count <= MerkleTree.proofHashesMax)
                let leaf = MerkleHash.leaf([])
                #expect(MerkleTree.includes(leaf, index: index, size: size, proof: proof, root: root))
                #expect(!MerkleTree.includes(root, index: index, size: size, proof: proof, root: root))
            }
            let olds: [UInt64] = [1, 2, 3, size / 2, size / 2 + 1, size - 1]
            for old in olds {
                let proof = try MerkleTree.consistencyProof(old: old, size: size, Uniform())
                #expect(proof.count <= MerkleTree.proofHashesMax)
                let oldRoot = try MerkleTree.root(size: old, Uniform())
                #expect(
                    MerkleTree.isConsistent(old: old, oldRoot: oldRoot, size: size, root: root, proof: proof))
                #expect(
                    !MerkleTree.isConsistent(old: old, oldRoot: root, size: size, root: root, proof: proof))
            }
        }
    }

    @Test("a proof for one size holds for no other")
    func otherSizes() throws {
        let source = LeafSource.numbers(70)
        for size in UInt64(1)...40 {
            let root = try MerkleTree.root(size: size, source)
            for index in 0..<size {
                let leaf = source.leaves[Int(index)]
                let proof = try MerkleTree.inclusionProof(index: index, size: size, source)
                for other in UInt64(0)..<70 where other != size {
                    let otherRoot = try MerkleTree.root(size: other, source)
                    // Its own root is fixed by the proof; what size goes with it is what the signature says.
                    #expect(!MerkleTree.includes(leaf, index: index, size: other, proof: proof, root: otherRoot))
                }
                for bit in stride(from: 0, to: 256, by: 37) {
                    for position in proof.indices {
                        var changed = proof
                        var bytes = Array(proof[position])
                        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                        changed[position] = bytes.withUnsafeBytes { Hash256(loading: $0.baseAddress!) }
                        #expect(!MerkleTree.includes(leaf, index: index, size: size, proof: changed, root: root))
                    }
                }
            }
        }
    }

    @Test("base64 has one spelling")
    func base64() {
        // RFC 4648, section 10.
        for (text, encoded) in [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            #expect(Base64.encode(Array(text.utf8)) == encoded)
            #expect(Base64.decode(encoded) == Array(text.utf8))
        }
        for bad in ["Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zg==Zg==", "Zm9v\n", " Zm9v", "Zm9_", "Zm9-", "Zm9é"]
        {
            #expect(Base64.decode(bad) == nil)
        }
        var numbers = SeededNumbers(9)
        for count in 0..<200 {
            let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: numbers.next()) }
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
    }
}

import Cryptography
import Testing

@testable import Proof

/// Leaf hashes in memory, as a source of subtrees.
struct LeafSource: TreeSource {
    var leaves: [Hash256]

    func hash(level: Int, index: UInt64) throws(LogError) -> Hash256 {
        let range = Int(index) << level..<Int(index + 1) << level
        guard range.upperBound <= leaves.count else { throw .missing("\(level)/\(index)") }
        return MerkleTree.root(Array(leaves[range]))
    }

    /// The leaves "0", "1", …
    static func numbers(_ count: Int) -> LeafSource {
        LeafSource(leaves: (0..<count).map { MerkleHash.leaf(Array(String($0).utf8)) })
    }
}

@Suite struct MerkleTreeTests {
    @Test(
        "roots are the published ones",
        arguments: [
            (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            (1, "db3426e878068d28d269b6c87172322ce5372b65756d0789001d34835f601c03"),
            (2, "cb00989d94a569c0a678ae042b63dcd4625db96440517f37a6eb7976ea24ed4b"),
            (3, "725d5230db68f557470dc35f1d8865813acd7ebb07ad152774141decbae71327"),
            (7, "a3e23b32ccb6bf96d092d165d8aa546e09829de8f03b0e8957581d1e16b92bdf"),
            (8, "3b85a9626c1ccb64c6b95ec7fa64888defe2cf12e39e77e10812ce5fcb9cb58e"),
        ])
    func vectors(_ size: Int, _ root: String) {
        #expect(MerkleTree.root(LeafSource.numbers(size).leaves).hexadecimal == root)
    }

    @Test("every inclusion proof holds for its leaf, index, size and root, and for no other")
    func inclusion() throws {
        let source = LeafSource.numbers(130)
        for size in UInt64(1)..<130 {
            let root = try MerkleTree.root(size: size, source)
            for index in 0..<size {
                let proof = try MerkleTree.inclusionProof(index: index, size: size, source)
                let leaf = source.leaves[Int(index)]
                func holds(
                    _ leaf: Hash256, _ index: UInt64, _ size: UInt64, _ proof: [Hash256], _ root: Hash256
                ) -> Bool { MerkleTree.includes(leaf, index: index, size: size, proof: proof, root: root) }
                #expect(holds(leaf, index, size, proof, root))
                #expect(!holds(root, index, size, proof, root) || size == 1)
                #expect(!holds(leaf, index, size, proof, leaf) || size == 1)
                #expect(!holds(leaf, (index + 1) % size, size, proof, root) || size == 1)
                #expect(!holds(leaf, index + size, size, proof, root))
                #expect(!holds(leaf, index, size, proof + [root], root))
                if !proof.isEmpty {
                    #expect(!holds(leaf, index, size, Array(proof.dropLast()), root))
                    #expect(!holds(leaf, index, size, [root] + proof.dropFirst(), root))
                }
            }
        }
    }

    @Test("every consistency proof holds for its sizes and roots, and for no other")
    func consistency() throws {
        let source = LeafSource.numbers(130)
        for size in UInt64(0)..<130 {
            let root = try MerkleTree.root(size: size, source)
            for old in 0...size {
                let oldRoot = try MerkleTree.root(size: old, source)
                let proof = try MerkleTree.consistencyProof(old: old, size: size, source)
                func holds(
                    _ old: UInt64, _ oldRoot: Hash256, _ size: UInt64, _ root: Hash256, _ proof: [Hash256]
                ) -> Bool { MerkleTree.isConsistent(old: old, oldRoot: oldRoot, size: size, root: root, proof: proof) }
                #expect(holds(old, oldRoot, size, root, proof))
                #expect(!holds(old, .zero, size, root, proof))
                #expect(!holds(old, oldRoot, size, .zero, proof) || (old == 0 && size > 0))
                #expect(!holds(old, oldRoot, size, root, proof + [root]))
                guard old > 0 && old < size else { continue }
                #expect(!holds(old, oldRoot, size, root, Array(proof.dropLast())))
                #expect(!holds(old, oldRoot, size, root, proof.dropLast() + [oldRoot]))
                #expect(!holds(size, oldRoot, old, root, proof))
                // What the proof says of the old root is what an accuser may hold against a log.
                let roots = try #require(
                    MerkleTree.consistencyRoots(old: old, oldRoot: oldRoot, size: size, proof: proof))
                #expect(roots.old == oldRoot && roots.new == root)
            }
        }
    }

    @Test("a growing tree has the root of every size")
    func frontier() throws {
        let source = LeafSource.numbers(600)
        var frontier = TreeFrontier()
        for size in 0..<600 {
            #expect(frontier.root == (try MerkleTree.root(size: UInt64(size), source)))
            #expect(try TreeFrontier(size: UInt64(size), source).root == frontier.root)
            frontier.append(source.leaves[size])
        }
    }
}

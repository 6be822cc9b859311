import Cryptography

/// A binary tree of fixed depth whose leaves stand at their positions, most of them empty.
///
/// Leaves are set one by one; `rehash` then makes every node anew that stands above one of them, each once. Memory is
/// taken in pages as leaves come to stand in them: a zeroed node is one above which nothing was ever set, and has the
/// hash of an empty subtree of its height.
struct StateLevels<Rule: StateNodeRule>: ~Copyable {
    typealias Node = Rule.Node

    let depth: Int
    /// By height: 0 = leaves.
    private let levels: UnsafeMutablePointer<StatePages<Rule>>
    /// By height: the node above nothing.
    private let empty: [Node]
    /// Positions of leaves that were set since the last `rehash`, in any order.
    private var changed: [UInt32] = []

    /// - Parameter depth: 1 to 31.
    init(depth: Int) {
        self.depth = depth
        var empty = [Rule.empty]
        for height in 0..<depth {
            // Nothing and nothing add up to nothing.
            guard let parent = try? Rule.parent(empty[height], empty[height]) else {
                preconditionFailure("sums of nothing")
            }
            empty.append(parent)
        }
        self.empty = empty
        levels = .allocate(capacity: depth + 1)
        for height in 0...depth { (levels + height).initialize(to: StatePages(count: 1 << (depth - height))) }
    }

    deinit {
        for height in 0...depth { levels[height].deallocate() }
        levels.deinitialize(count: depth + 1)
        levels.deallocate()
    }

    /// A node by height and position.
    func node(_ height: Int, _ position: Int) -> Node {
        let node = levels[height][position]
        return height > 0 && Rule.isZero(node) ? empty[height] : node
    }

    var root: Node {
        assert(changed.isEmpty, "the root is asked for after rehash")
        return node(depth, 0)
    }

    /// Whether a leaf stands at the position.
    func hasLeaf(_ position: Int) -> Bool { !Rule.isZero(levels[0][position]) }

    mutating func set(_ position: UInt32, _ leaf: Node) {
        precondition(Int(position) < 1 << depth, "a position beyond the tree")
        levels[0][Int(position)] = leaf
        changed.append(position)
    }

    /// Whether leaves were set since the last `rehash`.
    var isChanged: Bool { !changed.isEmpty }

    /// Makes the nodes above all leaves that were set.
    mutating func rehash() throws(StateTreeError) {
        changed.sort()
        for height in 0..<depth {
            var count = 0
            for index in changed.indices {
                let parent = changed[index] >> 1
                if count > 0, changed[count - 1] == parent { continue }
                let left = Int(parent) << 1
                levels[height + 1][Int(parent)] = try Rule.parent(node(height, left), node(height, left + 1))
                changed[count] = parent
                count += 1
            }
            changed.removeSubrange(count...)
        }
        changed.removeAll(keepingCapacity: true)
    }

    /// The siblings of the nodes above a position, from the leaf's up.
    func path(_ position: UInt32) -> [Node] {
        assert(changed.isEmpty, "paths are asked for after rehash")
        return (0..<depth).map { node($0, Int(position) >> $0 ^ 1) }
    }

    /// Bytes of memory that the nodes take now.
    var byteCount: Int { (0...depth).reduce(0) { $0 + levels[$1].byteCount } }
}

/// Nodes of one height, in pages of 4 that are allocated, zeroed, when something is first stored in them. Whoever
/// chooses positions far apart, in a file that is not proven yet, gets little memory for each of them. Its owner
/// deallocates it.
struct StatePages<Rule: StateNodeRule> {
    typealias Node = Rule.Node

    private static var pageBits: Int { 2 }
    private let nodesPerPage: Int
    private var pages: [UInt32: UnsafeMutablePointer<Node>] = [:]

    init(count: Int) { nodesPerPage = min(count, 1 << Self.pageBits) }

    func deallocate() {
        for page in pages.values { page.deallocate() }
    }

    /// Bytes of memory: pages, and what finds them.
    var byteCount: Int {
        let entry = MemoryLayout<UInt32>.stride + MemoryLayout<UnsafeMutablePointer<Node>>.stride
        return pages.count * nodesPerPage * MemoryLayout<Node>.stride + pages.capacity * entry
    }

    subscript(position: Int) -> Node {
        get {
            guard let page = pages[UInt32(position >> Self.pageBits)] else { return Rule.empty }
            return page[position & (1 << Self.pageBits - 1)]
        }
        set {
            let number = UInt32(position >> Self.pageBits)
            let page = pages[number] ?? allocate(number)
            page[position & (1 << Self.pageBits - 1)] = newValue
        }
    }

    private mutating func allocate(_ number: UInt32) -> UnsafeMutablePointer<Node> {
        let bytes = nodesPerPage * MemoryLayout<Node>.stride
        let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 16)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        let page = memory.bindMemory(to: Node.self, capacity: nodesPerPage)
        pages[number] = page
        return page
    }
}

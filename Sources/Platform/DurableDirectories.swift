import Glibc

/// Makes directories so that a loss of power does not take them away, and remembers which ones it has seen to.
///
/// A directory that is there need not be durable: a process that was killed between making it and synchronising its
/// parent leaves it so, and whatever is synchronised in it would go with it. So the parent is synchronised in any case,
/// once for each directory. What stands above a directory that is there is durable: parents are synchronised before
/// anything is made in them.
public struct DurableDirectories: Sendable {
    private var known: Set<String> = []
    /// Bounds the memory: what is forgotten is synchronised again.
    private static let knownMax = 64

    public init() {}

    /// Makes a directory and its missing parents, and returns when they are durable.
    public mutating func create(_ path: String) throws(PlatformError) {
        var path = path
        // The parent of `a/b/` is `a`, not `a/b`.
        while path.utf8.count > 1, path.hasSuffix("/") { path.removeLast() }
        let isThere = File.exists(path)
        if isThere && known.contains(path) { return }
        let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        if !isThere {
            if !parent.isEmpty { try create(parent) }
            try FileDirectory.create(path)
        }
        do throws(PlatformError) { try FileDirectory.synchronize(parent.isEmpty ? "/" : parent) } catch {
            // A parent that may not be read is nobody's whom a process of this kind made.
            guard isThere, error.errno?.rawValue == EACCES else { throw error }
        }
        if known.count >= Self.knownMax { known.removeAll(keepingCapacity: true) }
        known.insert(path)
    }
}

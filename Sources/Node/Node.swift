import Settings

/// A running node.
public struct Node: ~Copyable {
}

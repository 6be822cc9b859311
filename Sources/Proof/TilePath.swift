/// The name of a tile or an entry bundle below the log's prefix (C2SP tlog-tiles).
public struct TilePath: Hashable, Sendable, CustomStringConvertible {
    /// What the file holds.
    public enum Kind: Hashable, Sendable {
        /// Hashes of a level, 0 ... 7 in practice: entry i of tile n is the root of 256^level leaves.
        case hashes(level: Int)
        /// Entries, each behind its length.
        case entries
    }

    public let kind: Kind
    /// Number of the tile in its level.
    public let index: UInt64
    /// Hashes or entries: 256 when it is full, else 1 ... 255.
    public let width: Int

    /// Width of a full tile.
    public static let widthMax = 256
    /// Levels that a log below 2^62 leaves can have.
    public static let levelMax = 7

    public init(_ kind: Kind, index: UInt64, width: Int = 256) {
        precondition((1...256).contains(width), "a width")
        (self.kind, self.index, self.width) = (kind, index, width)
    }

    /// Whether it never changes again.
    public var isFull: Bool { width == Self.widthMax }
    /// The same tile when it is full.
    public var full: TilePath { TilePath(kind, index: index) }

    /// `tile/0/x001/x234/067`, `tile/entries/000.p/12`.
    public var description: String { isFull ? stem : "\(stem).p/\(width)" }
    /// The directory of partial tiles of this index.
    public var partials: String { "\(stem).p" }
    /// The directory that the file stands in.
    public var directory: String {
        let text = description
        return String(text[..<text.lastIndex(of: "/")!])
    }

    private var stem: String {
        let level =
            switch kind {
            case .hashes(let level): String(level)
            case .entries: "entries"
            }
        var digits = String(index)
        digits = String(repeating: "0", count: (3 - digits.utf8.count % 3) % 3) + digits
        var groups: [Substring] = []
        var rest = digits[...]
        while !rest.isEmpty {
            groups.append(rest.prefix(3))
            rest = rest.dropFirst(3)
        }
        let number = groups.enumerated().map { $0.offset < groups.count - 1 ? "x\($0.element)" : String($0.element) }
        return "tile/\(level)/\(number.joined(separator: "/"))"
    }

    /// Reads a name; nil unless it is the one that `description` gives.
    public init?(_ text: some StringProtocol) {
        var parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard text.utf8.count <= 64, parts.count >= 3, parts.removeFirst() == "tile" else { return nil }
        let level = parts.removeFirst()
        if level == "entries" {
            kind = .entries
        } else {
            guard let number = LogText.decimal(level), number <= 63 else { return nil }
            kind = .hashes(level: Int(number))
        }
        var width = Self.widthMax
        if parts.count >= 2, parts[parts.count - 2].hasSuffix(".p") {
            guard let number = LogText.decimal(parts.removeLast()), (1...255).contains(number) else { return nil }
            width = Int(number)
            parts[parts.count - 1] = parts[parts.count - 1].dropLast(2)
        }
        var index: UInt64 = 0
        for (position, part) in parts.enumerated() {
            let digits = position < parts.count - 1 ? part.dropFirst() : part
            guard position == parts.count - 1 || part.hasPrefix("x"), digits.utf8.count == 3,
                digits.utf8.allSatisfy({ (48...57).contains($0) }), let group = UInt64(digits), index < 1 << 50
            else { return nil }
            index = index * 1000 + group
        }
        (self.index, self.width) = (index, width)
        guard description == text else { return nil }
    }
}

import Foundation

@testable import Settings

/// The shipped configuration as a tree that tests change in one place and hand to the settings again.
enum Configuration {
    static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("config.toml").path
    static let text = try! String(contentsOfFile: path, encoding: .utf8)
    static let tree = TOMLTree.table(try! TOMLTree.parse(text))

    /// One step into the tree.
    enum Step: Hashable {
        case key(String)
        case index(Int)
    }

    typealias Place = [Step]

    /// `venue.asset[0].id` as steps.
    static func place(_ name: String) -> Place {
        name.split(separator: ".").flatMap { part -> [Step] in
            let pieces = part.split(separator: "[")
            return [.key(String(pieces[0]))] + pieces.dropFirst().map { .index(Int($0.dropLast())!) }
        }
    }

    /// Steps as the settings name them in errors.
    static func name(_ place: Place) -> String {
        place.reduce("") { name, step in
            switch step {
            case .key(let key): name.isEmpty ? key : "\(name).\(key)"
            case .index(let index): "\(name)[\(index)]"
            }
        }
    }

    /// The tree with another value at a place; nil removes it.
    static func replacing(_ tree: TOMLTree, _ place: ArraySlice<Step>, _ value: TOMLTree?) -> TOMLTree {
        switch (tree, place.first!) {
        case (.table(var entries), .key(let key)):
            entries[key] = place.count == 1 ? value : replacing(entries[key]!, place.dropFirst(), value)
            return .table(entries)
        case (.array(var elements), .index(let index)):
            elements[index] = place.count == 1 ? value! : replacing(elements[index], place.dropFirst(), value)
            return .array(elements)
        default: preconditionFailure("\(place)")
        }
    }

    /// The error of the shipped configuration with these changes, or nil when it is taken.
    static func error(_ changes: [(Place, TOMLTree?)]) -> SettingsError? {
        let changed = changes.reduce(tree) { replacing($0, $1.0[...], $1.1) }
        do throws(SettingsError) {
            _ = try NodeSettings(document(changed))
            return nil
        } catch {
            return error
        }
    }

    static func error(_ name: String, _ value: TOMLTree?) -> SettingsError? { error([(place(name), value)]) }

    /// Places of all values that are neither tables nor lists of tables; of lists of tables the first entry.
    static var leaves: [Place] {
        func visit(_ tree: TOMLTree, _ place: Place) -> [Place] {
            switch tree {
            case .table(let entries): entries.keys.sorted().flatMap { visit(entries[$0]!, place + [.key($0)]) }
            case .array(let elements):
                if case .table = elements.first { visit(elements[0], place + [.index(0)]) } else { [place] }
            default: [place]
            }
        }
        return visit(tree, [])
    }

    /// Places of all tables, and of lists of tables.
    static var tables: [Place] {
        Set(leaves.flatMap { leaf in (1..<leaf.count).map { Array(leaf[..<$0]) } }).sorted { name($0) < name($1) }
    }

    static func value(_ place: Place) -> TOMLTree {
        place.reduce(tree) { tree, step in
            switch (tree, step) {
            case (.table(let entries), .key(let key)): entries[key]!
            case (.array(let elements), .index(let index)): elements[index]
            default: preconditionFailure("\(place)")
            }
        }
    }

    /// A document of the tree, tables written inline.
    static func document(_ tree: TOMLTree) -> String {
        guard case .table(let entries) = tree else { preconditionFailure() }
        return entries.keys.sorted().map { "\($0) = \(inline(entries[$0]!))\n" }.joined()
    }

    private static func inline(_ tree: TOMLTree) -> String {
        switch tree {
        case .integer(let value): "\(value)"
        case .string(let value): "\"\(value)\""
        case .boolean(let value): "\(value)"
        case .float(let value): "\(value)"
        case .time: "1970-01-01"
        case .array(let elements): "[" + elements.map(inline).joined(separator: ", ") + "]"
        case .table(let entries):
            "{" + entries.keys.sorted().map { "\($0) = \(inline(entries[$0]!))" }.joined(separator: ", ") + "}"
        }
    }
}

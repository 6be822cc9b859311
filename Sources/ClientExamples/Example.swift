/// An example: its name, what it shows, and what it does.
public struct Example: Sendable {
    /// As it is typed.
    public let name: String
    /// Messages, and what about them.
    public let shows: String
    /// Runs it; prints what is asked (`->`) and what comes (`<-`). Throws when an answer is not the expected one.
    public let run: @Sendable (ExampleVenue) throws -> Void

    /// All of them, in an order in which one after the other can be run.
    public static let all = sessions + accounts + operations + orders + feeds
    /// Those that need the settlement plane beside the node; run by name.
    public static let settled = receipts
}

/// An answer that is not the expected one.
struct Unexpected: Error, CustomStringConvertible {
    let description: String
    init(_ what: Any) { description = "unexpected: \(what)" }
}

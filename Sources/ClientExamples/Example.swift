import Wire

/// An example: its name, what it needs, what it shows, and what it does.
public struct Example: Sendable {
    /// What an example needs of the venue that it runs at. A venue has no undo: what is journaled stays.
    public enum Needs: Equatable, Sendable {
        /// Sends nothing that is journaled.
        case nothing
        /// One account with funds in the assets of instrument 0: yours, or else one that the operator's key makes.
        case account
        /// Keys of the venue: it changes the venue for ever, at the least by accounts with funds that nobody has paid.
        case venueKeys
    }

    /// As it is typed.
    public let name: String
    public let needs: Needs
    /// Messages, and what about them.
    public let shows: String
    /// Runs it; prints what is asked (`->`) and what comes (`<-`). Throws when an answer is not the expected one.
    public let run: @Sendable (ExampleVenue) throws -> Void

    /// All of them, in an order in which one after the other can be run.
    public static let all = sessions + accounts + operations + orders + feeds
    /// Those that need the settlement plane beside the node; run by name.
    public static let settled = receipts

    /// A line for each example: name, needs, what it shows.
    public static var list: String {
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(1, width - text.count))
        }
        let rows = [("NAME", "NEEDS", "SHOWS")] + (all + settled).map { ($0.name, $0.needs.text, $0.shows) }
        return rows.map { padded($0.0, 20) + padded($0.1, 12) + $0.2 }.joined(separator: "\n")
    }

    /// Why an example may not be run; nil when it may.
    ///
    /// - Parameters:
    ///   - hasAccount: an account of the caller's own was given.
    ///   - mayChange: it was said that the venue may be changed for ever.
    public func refusal(hasAccount: Bool, mayChange: Bool) -> String? {
        switch needs {
        case .nothing: nil
        case .account where hasAccount || mayChange: nil
        case .account:
            "\(name) needs an account: name yours with --account and --account-key. With --changes-the-venue the "
                + "operator's key opens one, with funds that nobody has paid; no venue forgets that"
        case .venueKeys where mayChange: nil
        case .venueKeys:
            "\(name) uses keys of the venue and changes it for ever, at the least by accounts with funds that nobody "
                + "has paid; where that may be, say --changes-the-venue"
        }
    }
}

extension Example.Needs {
    /// As the list shows it.
    var text: String {
        switch self {
        case .nothing: "nothing"
        case .account: "account"
        case .venueKeys: "venue-keys"
        }
    }
}

/// An answer that is not the expected one.
struct Unexpected: Error, CustomStringConvertible {
    let description: String
    init(_ what: Any) { description = "unexpected: \(what)" }
}

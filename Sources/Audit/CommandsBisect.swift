import ArgumentParser

/// `verifier bisect`.
struct BisectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bisect",
        abstract: "Names the first record at which two histories differ, or a history and its replay.",
        discussion: """
            A history is a journal directory, a published directory or URL, or a directory of batches. It says where \
            they differ, not which is right: signatures and checkpoints are not looked at. Prints `the same in all N \
            records`; `record N is the first that differs` and what each has there; or `the same through record N, \
            where the first ends`, or the second, and what the other one has next: a journal that grows is longer \
            than what was published of it.

            Exit status: 0 the same in all records, 1 they differ or one ends before the other, 2 one cannot be read \
            or holds no record, 64 usage.
            """)

    @Argument(help: "A history.")
    var first: String
    @Argument(help: "Another one; without it, the replay of the first.")
    var second: String?

    func validate() throws { for place in [first, second].compactMap(\.self) { try AuditFiles.requirePlace(place) } }

    func run() throws {
        let outcome = second.map { Bisection.compare(first, $0) } ?? Bisection.replay(first)
        switch outcome {
        case .same(let records): print("the same in all \(records) records")
        case .ends(let records, let which, let next):
            print("the same through record \(records), where the \(which) ends")
            print(which == .first ? "second  \(next)" : "first   \(next)")
        case .differ(let sequence, let own, let other):
            print("record \(sequence) is the first that differs\nfirst   \(own)\nsecond  \(other)")
        case .diverges(let finding): print("\(finding)")
        case .unreadable(let reason): print("NOT CHECKED   \(reason)")
        }
        if outcome.exitStatus != 0 { throw ExitCode(outcome.exitStatus) }
    }
}

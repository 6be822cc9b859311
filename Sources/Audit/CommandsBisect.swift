import ArgumentParser

/// `verifier bisect`.
struct BisectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bisect",
        abstract: "Names the first record at which two histories differ, or a history and its replay.",
        discussion: """
            A history is a journal directory, a published directory or URL, or a directory of batches. It says where \
            they differ, not which is right: signatures and checkpoints are not looked at. Exit status: 0 the same, \
            1 they differ, 2 one cannot be read.
            """)

    @Argument(help: "A history.")
    var first: String
    @Argument(help: "Another one; without it, the replay of the first.")
    var second: String?

    func run() throws {
        let outcome = second.map { Bisection.compare(first, $0) } ?? Bisection.replay(first)
        switch outcome {
        case .same(let records): print("the same in all \(records) records")
        case .differ(let sequence, let own, let other):
            print("record \(sequence) is the first that differs\nfirst   \(own)\nsecond  \(other)")
        case .diverges(let finding): print("\(finding)")
        case .unreadable(let reason): print("NOT CHECKED   \(reason)")
        }
        if outcome.exitStatus != 0 { throw ExitCode(outcome.exitStatus) }
    }
}

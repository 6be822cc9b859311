import ArgumentParser

/// The auditor's tools. Exit status: 0 all that was asked for holds, 1 fraud or damage, 2 something that was asked for
/// could not be checked, 64 usage.
public struct VerifierCommand: ParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "verifier",
        abstract: "Checks a venue from what it published, trusting only the anchors that are given.",
        subcommands: [
            AuditCommand.self, BisectCommand.self, ProofCommand.self, WatchCommand.self, AccuseCommand.self,
            ConvictCommand.self, WitnessCommand.self,
        ])

    public init() {}
}

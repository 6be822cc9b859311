/// Names of the states that a venue publishes, below the log's prefix, and the list of them (`Proof.md`, "Files").
public enum SnapshotFiles {
    /// The directory of published states.
    public static let directory = "snapshots"
    /// The list: their records, decimal, ascending, one a line, each line ended by LF.
    public static let index = "snapshots/index"

    /// The path of the state behind a record: its sequence in 20 digits.
    public static func path(_ sequence: UInt64) -> String { "\(directory)/\(NumberedFile.name(sequence))" }

    /// The record that a name in the directory says; nil when it is no name of a state.
    public static func sequence(_ name: String) -> UInt64? { CheckpointFiles.size(name) }

    /// The list of these, ascending.
    public static func list(_ sequences: [UInt64]) -> [UInt8] { sequences.flatMap(CheckpointFiles.line) }
}

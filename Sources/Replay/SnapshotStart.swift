import Journal
import Wire

/// A replay that begins behind a snapshot: the newest that is good and that a journal bears out.
@frozen
public struct SnapshotStart<V: RestorableVenue & ~Copyable>: ~Copyable {
    /// Of the snapshot's record, the last that made the state.
    public let sequence: UInt64
    /// Hash of that record, which the journal has there.
    public let chainHead: Bytes32
    /// With the venue of the snapshot.
    public var replayer: Replayer<V>
    /// Behind that record.
    public var reader: TailReader

    /// Looks for one. Nil when there is none, and a replay begins with genesis.
    ///
    /// - Parameters:
    ///   - genesis: the venue's genesis message, 224 bytes.
    ///   - through: last record that the snapshot may speak of.
    ///   - journal: directory of the journal.
    ///   - hashing: whether the reader checks the hashes of the records.
    ///   - report: told of each newer snapshot that is not used.
    public static func find(
        in directory: SnapshotDirectory, genesis: [UInt8], through: UInt64 = .max, journal: String,
        hashing: Bool = true, _ report: (SnapshotDirectory.Refused) -> Void
    ) -> SnapshotStart? {
        var through = through
        while true {
            var behind: TailReader?
            let found = directory.newest(genesis: genesis, through: through) { snapshot in
                do throws(SnapshotRefusal) {
                    behind = try reader(behind: snapshot, journal, hashing)
                    return nil
                } catch { return error }
            }
            for refused in found.refused { report(refused) }
            guard let snapshot = found.snapshot, let reader = behind.take() else { return nil }
            do throws(SnapshotRefusal) {
                return SnapshotStart(
                    sequence: snapshot.sequence, chainHead: snapshot.chainHead, replayer: try Replayer(snapshot),
                    reader: reader)
            } catch {
                report(.init(file: "\(directory.path)/\(SnapshotDirectory.name(snapshot.sequence))", refusal: error))
            }
            through = snapshot.sequence - 1
        }
    }

    /// Opens the journal behind a snapshot's record, when it bears the snapshot out.
    private static func reader(
        behind snapshot: StateSnapshot, _ journal: String, _ hashing: Bool
    ) throws(SnapshotRefusal) -> TailReader {
        let reader: TailReader
        let hash: Bytes32?
        do throws(JournalError) {
            var opened = try TailReader.open(
                directory: journal, from: .sequence(snapshot.sequence), hashing: hashing)
            hash = try opened.next()?.hash
            reader = opened
        } catch { throw .journal("\(error)") }
        guard let hash else { throw .journal("the journal ends before its record") }
        guard hash == snapshot.chainHead else { throw .journal("the journal has another record in its place") }
        return reader
    }
}

import Journal
import Logging
import Replay
import Settings
import Venue
import Wire

/// A start behind a snapshot that the settlement plane wrote: the newest that is good and whose record the journal has.
struct SnapshotStart: ~Copyable {
    let snapshot: StateSnapshot
    /// With the venue of the snapshot.
    var replayer: Replayer<Venue>

    /// Looks for one. Nil when there is none, and the start is with genesis.
    ///
    /// - Parameter genesis: the genesis message, of the journal's first record.
    static func find(_ settings: NodeSettings, genesis: UnsafeRawPointer, _ log: Logger) -> SnapshotStart? {
        let store = SnapshotDirectory(settings.settlementDirectory + "/snapshots")
        let message = Array(UnsafeRawBufferPointer(start: genesis, count: GenesisMessage.size))
        var through = UInt64.max
        while true {
            let found = store.newest(genesis: message, through: through) { snapshot in
                refusal(snapshot, settings.journalDirectory)
            }
            for refused in found.refused { log.warning("snapshot not used: \(refused)") }
            guard let snapshot = found.snapshot else { return nil }
            do throws(SnapshotRefusal) {
                return SnapshotStart(snapshot: snapshot, replayer: try Replayer(snapshot))
            } catch {
                log.warning("snapshot not used: \(SnapshotDirectory.name(snapshot.sequence)): \(error)")
            }
            through = snapshot.sequence - 1
        }
    }

    /// Hands over the venue, to go on with.
    consuming func start(nonces: consuming NonceMemory) -> StartReplay {
        StartReplay(replayer, behind: snapshot, nonces: nonces)
    }

    /// Why the journal does not bear a snapshot out.
    private static func refusal(_ snapshot: StateSnapshot, _ directory: String) -> SnapshotRefusal? {
        do throws(JournalError) {
            var reader = try TailReader.open(directory: directory, from: .sequence(snapshot.sequence))
            guard let record = try reader.next() else { return .journal("the journal ends before its record") }
            return record.hash == snapshot.chainHead ? nil : .journal("the journal has another record in its place")
        } catch { return .journal("\(error)") }
    }
}

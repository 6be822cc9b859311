import Cryptography
import Journal
import Synchronization
import Wire

/// The keys that a log was rotated to (rule ACC-4), as the journal says. Each record is looked at once: who asks again
/// pays for what is new.
public final class RotatedLogKeys: Sendable {
    private struct State {
        var keys: [PublicKey] = []
        /// Last record that was looked at.
        var last: UInt64 = 0
    }

    private let directory: String
    private let state = Mutex(State())

    /// - Parameter directory: of the journal.
    public init(journal directory: String) { self.directory = directory }

    /// Reads on to the journal's end, or to what cannot be read, and returns all keys, in the order in which they came
    /// into force, each once.
    public func read() -> [PublicKey] {
        state.withLock { state in
            let start = state.last == 0 ? TailStart.first : .sequence(state.last + 1)
            guard var reader = try? TailReader.open(directory: directory, from: start, hashing: false) else {
                return state.keys
            }
            while let record = try? reader.next() {
                state.last = record.sequence
                Self.take(record, &state.keys)
            }
            return state.keys
        }
    }

    /// The same of a journal that is read once, hashes and all.
    ///
    /// - Throws: `noGenesis` when it is that of another venue; `journal` when it cannot be read to its end.
    static func all(of venue: Hash256, journal directory: String) throws(GenesisError) -> [PublicKey] {
        var keys: [PublicKey] = []
        let found: Hash256
        do throws(JournalError) {
            var reader = try TailReader.open(directory: directory)
            found = Hash256(reader.venueId)
            while found == venue, let record = try reader.next() { take(record, &keys) }
        } catch { throw .journal(error) }
        guard found == venue else { throw .noGenesis("\(directory) is the journal of venue \(found.hexadecimal)") }
        return keys
    }

    private static func take(_ record: RecordView, _ keys: inout [PublicKey]) {
        guard record.kind == .command, MessageHeader(record.command).templateId == Template.rotateVenueKey else {
            return
        }
        var effects = record.effects
        while let effect = effects.read() {
            guard effect.template == Template.venueKeyRotated else { continue }
            let rotated = VenueKeyRotatedMessage(effect.base)
            let key = PublicKey(Hash256(rotated.newKey))
            if rotated.purpose == .log, !keys.contains(key) { keys.append(key) }
        }
    }
}

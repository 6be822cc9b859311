import Cryptography
import Journal
import Synchronization
import Wire

/// The keys that a log was rotated to (rule ACC-4), as the journal says. Each record is looked at once: who asks again
/// pays for what is new.
public final class RotatedLogKeys: Sendable {
    private struct State {
        var chain: LogKeyChain
        /// Last record that was looked at.
        var last: UInt64 = 0
    }

    private let directory: String
    private let state: Mutex<State>

    /// - Parameters:
    ///   - directory: of the journal.
    ///   - venue: whose journal it is.
    ///   - first: the log key of its genesis.
    public init(journal directory: String, of venue: Hash256, first: PublicKey) {
        self.directory = directory
        state = Mutex(State(chain: LogKeyChain(venue: venue, first: first)))
    }

    /// Reads on to the journal's end, or to what cannot be read, and returns all keys, in the order in which they came
    /// into force, each once. One that none before it has signed for is none.
    public func read() -> [PublicKey] {
        state.withLock { state in
            let start = state.last == 0 ? TailStart.first : .sequence(state.last + 1)
            guard var reader = try? TailReader.open(directory: directory, from: start, hashing: false) else {
                return state.chain.rotated
            }
            while let record = try? reader.next() {
                state.last = record.sequence
                _ = state.chain.take(record)
            }
            return state.chain.rotated
        }
    }

    /// The key in force at the journal's end, or before what cannot be read, or what none before it has signed for.
    ///
    /// - Parameters:
    ///   - sequence: the record behind which it looks; 0 for all.
    ///   - key: what is in force there.
    public static func inForce(
        journal directory: String, of venue: Hash256, behind sequence: UInt64, _ key: PublicKey
    ) -> PublicKey {
        var chain = LogKeyChain(venue: venue, first: key)
        let start = sequence == 0 ? TailStart.first : .sequence(sequence + 1)
        guard var reader = try? TailReader.open(directory: directory, from: start, hashing: false) else { return key }
        while let record = try? reader.next(), chain.take(record) {}
        return chain.inForce
    }

    /// All keys, as `read` gives them, of a journal that is read once, hashes and all.
    ///
    /// - Throws: `noGenesis` when it is not that of the venue, or has a key that none before it has signed for;
    ///   `journal` when it cannot be read to its end.
    static func all(of venue: FoundedVenue, journal directory: String) throws(GenesisError) -> [PublicKey] {
        var chain = LogKeyChain(venue: venue.id, first: venue.logKey)
        let found: Hash256
        var foreign: UInt64?
        do throws(JournalError) {
            var reader = try TailReader.open(directory: directory)
            found = Hash256(reader.venueId)
            while found == venue.id, foreign == nil, let record = try reader.next() {
                if !chain.take(record) { foreign = record.sequence }
            }
        } catch { throw .journal(error) }
        guard found == venue.id else { throw .noGenesis("\(directory) is the journal of venue \(found.hexadecimal)") }
        if let foreign {
            throw .noGenesis(
                "\(directory) is no journal of this venue: record \(foreign) rotates the log to a key that none before "
                    + "it has signed for")
        }
        return chain.rotated
    }
}

/// The keys of a log, each with a signature of one before it: a journal that somebody wrote makes none of them his.
private struct LogKeyChain {
    private let prefixes: Prefixes
    private let first: PublicKey
    /// Those behind the first, in the order in which they came into force, each once.
    private(set) var rotated: [PublicKey] = []

    /// The one that came into force last; a key may do so again.
    private(set) var inForce: PublicKey

    init(venue: Hash256, first: PublicKey) {
        (prefixes, self.first, inForce) = (Prefixes(venue: venue), first, first)
    }

    /// Takes a record. False when it rotates the log to a key that none of these has signed for.
    mutating func take(_ record: RecordView) -> Bool {
        guard record.kind == .command, record.messageLength >= MessageHeader.size,
            MessageHeader(record.command).templateId == Template.rotateVenueKey
        else { return true }
        var effects = record.effects
        while let effect = effects.read() {
            guard effect.template == Template.venueKeyRotated else { continue }
            let effect = VenueKeyRotatedMessage(effect.base)
            guard effect.purpose == .log else { continue }
            let key = PublicKey(Hash256(effect.newKey)), known = [first] + rotated
            guard isProven(record, key, by: known) else { return false }
            if !known.contains(key) { rotated.append(key) }
            inForce = key
        }
        return true
    }

    private func isProven(_ record: RecordView, _ key: PublicKey, by known: [PublicKey]) -> Bool {
        guard record.messageLength == RotateVenueKeyMessage.size else { return false }
        let message = RotateVenueKeyMessage(record.command)
        guard message.purpose == .log, PublicKey(loading: message.newKeyPointer) == key, key.isValid else {
            return false
        }
        let signed = prefixes.rotationMessage(venueKey: message.purposeRaw, newKey: key)
        let proof = Signature(loading: message.oldProofPointer)
        return signed.withUnsafeBytes { signed in
            known.contains { $0.isValid && Ed25519.verify(proof, of: signed, by: $0) }
        }
    }
}

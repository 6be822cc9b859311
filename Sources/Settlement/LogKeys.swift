import Cryptography
import Genesis
import Platform
import Proof
import Venue

/// The keys that checkpoints are signed with: every `log*.key`. A venue may replace its log key (rule ACC-4), so the
/// next one lies beside the one in force, and the venue says which signs.
struct LogKeys {
    private let directory: String
    private let origin: String
    private let genesisKey: PublicKey
    private let rotated: RotatedLogKeys
    private var signers: [NoteSigner] = []

    init(_ context: FollowerContext) throws(SettlementError) {
        directory = context.settings.settlement.keys
        origin = context.venue.origin
        genesisKey = context.venue.logKey
        rotated = context.rotatedLogKeys
        guard VerifierKey(name: origin, kind: .ed25519, key: genesisKey) != nil else {
            throw .configuration("settlement.domain: \(origin) is no key name")
        }
        do throws(KeyFileError) { try load() } catch { throw .key("\(error)") }
    }

    /// - Throws: what is wrong with a file, when there is none that can be read.
    private mutating func load() throws(KeyFileError) {
        let names = ((try? FileDirectory.names(directory)) ?? []).filter { $0.hasPrefix("log") && $0.hasSuffix(".key") }
        var refusal = KeyFileError.notFound("\(directory)/log.key")
        var signers: [NoteSigner] = []
        for name in names {
            do throws(KeyFileError) {
                let key = try KeyFile.load("\(directory)/\(name)", role: .log).key
                if let signer = NoteSigner(name: origin, key: key) { signers.append(signer) }
            } catch { refusal = error }
        }
        if signers.isEmpty { throw refusal }
        self.signers = signers
    }

    /// Any of them.
    var first: NoteSigner { signers[0] }

    /// Who signs now: with the key that the venue has in force. The files are read again when none has it.
    mutating func signer(_ venue: borrowing Venue) throws(SettlementError) -> NoteSigner {
        if let signer = current(venue) { return signer }
        do throws(KeyFileError) { try load() } catch { throw .key("\(error)") }
        if let signer = current(venue) { return signer }
        var wanted: PublicKey?
        _ = venue.withVenueKey(.log) {
            wanted = PublicKey(loading: $0)
            return true
        }
        let name = wanted.map { " \($0)" } ?? ""
        throw .key("no log*.key in \(directory) is the log key\(name) that the venue has in force")
    }

    private func current(_ venue: borrowing Venue) -> NoteSigner? {
        for signer in signers {
            let own = signer.verifierKey.key.bytes
            if venue.withVenueKey(.log, { own.matches($0) }) { return signer }
        }
        return nil
    }

    /// Reads a checkpoint of this log, signed by any key that it has or had: those of the files, that of genesis and,
    /// where none of these is it, those that the journal names. Nil when there is none that holds.
    func signed(_ bytes: [UInt8]) -> SignedCheckpoint? {
        var keys = signers.map(\.verifierKey)
        if let first = verifier(genesisKey), !keys.contains(first) { keys.append(first) }
        if let signed = try? SignedCheckpoint(bytes, logs: keys) { return signed }
        guard let note = try? SignedNote(bytes), let text = try? Checkpoint(text: note.text),
            text.origin.utf8.elementsEqual(origin.utf8)
        else { return nil }
        return try? SignedCheckpoint(bytes, logs: rotated.read().compactMap(verifier))
    }

    /// Reads a file that may be such a checkpoint; nil when there is none that holds.
    func signed(at path: String) -> SignedCheckpoint? {
        guard let bytes = try? File.readRegularPrefix(path, limit: SignedNote.bytesMax) else { return nil }
        return signed(bytes)
    }

    /// The key that the venue has in force: that of the published checkpoint, or a later one of the journal behind it.
    /// Where nothing is published all of the journal is looked at; without a journal it is the key of genesis.
    static func inForce(_ context: FollowerContext) -> PublicKey {
        var (size, key) = (UInt64(0), context.venue.logKey)
        let path = "\(context.settings.settlement.published)/checkpoint"
        if let signed = (try? LogKeys(context))?.signed(at: path), let own = signed.logs.first {
            (size, key) = (signed.checkpoint.size, own.key)
        }
        return RotatedLogKeys.inForce(
            journal: context.settings.journalDirectory, of: context.venue.id, behind: size, key)
    }

    private func verifier(_ key: PublicKey) -> VerifierKey? { VerifierKey(name: origin, kind: .ed25519, key: key) }
}

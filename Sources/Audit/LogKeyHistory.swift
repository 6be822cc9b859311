import Cryptography
import Proof
import Reference
import Wire

/// Which key of the log was in force when, as the records say (rule ACC-4): a checkpoint is signed by the one that is
/// in force after its last record.
struct LogKeyHistory {
    /// Keys, and the records with which they came into force, ascending.
    private var keys: [(first: UInt64, key: PublicKey)] = []

    /// The beginning of a log.
    init() {}

    /// Goes on behind a record.
    init(after sequence: UInt64, _ venue: borrowing Reference) {
        if let key = venue.venueKey(.log) { keys = [(sequence, PublicKey(Hash256(key)))] }
    }

    /// Takes a record that was applied, and the venue after it.
    mutating func take(_ record: RecordView, _ venue: borrowing Reference) {
        guard record.kind == .genesis || Self.isRotation(record), let key = venue.venueKey(.log) else { return }
        let made = PublicKey(Hash256(key))
        if keys.last?.key != made { keys.append((record.sequence, made)) }
    }

    private static func isRotation(_ record: RecordView) -> Bool {
        record.kind == .command && MessageHeader(record.command).templateId == Template.rotateVenueKey
    }

    /// The key that has to sign a checkpoint of that size; nil before the first record.
    func key(at size: UInt64) -> PublicKey? { keys.last { $0.first <= size }?.key }
}

/// A key of the log that the anchors do not have, and that follows from those that they have: records show, one after
/// the other, that the key before signed the next. Whoever shows such records, the signatures are the venue's.
struct UnknownLogKey {
    let key: VerifierKey
    /// The record of the rotation.
    let sequence: UInt64

    /// The key that signed a note, if a chain of rotations in these records leads there; nil when none does.
    ///
    /// - Parameter bytes: of a checkpoint that no key of the anchors has signed.
    init?(signing bytes: [UInt8], _ anchors: Anchors, _ source: any RecordSource) {
        guard let note = try? SignedNote(bytes) else { return nil }
        let prefixes = Prefixes(venue: anchors.venue)
        var known = anchors.logs.map(\.key)
        var count: UInt64 = 0
        while let record = try? source.next() {
            count += 1
            guard let next = Self.rotation(record, known, prefixes) else { continue }
            known.append(next)
            guard let key = VerifierKey(name: anchors.origin, kind: .ed25519, key: next),
                note.signatures.contains(where: { NoteVerification($0, by: key, of: note.text) != nil })
            else { continue }
            (self.key, sequence) = (key, count)
            return
        }
        return nil
    }

    /// The log key that bytes say to rotate to, if one of these has signed that. They need not be a record.
    private static func rotation(
        _ bytes: UnsafeRawBufferPointer, _ known: [PublicKey], _ prefixes: Prefixes
    ) -> PublicKey? {
        guard let base = bytes.baseAddress, bytes.count >= RecordLayout.body + RotateVenueKeyMessage.size,
            case let record = RecordView(base), record.kind == .command,
            MessageHeader(record.command).templateId == Template.rotateVenueKey,
            case let message = RotateVenueKeyMessage(record.command), message.purpose == .log
        else { return nil }
        let next = PublicKey(loading: message.newKeyPointer)
        let signed = prefixes.rotationMessage(venueKey: message.purposeRaw, newKey: next)
        let proof = Signature(loading: message.oldProofPointer)
        let isProven = signed.withUnsafeBytes { signed in
            known.contains { $0.isValid && Ed25519.verify(proof, of: signed, by: $0) }
        }
        return isProven && next.isValid ? next : nil
    }
}

import Cryptography
import Journal
import Wire

/// Records of a node's journal directory. What its files are is checked by `JournalScan`; what it calls damage is a
/// finding here. Hashes are checked by the workers.
final class JournalSource: RecordSource {
    private var scan: JournalScan?
    /// Records before the first that is handed out.
    private let after: UInt64

    /// - Parameter after: the first record that is handed out is the one behind this.
    init(directory: String, after: UInt64 = 0) throws(SourceError) {
        self.after = after
        do throws(JournalError) {
            scan = try JournalScan(directory: directory, at: after + 1, hashing: false)
        } catch {
            throw Self.error(error)
        }
    }

    func next() throws(SourceError) -> UnsafeRawBufferPointer? {
        do throws(JournalError) {
            while let record = try scan!.next() {
                // The scan holds each to its place.
                if record.sequence <= after { continue }
                return UnsafeRawBufferPointer(start: record.base, count: record.length)
            }
            return nil
        } catch { throw Self.error(error) }
    }

    /// A record that was begun is the writer's business. One that was committed and does not hold is a torn tail, or
    /// damage that looks like one: nothing in the journal tells them apart.
    var unchecked: String? {
        guard let tail = scan?.tail, tail.isTorn, tail.fault != .reserved else { return nil }
        return "what stands behind the last record, in \(tail.file) at offset \(tail.offset): \(tail.fault)"
    }

    /// What an error of the journal means to an auditor.
    private static func error(_ error: JournalError) -> SourceError {
        switch error {
        case .damage(let damage):
            let verdict: Verdict
            switch damage.cause {
            case .record(.hash): verdict = .recordHash
            case .record(.sequence): verdict = .sequence
            case .record(.previousHash): verdict = .chainBroken
            case .record(.epoch): verdict = .epoch
            case .record(.time): verdict = .timeBack
            case .record(.length), .record(.sizes), .record(.padding): verdict = .recordStructure
            default: verdict = .journalDamage
            }
            let place = "\(damage.file) at offset \(damage.offset): \(damage)"
            return .finding(Finding(verdict, damage.sequence, expected: "a whole record of this journal", found: place))
        case .historyReplaced(let sequence):
            return .finding(
                Finding(
                    .journalDamage, sequence, expected: "the record that the durable mark names",
                    found: "another record"))
        case .gap(let from, let to):
            return .finding(Finding(.sequence, from, expected: "record \(from)", found: "a gap through \(to)"))
        default: return .unreadable("\(error)")
        }
    }
}

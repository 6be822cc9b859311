import Cryptography
import Platform
import Proof

/// Something that a running venue must not publish.
public struct WatchAlarm: Equatable, Sendable {
    /// What it is: a closed list of stable names.
    public enum Reason: String, Sendable, CaseIterable {
        /// It is no checkpoint, or the log's signature is missing or does not hold, or a witness's does not.
        case checkpoint = "checkpoint"
        /// Fewer witnesses than the quorum have cosigned it.
        case quorum = "quorum"
        /// Another root than before for the same size.
        case equivocation = "equivocation"
        /// It does not continue the one before.
        case rewrittenHistory = "rewritten-history"
        /// It is older than the one before.
        case goesBack = "goes-back"
        /// The tiles do not lead to its root.
        case tile = "tile"
        /// There was no new one for too long, or it was cosigned too long ago.
        case age = "age"
    }

    /// What it is.
    public var reason: Reason
    /// What was expected, and what stands there.
    public var text: String
    /// Evidence for `verifier convict`, where signatures contradict each other.
    public var evidence: Evidence?
}

/// Follows the checkpoint of a running venue: each new one has to be signed, cosigned by the quorum, and continue the
/// one before, as the published tiles prove.
public struct CheckpointWatch {
    /// What a look has found.
    public enum Look: Equatable, Sendable {
        /// The checkpoint is the one before.
        case unchanged
        /// A new one, and it holds: size, and how many known witnesses have cosigned it.
        case holds(size: UInt64, witnesses: Int)
        /// Nothing can be said: what could not be read.
        case unreachable(String)
        /// It does not hold.
        case alarm(WatchAlarm)
    }

    /// Looks in a row at which the tiles of a checkpoint may be missing: they are published first, but may be replaced
    /// by wider ones while they are read.
    private static let incompleteMax = 3

    private let files: PublishedFiles
    private let anchors: Anchors
    private let ageMaxSeconds: UInt64?
    private let now: () -> UInt64
    /// The last that holds.
    public private(set) var known: SignedCheckpoint?
    private var lastBytes: [UInt8] = []
    private var lastChange: UInt64
    private var incomplete = 0

    /// Watches a directory or URL.
    ///
    /// - Parameters:
    ///   - known: a checkpoint that was found to hold before, to go on from.
    ///   - ageMaxSeconds: longest time without a new checkpoint; nil: a venue where nothing happens publishes none.
    ///   - now: nanoseconds since 1970 UTC.
    public init(
        _ place: String, anchors: Anchors, known: SignedCheckpoint? = nil, ageMaxSeconds: UInt64? = nil,
        now: @escaping () -> UInt64 = SystemClock.realtimeNanoseconds
    ) {
        files = PublishedFiles(place)
        self.anchors = anchors
        self.known = known
        self.ageMaxSeconds = ageMaxSeconds
        self.now = now
        lastChange = now()
    }

    /// Looks once.
    public mutating func look() -> Look {
        let bytes: [UInt8]
        do throws(PublishedFiles.Failure) { bytes = try files.read("checkpoint", limit: SignedNote.bytesMax) } catch {
            if case .tooLarge = error { return alarm(.checkpoint, "the checkpoint is larger than a note may be") }
            return tooOld() ?? .unreachable(error.text)
        }
        if bytes == lastBytes { return tooOld() ?? .unchanged }
        let signed: SignedCheckpoint
        do throws(LogError) {
            signed = try SignedCheckpoint(bytes, logs: anchors.logs, witnesses: anchors.witnesses)
        } catch { return alarm(.checkpoint, "\(error)") }
        let finding = judge(signed)
        if case .holds = finding {
            known = signed
            lastBytes = bytes
            lastChange = now()
            incomplete = 0
            if let stale = tooLongAgo(signed) { return stale }
        }
        return finding
    }

    private mutating func judge(_ signed: SignedCheckpoint) -> Look {
        let checkpoint = signed.checkpoint
        guard signed.witnesses.count >= anchors.quorum else {
            return alarm(
                .quorum,
                "size \(checkpoint.size) has \(signed.witnesses.count) known cosignatures of \(anchors.quorum)"
            )
        }
        let holds = Look.holds(size: checkpoint.size, witnesses: signed.witnesses.count)
        guard let known else { return isWhole(checkpoint) ?? holds }
        let old = known.checkpoint
        if checkpoint.size == old.size {
            if checkpoint.root == old.root { return holds }
            return alarm(
                .equivocation, "size \(old.size) has root \(old.root), and now \(checkpoint.root)",
                .equivocation(known.note.bytes, signed.note.bytes))
        }
        if checkpoint.size < old.size {
            // It is an alarm, whatever the tiles say, if they can be read.
            var evidence: Evidence?
            if case .contradiction(let found)? = try? HeadComparison(signed, known, files) { evidence = found }
            return alarm(.goesBack, "size \(checkpoint.size) after \(old.size)", evidence)
        }
        return continues(known, signed) ?? holds
    }

    /// Whether the tiles lead to the root of a first checkpoint; nil when they do.
    private mutating func isWhole(_ checkpoint: Checkpoint) -> Look? {
        let reader = TileReader(PublishedTiles(files), size: checkpoint.size)
        do throws(LogError) {
            let root = try MerkleTree.root(size: checkpoint.size, reader)
            return root == checkpoint.root
                ? nil : alarm(.tile, "the tiles of size \(checkpoint.size) have root \(root)")
        } catch { return unproven(error, checkpoint) }
    }

    /// Whether a larger checkpoint continues the one before, as the tiles prove; nil when it does.
    private mutating func continues(_ old: SignedCheckpoint, _ new: SignedCheckpoint) -> Look? {
        let (oldSize, newSize) = (old.checkpoint.size, new.checkpoint.size)
        do throws(LogError) {
            switch try HeadComparison(old, new, files) {
            case .continues: return nil
            case .unproven(let text): return alarm(.tile, text)
            case .contradiction(let evidence):
                return alarm(
                    .rewrittenHistory,
                    "size \(newSize) does not continue size \(oldSize) of root \(old.checkpoint.root)",
                    evidence)
            }
        } catch { return unproven(error, new.checkpoint) }
    }

    /// Tiles that cannot be read: an alarm when they stay away.
    private mutating func unproven(_ error: LogError, _ checkpoint: Checkpoint) -> Look {
        if case .unreachable = error { return tooOld() ?? .unreachable("\(error)") }
        incomplete += 1
        let text = "tiles of size \(checkpoint.size): \(error)"
        return incomplete > Self.incompleteMax ? alarm(.tile, text) : .unreachable(text)
    }

    private func tooOld() -> Look? {
        guard let ageMaxSeconds, now() > lastChange, now() - lastChange > ageMaxSeconds * 1_000_000_000 else {
            return nil
        }
        return alarm(.age, "no new checkpoint for more than \(ageMaxSeconds) s")
    }

    private func tooLongAgo(_ signed: SignedCheckpoint) -> Look? {
        guard let ageMaxSeconds, let newest = signed.witnesses.compactMap(\.time).max(),
            newest + ageMaxSeconds < now() / 1_000_000_000
        else { return nil }
        return alarm(
            .age, "the newest cosignature of size \(signed.checkpoint.size) is more than \(ageMaxSeconds) s old")
    }

    private func alarm(_ reason: WatchAlarm.Reason, _ text: String, _ evidence: Evidence? = nil) -> Look {
        .alarm(WatchAlarm(reason: reason, text: text, evidence: evidence))
    }
}

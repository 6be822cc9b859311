import Cryptography
import Genesis
import Journal
import Platform
import Proof
import Replay
import Venue
import Wire

/// What the log goes on with.
struct LogStart: ~Copyable {
    var replay: ReplayStart
    var tiles: TileWriter
}

/// What was signed before, and how the log gets back there.
extension LogCore {
    /// A key of the venue; whether it is the one in force is checked when it is used.
    static func key(_ role: KeyRole, _ context: FollowerContext) throws(SettlementError) -> SigningKey {
        do throws(KeyFileError) {
            return try KeyFile.load(VenueKeys.path(role, in: context.settings.settlement.keys), role: role).key
        } catch {
            throw .key("\(error)")
        }
    }

    /// The last head that a signature was made for: the file `signed`, or the newest checkpoint that is published or in
    /// the archive, where that says more because somebody removed the file, or put an old one in its place.
    static func knownHead(
        _ context: FollowerContext, _ published: SignedHead?, _ keys: LogKeys
    ) throws(SettlementError) -> SignedHead? {
        let own = try SignedHead.load(context.settings.settlementDirectory, origin: context.venue.origin)
        let shown = [published, archivedHead(context, keys)].compactMap(\.self)
        guard let newest = shown.max(by: { $0.size < $1.size }) else { return own }
        let known = if let own, own.size >= newest.size { own } else { newest }
        guard shown.allSatisfy({ $0.size < known.size || $0.root == known.root }) else {
            throw twoHeads(known, context, keys)
        }
        return known
    }

    /// The latest checkpoint with a signature of a key that this log has or had; nil when there is none that holds.
    static func publishedHead(_ context: FollowerContext, _ keys: LogKeys) -> SignedHead? {
        head(in: "\(context.settings.settlement.published)/checkpoint", keys)
    }

    /// The newest archived checkpoint with such a signature: with a quorum it may be ahead of the published one.
    private static func archivedHead(_ context: FollowerContext, _ keys: LogKeys) -> SignedHead? {
        let published = context.settings.settlement.published
        var kept = KeptSizes(published, isDescending: true, limit: 1_024)
        while let size = (try? kept.next()) ?? nil {
            if let head = head(in: "\(published)/\(CheckpointFiles.path(size))", keys) { return head }
        }
        return nil
    }

    private static func head(in path: String, _ keys: LogKeys) -> SignedHead? {
        guard let signed = keys.signed(at: path), signed.checkpoint.extensions.isEmpty else { return nil }
        return SignedHead(size: signed.checkpoint.size, root: signed.checkpoint.root, chainHead: nil)
    }

    /// Opens the journal at its first record, and the tiles at the size that was signed last. Tiles that do not have
    /// the signed root are made again from the journal, which then has to come to that root.
    static func start(_ context: FollowerContext, _ head: SignedHead?) throws(SettlementError) -> LogStart {
        let settings = context.settings
        let published = settings.settlement.published
        let tiles = try Self.tiles(published, head, context)
        // Tiles that are made again need every record.
        if let head, tiles.size == head.size {
            let start = ReplayStart.behindSnapshot(settings, context.venue, through: head.size, context.log, for: "log")
            if let start { return LogStart(replay: start, tiles: tiles) }
        }
        return LogStart(replay: try .genesis(settings, context.venue), tiles: tiles)
    }

    private static func tiles(
        _ published: String, _ head: SignedHead?, _ context: FollowerContext
    ) throws(SettlementError) -> TileWriter {
        do throws(LogError) {
            // Without the hash of its last record only the leaves tell whether the journal is the one that was signed.
            if let head, head.chainHead != nil, !context.repair.isRequested {
                do throws(LogError) {
                    try TileWriter.discardRebuilt(published)
                    return try TileWriter(directory: published, size: head.size, root: head.root)
                } catch .system(let error) {
                    throw .system(error)
                } catch {
                    context.log.error("\(error); the tiles are made again from the journal")
                }
            }
            context.repair.clear()
            // Where something was signed, nothing that is published is replaced before the journal came to its root.
            return head == nil ? try TileWriter(directory: published) : try TileWriter(rebuilding: published)
        } catch {
            throw SettlementError(error)
        }
    }

    /// Reads up to what was signed last and holds the journal to it. What is published is replaced behind that only: a
    /// journal that somebody changed would otherwise spoil the good tiles, which are the proof of what was signed.
    func catchUp() throws(SettlementError) {
        guard let head else { return }
        do throws(SettlementError) { try compare(head) } catch {
            if tiles.isRebuilding { try? TileWriter.discardRebuilt(context.settings.settlement.published) }
            throw error
        }
        try finishCheckpoint(head)
    }

    private func compare(_ head: SignedHead) throws(SettlementError) {
        counters.signedSize.set(head.size)
        var shown = SystemClock.monotonicNanoseconds()
        while reader.nextSequence <= head.size {
            let next: RecordView?
            do throws(JournalError) { next = try reader.next() } catch { return try contradicts(error) }
            guard let next else {
                let last = reader.nextSequence - 1
                throw contradiction("the journal ends with record \(last), and \(head.size) records are signed")
            }
            try take(next)
            if tiles.waitingCount >= max(context.settings.settlement.checkpointRecords / 256, 1) {
                try settle { () throws(LogError) in try tiles.stage() }
            }
            if next.sequence % 65_536 == 0, SystemClock.monotonicNanoseconds() - shown > 5_000_000_000 {
                shown = SystemClock.monotonicNanoseconds()
                log.info("replayed \(next.sequence) of \(head.size) signed records")
            }
        }
        if let chainHead = head.chainHead, Bytes32(chainHead) != reader.headHash {
            throw contradiction("record \(head.size) is not the one that was signed")
        }
        if tiles.size == head.size, tiles.root != head.root {
            throw contradiction("the first \(head.size) records have another root than the one that was signed")
        }
    }

    /// What a crash between a signature and the end of its checkpoint left undone is done now: the same note, because
    /// Ed25519 gives the same signature, and the same commitment, unless the journal has it.
    private func finishCheckpoint(_ head: SignedHead) throws(SettlementError) {
        var head = head
        if head.chainHead == nil {
            head.chainHead = Hash256(reader.headHash)
            try head.store(directory, origin: context.venue.origin)
            try settle { () throws(LogError) in try tiles.publish() }
            self.head = head
        }
        // Tiles that were made again are the signed ones: they hold the root.
        if tiles.publishedSize < head.size { try settle { () throws(LogError) in try tiles.publish() } }
        publishAgain(head)
        context.checkpoints.advance(
            to: .init(size: head.size, root: head.root, time: SystemClock.realtimeNanoseconds()))
        let commitment = try commitment(head)
        // Commitments that the journal has behind this point are read first.
        while try readBurst() {}
        if let commitment, lastCommitted < head.size, lastSubstance <= head.size {
            committer.submit(commitment)
            lastSubmitted = head.size
        }
    }

    /// Publishes a head that is not published or kept, or that a witness of the configuration has not cosigned: one
    /// that is new there would else be asked only when records come. The state is that of the head now, and so is the
    /// key. A head of a key that was replaced and is gone cannot be signed again.
    private func publishAgain(_ head: SignedHead) {
        let text = Checkpoint(origin: context.venue.origin, size: head.size, root: head.root).text
        if publisher.isComplete(head.size, text: text) { return }
        do throws(SettlementError) { publisher.publish(sign(head, try keys.signer(replayer.venue))) } catch {
            log.error("the checkpoint of \(head.size) records is not published again: \(error)")
        }
    }

    /// Makes a settlement error of what the log's files throw.
    func settle<Value>(_ body: () throws(LogError) -> Value) throws(SettlementError) -> Value {
        do throws(LogError) { return try body() } catch { throw SettlementError(error) }
    }
}

extension SettlementError {
    /// What the log's files throw: the operating system's refusals as they are, all else as damage of what is
    /// published.
    init(_ error: LogError) {
        if case .system(let platform) = error { self = .system(platform) } else { self = .published("\(error)") }
    }
}

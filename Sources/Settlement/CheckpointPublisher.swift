import Cryptography
import Logging
import Platform
import Proof
import Synchronization

/// A checkpoint with the log's signature.
struct LogCheckpoint: Equatable, Sendable {
    /// Tree size.
    var size: UInt64
    /// RFC 6962 root.
    var root: Hash256
    /// The three lines, each ended by LF: what is signed.
    var text: String
    /// The log's signature line, ended by LF.
    var signature: String

    /// The note with further signature lines, each ended by LF.
    func note(_ cosignatures: [String]) -> [UInt8] {
        Array((text + "\n" + signature + cosignatures.joined()).utf8)
    }
}

/// What witnesses answered, gathered from their threads. Each checkpoint that they were asked about is a round: it is
/// over when each has cosigned it, failed, or gone on to a newer one.
final class CosignatureRounds: Sendable {
    /// A round as it is now.
    struct Round: Sendable {
        var checkpoint: LogCheckpoint
        /// Signature lines, by the position of the witness in the configuration.
        var lines: [Int: String] = [:]
        /// Kept lines of others, as of witnesses that are asked no more.
        var others: [String] = []
        /// Witnesses that are not done with it.
        var outstanding: Set<Int>
        /// Whether something came that nobody has looked at.
        var isNew = true
    }

    private let rounds = Mutex<[Round]>([])
    private let contradiction = Mutex<SettlementError?>(nil)

    /// Begins a round.
    ///
    /// - Parameters:
    ///   - lines: cosignatures that are there already.
    ///   - others: signature lines of nobody who is asked.
    func begin(_ checkpoint: LogCheckpoint, witnesses: Int, lines: [Int: String] = [:], others: [String] = []) {
        let outstanding = Set(0..<witnesses).subtracting(lines.keys)
        rounds.withLock {
            $0.append(Round(checkpoint: checkpoint, lines: lines, others: others, outstanding: outstanding))
        }
    }

    /// A witness is done with a checkpoint: with a signature line, or without.
    func finish(_ size: UInt64, witness: Int, line: String?) {
        rounds.withLock { rounds in
            for index in rounds.indices where rounds[index].checkpoint.size == size {
                if let line { rounds[index].lines[witness] = line }
                rounds[index].outstanding.remove(witness)
                rounds[index].isNew = true
            }
        }
    }

    /// A witness has shown a head of this log that was not signed here.
    func contradict(_ error: SettlementError) { contradiction.withLock { if $0 == nil { $0 = error } } }

    /// The first that was shown.
    var shown: SettlementError? { contradiction.withLock { $0 } }

    /// Takes what is new, by size; rounds that are over are forgotten with it, but for the newest: its witnesses are
    /// asked again until they cosign.
    func takeNew() -> [Round] {
        rounds.withLock { rounds in
            let new = rounds.filter(\.isNew).sorted { $0.checkpoint.size < $1.checkpoint.size }
            for index in rounds.indices { rounds[index].isNew = false }
            let newest = rounds.map(\.checkpoint.size).max() ?? 0
            rounds.removeAll { $0.outstanding.isEmpty && $0.checkpoint.size < newest }
            return new
        }
    }

    /// Gives back rounds that were taken: what was to be written for them is not written yet.
    func putBack(_ taken: some Sequence<Round>) {
        rounds.withLock { rounds in
            for var round in taken {
                if let index = rounds.firstIndex(where: { $0.checkpoint.size == round.checkpoint.size }) {
                    rounds[index].isNew = true
                } else {
                    round.isNew = true
                    rounds.append(round)
                }
            }
        }
    }

    /// Whether every witness is done with every checkpoint, and all of it was taken.
    var isIdle: Bool { rounds.withLock { $0.allSatisfy { $0.outstanding.isEmpty && !$0.isNew } } }
}

/// Writes signed checkpoints: `published/checkpoints/<size>`, for ever, and `published/checkpoint`, the latest. All
/// writing is done by the thread of the log; witnesses only leave their lines. A checkpoint is kept as soon as it is
/// signed, and again with each cosignature.
struct CheckpointPublisher {
    private let directory: String
    private let quorum: Int
    private let witnesses: [WitnessThread]
    private let witnessKeys: [VerifierKey?]
    private var archive: CheckpointArchive
    let rounds = CosignatureRounds()
    /// Size of the checkpoint in `published/checkpoint`, 0 when there is none.
    private(set) var publishedSize: UInt64
    private let log: Logger
    private let published: Counter
    private let cosigned: Counter

    init(_ context: FollowerContext, publishedSize: UInt64) throws(SettlementError) {
        let settings = context.settings.settlement
        directory = settings.published
        quorum = settings.witnessQuorum
        log = context.log
        self.publishedSize = publishedSize
        archive = try CheckpointArchive(settings.published)
        published = try context.counters.counter("checkpoint.published-size")
        cosigned = try context.counters.counter("checkpoint.cosignatures")
        published.set(publishedSize)
        var threads: [WitnessThread] = []
        for (index, witness) in settings.witnesses.enumerated() {
            threads.append(try WitnessThread(context, witness, index: index, rounds: rounds))
        }
        witnesses = threads
        witnessKeys = settings.witnesses.map { try? VerifierKey($0.key) }
    }

    private func isKept(_ size: UInt64) -> Bool { File.exists(archive.path(size)) }

    /// Whether a checkpoint is published and kept, with a cosignature of each witness that is asked. Then nobody is
    /// asked again, and the counters say so.
    func isComplete(_ size: UInt64, text: String) -> Bool {
        let lines = keptLines(size, text: text).asked
        guard publishedSize >= size, isKept(size), lines.count == witnesses.count else { return false }
        for witness in witnesses { witness.hasCosigned(size) }
        cosigned.set(UInt64(lines.count))
        return true
    }

    /// Takes a checkpoint to be published, and asks the witnesses about it; `writeNew` writes it, now or when its
    /// quorum is reached.
    func publish(_ checkpoint: LogCheckpoint) {
        let (lines, others) = keptLines(checkpoint.size, text: checkpoint.text)
        rounds.begin(
            checkpoint, witnesses: witnesses.count, lines: lines, others: others.filter { $0 != checkpoint.signature })
        for (index, witness) in witnesses.enumerated() {
            if lines[index] == nil { witness.ask(checkpoint) } else { witness.hasCosigned(checkpoint.size) }
        }
    }

    /// Signature lines that are kept of a checkpoint, where it is published again, so that they are not lost: those of
    /// the witnesses that are asked, by their position, and all others.
    private func keptLines(_ size: UInt64, text: String) -> (asked: [Int: String], others: [String]) {
        guard let note = archive.note(size), note.text.utf8.elementsEqual(text.utf8) else { return ([:], []) }
        var asked: [Int: String] = [:]
        for (index, key) in witnessKeys.enumerated() {
            guard let key else { continue }
            asked[index] =
                note.signatures.first { NoteVerification($0, by: key, of: note.text) != nil }?.line
        }
        return (asked, note.signatures.map(\.line).filter { !asked.values.contains($0) })
    }

    /// Writes what became ready since the last call; cheap when nothing did. What cannot be written, and all behind
    /// it, is written by the next call.
    ///
    /// - Throws: `contradiction` when a witness has shown another head of this log.
    mutating func writeNew() throws(SettlementError) {
        if let error = rounds.shown { throw error }
        var rest = rounds.takeNew()[...]
        while let round = rest.first {
            do throws(SettlementError) { try write(round) } catch {
                rounds.putBack(rest)
                throw error
            }
            rest.removeFirst()
        }
    }

    private mutating func write(_ round: CosignatureRounds.Round) throws(SettlementError) {
        let checkpoint = round.checkpoint
        let note = checkpoint.note(round.lines.sorted { $0.key < $1.key }.map(\.value) + round.others)
        // Kept first: the latest is always among the kept ones.
        try archive.keep(checkpoint.size, note)
        if round.lines.count >= quorum, checkpoint.size >= publishedSize {
            try system { () throws(PlatformError) in try File.replace("\(directory)/checkpoint", with: note) }
            publishedSize = checkpoint.size
            published.set(publishedSize)
            cosigned.set(UInt64(round.lines.count))
        }
        if round.outstanding.isEmpty, round.lines.count < quorum {
            log.warning("checkpoint \(checkpoint.size): \(round.lines.count) of \(quorum) cosignatures")
        }
    }

    /// Whether everything that was asked has been answered and written.
    var isIdle: Bool { rounds.isIdle }

    /// Ends the threads of the witnesses; a request that is under way runs into its time-out at most.
    func stop() { for witness in witnesses { witness.stop() } }
}

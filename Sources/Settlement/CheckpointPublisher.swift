import Cryptography
import Logging
import Platform
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
        /// Witnesses that are not done with it.
        var outstanding: Set<Int>
        /// Whether something came that nobody has looked at.
        var isNew = true
    }

    private let rounds = Mutex<[Round]>([])

    /// Begins a round.
    func begin(_ checkpoint: LogCheckpoint, witnesses: Int) {
        rounds.withLock { $0.append(Round(checkpoint: checkpoint, outstanding: Set(0..<witnesses))) }
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

    /// Takes what is new; rounds that are over are forgotten with it, but for the newest: its witnesses are asked again
    /// until they cosign.
    func takeNew() -> [Round] {
        rounds.withLock { rounds in
            let new = rounds.filter(\.isNew)
            for index in rounds.indices { rounds[index].isNew = false }
            let newest = rounds.map(\.checkpoint.size).max() ?? 0
            rounds.removeAll { $0.outstanding.isEmpty && $0.checkpoint.size < newest }
            return new
        }
    }

    /// Looks at a round again: what was to be written for it could not be.
    func putBack(_ round: Round) {
        rounds.withLock { rounds in
            if let index = rounds.firstIndex(where: { $0.checkpoint.size == round.checkpoint.size }) {
                rounds[index].isNew = true
            } else {
                var round = round
                round.isNew = true
                rounds.append(round)
            }
        }
    }

    /// Whether every witness is done with every checkpoint, and all of it was taken.
    var isIdle: Bool { rounds.withLock { $0.allSatisfy { $0.outstanding.isEmpty && !$0.isNew } } }
}

/// Writes signed checkpoints: `published/checkpoints/<size>`, for ever, and `published/checkpoint`, the latest. All
/// writing is done by the thread of the log; witnesses only leave their lines.
struct CheckpointPublisher {
    private let directory: String
    private let quorum: Int
    private let witnesses: [WitnessThread]
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
        published = try context.counters.counter("checkpoint.published-size")
        cosigned = try context.counters.counter("checkpoint.cosignatures")
        published.set(publishedSize)
        var threads: [WitnessThread] = []
        for (index, witness) in settings.witnesses.enumerated() {
            threads.append(try WitnessThread(context, witness, index: index, rounds: rounds))
        }
        witnesses = threads
    }

    /// Archive name of a checkpoint.
    static func archivePath(_ directory: String, size: UInt64) -> String {
        let digits = String(size)
        return "\(directory)/checkpoints/\(String(repeating: "0", count: 20 - digits.count))\(digits)"
    }

    /// Takes a checkpoint to be published, and asks the witnesses about it; `writeNew` writes it, now or when its
    /// quorum is reached.
    func publish(_ checkpoint: LogCheckpoint) {
        rounds.begin(checkpoint, witnesses: witnesses.count)
        for witness in witnesses { witness.ask(checkpoint) }
    }

    /// Writes what became ready since the last call; cheap when nothing did.
    mutating func writeNew() throws(SettlementError) {
        for round in rounds.takeNew() {
            do throws(SettlementError) { try write(round) } catch {
                rounds.putBack(round)
                throw error
            }
        }
    }

    private mutating func write(_ round: CosignatureRounds.Round) throws(SettlementError) {
        let checkpoint = round.checkpoint
        let note = checkpoint.note(round.lines.sorted { $0.key < $1.key }.map(\.value))
        if round.lines.count >= quorum, checkpoint.size >= publishedSize {
            try system { () throws(PlatformError) in try File.replace("\(directory)/checkpoint", with: note) }
            publishedSize = checkpoint.size
            published.set(publishedSize)
            cosigned.set(UInt64(round.lines.count))
        }
        guard round.outstanding.isEmpty else { return }
        let archive = Self.archivePath(directory, size: checkpoint.size)
        if !File.exists(archive) {
            try system { () throws(PlatformError) in try File.replace(archive, with: note) }
        }
        if round.lines.count < quorum {
            log.warning("checkpoint \(checkpoint.size): \(round.lines.count) of \(quorum) cosignatures")
        }
    }

    /// Whether everything that was asked has been answered and written.
    var isIdle: Bool { rounds.isIdle }

    /// Ends the threads of the witnesses; a request that is under way runs into its time-out at most.
    func stop() { for witness in witnesses { witness.stop() } }
}

import Foundation
import Logging
import Platform
import Settings

/// Asks one witness to cosign, on a thread of its own: what it does, or does not, holds up nobody.
final class WitnessThread: @unchecked Sendable {
    private let client: WitnessClient
    private let index: Int
    private let rounds: CosignatureRounds
    private let heads: WitnessedHeads
    private let log: Logger
    private let box = Mailbox<LogCheckpoint>()
    private let thread = ThreadHolder()
    private let failures: Counter
    private let size: Counter

    init(
        _ context: FollowerContext, _ settings: WitnessSettings, index: Int, rounds: CosignatureRounds
    ) throws(SettlementError) {
        client = try WitnessClient(context, settings)
        self.index = index
        self.rounds = rounds
        heads = WitnessedHeads(context)
        log = context.log
        failures = try context.counters.counter("witness-\(index).failures")
        size = try context.counters.counter("witness-\(index).size")
        try thread.start("witness-\(index)") { [self] in work() }
    }

    /// Asks for a cosignature; a checkpoint that was not asked about yet is passed over for this one.
    func ask(_ checkpoint: LogCheckpoint) {
        if let skipped = box.put(checkpoint) { rounds.finish(skipped.size, witness: index, line: nil) }
    }

    /// Counts a cosignature that came before this start.
    func hasCosigned(_ checkpoint: UInt64) { size.set(checkpoint) }

    func stop() {
        box.close()
        thread.join()
    }

    private func work() {
        while let checkpoint = box.take() {
            var pause = 250
            var hasReported = false
            while true {
                let outcome = client.cosign(checkpoint)
                switch outcome {
                case .cosigned(let line):
                    size.set(checkpoint.size)
                    rounds.finish(checkpoint.size, witness: index, line: line)
                case .contested(let reason), .failed(let reason):
                    failures.add()
                    log.warning("witness \(client.name), checkpoint \(checkpoint.size): \(reason)")
                    // The archive does not wait for a witness that may never answer; the quorum does.
                    if !hasReported { rounds.finish(checkpoint.size, witness: index, line: nil) }
                    hasReported = true
                    if case .contested = outcome { compare() }
                    guard box.pause(milliseconds: pause), box.isEmpty else { break }
                    pause = min(pause * 2, 30_000)
                    continue
                }
                break
            }
        }
    }

    /// Looks at what the witness remembers. Where that is another head of this log, the log's thread ends the process.
    private func compare() {
        let failure: String
        switch client.latest() {
        case .empty: failure = "it has no checkpoint of this log"
        case .failed(let reason): failure = reason
        case .note(let bytes):
            switch heads.judge(bytes, of: client.name, known: nil) {
            case .holds: return
            case .worthless(let reason): failure = reason
            case .contradiction(let error): return rounds.contradict(error)
            }
        }
        log.warning("witness \(client.name), its latest checkpoint: \(failure)")
    }
}

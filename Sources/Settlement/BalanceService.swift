import Logging
import Platform
import Proof
import Settings
import Synchronization

/// Balance proofs for the server: two desks on a thread of its own, which begins with the first question. One follows
/// every commitment from then on. The other is made when a state before that is asked for, and stands at one such state
/// at a time. Who asks while a desk is busy is told to come again.
final class BalanceService: Sendable {
    private let settings: NodeSettings
    private let log: Logger?
    private let stopping = StopFlag()
    private let hasStarted = Mutex(false)
    private let newest = Mutex<Newest>(Newest())
    private let past = Mutex<Past>(Past())
    private let thread = ThreadHolder()

    private struct Newest: ~Copyable {
        var desk: BalanceDesk?
        var problem = "balances are being prepared; try again"
    }

    private struct Past: ~Copyable {
        var desk: BalanceDesk?
        var turn = PastTurn()
    }

    init(_ settings: NodeSettings, _ log: Logger? = nil) {
        self.settings = settings
        self.log = log
    }

    /// The proof of a balance at the newest commitment that the desk has, or at the one for a record.
    func proof(account: UInt32, asset: UInt32, at record: UInt64? = nil) throws(ProofMissing) -> BalanceFile {
        start()
        let answer = record.map { pastAnswer(account, asset, $0) } ?? newestAnswer(account, asset)
        return try answer.get()
    }

    private typealias Answer = Result<BalanceFile, ProofMissing>

    private static func answer(_ desk: BalanceDesk, _ account: UInt32, _ asset: UInt32) -> Answer {
        do throws(ProofMissing) { return .success(try desk.proof(account: account, asset: asset)) } catch {
            return .failure(error)
        }
    }

    private func newestAnswer(_ account: UInt32, _ asset: UInt32) -> Answer {
        newest.withLockIfAvailable { state in
            guard let desk = state.desk else { return .failure(.notYet(state.problem)) }
            return Self.answer(desk, account, asset)
        } ?? .failure(.notYet("balances are being brought up to date; try again"))
    }

    private func pastAnswer(_ account: UInt32, _ asset: UInt32, _ record: UInt64) -> Answer {
        // What cannot be answered yet takes nobody's place, nor does what the other desk has.
        if let answer = answerOfNewest(account, asset, record) { return answer }
        let answer: Answer? = past.withLockIfAvailable { state in
            let isHere = state.desk?.answers(record) ?? false
            switch state.turn.ask(record, isHere: isHere, SystemClock.monotonicNanoseconds()) {
            case .answer: return Self.answer(state.desk!, account, asset)
            case .refuse(let why): return .failure(why)
            }
        }
        return answer ?? .failure(PastTurn.busy)
    }

    private func answerOfNewest(_ account: UInt32, _ asset: UInt32, _ record: UInt64) -> Answer? {
        newest.withLockIfAvailable { state -> Answer? in
            guard let desk = state.desk, let through = desk.through, record >= through else { return nil }
            if record == through { return Self.answer(desk, account, asset) }
            return .failure(
                .absent("the newest commitment that may be shown speaks of record \(through), not of \(record) yet"))
        } ?? nil
    }

    /// Ends the thread.
    func stop() {
        stopping.stop()
        thread.join()
    }

    private func start() {
        let isFirst = hasStarted.withLock { started in
            defer { started = true }
            return !started
        }
        guard isFirst else { return }
        do throws(SettlementError) { try thread.start("balances") { [self] in run() } } catch {
            log?.error("balances: \(error)")
            // The next question tries again.
            hasStarted.withLock { $0 = false }
        }
    }

    private func run() {
        while !stopping.isStopped {
            // Each in its turn, so that neither waits for the other's replay.
            let isNewestUnderWay = newest.withLock { follow(&$0) }
            let isPastUnderWay = past.withLock { work(&$0) }
            if isNewestUnderWay || isPastUnderWay { continue }
            for _ in 0..<20 where !stopping.isStopped { SystemClock.sleep(nanoseconds: 10_000_000) }
        }
    }

    /// A step of the desk that follows. Returns whether there is more to do.
    private func follow(_ state: inout Newest) -> Bool {
        do throws(SettlementError) {
            let desk: BalanceDesk
            if let made = state.desk { desk = made } else { desk = try BalanceDesk(settings, log) }
            state.desk = desk
            return try desk.step()
        } catch {
            // A desk that failed in the middle is of no further use.
            state.desk = nil
            let problem = "no balances: \(error)"
            if problem != state.problem { log?.error("\(problem)") }
            state.problem = problem
            return false
        }
    }

    /// A step towards the record that is asked for. Returns whether there is more to do.
    private func work(_ state: inout Past) -> Bool {
        guard let record = state.turn.begins ?? state.turn.underWay else { return false }
        do throws(SettlementError) {
            if state.turn.begins != nil {
                if let desk = state.desk {
                    desk.aim(at: record)
                } else {
                    state.desk = try BalanceDesk(settings, at: record, log)
                }
                state.turn.begin()
            }
            if try state.desk!.step() { return true }
            state.turn.end(state.desk!.refusal, SystemClock.monotonicNanoseconds())
        } catch {
            state.desk = nil
            log?.error("no balances at record \(record): \(error)")
            state.turn.end(.damaged("no balances: \(error)"), SystemClock.monotonicNanoseconds())
        }
        return false
    }
}

import Logging
import Platform
import Proof
import Settings
import Synchronization

/// Balance proofs for the server: a desk on a thread of its own, which begins with the first question and from then on
/// follows every commitment. Who asks while it is busy is told to come again.
final class BalanceService: Sendable {
    private let settings: NodeSettings
    private let log: Logger?
    private let stopping = StopFlag()
    private let desk = Mutex<Desk>(Desk())
    private let thread = ThreadHolder()

    private struct Desk: ~Copyable {
        var desk: BalanceDesk?
        var hasStarted = false
        var problem = "balances are being prepared; try again"
    }

    init(_ settings: NodeSettings, _ log: Logger? = nil) {
        self.settings = settings
        self.log = log
    }

    /// The proof of a balance at the last commitment that the desk has.
    func proof(account: UInt32, asset: UInt32) throws(ProofMissing) -> BalanceFile {
        let busy = ProofMissing.notYet("balances are being brought up to date; try again")
        let answer: Result<BalanceFile, ProofMissing>? = desk.withLockIfAvailable { state in
            guard let desk = state.desk else {
                if !state.hasStarted { state.hasStarted = true; start() }
                return .failure(.notYet(state.problem))
            }
            do throws(ProofMissing) { return .success(try desk.proof(account: account, asset: asset)) } catch {
                return .failure(error)
            }
        }
        return try (answer ?? .failure(busy)).get()
    }

    /// Ends the thread.
    func stop() {
        stopping.stop()
        thread.join()
    }

    private func start() {
        try? thread.start("balances") { [self] in
            while !stopping.isStopped {
                desk.withLock { state in
                    do throws(SettlementError) {
                        let desk: BalanceDesk
                        if let made = state.desk { desk = made } else { desk = try BalanceDesk(settings) }
                        try desk.advance()
                        state.desk = desk
                    } catch {
                        // A desk that failed in the middle is of no further use.
                        state.desk = nil
                        state.problem = "no balances: \(error)"
                        log?.error("balances: \(error)")
                    }
                }
                for _ in 0..<20 where !stopping.isStopped { SystemClock.sleep(nanoseconds: 10_000_000) }
            }
        }
    }
}

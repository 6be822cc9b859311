import CPlatform
import Glibc
import Platform

/// One stage's work, in turns that never block. A thread runs one agent, or several composed into one.
///
/// Generic code over an agent is specialised for it: no existential stands between a thread and its turn.
public protocol Agent: ~Copyable {
    /// Does what there is to do now, a bounded amount of it; returns how much that was, 0 when idle.
    mutating func doWork() -> Int

    /// Waits until there may be work, or the time is over. Called after a turn without work, and only when the thread
    /// idles by parking. The default sleeps.
    mutating func park(microseconds: UInt32)
}

extension Agent where Self: ~Copyable {
    public mutating func park(microseconds: UInt32) { usleep(microseconds) }
}

/// Turns without work before a parking thread really parks: the next message is often on its way.
@usableFromInline
let turnsBeforeParking = 64

/// Runs an agent on the calling thread until it is asked to stop; then once more for as long as there is work, at most
/// `drainTurns` turns.
@inlinable
public func run<A: Agent & ~Copyable>(
    _ agent: inout A, idle: IdleStrategy, until stop: StopFlag, drainTurns: Int = 0
) {
    var idleTurns = 0
    while !stop.isStopped {
        if agent.doWork() > 0 {
            idleTurns = 0
            continue
        }
        switch idle {
        case .spin: platform_pause()
        case .yield: sched_yield()
        case .park(let microseconds):
            idleTurns &+= 1
            if idleTurns < turnsBeforeParking { platform_pause() } else { agent.park(microseconds: microseconds) }
        }
    }
    var turns = 0
    while turns < drainTurns, agent.doWork() > 0 { turns &+= 1 }
}

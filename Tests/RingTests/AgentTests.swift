import Glibc
import Platform
import Ring
import Synchronization
import Testing

/// Agents, how they idle, and how a parked one is woken.
@Suite struct AgentTests {
    @Test(arguments: [IdleStrategy.spin, .yield, .park(microseconds: 100)])
    func `an agent works until it is stopped, however it idles`(idle: IdleStrategy) throws {
        let stop = StopFlag()
        let progress = Progress()
        let thread = try PinnedThread(name: "agent") {
            var agent = CountingAgent(work: 3, progress: progress)
            run(&agent, idle: idle, until: stop)
        }
        // Enough turns without work for a parking thread to have parked, several times.
        while progress.idleTurns.load(ordering: .relaxed) < 100 { sched_yield() }
        stop.stop()
        thread.join()
        #expect(progress.done.load(ordering: .relaxed) == 3)
    }

    @Test func `a parking thread parks only after turns without work`() throws {
        let stop = StopFlag()
        let progress = Progress()
        let thread = try PinnedThread(name: "agent") {
            var agent = CountingAgent(work: 1000, progress: progress)
            run(&agent, idle: .park(microseconds: 1), until: stop)
        }
        while progress.parked.load(ordering: .relaxed) < 10 { sched_yield() }
        stop.stop()
        thread.join()
        #expect(progress.done.load(ordering: .relaxed) == 1000)
        #expect(progress.doneWhenFirstParked.load(ordering: .relaxed) == 1000)
        #expect(progress.idleTurns.load(ordering: .relaxed) > progress.parked.load(ordering: .relaxed))
    }

    @Test func `a stopped agent drains what is left, up to a number of turns`() {
        let stop = StopFlag()
        stop.stop()
        let progress = Progress()
        var agent = CountingAgent(work: 10, progress: progress)
        run(&agent, idle: .spin, until: stop)
        #expect(progress.done.load(ordering: .relaxed) == 0)
        run(&agent, idle: .spin, until: stop, drainTurns: 4)
        #expect(progress.done.load(ordering: .relaxed) == 4)
        run(&agent, idle: .spin, until: stop, drainTurns: 100)
        #expect(progress.done.load(ordering: .relaxed) == 10)
    }

    @Test func `a thread that is awake costs no system call to wake`() throws {
        let waker = try Waker()
        #expect(!waker.wake())
        waker.prepareToPark()
        #expect(waker.wake())
        #expect(!waker.wake())
        // The wake-up is not lost: parking now returns at once, and leaves nothing behind.
        #expect(waker.park(microseconds: 10_000_000))
        let events = try poll(waker.descriptor, for: .readable, timeoutMilliseconds: 0)
        #expect(events.isEmpty)
        waker.prepareToPark()
        waker.cancelPark()
        #expect(!waker.wake())
    }

    @Test func `no wake-up is lost between two threads`() throws {
        // Each side parks until the other has moved: one lost wake-up, and both are parked for the whole minute.
        let rounds: UInt64 = 5000
        let (there, back) = (try Waker(), try Waker())
        let ball = Atomic<UInt64>(0)
        let thread = try PinnedThread(name: "partner") {
            for round in stride(from: UInt64(1), to: rounds * 2, by: 2) {
                awaitBall(ball, round, there)
                ball.store(round + 1, ordering: .releasing)
                back.wake()
            }
        }
        for round in stride(from: UInt64(0), to: rounds * 2, by: 2) {
            ball.store(round + 1, ordering: .releasing)
            there.wake()
            awaitBall(ball, round + 2, back)
        }
        thread.join()
        #expect(ball.load(ordering: .relaxed) == rounds * 2)
    }

    @Test func `a thread parked in its io_uring is woken through it`() throws {
        var configuration = IOUring.Configuration()
        configuration.submissionEntries = 8
        configuration.completionEntries = 16
        var ring = try IOUring(configuration)
        try ring.start()
        let waker = try Waker()
        check(ring.pollReadableMultishot(waker.descriptor, userData: 9))
        ring.submitIfNeeded()
        for _ in 0..<100 {
            waker.prepareToPark()
            let thread = try PinnedThread(name: "caller") { waker.wake() }
            check(ring.wait(nanoseconds: 60_000_000_000))
            waker.cancelPark()
            let completion = ring.nextCompletion()
            #expect(completion?.userData == 9)
            #expect(completion?.hasMore == true)
            waker.drain()
            thread.join()
        }
    }

    private func awaitBall(_ ball: borrowing Atomic<UInt64>, _ value: UInt64, _ waker: Waker) {
        while ball.load(ordering: .acquiring) != value {
            waker.prepareToPark()
            if ball.load(ordering: .acquiring) == value {
                waker.cancelPark()
                return
            }
            #expect(waker.park(microseconds: 60_000_000))
        }
    }
}

/// What a test sees of an agent on another thread.
private final class Progress: Sendable {
    let done = Atomic<Int>(0)
    let idleTurns = Atomic<Int>(0)
    let parked = Atomic<Int>(0)
    let doneWhenFirstParked = Atomic<Int>(-1)
}

/// Has some work to do, one piece a turn, then none.
private struct CountingAgent: Agent, ~Copyable {
    let work: Int
    let progress: Progress

    mutating func doWork() -> Int {
        if progress.done.load(ordering: .relaxed) == work {
            progress.idleTurns.add(1, ordering: .relaxed)
            return 0
        }
        progress.done.add(1, ordering: .relaxed)
        return 1
    }

    mutating func park(microseconds: UInt32) {
        if progress.parked.add(1, ordering: .relaxed).oldValue == 0 {
            progress.doneWhenFirstParked.store(progress.done.load(ordering: .relaxed), ordering: .relaxed)
        }
        usleep(microseconds)
    }
}

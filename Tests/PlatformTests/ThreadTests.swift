import Glibc
import Platform
import Synchronization
import Testing

/// Threads on their cores, and what they read time with.
@Suite struct ThreadTests {
    @Test func `a pinned thread runs on its core and nowhere else, from its first instruction`() throws {
        for core in try CPUSet.available().cores {
            let seen = Mutex<(cores: [UInt32], current: UInt32?)>(([], nil))
            let thread = try PinnedThread(name: "pinned-\(core)", core: core) {
                let cores = (try? CPUSet.available())?.cores ?? []
                seen.withLock { $0 = (cores, CPUSet.currentCore) }
            }
            thread.join()
            seen.withLock {
                #expect($0.cores == [core])
                #expect($0.current == core)
            }
        }
    }

    @Test func `a thread without a core may run where its creator may`() throws {
        let available = try CPUSet.available()
        let seen = Mutex(CPUSet())
        let thread = try PinnedThread(name: "free") {
            let cores = try? CPUSet.available()
            seen.withLock { $0 = cores ?? CPUSet() }
        }
        thread.join()
        #expect(seen.withLock { $0 } == available)
    }

    @Test func `a core that does not exist is refused, with the thread's name and the core`() throws {
        #expect(throws: PlatformError.systemCall("pthread_create", subject: "x on core 1023", .invalidArgument)) {
            _ = try PinnedThread(name: "x", core: 1023) {}
        }
        #expect(throws: PlatformError.invalidArgument("core 1024: expected a number below 1024")) {
            _ = try PinnedThread(name: "x", core: 1024) {}
        }
    }

    @Test func `a thread has its name, cut to what the kernel keeps`() throws {
        let seen = Mutex("")
        let thread = try PinnedThread(name: "a-name-that-is-too-long") {
            let bytes = (try? File.readPrefix("/proc/thread-self/comm", limit: 64)) ?? []
            seen.withLock { $0 = String(decoding: bytes, as: UTF8.self) }
        }
        thread.join()
        #expect(seen.withLock { $0 } == "a-name-that-is-\n")
    }

    @Test func `a stop flag ends a spinning thread, which sees what was written before`() throws {
        let stop = StopFlag()
        let written = Atomic<Int>(0)
        let seen = Atomic<Int>(-1)
        let thread = try PinnedThread(name: "spinner") {
            while !stop.isStopped { sched_yield() }
            seen.store(written.load(ordering: .relaxed), ordering: .relaxed)
        }
        written.store(42, ordering: .relaxed)
        stop.stop()
        thread.join()
        #expect(seen.load(ordering: .relaxed) == 42)
    }

    @Test func `sets of cores know their members`() throws {
        let set = try CPUSet([0, 3, 64, 1023] as [UInt32])
        #expect(set.cores == [0, 3, 64, 1023])
        #expect(set.count == 4)
        #expect(set.contains(64) && !set.contains(65) && !set.contains(5000))
        #expect(set.subtracting(try CPUSet([3, 7] as [UInt32])).cores == [0, 64, 1023])
        #expect(set.description == "0,3,64,1023")
        #expect(set != CPUSet())
    }

    @Test func `the timestamp counter's scale agrees with the monotonic clock`() {
        let scale = TimestampCounter.calibrate()
        let startTime = SystemClock.monotonicNanoseconds()
        let startTicks = TimestampCounter.now()
        while SystemClock.monotonicNanoseconds() - startTime < 20_000_000 {}
        let endTicks = TimestampCounter.now()
        let elapsed = SystemClock.monotonicNanoseconds() - startTime
        let measured = scale.nanoseconds(from: startTicks, to: endTicks)
        // The counter was read between the clock's readings, so it cannot have seen more; the loop's end can be
        // interrupted between the two, so how much less is not bounded. A wrong scale is off by a factor.
        #expect(measured <= elapsed + elapsed / 1000)
        #expect(measured >= 19_000_000)
        #expect(scale.nanoseconds(from: endTicks, to: startTicks) == 0)
        #expect((100_000_000...10_000_000_000).contains(scale.ticksPerSecond))
    }

    @Test func `a scale is exact arithmetic`() {
        let half = TimestampCounter.Scale(nanosecondsPerTickShifted: 1 << 31)
        #expect(half.nanoseconds(ticks: 7) == 3)
        #expect(half.nanoseconds(ticks: UInt64.max) == UInt64.max / 2)
        #expect(half.ticksPerSecond == 2_000_000_000)
    }

    @Test func `real time is this century's, and monotonic time does not go back`() {
        let now = SystemClock.realtimeNanoseconds()
        #expect((1_700_000_000_000_000_000..<4_102_444_800_000_000_000).contains(now))
        var last = SystemClock.monotonicNanoseconds()
        for _ in 0..<1000 {
            let next = SystemClock.monotonicNanoseconds()
            #expect(next >= last)
            last = next
        }
    }
}

import Glibc
import Platform
import Testing

/// The ring's own behaviour: submission, completion, their limits.
@Suite struct IOUringTests {
    @Test func `this kernel gives the deferred mode`() throws {
        // Linux 6.1 and later; older ones run the other modes, which the tests below then exercise.
        var name = utsname()
        uname(&name)
        let release = withUnsafeBytes(of: &name.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        let numbers = release.split(separator: ".").prefix(2).compactMap { Int($0) }
        try #require(numbers.count == 2)
        let ring = try makeRing()
        let isRecent = numbers[0] > 6 || (numbers[0] == 6 && numbers[1] >= 1)
        check((ring.mode == .deferred) == isRecent)
    }

    @Test func `sizes out of range are refused with the reason`() {
        for change: (inout IOUring.Configuration) -> Void in [
            { $0.submissionEntries = 0 }, { $0.submissionEntries = 100 }, { $0.submissionEntries = 65_536 },
            {
                $0.completionEntries = 512; $0.submissionEntries = 1024
            }, { $0.bufferCount = 3 },
            {
                $0.bufferCount = 4; $0.bufferSize = 0
            }, { $0.bufferCount = 65_536 },
        ] {
            var configuration = IOUring.Configuration()
            change(&configuration)
            #expect {
                _ = try IOUring(configuration)
            } throws: { error in
                guard case .invalidArgument(let text)? = error as? PlatformError else { return false }
                return text.contains("expected")
            }
        }
    }

    @Test func `nothing enters the kernel when nothing is due`() throws {
        var ring = try makeRing()
        for _ in 0..<1000 {
            check(ring.submitIfNeeded() == 0)
            check(ring.nextCompletion() == nil)
        }
        check(ring.statistics.enters == 0)
        check(ring.noOperation(userData: 7))
        check(ring.submitIfNeeded() == 1)
        check(ring.statistics.enters == 1)
        check(ring.nextCompletion()?.userData == 7)
        check(ring.nextCompletion() == nil)
    }

    @Test func `a full submission queue is submitted to make room`() throws {
        var ring = try makeRing { $0.submissionEntries = 4 }
        for number in 0..<100 { check(ring.noOperation(userData: UInt64(number))) }
        check(ring.statistics.submissionQueueFull == 24)
        for number in 0..<100 { check(try awaitCompletion(&ring).userData == UInt64(number)) }
    }

    @Test func `an overflown completion queue loses nothing, in order`() throws {
        var ring = try makeRing {
            $0.submissionEntries = 4
            $0.completionEntries = 4
        }
        for number in 0..<64 { check(ring.noOperation(userData: UInt64(number))) }
        ring.submitIfNeeded()
        for number in 0..<64 {
            if let completion = ring.nextCompletion() {
                #expect(completion.userData == UInt64(number))
            } else {
                ring.submitIfNeeded()
                check(ring.nextCompletion()?.userData == UInt64(number))
            }
        }
        check(ring.nextCompletion() == nil)
        check(ring.statistics.completionOverflows > 0)
        check(ring.completionsLost == 0)
    }

    @Test func `a multishot request that overflows the completion queue ends, and every byte still arrives`() throws {
        let (rawListener, endpoint) = try makeListener()
        let listener = Descriptor(owning: rawListener)
        var ring = try makeRing {
            $0.submissionEntries = 4
            $0.completionEntries = 4
            $0.bufferCount = 256
            $0.bufferSize = 16
        }
        check(ring.acceptMultishot(listener: listener.raw, userData: 1))
        let client = try Sockets.connect(to: endpoint)
        let connection = Descriptor(owning: try awaitCompletion(&ring).result)
        let sent = (0..<2048).map { UInt8(truncatingIfNeeded: $0 &* 13) }
        try withBytes(sent) { try Sockets.sendAll(client.raw, $0) }
        check(ring.receiveMultishot(connection.raw, userData: 2))
        var received: [UInt8] = []
        while received.count < sent.count {
            let completion = try awaitCompletion(&ring)
            if completion.hasBuffer {
                received += Array(ring.bytes(of: completion))
                ring.returnBuffer(completion.bufferIdentifier)
            }
            if !completion.hasMore { check(ring.receiveMultishot(connection.raw, userData: 2)) }
        }
        #expect(received == sent)
        check(ring.completionsLost == 0)
    }

    @Test func `a timeout completes with ETIME, a cancelled one with ECANCELED`() throws {
        var ring = try makeRing()
        check(ring.timeout(afterNanoseconds: 1_000_000, userData: 1))
        let expired = try awaitCompletion(&ring)
        #expect(expired.userData == 1 && expired.errno == .timerExpired)

        check(ring.timeout(afterNanoseconds: 3_600_000_000_000, userData: 2))
        ring.submitIfNeeded()
        check(ring.cancel(2, userData: 3))
        var results: [UInt64: Int32] = [:]
        for _ in 0..<2 {
            let completion = try awaitCompletion(&ring)
            results[completion.userData] = completion.result
        }
        #expect(results == [2: -ECANCELED, 3: 1])
        check(ring.cancel(99, userData: 4))
        check(try awaitCompletion(&ring) == Completion.success(4))
    }

    @Test func `waiting ends with the time when nothing comes`() throws {
        var ring = try makeRing()
        let before = SystemClock.monotonicNanoseconds()
        check(!ring.wait(nanoseconds: 2_000_000))
        #expect(SystemClock.monotonicNanoseconds() - before >= 2_000_000)
    }

    @Test func `fdatasync completes from a worker on the other core`() throws {
        let available = try CPUSet.available()
        try withDirectory { path in
            let file = try File.open("\(path)/data", .createNew)
            try File.allocate(file, bytes: 1 << 20)
            var ring = try makeRing { $0.workerCores = available }
            check(ring.dataSync(file.raw, userData: 11))
            check(try awaitCompletion(&ring) == Completion.success(11))
            // A descriptor that cannot be synchronised fails, and says so.
            let (rawListener, _) = try makeListener()
            let listener = Descriptor(owning: rawListener)
            check(ring.dataSync(listener.raw, userData: 12))
            let failed = try awaitCompletion(&ring)
            #expect(failed.userData == 12 && failed.errno == .invalidArgument)
        }
    }

    @Test func `a ring made on one thread belongs to the thread that starts it`() throws {
        let ring = try IOUring(IOUring.Configuration())
        let holder = RingHolder(ring)
        let thread = try PinnedThread(name: "owner") {
            do {
                try holder.ring.start()
                check(holder.ring.noOperation(userData: 5))
                check(try awaitCompletion(&holder.ring).userData == 5)
            } catch {
                Issue.record(error)
            }
        }
        thread.join()
    }
}

/// A ring inside an agent's class, as the node holds it.
private final class RingHolder: @unchecked Sendable {
    var ring: IOUring
    init(_ ring: consuming IOUring) { self.ring = ring }
}

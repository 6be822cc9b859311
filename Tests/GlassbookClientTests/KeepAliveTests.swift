import GlassbookClient
import Platform
import Synchronization
import Testing
import Wire

/// A client that does not receive for a while.
@Suite struct KeepAliveTests {
    @Test func aHeartbeatIsSentWhenItIsDueAndNotBefore() throws {
        let intervalMilliseconds: UInt32 = 200
        let received = Received()
        let server = try ScriptedServer { connection in
            connection.establish(heartbeatMilliseconds: intervalMilliseconds)
            for _ in 0..<2 { received.add(connection.receiveFrame()) }
            connection.drain()
        }
        // What was sent last was sent after this.
        let start = SystemClock.monotonicNanoseconds()
        do {
            let session = try Session.open(server.endpoint, [HostileServerTests.signer()])
            while received.count < 2 {
                try session.keepAlive()
                try #require(SystemClock.monotonicNanoseconds() - start < 60_000_000_000, "no heartbeat for a minute")
            }
        }
        server.finish()
        for (index, (frame, time)) in received.all.enumerated() {
            #expect(
                frame.withUnsafeBytes { MessageHeader($0.baseAddress! + FrameHeader.size).templateId }
                    == Template.heartbeat)
            #expect(time - start >= UInt64(index + 1) * UInt64(intervalMilliseconds) * 1_000_000)
        }
    }

    /// Frames with the time of their arrival.
    private final class Received: Sendable {
        private let frames = Mutex<[(frame: [UInt8], time: UInt64)]>([])

        func add(_ frame: [UInt8]) { frames.withLock { $0.append((frame, SystemClock.monotonicNanoseconds())) } }

        var count: Int { frames.withLock { $0.count } }
        var all: [(frame: [UInt8], time: UInt64)] { frames.withLock { $0 } }
    }
}

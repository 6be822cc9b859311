import GlassbookClient
import Platform
import Synchronization
import Testing
import Wire

/// A client that does not receive for a while.
@Suite struct KeepAliveTests {
    @Test func aHeartbeatIsSentWhenItIsDueAndNotBefore() throws {
        let intervalMilliseconds: UInt32 = 1_000
        let received = Received()
        let server = try ScriptedServer { connection in
            connection.negotiate(heartbeatMilliseconds: intervalMilliseconds)
            // Who waits for the rest of the handshake keeps the session alive too.
            connection.receiveFrame(Template.logon)
            connection.send(Frames.logonAccepted(7))
            connection.receiveFrame(Template.establish)
            connection.send(Frames.established)
            for _ in 0..<2 { received.add(connection.receiveFrame()) }
            connection.drain()
        }
        // What was sent last was sent after this.
        let start = SystemClock.monotonicNanoseconds()
        do {
            let session = try Session.open(server.endpoint, [HostileServerTests.signer()], options: .patient)
            while received.count < 2 {
                try session.keepAlive()
                SystemClock.sleep(nanoseconds: 1_000_000)
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

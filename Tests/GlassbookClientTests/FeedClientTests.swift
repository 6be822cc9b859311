import GlassbookClient
import MarketData
import Platform
import Testing
import Wire

/// A feed over real sockets, of which this test loses, doubles and reorders what it wants.
@Suite(.serialized) struct FeedClientTests {
    /// The venue's end: everything on this thread, so that nothing depends on time.
    private final class Sender {
        let session: FeedSession
        let messages: [[UInt8]]
        let addresses: FeedAddresses
        private let multicast: Descriptor
        private let requests: Descriptor
        private(set) var answered = 0

        init(generation: UInt32 = 1, messages count: Int) throws {
            session = FeedSession(venueName: FixedText.four("GLAS")!, generation: generation)
            messages = (1...count).map { number in
                [UInt8](unsafeUninitializedCapacity: AddOrderMessage.size) { buffer, size in
                    AddOrderMessage.encode(
                        at: UnsafeMutableRawPointer(buffer.baseAddress!), locate: 1, time: 0,
                        reference: UInt64(number), side: .buy, shares: 1, symbol: FixedText.eight("BTC-USD")!,
                        price: 10_000)
                    size = AddOrderMessage.size
                }
            }
            multicast = try Sockets.multicastSender(interface: .loopback)
            requests = try Sockets.datagram(boundTo: IPv4Endpoint(.loopback, port: 0))
            // A port that nothing else on this machine uses at the moment.
            let free = try Sockets.datagram(boundTo: IPv4Endpoint(.loopback, port: 0))
            let group = IPv4Endpoint(
                IPv4Address("239.192.46.9")!, port: try Sockets.localEndpoint(of: free.raw).port)
            addresses = FeedAddresses(
                group: group, interface: .loopback, requestServer: try Sockets.localEndpoint(of: requests.raw),
                snapshotServer: IPv4Endpoint(.loopback, port: 1))
        }

        /// Messages `first` to `first + count - 1` in a packet.
        func packet(_ first: Int, _ count: Int) -> [UInt8] {
            var builder = PacketBuilder(session: session, nextSequence: UInt64(first))
            var memory = [UInt8](repeating: 0, count: MoldUDP64.packetBytesMax)
            let length = memory.withUnsafeMutableBytes { memory in
                for number in first..<first + count {
                    messages[number - 1].withUnsafeBytes {
                        builder.append($0.baseAddress!, $0.count, to: memory.baseAddress!)
                    }
                }
                return builder.finish(memory.baseAddress!)
            }
            return Array(memory[..<length])
        }

        func control(_ next: Int, _ count: UInt16) -> [UInt8] {
            let builder = PacketBuilder(session: session, nextSequence: UInt64(next))
            var memory = [UInt8](repeating: 0, count: MoldUDP64.packetBytesMax)
            let length = memory.withUnsafeMutableBytes { builder.control(count, $0.baseAddress!) }
            return Array(memory[..<length])
        }

        func send(_ bytes: [UInt8]) {
            let group = Sockets.Destination(addresses.group)
            #expect(bytes.withUnsafeBytes { Sockets.send(multicast.raw, $0, to: group) } == bytes.count)
        }

        /// Answers the requests that wait, with at most three messages each.
        func serve() {
            var bytes = [UInt8](repeating: 0, count: 64)
            var source = IPv4Endpoint(.any, port: 0)
            while true {
                let count = bytes.withUnsafeMutableBytes { Sockets.receive(requests.raw, into: $0, from: &source) }
                guard count >= 0 else { return }
                let request = bytes[..<count].withUnsafeBytes {
                    FeedRequest($0, session: session, nextSequence: UInt64(messages.count + 1))
                }
                guard let request else { continue }
                answered += 1
                let first = Int(request.sequence)
                let answer = packet(first, min(Int(request.count), 3, messages.count + 1 - first))
                _ = answer.withUnsafeBytes {
                    Sockets.send(requests.raw, $0, to: Sockets.Destination(source))
                }
            }
        }
    }

    private final class Received {
        var numbers: [UInt64] = []
        var references: [UInt64] = []

        func take(_ message: FeedMessage) {
            numbers.append(message.sequence)
            if let base = message.bytes.baseAddress { references.append(AddOrderMessage(base).reference) }
        }
    }

    @Test func lossDuplicationAndReorderingAreRepaired() throws {
        let sender = try Sender(messages: 400)
        var options = FeedOptions()
        options.requestRetryMilliseconds = 1
        let client = try FeedClient(sender.addresses, options: options)
        let received = Received()
        var state: UInt64 = 42
        var held: [[UInt8]] = []
        for first in stride(from: 1, to: 400, by: 2) {
            state = state &* 6_364_136_223_846_793_005 &+ 1
            switch (state >> 33) % 5 {
            case 0: break
            case 1: held.append(sender.packet(first, 2))
            case 2:
                sender.send(sender.packet(first, 2))
                sender.send(sender.packet(first, 2))
            default: sender.send(sender.packet(first, 2))
            }
            if held.count == 3 {
                for packet in held.reversed() { sender.send(packet) }
                held.removeAll()
            }
            _ = try client.receive(received.take)
            if first % 50 == 1 { sender.serve() }
        }
        // The end is known from a heartbeat only.
        sender.send(sender.control(401, MoldUDP64.heartbeat))
        let end = SystemClock.monotonicNanoseconds() + 120_000_000_000
        while received.numbers.count < 400, SystemClock.monotonicNanoseconds() < end {
            _ = try client.receive(timeoutMilliseconds: 2, received.take)
            sender.serve()
        }
        #expect(received.numbers == Array(1...400) && received.references == Array(1...400))
        #expect(client.isCurrent && client.nextSequence == 401)
        #expect(sender.answered > 0 && client.statistics.requests >= sender.answered)
        #expect(client.statistics.duplicates > 0 && client.statistics.early > 0)
        sender.send(sender.control(401, MoldUDP64.endOfSession))
        #expect(try client.receive(timeoutMilliseconds: 120_000, received.take) == .ended)
    }

    @Test func whoComesLateAsksForTheBeginning() throws {
        let sender = try Sender(messages: 50)
        let client = try FeedClient(sender.addresses)
        let received = Received()
        sender.send(sender.packet(50, 1))
        let end = SystemClock.monotonicNanoseconds() + 120_000_000_000
        while received.numbers.count < 50, SystemClock.monotonicNanoseconds() < end {
            _ = try client.receive(timeoutMilliseconds: 1, received.take)
            sender.serve()
        }
        #expect(received.numbers == Array(1...50))
    }

    @Test func whatIsNoPacketIsPassedOver() throws {
        let sender = try Sender(messages: 4)
        let client = try FeedClient(sender.addresses)
        let received = Received()
        sender.send(sender.packet(1, 2))
        let whole = sender.packet(3, 2)
        // Cut anywhere, too long, and with a length inside that is wrong.
        for count in 1..<whole.count { sender.send(Array(whole[..<count])) }
        sender.send([UInt8](repeating: 0x41, count: 1_473))
        sender.send([UInt8](repeating: 0xFF, count: 9_000))
        var wrong = whole
        wrong[21] += 1
        sender.send(wrong)
        sender.send(whole)
        while received.numbers.count < 4 {
            guard case .delivered = try client.receive(timeoutMilliseconds: 120_000, received.take) else { break }
        }
        #expect(received.numbers == [1, 2, 3, 4])
        #expect(client.statistics.malformed >= whole.count)
    }

    @Test func aNewSessionIsSaid() throws {
        let sender = try Sender(messages: 4)
        let client = try FeedClient(sender.addresses)
        let received = Received()
        sender.send(sender.packet(1, 4))
        #expect(try client.receive(timeoutMilliseconds: 120_000, received.take) == .delivered(4))
        var later = sender.packet(1, 1)
        later[9] = UInt8(ascii: "2")
        sender.send(later)
        let session = FeedSession(venueName: FixedText.four("GLAS")!, generation: 2)
        #expect(try client.receive(timeoutMilliseconds: 120_000, received.take) == .sessionChanged(session))
        #expect(try client.receive(received.take) == .sessionChanged(session))
        #expect(received.numbers == [1, 2, 3, 4])
    }
}

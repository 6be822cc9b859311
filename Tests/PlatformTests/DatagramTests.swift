import Glibc
import Platform
import Testing

/// UDP: multicast on the loopback interface, plain datagrams, both through system calls and through the ring.
@Suite struct DatagramTests {
    private static let group = IPv4Address("239.192.46.1")!

    /// A receiver of the group on a free port, and where it listens.
    private func makeReceiver() throws -> (Int32, IPv4Endpoint) {
        let receiver = try Sockets.multicastReceiver(
            group: IPv4Endpoint(Self.group, port: 0), interface: .loopback)
        let endpoint = try Sockets.localEndpoint(of: receiver.raw)
        return (receiver.release(), endpoint)
    }

    private func receiveNumber(_ socket: Int32) throws -> (UInt64, IPv4Endpoint) {
        var number: UInt64 = 0
        var source = IPv4Endpoint(.any, port: 0)
        let ready = try poll(socket, for: .readable, timeoutMilliseconds: 120_000)
        try #require(ready.contains(.readable))
        let count = withUnsafeMutableBytes(of: &number) { Sockets.receive(socket, into: $0, from: &source) }
        try #require(count == 8)
        return (number, source)
    }

    @Test func `multicast on the loopback interface reaches every receiver, in order`() throws {
        let (rawFirst, endpoint) = try makeReceiver()
        let first = Descriptor(owning: rawFirst)
        let second = try Sockets.multicastReceiver(group: endpoint, interface: .loopback)
        let sender = try Sockets.multicastSender(interface: .loopback, timeToLive: 0)
        let destination = Sockets.Destination(endpoint)
        for number in UInt64(0)..<200 {
            var number = number
            let sent = withUnsafeBytes(of: &number) { Sockets.send(sender.raw, $0, to: destination) }
            #expect(sent == 8)
            #expect(try receiveNumber(first.raw).0 == number)
            #expect(try receiveNumber(second.raw).0 == number)
        }
        var source = IPv4Endpoint(.any, port: 0)
        var byte: UInt8 = 0
        let nothing = withUnsafeMutableBytes(of: &byte) { Sockets.receive(first.raw, into: $0, from: &source) }
        #expect(nothing == -Int(EAGAIN))
    }

    @Test(arguments: [(UInt8(0), true), (1, false), (32, true)])
    func `a multicast sender has the interface, the reach and the loop that it was given`(
        timeToLive: UInt8, loops: Bool
    ) throws {
        let sender = try Sockets.multicastSender(interface: .loopback, timeToLive: timeToLive, loops: loops)
        func option<Value: BitwiseCopyable>(_ name: Int32, _ initial: Value) -> Value {
            var value = initial
            var size = socklen_t(MemoryLayout<Value>.size)
            #expect(getsockopt(sender.raw, Int32(IPPROTO_IP), name, &value, &size) == 0)
            return value
        }
        #expect(option(IP_MULTICAST_TTL, UInt8(255)) == timeToLive)
        #expect(option(IP_MULTICAST_LOOP, UInt8(255)) == (loops ? 1 : 0))
        #expect(option(IP_MULTICAST_IF, in_addr()).s_addr == UInt32(0x7F00_0001).bigEndian)
    }

    @Test func `a group outside the multicast range is refused`() {
        #expect(throws: PlatformError.invalidArgument("group 10.0.0.1: expected 224.0.0.0 to 239.255.255.255")) {
            _ = try Sockets.multicastReceiver(
                group: IPv4Endpoint(IPv4Address("10.0.0.1")!, port: 4610), interface: .loopback)
        }
    }

    @Test func `datagrams leave through the ring, from headers made once`() throws {
        let server = try Sockets.datagram(boundTo: IPv4Endpoint(.loopback, port: 0))
        let client = try Sockets.datagram(boundTo: IPv4Endpoint(.loopback, port: 0))
        let serverEndpoint = try Sockets.localEndpoint(of: server.raw)
        var ring = try makeRing()
        let table = DatagramTable(count: 2, capacity: 64, destination: try Sockets.localEndpoint(of: client.raw))
        for number in UInt64(1)...500 {
            table.buffer(1).storeBytes(of: number * 2, as: UInt64.self)
            check(ring.sendMessage(server.raw, table.forSending(1, length: 8), userData: 2))
            let sent = try awaitCompletion(&ring)
            #expect(sent.userData == 2 && sent.result == 8)
            let (value, source) = try receiveNumber(client.raw)
            #expect(value == number * 2 && source == serverEndpoint)
        }
    }

    @Test func `several multicast packets of one submission arrive in order`() throws {
        let (rawReceiver, endpoint) = try makeReceiver()
        let receiver = Descriptor(owning: rawReceiver)
        let sender = try Sockets.multicastSender(interface: .loopback, timeToLive: 0)
        var ring = try makeRing()
        let table = DatagramTable(count: 32, capacity: 8, destination: endpoint)
        for index in 0..<32 {
            table.buffer(index).storeBytes(of: UInt64(index), as: UInt64.self)
            check(ring.sendMessage(sender.raw, table.forSending(index, length: 8), userData: UInt64(index)))
        }
        check(ring.submitIfNeeded() == 32)
        for index in 0..<32 {
            #expect(try receiveNumber(receiver.raw).0 == UInt64(index))
            check(try awaitCompletion(&ring).result == 8)
        }
    }

    @Test(arguments: [
        ("127.0.0.1:4600", IPv4Endpoint(.loopback, port: 4600)),
        ("239.192.46.1:4610", IPv4Endpoint(IPv4Address(value: 0xEFC0_2E01), port: 4610)),
        ("0.0.0.0:0", IPv4Endpoint(.any, port: 0)),
    ])
    func `endpoints are read and written`(text: String, endpoint: IPv4Endpoint) {
        #expect(IPv4Endpoint(text) == endpoint)
        #expect(endpoint.description == text)
    }

    @Test(arguments: [
        "", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0:1", "localhost:1", "1.2.3.4:5:6", ":1",
    ])
    func `what is no endpoint is refused`(text: String) {
        #expect(IPv4Endpoint(text) == nil)
    }

    @Test func `a taken port and a refused connection are named`() throws {
        let (rawListener, endpoint) = try makeListener()
        let listener = Descriptor(owning: rawListener)
        #expect(listener.raw >= 0)
        #expect(throws: PlatformError.systemCall("bind", subject: endpoint.description, .addressInUse)) {
            _ = try Sockets.listen(at: endpoint)
        }
        // Nobody listens on port 1, and the system gives it to nobody.
        let free = IPv4Endpoint(.loopback, port: 1)
        #expect(throws: PlatformError.systemCall("connect", subject: free.description, .connectionRefused)) {
            _ = try Sockets.connect(to: free)
        }
    }
}

import Foundation
import MarketData
import Testing
import Wire

/// Every message and every kind of packet, as our codecs write them, read by decoders that others wrote.
@Suite("Others' decoders of the feed")
struct DecoderTests {
    private static let symbol = FixedText.eight("BTC-USD")!

    private static func bytes(_ size: Int, _ encode: (UnsafeMutableRawPointer) -> Void) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            encode(UnsafeMutableRawPointer(buffer.baseAddress!))
            count = size
        }
    }

    /// One message of each type.
    private static let messages: [[UInt8]] = [
        bytes(SystemEventMessage.size) {
            SystemEventMessage.encode(at: $0, time: 1, event: SystemEventMessage.startOfMessages)
        },
        bytes(StockDirectoryMessage.size) {
            StockDirectoryMessage.encode(at: $0, locate: 1, time: 2, symbol: symbol)
        },
        bytes(TradingActionMessage.size) {
            TradingActionMessage.encode(
                at: $0, locate: 1, time: 3, symbol: symbol, state: TradingActionMessage.halted,
                reason: FixedText.four("T1")!)
        },
        bytes(AddOrderMessage.size) {
            AddOrderMessage.encode(
                at: $0, locate: 1, time: 4, reference: 1 << 40, side: .sell, shares: 1_000, symbol: symbol,
                price: 2_000_000_000)
        },
        bytes(AddOrderMessage.size) {
            AddOrderMessage.encode(
                at: $0, locate: 1, time: 4, reference: 7, side: .buy, shares: 4_294_967_295, symbol: symbol, price: 1)
        },
        bytes(OrderExecutedITCH.size) {
            OrderExecutedITCH.encode(at: $0, locate: 1, time: 5, reference: 1 << 40, shares: 1, matchNumber: 9)
        },
        bytes(OrderExecutedWithPriceMessage.size) {
            OrderExecutedWithPriceMessage.encode(
                at: $0, locate: 1, time: 6, reference: 1 << 40, shares: 2, matchNumber: 10, isPrintable: true,
                price: 5)
        },
        bytes(OrderCancelITCH.size) {
            OrderCancelITCH.encode(at: $0, locate: 1, time: 7, reference: 1 << 40, shares: 3)
        },
        bytes(OrderReplaceITCH.size) {
            OrderReplaceITCH.encode(
                at: $0, locate: 1, time: 8, originalReference: 1 << 40, reference: 1 << 41, shares: 5, price: 6)
        },
        bytes(OrderDeleteMessage.size) { OrderDeleteMessage.encode(at: $0, locate: 1, time: 9, reference: 7) },
        bytes(TradeMessage.size) {
            TradeMessage.encode(
                at: $0, locate: 1, time: 10, shares: 4, symbol: symbol, price: 6, matchNumber: 11)
        },
        bytes(CrossTradeMessage.size) {
            CrossTradeMessage.encode(
                at: $0, locate: 1, time: ITCH.dayNanoseconds - 1, shares: 4, symbol: symbol, price: 6,
                matchNumber: 12, crossType: 0x4F)
        },
    ]

    @Test func itchfeedReadsEveryMessage() throws {
        let read = try ItchFeed(Self.messages.map(hexadecimal))
        #expect(read.types == "SRHAAECXUDPQ")
        #expect(
            read.orders == [
                ItchFeed.Order(reference: 1 << 41, locate: 1, symbol: "BTC-USD", side: "S", shares: 5, price: 6)
            ])
        #expect(read.executedShares == 3 && read.states == ["BTC-USD": "H"])
    }

    /// It does notice: a message of another length, and a type that there is not.
    @Test func itchfeedRefusesWhatIsWrong() throws {
        let short = Self.messages.map { Array($0.dropLast()) }, long = Self.messages.map { $0 + [0] }
        var unknown = Self.messages[0]
        unknown[0] = UInt8(ascii: "!")
        let read = try ItchFeed((short + long + [unknown]).map(hexadecimal))
        #expect(read.types == String(repeating: "?", count: 2 * Self.messages.count + 1))
    }

    private let session = FeedSession(venueName: FixedText.four("GLAS")!, generation: 42)

    /// Packets of many messages, a heartbeat, a request, the end of the session.
    private func packets() -> [[UInt8]] {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: MoldUDP64.packetBytesMax, alignment: 8)
        defer { memory.deallocate() }
        var made: [[UInt8]] = []
        func keep(_ count: Int) { made.append([UInt8](UnsafeRawBufferPointer(start: memory, count: count))) }
        var builder = PacketBuilder(session: session, nextSequence: 1)
        keep(builder.control(MoldUDP64.heartbeat, memory))
        for index in 0..<300 {
            let message = Self.messages[index % Self.messages.count]
            if !builder.fits(message.count) { keep(builder.finish(memory)) }
            builder.append(message, message.count, to: memory)
        }
        keep(builder.finish(memory))
        keep(builder.control(MoldUDP64.heartbeat, memory))
        MoldUDP64.encodeHeader(at: memory, session: session, sequence: 5, messageCount: 20)
        keep(MoldUDP64.headerBytes)
        keep(builder.control(MoldUDP64.endOfSession, memory))
        return made
    }

    @Test func tsharkReadsEveryPacket() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "glassbook-\(UUID().uuidString).pcap")
        defer { try? FileManager.default.removeItem(at: file) }
        let packets = packets()
        try Dissection.capture(packets, port: 4610, to: file)
        let read = try Dissection(capture: file, ports: [4610])
        #expect(read.packets.count == packets.count && read.faults.isEmpty, "\(read.faults)")
        #expect(read.packets.allSatisfy { $0.session == "GLAS000042" })
        let messages = read.messages(of: "GLAS000042")
        #expect(messages?.count == 300)
        for (sequence, message) in messages ?? [:] {
            let expected = Self.messages[Int(sequence - 1) % Self.messages.count]
            #expect(message == hexadecimal(expected), "message \(sequence)")
        }
        #expect(read.packets.last?.count == 0xFFFF && read.packets.last?.sequence == 301)
    }

    /// It does notice: packets that count or measure wrongly, or end early.
    @Test func tsharkComplainsOfWhatIsWrong() throws {
        let good = packets()[1]
        var counted = good
        counted[19] += 1
        var measured = good
        measured[21] += 1
        let wrong = [counted, measured, Array(good.dropLast()), Array(good[..<19]), packets().last! + [0, 1, 0]]
        let file = FileManager.default.temporaryDirectory.appending(path: "glassbook-\(UUID().uuidString).pcap")
        defer { try? FileManager.default.removeItem(at: file) }
        try Dissection.capture(wrong, port: 4610, to: file)
        let read = try Dissection(capture: file, ports: [4610])
        #expect(read.packets.count == wrong.count && read.faults.count == wrong.count, "\(read.packets)")
    }
}

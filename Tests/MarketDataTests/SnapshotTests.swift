import MarketData
import Testing
import Wire

@Suite("Snapshot")
struct SnapshotTests {
    /// Payloads of the packets of an image.
    private func payloads(_ image: borrowing SnapshotImage) -> [[UInt8]] {
        let raw = image.bytes(from: 0)
        var payloads: [[UInt8]] = []
        var offset = 0
        while offset < raw.count {
            let length = SoupBinTCP.packetBytes(raw.baseAddress! + offset)!
            #expect(SoupBinTCP.type(raw.baseAddress! + offset) == SoupBinTCP.sequencedData)
            payloads.append([UInt8](raw[offset + 3..<offset + length]))
            offset += length
        }
        #expect(offset == raw.count)
        return payloads
    }

    private func apply(_ messages: [[UInt8]], _ book: inout FeedBook) throws {
        for message in messages { try book.apply(bytes: message) }
    }

    private func orders(_ book: borrowing FeedBook) -> [FeedOrder] {
        var orders: [FeedOrder] = []
        book.forEachOrder { orders.append($0) }
        return orders
    }

    /// State of the venue, directory, orders in their order, and the number of what comes next.
    @Test func saysWhatAReceiverNeeds() throws {
        var encoder = FeedEncoder(instrumentsMax: 4)
        var book = FeedBook(capacity: 8)
        var effects = Effects()
        effects.started(1)
        effects.listed(0, "BTC-USD", multiplier: 100, .continuous)
        effects.listed(1, "ETH-USD", multiplier: 10, .continuous)
        effects.rested(1, .buy, 50, 10)
        effects.rested(2, .buy, 50, 20)
        effects.rested(3, .sell, 60, 30, instrument: 1)
        effects.replaced(1, by: 4, 50, 10, from: 10, .restsAtOnce)
        effects.executed(2, 5, match: 1)
        effects.state(.halted, instrument: 1, reason: "T1")
        effects.state(.cancelOnly)
        let feed = effects.encoded(by: &encoder).flatMap { $0 }
        try apply(feed, &book)
        var image = SnapshotImage(orders: 8, instruments: 4)
        image.build(book, encoder, time: 0, nextSequence: UInt64(feed.count) + 1)
        let made = payloads(image)
        #expect(String(decoding: made.map { $0[0] }, as: UTF8.self) == "SSRHRHAAAG")
        #expect(made[0][11] == UInt8(ascii: "O") && made[1][11] == UInt8(ascii: "E"))
        #expect(made[3][19] == UInt8(ascii: "T") && made[5][19] == UInt8(ascii: "H"))
        #expect(made[5][21...] == Array("T1  ".utf8)[...])
        made.last!.withUnsafeBytes {
            #expect($0.count == 21 && EndOfSnapshotMessage.nextSequence($0.baseAddress!) == UInt64(feed.count) + 1)
        }
        // Order 1 lost its place to 2 when it was replaced by 4.
        var rebuilt = FeedBook(capacity: 8)
        try apply(made.dropLast(), &rebuilt)
        #expect(orders(rebuilt) == orders(book))
        #expect(orders(rebuilt).filter { $0.locate == 1 }.map(\.reference) == [2, 4])
    }

    /// At any moment, snapshot and the rest of the feed are the whole feed.
    @Test func snapshotAndRestAreTheWholeFeed() throws {
        var numbers = TestNumbers(11)
        var encoder = FeedEncoder(instrumentsMax: 1)
        var effects = Effects()
        effects.started(1)
        effects.listed(0, "BTC-USD", multiplier: 1, .continuous)
        var open: [(id: UInt64, lots: UInt32)] = []
        for id in 1...400 as ClosedRange<UInt64> {
            effects.rested(id, numbers.below(2) == 0 ? .buy : .sell, UInt32(1 + numbers.below(9)), 10)
            open.append((id, 10))
            if numbers.below(3) > 0 { continue }
            let index = numbers.below(open.count)
            if numbers.below(2) == 0 {
                effects.cancelled(open[index].id, open[index].lots)
                open.remove(at: index)
            } else if open[index].lots > 1 {
                effects.executed(open[index].id, 1, match: id)
                open[index].lots -= 1
            }
        }
        let feed = effects.encoded(by: &encoder).flatMap { $0 }
        var whole = FeedBook(capacity: 512)
        try apply(feed, &whole)
        var image = SnapshotImage(orders: 512, instruments: 1)
        for cut in stride(from: 3, through: feed.count, by: 37) {
            var head = FeedBook(capacity: 512)
            try apply(Array(feed[..<cut]), &head)
            image.build(head, encoder, time: 0, nextSequence: UInt64(cut) + 1)
            let made = payloads(image)
            let next = made.last!.withUnsafeBytes { EndOfSnapshotMessage.nextSequence($0.baseAddress!) }
            var late = FeedBook(capacity: 512)
            try apply(made.dropLast(), &late)
            try apply(Array(feed[(Int(next!) - 1)...]), &late)
            #expect(orders(late) == orders(whole))
        }
    }

    /// The memory is enough for a full book and a full directory.
    @Test func aFullSnapshotFits() throws {
        var encoder = FeedEncoder(instrumentsMax: 2)
        var book = FeedBook(capacity: 2)
        var effects = Effects()
        effects.listed(0, "BTC-USD", multiplier: 1, .continuous)
        effects.listed(1, "ETH-USD", multiplier: 1, .continuous)
        effects.rested(1, .buy, 1, 1)
        effects.rested(2, .buy, 1, 1)
        effects.state(.closed)
        try apply(effects.encoded(by: &encoder).flatMap { $0 }, &book)
        var image = SnapshotImage(orders: 2, instruments: 2)
        image.build(book, encoder, time: 0, nextSequence: 1)
        #expect(image.count == image.byteCount)
    }

    private func login(_ session: String, _ sequence: String, type: String = "L") -> [UInt8] {
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: width - text.utf8.count)
        }
        return layout(
            .number(47, 2), .text(type), .text(padded("ME", 6)), .text(padded("SECRET", 10)),
            .text(padded(session, 10)), .text(padded(sequence, 20)))
    }

    private func judge(_ bytes: [UInt8]) -> SnapshotLogin.Outcome {
        bytes.withUnsafeBytes { SnapshotLogin.judge($0, session: session) }
    }

    @Test func loginsAreJudged() {
        #expect(judge(login("", "1")) == .accepted)
        #expect(judge(login("GLAS000001", "1")) == .accepted)
        #expect(judge(login("", "")) == .accepted && judge(login("", "0")) == .accepted)
        #expect(judge(login("GLAS000002", "1")) == .rejected(SoupBinTCP.sessionNotAvailable))
        #expect(judge(login("", "2")) == .rejected(SoupBinTCP.sessionNotAvailable))
        #expect(judge(login("", "x")) == .rejected(SoupBinTCP.sessionNotAvailable))
        #expect(judge(login("", "1", type: "U")) == .malformed)
        #expect(judge([0, 0, 0x4C]) == .malformed && judge([0, 2, 0x4C, 0]) == .malformed)
        let debug = layout(.number(6, 2), "+hello")
        #expect(judge(debug + debug + login("", "1")) == .accepted)
        #expect(judge(debug) == .incomplete)
    }

    /// A login that comes byte by byte is the same login.
    @Test func aLoginComesInParts() {
        let whole = layout(.number(6, 2), "+hello") + login("", "1")
        for count in 0..<whole.count { #expect(judge(Array(whole[..<count])) == .incomplete) }
        #expect(judge(whole) == .accepted)
    }

    @Test func garbageLogsNobodyIn() {
        var numbers = TestNumbers(13)
        for _ in 0..<50_000 {
            var garbage = numbers.below(2) == 0 ? numbers.bytes(numbers.below(80)) : login("", "1")
            if garbage.count >= 49 {
                garbage[19 + numbers.below(30)] = UInt8(truncatingIfNeeded: numbers.next() | 0x80)
            }
            #expect(judge(garbage) != .accepted)
        }
    }
}

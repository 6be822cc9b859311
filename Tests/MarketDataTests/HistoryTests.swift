import MarketData
import Testing
import Wire

@Suite("Packets, history, index, requests")
struct HistoryTests {
    private func message(_ sequence: UInt64) -> [UInt8] {
        var numbers = TestNumbers(sequence)
        let count = 12 + numbers.below(33)
        return Part.number(sequence, 8).bytes + numbers.bytes(count - 8)
    }

    private func messages(of bytes: [UInt8]) -> (first: UInt64, messages: [[UInt8]])? {
        bytes.withUnsafeBytes { raw in
            guard let packet = MoldUDP64(raw) else { return nil }
            var messages: [[UInt8]] = []
            packet.forEachMessage { messages.append([UInt8]($0)) }
            return (packet.sequence, messages)
        }
    }

    /// Packets are as full as they can be, never larger than 1,472 bytes, and together are the feed.
    @Test func packetsAreFullAndNumbered() {
        var builder = PacketBuilder(session: session, nextSequence: 5)
        var made: [[UInt8]] = []
        let memory = UnsafeMutableRawPointer.allocate(byteCount: MoldUDP64.packetBytesMax, alignment: 8)
        defer { memory.deallocate() }
        func finish() { made.append([UInt8](UnsafeRawBufferPointer(start: memory, count: builder.finish(memory)))) }
        var sizes: [Int] = []
        for sequence in 5..<1000 as Range<UInt64> {
            let next = message(sequence)
            if !builder.fits(next.count) {
                finish()
                sizes.append(made.last!.count + MoldUDP64.blockHeaderBytes + next.count)
            }
            builder.append(next, next.count, to: memory)
        }
        #expect(!builder.isEmpty)
        finish()
        #expect(made.allSatisfy { $0.count <= 1_472 } && sizes.allSatisfy { $0 > 1_472 } && made.count > 10)
        var sequence: UInt64 = 5
        for packet in made {
            let read = messages(of: packet)
            #expect(read?.first == sequence)
            for bytes in read?.messages ?? [] {
                #expect(bytes == message(sequence))
                sequence += 1
            }
        }
        #expect(sequence == 1000 && builder.nextSequence == 1000)
        let beat = [UInt8](
            UnsafeRawBufferPointer(start: memory, count: builder.control(MoldUDP64.heartbeat, memory)))
        #expect(beat == packet([], sequence: 1000, count: 0))
        let end = [UInt8](
            UnsafeRawBufferPointer(start: memory, count: builder.control(MoldUDP64.endOfSession, memory)))
        #expect(end == packet([], sequence: 1000, count: 0xFFFF))
        builder.begin(FeedSession(venueName: venueName, generation: 2))
        #expect(builder.nextSequence == 1 && builder.session.text == "GLAS000002")
    }

    /// A small ring is lapped many times, at every position of its end: what it says it has is what was appended.
    @Test func historyHasTheLastMessages() {
        var history = FeedHistory(blockBytes: 1 << 10, messages: 1 << 4)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: MoldUDP64.packetBytesMax, alignment: 8)
        defer { memory.deallocate() }
        #expect(!history.has(0) && !history.has(1))
        for sequence in 1...3000 as ClosedRange<UInt64> {
            let next = message(sequence)
            history.append(next, next.count)
            #expect(history.has(sequence) && !history.has(sequence + 1) && !history.has(0))
            let oldest = (1...sequence).reversed().prefix { history.has($0) }.last!
            #expect(sequence - oldest < 16)
            let count = history.packet(session, from: oldest, count: 1024, at: memory)
            let read = messages(of: [UInt8](UnsafeRawBufferPointer(start: memory, count: count)))
            #expect(read?.first == oldest && read?.messages == (oldest...sequence).map(message))
            if sequence % 500 == 0 {
                let one = history.packet(session, from: oldest, count: 1, at: memory)
                #expect(one == MoldUDP64.headerBytes + MoldUDP64.blockHeaderBytes + message(oldest).count)
            }
        }
        history.clear(nextSequence: 7)
        #expect(!history.has(6) && !history.has(7) && history.nextSequence == 7)
        history.append(message(7), message(7).count)
        #expect(history.has(7) && !history.has(6))
    }

    /// As many messages as fit completely, in any packet.
    @Test func anAnswerHoldsWhatFits() {
        var history = FeedHistory(blockBytes: 1 << 16, messages: 1 << 10)
        for sequence in 1...500 as ClosedRange<UInt64> { history.append(message(sequence), message(sequence).count) }
        let memory = UnsafeMutableRawPointer.allocate(byteCount: MoldUDP64.packetBytesMax, alignment: 8)
        defer { memory.deallocate() }
        var sequence: UInt64 = 1
        while sequence <= 500 {
            let count = history.packet(session, from: sequence, count: 65_534, at: memory)
            #expect(count <= 1_472)
            let read = messages(of: [UInt8](UnsafeRawBufferPointer(start: memory, count: count)))!
            #expect(read.first == sequence && !read.messages.isEmpty)
            sequence += UInt64(read.messages.count)
            if sequence <= 500 {
                #expect(count + MoldUDP64.blockHeaderBytes + message(sequence).count > 1_472)
            }
        }
        #expect(sequence == 501)
    }

    /// However full it becomes, the index leads to a record at or before the message, and not far before it.
    @Test func indexLeadsBeforeTheMessage() {
        var index = FeedIndex<UInt64>(capacity: 16)
        #expect(index.place(before: 1) == nil)
        var firstOf: [(feed: UInt64, journal: UInt64)] = []
        var numbers = TestNumbers(3)
        var feed: UInt64 = 1
        for journal in 10..<60_000 as Range<UInt64> {
            index.add(feedSequence: feed, journalSequence: journal, place: journal)
            firstOf.append((feed, journal))
            feed += UInt64(numbers.below(3))
        }
        for _ in 0..<2000 {
            let wanted = 1 + numbers.next() % (feed - 1)
            // The record that holds it: the last one that begins at or before it.
            var low = 0, high = firstOf.count
            while low < high {
                let middle = (low + high) / 2
                if firstOf[middle].feed <= wanted { low = middle + 1 } else { high = middle }
            }
            let holder = firstOf[low - 1].journal
            let found = index.place(before: wanted)
            #expect(found.map { $0 <= holder && holder - $0 <= 60_000 / 4 } ?? false)
        }
        #expect(index.place(before: 0) == nil)
        index.clear()
        #expect(index.place(before: 1) == nil)
    }

    @Test func requestsAreChecked() {
        func request(_ bytes: [UInt8]) -> FeedRequest? {
            bytes.withUnsafeBytes { FeedRequest($0, session: session, nextSequence: 100) }
        }
        let good = packet([], sequence: 99, count: 5)
        #expect(request(good)?.sequence == 99 && request(good)?.count == 5)
        #expect(request(packet([], sequence: 1, count: 65_534)) != nil)
        #expect(request(packet([], sequence: 0, count: 5)) == nil, "sequences begin at 1")
        #expect(request(packet([], sequence: 100, count: 5)) == nil, "it is not made yet")
        #expect(request(packet([], sequence: 99, count: 0)) == nil)
        #expect(request(packet([], sequence: 99, count: 0xFFFF)) == nil)
        #expect(request(packet([], sequence: .max, count: 5)) == nil)
        #expect(request(good + [0]) == nil && request([]) == nil)
        for count in 0..<good.count { #expect(request(Array(good[..<count])) == nil) }
        let other = FeedSession(venueName: venueName, generation: 2)
        #expect(request(packet([], sequence: 99, session: other, count: 5)) == nil)
    }

    /// Garbage gets no answer, or one that is within the feed and a packet's size.
    @Test func garbageRequestsAreServedWithinBoundsOrNotAtAll() {
        var history = FeedHistory(blockBytes: 1 << 12, messages: 1 << 6)
        for sequence in 1...500 as ClosedRange<UInt64> { history.append(message(sequence), message(sequence).count) }
        var numbers = TestNumbers(9)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: MoldUDP64.packetBytesMax, alignment: 8)
        defer { memory.deallocate() }
        var answers = 0, silences = 0
        for _ in 0..<50_000 {
            var garbage = packet([], sequence: numbers.next() % 600, count: UInt16(truncatingIfNeeded: numbers.next()))
            for _ in 0..<numbers.below(2) { garbage[numbers.below(20)] = UInt8(truncatingIfNeeded: numbers.next()) }
            if numbers.below(8) == 0 { garbage = numbers.bytes(numbers.below(40)) }
            let request = garbage.withUnsafeBytes {
                FeedRequest($0, session: session, nextSequence: history.nextSequence)
            }
            guard let request, history.has(request.sequence) else {
                silences += 1
                continue
            }
            answers += 1
            let count = history.packet(session, from: request.sequence, count: request.count, at: memory)
            let read = messages(of: [UInt8](UnsafeRawBufferPointer(start: memory, count: count)))
            #expect(count <= MoldUDP64.packetBytesMax && read?.first == request.sequence)
            #expect(read.map { !$0.messages.isEmpty && $0.messages.count <= Int(request.count) } ?? false)
        }
        #expect(answers > 100 && silences > 100)
    }
}

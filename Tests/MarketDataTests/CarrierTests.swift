import Testing
import Wire

@Suite("MoldUDP64 and SoupBinTCP")
struct CarrierTests {
    @Test func sessionNamesHaveSixDigits() {
        #expect(FeedSession(venueName: venueName, generation: 1).text == "GLAS000001")
        #expect(FeedSession(venueName: venueName, generation: 999_999).text == "GLAS999999")
        #expect(FeedSession(venueName: venueName, generation: 1_000_002).text == "GLAS000002")
        let written = bytes(FeedSession.size) { session.store(to: $0) }
        #expect(written == Array("GLAS000001".utf8))
        written.withUnsafeBytes { #expect(FeedSession(from: $0.baseAddress!) == session) }
        #expect(!session.isBlank)
        Array("          ".utf8).withUnsafeBytes { #expect(FeedSession(from: $0.baseAddress!).isBlank) }
    }

    @Test func packetsAreLaidOutAsTheStandardSays() {
        let made = packet([[1, 2, 3], [], [4]], sequence: 258)
        #expect(
            made == layout("GLAS000001", .number(258, 8), .number(3, 2)) + [0, 3, 1, 2, 3, 0, 0, 0, 1, 4])
        made.withUnsafeBytes { raw in
            let read = MoldUDP64(raw)
            #expect(read?.session == session && read?.sequence == 258 && read?.messages == 3)
            var messages: [[UInt8]] = []
            read?.forEachMessage { messages.append([UInt8]($0)) }
            #expect(messages == [[1, 2, 3], [], [4]])
        }
    }

    /// A packet is its header and exactly the blocks that it counts, or nothing.
    @Test func packetsThatDoNotAddUpAreRefused() {
        let whole = packet([[1, 2, 3], [4]], sequence: 1)
        for count in 0..<whole.count { whole[..<count].withUnsafeBytes { #expect(MoldUDP64($0) == nil) } }
        (whole + [0]).withUnsafeBytes { #expect(MoldUDP64($0) == nil) }
        for count in [1, 3] as [UInt16] {
            packet([[1, 2, 3], [4]], sequence: 1, count: count).withUnsafeBytes { #expect(MoldUDP64($0) == nil) }
        }
        for count in [MoldUDP64.heartbeat, MoldUDP64.endOfSession] {
            packet([], sequence: 1, count: count).withUnsafeBytes { #expect(MoldUDP64($0)?.messages == 0) }
            packet([[1]], sequence: 1, count: count).withUnsafeBytes { #expect(MoldUDP64($0) == nil) }
        }
    }

    /// Whatever comes, a packet that is accepted ends where the datagram ends.
    @Test func garbageIsNoPacketOrAddsUp() {
        var numbers = TestNumbers(1)
        var accepted = 0
        for _ in 0..<50_000 {
            var garbage = numbers.bytes(numbers.below(80))
            // Small counts and lengths, so that some of it is nearly right.
            for offset in 18..<max(garbage.count, 18) where numbers.below(4) > 0 { garbage[offset] &= 3 }
            garbage.withUnsafeBytes { raw in
                guard let packet = MoldUDP64(raw) else { return }
                accepted += 1
                var length = MoldUDP64.headerBytes
                packet.forEachMessage { message in
                    length += MoldUDP64.blockHeaderBytes + message.count
                    #expect(message.count == 0 || message.baseAddress! + message.count <= raw.baseAddress! + raw.count)
                }
                #expect(length == raw.count)
            }
        }
        #expect(accepted > 0)
    }

    @Test func soupPacketsAreLaidOutAsTheStandardSays() {
        let login = bytes(SoupBinTCP.loginRequestBytes) {
            SoupBinTCP.encodeLogin(at: $0, session: session, sequence: 1)
        }
        #expect(
            login
                == layout(
                    .number(47, 2), "L", "      ", "          ", "GLAS000001", .text(String(repeating: " ", count: 19)),
                    "1"))
        let accepted = bytes(SoupBinTCP.loginAcceptedBytes) {
            SoupBinTCP.encodeLoginAccepted(at: $0, session: session, sequence: 12)
        }
        #expect(
            accepted == layout(.number(31, 2), "A", "GLAS000001", .text(String(repeating: " ", count: 18)), "12"))
        let end = bytes(EndOfSnapshotMessage.size) { EndOfSnapshotMessage.encode(at: $0, nextSequence: .max) }
        #expect(end == layout("G", "18446744073709551615"))
        end.withUnsafeBytes { #expect(EndOfSnapshotMessage.nextSequence($0.baseAddress!) == .max) }
    }

    @Test(arguments: [
        ("  42", 42 as UInt64?), ("42  ", 42), (" 42 ", 42), ("0042", 42), ("    ", 0), ("4\u{0}\u{0}\u{0}", 4),
        ("4 2 ", nil), ("-42 ", nil), ("4x  ", nil), ("99999999999999999999", nil), ("18446744073709551615", .max),
        ("18446744073709551616", nil),
    ])
    func decimalsArePaddedOnEitherSide(_ text: String, _ value: UInt64?) {
        let bytes = Array(text.utf8)
        bytes.withUnsafeBytes { #expect(FixedDecimal.decode($0.baseAddress!, width: bytes.count) == value) }
    }

    @Test func aPacketWithoutATypeIsNone() {
        ([0, 0, 0x53] as [UInt8]).withUnsafeBytes { #expect(SoupBinTCP.packetBytes($0.baseAddress!) == nil) }
        ([0, 1, 0x48] as [UInt8]).withUnsafeBytes { #expect(SoupBinTCP.packetBytes($0.baseAddress!) == 3) }
    }
}

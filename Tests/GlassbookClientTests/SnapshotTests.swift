import MarketData
import Testing
import Wire

@testable import GlassbookClient

/// Snapshots from servers that nobody vouches for.
@Suite struct SnapshotTests {
    private static let session = FeedSession(venueName: FixedText.four("GLAS")!, generation: 3)

    private static func packet(_ type: UInt8, _ payload: [UInt8]) -> [UInt8] {
        let length = UInt16(payload.count + 1)
        return [UInt8(length >> 8), UInt8(truncatingIfNeeded: length), type] + payload
    }

    private static func bytes(_ size: Int, _ encode: (UnsafeMutableRawPointer) -> Void) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            encode(UnsafeMutableRawPointer(buffer.baseAddress!))
            count = size
        }
    }

    private static let accepted = bytes(SoupBinTCP.loginAcceptedBytes) {
        SoupBinTCP.encodeLoginAccepted(at: $0, session: session, sequence: 1)
    }

    private static func order(_ reference: UInt64) -> [UInt8] {
        packet(
            SoupBinTCP.sequencedData,
            bytes(AddOrderMessage.size) {
                AddOrderMessage.encode(
                    at: $0, locate: 1, time: 0, reference: reference, side: .sell, shares: 5,
                    symbol: FixedText.eight("BTC-USD")!, price: 10_000)
            })
    }

    private static let end = packet(
        SoupBinTCP.sequencedData,
        bytes(EndOfSnapshotMessage.size) { EndOfSnapshotMessage.encode(at: $0, nextSequence: 77) })

    /// Gives bytes in pieces; the number of messages, or what was thrown.
    private func read(_ bytes: [UInt8], pieces: Int = .max) throws(ClientError) -> (Int, SnapshotReading) {
        var reading = SnapshotReading()
        var count = 0
        var rest: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: min(pieces, max(bytes.count, 1))) {
            rest += bytes[start..<min(start + min(pieces, bytes.count), bytes.count)]
            let taken = try rest.withUnsafeBufferPointer { buffer throws(ClientError) in
                try reading.take(UnsafeRawBufferPointer(buffer)) { _ in count += 1 }
            }
            rest.removeFirst(taken)
        }
        return (count, reading)
    }

    private let whole =
        SnapshotTests.accepted + SnapshotTests.packet(SoupBinTCP.serverHeartbeat, []) + SnapshotTests.order(1)
        + SnapshotTests.order(2) + SnapshotTests.end

    @Test(arguments: [1, 7, 64, Int.max]) func aSnapshotComesInPiecesOfAnySize(_ pieces: Int) throws {
        let (count, reading) = try read(whole, pieces: pieces)
        #expect(count == 2 && reading.session == Self.session && reading.next == 77)
    }

    @Test func aTruncatedOneIsNotDone() throws {
        for count in 0..<whole.count { #expect(try read(Array(whole[..<count])).1.next == nil) }
    }

    @Test func wrongOrderTypesAndLengths() throws {
        let loginRejected = Self.packet(SoupBinTCP.loginRejected, [SoupBinTCP.sessionNotAvailable])
        #expect(throws: ClientError.snapshotRejected(0x53)) { try read(loginRejected) }
        for bytes in [
            Self.order(1), Self.end, Self.accepted + Self.accepted, Self.accepted + loginRejected,
            Self.accepted + Self.packet(SoupBinTCP.endOfSession, []), [0, 0, 0x53],
            Self.accepted + Self.packet(SoupBinTCP.sequencedData, []),
            Self.accepted + Self.packet(SoupBinTCP.sequencedData, [0x41, 1, 2]),
            Self.accepted + Self.packet(SoupBinTCP.sequencedData, [UInt8](repeating: 0x47, count: 21)),
            Self.accepted + Self.packet(SoupBinTCP.sequencedData, [0x3F] + [UInt8](repeating: 0, count: 35)),
        ] {
            #expect(throws: ClientError.malformedSnapshot) { try read(bytes) }
        }
    }

    @Test func anyByteChangedIsASnapshotOrAnError() {
        for place in whole.indices {
            for bit in 0..<8 {
                var changed = whole
                changed[place] ^= UInt8(1 << bit)
                let count = (try? read(changed))?.0 ?? 0
                #expect(count <= 2)
            }
        }
    }
}

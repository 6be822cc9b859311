import Cryptography
import Testing
import Wire

@testable import Benchmark

@Suite struct FrameTests {
    @Test func pooledFramesAreWholeAndSigned() throws {
        let (key, prefix) = (SigningKey(insecureDeterministic: 5), Prefixes(venue: .zero).command)
        let pool = FramePool(
            count: 3, messageBytes: NewOrderMessage.size, prefix: prefix, ProgressLog(isVerbose: false)
        ) { index, message in
            encodeOrder(
                at: message, account: 7, slot: 1, nonce: UInt64(index + 10), side: .sell, price: 100, quantity: 2,
                clientOrder: UInt64(index))
            return key
        }
        for index in 0..<3 {
            let frame = pool[index]
            let base = try #require(frame.baseAddress)
            #expect(Int(FrameHeader.length(base)) == frame.count)
            #expect(FrameHeader.encoding(base) == FrameHeader.sbeLittleEndian)
            let message = base + FrameHeader.size
            #expect(MessageStructure.refusal(message, count: NewOrderMessage.size) == nil)
            #expect(NewOrderMessage(message).nonce == UInt64(index + 10))
            var signed: [UInt8] = []
            prefix.withUnsafeBytes { signed += $0 }
            signed += UnsafeRawBufferPointer(start: message, count: NewOrderMessage.size)
            let signature = Signature(loading: message + NewOrderMessage.size)
            #expect(signed.withUnsafeBytes { Ed25519.verify(signature, of: $0, by: key.publicKey) })
        }
    }

    @Test func theMixHasItsShares() {
        var mix = OrderMix(instruments: 10, depth: 2_000, seed: 1)
        let entry = UnsafeMutableRawPointer.allocate(byteCount: BatchEntry.size, alignment: 8)
        defer { entry.deallocate() }
        for index in 0..<2_000 { mix.writeResting(index % 2 == 0 ? .buy : .sell, at: entry) }
        var counts = [0, 0, 0, 0]
        var known: Set<UInt64> = []
        for index in 0..<20_000 {
            mix.write(index % 2 == 0 ? .buy : .sell, at: entry)
            let view = BatchEntry(entry)
            let kind = Int(view.kindRaw)
            counts[kind] += 1
            if view.kind == .new { #expect(known.insert(view.clientOrderId).inserted) }
            if view.kind == .replace { #expect(known.insert(view.newClientOrderId).inserted) }
        }
        // 45 + 5 % new, 40 % cancels, 10 % replaces; cancels become new orders when few rest, and the other way round.
        #expect((8_500...12_000).contains(counts[1]))
        #expect((6_000...10_000).contains(counts[2]))
        #expect((1_600...2_400).contains(counts[3]))
    }

    @Test func theSameSeedGivesTheSameCommands() {
        func bytes(_ seed: UInt64) -> [UInt8] {
            var mix = OrderMix(instruments: 4, depth: 100, seed: seed)
            let entry = UnsafeMutableRawPointer.allocate(byteCount: BatchEntry.size, alignment: 8)
            defer { entry.deallocate() }
            var all: [UInt8] = []
            for index in 0..<200 {
                mix.write(index % 3 == 0 ? .buy : .sell, at: entry)
                all += UnsafeRawBufferPointer(start: entry, count: BatchEntry.size)
            }
            return all
        }
        #expect(bytes(1) == bytes(1))
        #expect(bytes(1) != bytes(2))
    }
}

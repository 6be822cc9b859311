import Cryptography
import Proof
import Testing
import Wire

@Suite struct ReceiptTests {
    let fixture = ReceiptFixture()

    @Test func everyRecordOfEveryRangeHasAReceiptThatHolds() throws {
        for count in Array(1...33) + [64, 100, 255, 1_000] as [UInt64] {
            let range = fixture.range(7...(6 + count))
            for sequence in range.body.first...range.body.last where count < 100 || sequence % 13 == 0 {
                let receipt = try #require(range.receipt(for: sequence, keys: fixture.keys))
                let read = try Receipt(receipt.encoded)
                #expect(read == receipt)
                try read.verify(venue: fixture.venue)
                try read.checkRecord(ReceiptFixture.record(sequence))
            }
        }
    }

    @Test func theRootIsThatOfTheLogsTree() throws {
        // The tree of RFC 6962 over the leaves, computed by its definition.
        func head(_ hashes: ArraySlice<Hash256>) -> Hash256 {
            if hashes.count == 1 { return hashes.first! }
            var half = 1
            while half * 2 < hashes.count { half *= 2 }
            let middle = hashes.startIndex + half
            var stream = Sha256.Stream()
            stream.update([1])
            stream.update(head(hashes[..<middle]))
            stream.update(head(hashes[middle...]))
            return stream.finish()
        }
        for count in 1...70 as ClosedRange<UInt64> {
            let range = fixture.range(1...count)
            #expect(range.body.root == head((1...count).map { ReceiptFixture.leaf($0).hash }[...]))
        }
    }

    @Test func itIsSmall() throws {
        let range = fixture.range(1...UInt64(ReceiptBody.recordsMax))
        let receipt = try #require(range.receipt(for: 9_999, keys: fixture.keys))
        #expect(receipt.path.count == ReceiptTree.pathMax)
        #expect(receipt.encoded.count == 244 + 14 * 32 + 224)
        #expect(Receipt.byteCountMax < 4_096)
    }

    @Test func itIsForOneCommandOnly() throws {
        let message = Array("a message".utf8), signature = Signature(r: .zero, s: Sha256.hash([1]))
        let leaf = ReceiptLeaf(
            sequence: 5, commandHash: ReceiptLeaf.commandHash(message: message, signature: signature),
            leafHash: .zero)
        let range = ReceiptRange(
            signing: [leaf], venue: fixture.venue, epoch: 1, time: 5,
            prefix: SigningPrefix.make(.receipt, venue: fixture.venue), by: fixture.receiptKey)
        let receipt = try #require(range.receipt(for: 5, keys: fixture.keys))
        try receipt.verify(venue: fixture.venue)
        try receipt.checkCommand(message: message, signature: signature)
        #expect(throws: ReceiptError.command) {
            try receipt.checkCommand(message: message + [0], signature: signature)
        }
        #expect(throws: ReceiptError.command) {
            try receipt.checkCommand(message: message, signature: .zero)
        }
        #expect(throws: ReceiptError.record) { try receipt.checkRecord([1, 2, 3]) }
    }

    @Test func anotherVenueOrKeyIsRefused() throws {
        let range = fixture.range(1...4)
        let receipt = try #require(range.receipt(for: 2, keys: fixture.keys))
        let other = ReceiptFixture(seed: 2)
        #expect(throws: ReceiptError.genesis) { try receipt.verify(venue: other.venue) }
        let foreign = Receipt(
            body: receipt.body, signature: receipt.signature, leaf: receipt.leaf, path: receipt.path, keys: other.keys)
        #expect(throws: ReceiptError.venue) { try foreign.verify(venue: other.venue) }
        let attacker = fixture.range(1...4, by: SigningKey(insecureDeterministic: 666))
        let forged = try #require(attacker.receipt(for: 2, keys: fixture.keys))
        #expect(throws: ReceiptError.signature) { try forged.verify(venue: fixture.venue) }
    }

    @Test func theLogsSignaturesOfOtherPurposesAreRefused() throws {
        for purpose in Purpose.allCases where purpose != .receipt {
            let range = ReceiptRange(
                signing: [ReceiptFixture.leaf(1)], venue: fixture.venue, epoch: 1, time: 1,
                prefix: SigningPrefix.make(purpose, venue: fixture.venue), by: fixture.receiptKey)
            let receipt = try #require(range.receipt(for: 1, keys: fixture.keys))
            #expect(throws: ReceiptError.signature) { try receipt.verify(venue: fixture.venue) }
        }
    }

    @Test func aLeafOfAnotherPlaceIsRefused() throws {
        let range = fixture.range(10...20)
        let receipt = try #require(range.receipt(for: 12, keys: fixture.keys))
        func moved(_ leaf: ReceiptLeaf, _ path: [Hash256]) -> Receipt {
            Receipt(body: receipt.body, signature: receipt.signature, leaf: leaf, path: path, keys: receipt.keys)
        }
        let own = receipt.leaf
        for sequence in [9, 21, 0, UInt64.max] {
            let leaf = ReceiptLeaf(sequence: sequence, commandHash: own.commandHash, leafHash: own.leafHash)
            #expect(throws: ReceiptError.sequence) { try moved(leaf, receipt.path).verify(venue: fixture.venue) }
        }
        let swapped = ReceiptLeaf(sequence: 12, commandHash: own.leafHash, leafHash: own.commandHash)
        let neighbour = ReceiptLeaf(sequence: 13, commandHash: own.commandHash, leafHash: own.leafHash)
        for leaf in [swapped, neighbour, ReceiptFixture.leaf(13)] {
            #expect(throws: ReceiptError.path) { try moved(leaf, receipt.path).verify(venue: fixture.venue) }
        }
        for path in [[], Array(receipt.path.dropLast()), receipt.path + [.zero], receipt.path.reversed()] {
            #expect(throws: ReceiptError.path) { try moved(own, path).verify(venue: fixture.venue) }
        }
    }

    @Test func thePromiseCountsFromTheReceiptsTime() throws {
        let range = fixture.range(1...1)
        let receipt = try #require(range.receipt(for: 1, keys: fixture.keys))
        #expect(receipt.promisedBy == receipt.body.time + 60_000_000_000)
    }
}

@Suite struct ReceiptKeyTests {
    let fixture = ReceiptFixture()
    let second = SigningKey(insecureDeterministic: 32)
    let third = SigningKey(insecureDeterministic: 33)

    @Test func aReceiptCarriesTheChangesThatLeadToItsKey() throws {
        var keys = fixture.keys
        try keys.append(fixture.rotation(from: fixture.receiptKey, to: second))
        try keys.append(fixture.rotation(from: second, to: third))
        try keys.check(venue: fixture.venue)
        #expect(try ReceiptKeys(keys.encoded) == keys)
        for (key, changes) in [(fixture.receiptKey, 0), (second, 1), (third, 2)] {
            let receipt = try #require(fixture.range(1...3, by: key).receipt(for: 2, keys: keys))
            #expect(receipt.keys.rotations.count == changes)
            #expect(receipt.keys.current == key.publicKey)
            try Receipt(receipt.encoded).verify(venue: fixture.venue)
        }
    }

    @Test func aKeyThatCameBackNeedsNoChange() throws {
        var keys = fixture.keys
        for _ in 0..<40 {
            try keys.append(fixture.rotation(from: fixture.receiptKey, to: second))
            try keys.append(fixture.rotation(from: second, to: fixture.receiptKey))
        }
        try keys.append(fixture.rotation(from: fixture.receiptKey, to: third))
        #expect(keys.leading(to: fixture.receiptKey.publicKey)?.rotations.isEmpty == true)
        #expect(keys.leading(to: second.publicKey)?.rotations.count == 1)
        #expect(keys.leading(to: third.publicKey)?.rotations.count == 1)
        #expect(keys.leading(to: SigningKey(insecureDeterministic: 34).publicKey) == nil)
        let receipt = try #require(fixture.range(1...3, by: third).receipt(for: 1, keys: keys))
        try Receipt(receipt.encoded).verify(venue: fixture.venue)
    }

    @Test func aChangeNeedsBothSignatures() throws {
        let good = fixture.rotation(from: fixture.receiptKey, to: second)
        let attacker = fixture.rotation(from: third, to: second)
        let changes = [
            attacker,
            ReceiptKeys.Rotation(newKey: good.newKey, oldProof: good.oldProof, newProof: attacker.oldProof),
            ReceiptKeys.Rotation(newKey: third.publicKey, oldProof: good.oldProof, newProof: good.newProof),
            ReceiptKeys.Rotation(newKey: PublicKey(.zero), oldProof: good.oldProof, newProof: good.newProof),
        ]
        for change in changes {
            var keys = fixture.keys
            try keys.append(change)
            #expect(throws: ReceiptError.rotation) { try keys.check(venue: fixture.venue) }
        }
    }

    @Test func onlyAGenesisMessageBegins() {
        #expect(ReceiptKeys(genesis: []) == nil)
        #expect(ReceiptKeys(genesis: [UInt8](repeating: 0, count: 224)) == nil)
        #expect(ReceiptKeys(genesis: fixture.keys.genesis + [0]) == nil)
    }
}

@Suite struct ReceiptFileTests {
    let fixture = ReceiptFixture()

    @Test func aFileSaysWhichRecordsItHas() {
        #expect(ReceiptFile.name(of: 1) == "00000000000000000001")
        #expect(ReceiptFile.name(of: 16_384) == "00000000000000000001")
        #expect(ReceiptFile.name(of: 16_385) == "00000000000000016385")
        #expect(ReceiptFile.last(of: 16_385) == 32_768)
        #expect(ReceiptFile.name(of: .max).utf8.count == 20)
        #expect(ReceiptFile.last(of: .max) == .max)
    }

    @Test func everyReceiptIsFoundInItsFile() throws {
        var bytes: [UInt8] = []
        for range in [1...1, 2...9, 10...10, 11...300] as [ClosedRange<UInt64>] {
            fixture.range(range).encode(into: &bytes)
        }
        for sequence in 1...300 as ClosedRange<UInt64> {
            let receipt = try ReceiptFile.receipt(for: sequence, in: bytes, keys: fixture.keys)
            try receipt.verify(venue: fixture.venue)
            #expect(receipt.sequence == sequence)
        }
        #expect(throws: ReceiptError.absent) {
            try ReceiptFile.receipt(for: 301, in: bytes, keys: fixture.keys)
        }
        #expect(ReceiptFile.ranges(bytes, first: 1).ranges.count == 4)
        #expect(ReceiptFile.ranges(bytes, first: 1).byteCount == bytes.count)
    }

    @Test func readingStopsWhereRangesDoNotFollow() throws {
        var bytes: [UInt8] = []
        fixture.range(1...5).encode(into: &bytes)
        let end = bytes.count
        fixture.range(7...9).encode(into: &bytes)
        #expect(ReceiptFile.ranges(bytes, first: 1).byteCount == end)
        #expect(throws: ReceiptError.range) {
            try ReceiptFile.receipt(for: 8, in: bytes, keys: fixture.keys)
        }
        #expect(ReceiptFile.ranges(bytes, first: 16_385).ranges.isEmpty)
    }

    @Test func aTruncatedFileKeepsItsWholeRanges() {
        var bytes: [UInt8] = []
        fixture.range(1...3).encode(into: &bytes)
        let first = bytes.count
        fixture.range(4...4).encode(into: &bytes)
        for count in bytes.indices {
            let read = ReceiptFile.ranges(Array(bytes[..<count]), first: 1)
            #expect(read.byteCount == (count >= first ? first : 0))
        }
    }
}

/// Bytes that nobody vouches for: never a crash, never a receipt that is not the one that was made.
@Suite struct ReceiptFuzzTests {
    let fixture = ReceiptFixture()

    private func made() throws -> Receipt {
        var keys = fixture.keys
        let second = SigningKey(insecureDeterministic: 32)
        try keys.append(fixture.rotation(from: fixture.receiptKey, to: second))
        return try #require(fixture.range(20...26, by: second).receipt(for: 24, keys: keys))
    }

    /// Whether bytes are read as a receipt that holds.
    private func holds(_ bytes: [UInt8]) -> Bool {
        guard let receipt = try? Receipt(bytes) else { return false }
        do { try receipt.verify(venue: fixture.venue) } catch { return false }
        return true
    }

    @Test func noPrefixIsAReceipt() throws {
        let bytes = try made().encoded
        #expect(holds(bytes))
        for count in bytes.indices { #expect(throws: ReceiptError.self) { try Receipt(Array(bytes[..<count])) } }
        #expect(throws: ReceiptError.trailing) { try Receipt(bytes + [0]) }
        #expect(throws: ReceiptError.trailing) { try Receipt(bytes + [UInt8](repeating: 0, count: 10_000)) }
    }

    @Test func noFlippedBitHolds() throws {
        let bytes = try made().encoded
        for offset in bytes.indices {
            for bit in 0..<8 {
                var flipped = bytes
                flipped[offset] ^= 1 << bit
                #expect(!holds(flipped), "bit \(bit) of byte \(offset)")
            }
        }
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>) func randomSplicesNeverHold(seed: UInt64) throws {
        var random = SplitMix(seed)
        let bytes = try made().encoded
        for _ in 0..<2_000 {
            var spliced = bytes
            let start = random.below(bytes.count), length = random.below(min(64, bytes.count - start) + 1)
            let source = random.below(bytes.count - length + 1)
            spliced.replaceSubrange(start..<start + length, with: bytes[source..<source + length])
            if random.below(3) == 0 { spliced.removeSubrange(start..<min(start + random.below(40), spliced.count)) }
            if spliced != bytes { #expect(!holds(spliced)) }
        }
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>) func randomFilesNeverTrap(seed: UInt64) throws {
        var random = SplitMix(seed)
        var bytes: [UInt8] = []
        for range in [1...2, 3...3, 4...20] as [ClosedRange<UInt64>] { fixture.range(range).encode(into: &bytes) }
        for _ in 0..<2_000 {
            var damaged = bytes
            for _ in 0...random.below(4) { damaged[random.below(damaged.count)] = UInt8(random.below(256)) }
            damaged.removeLast(random.below(damaged.count))
            let first = UInt64(random.below(3)) * 16_384 + 1
            let read = ReceiptFile.ranges(damaged, first: first)
            #expect(read.byteCount <= damaged.count)
            for sequence in [1, 3, 19, 16_385, UInt64.max] {
                guard let receipt = try? ReceiptFile.receipt(for: sequence, in: damaged, keys: fixture.keys) else {
                    continue
                }
                do { try receipt.verify(venue: fixture.venue) } catch { continue }
                #expect(receipt.leaf == ReceiptFixture.leaf(sequence))
            }
            _ = try? ReceiptKeys(damaged)
        }
        for count in 0..<600 {
            let noise = (0..<count).map { _ in UInt8(random.below(256)) }
            #expect(!holds(noise))
            #expect(!holds(Array("GLASSRCP".utf8) + [1, 0, 0, 0] + noise))
            _ = ReceiptFile.ranges(noise, first: 1)
        }
    }
}

/// The same numbers on every run.
private struct SplitMix {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    /// A number below `bound`.
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(bound, 1))) }
}

import Cryptography
import Foundation
import Journal
import Platform
import Proof
import Testing
import Wire

@testable import Settlement

@Suite struct ReceiptFollowerTests {
    @Test func everyDurableRecordGetsAReceiptAndNoOther() throws {
        let fixture = try ReceiptFixture()
        let durable = fixture.append(500)
        try fixture.synchronize()
        // Committed, but not durable: nothing may be signed for these.
        fixture.append(50)
        try fixture.follow(through: durable)
        let ranges = ReceiptFile.ranges(fixture.published(), first: 1).ranges
        #expect(ranges.last?.body.last == durable)
        for sequence in 1...durable { try fixture.expectReceipt(sequence) }
    }

    @Test func aRestartGoesOnWhereItWas() throws {
        let fixture = try ReceiptFixture()
        var before: [UInt8] = []
        for _ in 0..<5 {
            let last = fixture.append(20)
            try fixture.synchronize()
            try fixture.follow(through: last)
            let now = fixture.published()
            #expect(now.starts(with: before))
            #expect(now.count > before.count)
            before = now
        }
        // Nothing new: nothing is signed.
        try fixture.follow(through: 101)
        #expect(fixture.published() == before)
        for sequence in 1...101 as ClosedRange<UInt64> { try fixture.expectReceipt(sequence) }
    }

    @Test func anotherFileBeginsWhereTheFirstIsFull() throws {
        let fixture = try ReceiptFixture()
        let last = fixture.append(ReceiptBody.recordsMax + 100)
        try fixture.synchronize()
        try fixture.follow(through: last)
        #expect(ReceiptFile.ranges(fixture.published(), first: 1).ranges.last?.body.last == ReceiptFile.records)
        for sequence in [1, 2, 16_383, 16_384, 16_385, 16_386, last] as [UInt64] { try fixture.expectReceipt(sequence) }
        // A restart finds its place in the second file.
        let more = fixture.append(3)
        try fixture.synchronize()
        try fixture.follow(through: more)
        try fixture.expectReceipt(more)
    }

    @Test func theNumberOfSignaturesIsBoundedByTheInterval() throws {
        // With an interval of a second, all that a follower finds is one range.
        let fixture = try ReceiptFixture(changing: [("receipt_interval_us", "1_000_000")])
        let last = fixture.append(3_000)
        try fixture.synchronize()
        try fixture.follow(through: last)
        #expect(ReceiptFile.ranges(fixture.published(), first: 1).ranges.count == 1)
    }

    @Test func aShorterJournalStopsItWithEvidence() throws {
        let fixture = try ReceiptFixture()
        let last = fixture.append(30)
        try fixture.synchronize()
        try fixture.follow(through: last)
        // The venue's journal as it was restored from an older copy.
        let restored = try ReceiptFixture(copying: fixture)
        restored.append(20)
        try restored.synchronize()
        try restored.takeReceipts(of: fixture)
        try Self.expectContradiction(restored, at: last)
    }

    @Test func anotherHistoryStopsItWithEvidence() throws {
        let fixture = try ReceiptFixture()
        let last = fixture.append(30)
        try fixture.synchronize()
        try fixture.follow(through: last)
        let rewritten = try ReceiptFixture(copying: fixture)
        rewritten.append(40, salt: 7)
        try rewritten.synchronize()
        try rewritten.takeReceipts(of: fixture)
        try Self.expectContradiction(rewritten, at: last)
    }

    private static func expectContradiction(_ fixture: ReceiptFixture, at sequence: UInt64) throws {
        let before = fixture.published()
        do {
            try fixture.follow { _ in false }
            Issue.record("it went on")
        } catch SettlementError.contradiction(_, let evidence) {
            let receipt = try Receipt(File.readPrefix(evidence, limit: 1 << 20))
            try receipt.verify(venue: fixture.identity.id)
            #expect(receipt.sequence == sequence)
        }
        #expect(fixture.published() == before)
    }

    @Test func aWrongKeyIsRefused() throws {
        let fixture = try ReceiptFixture()
        try FileManager.default.removeItem(atPath: fixture.directory + "/keys/receipt.key")
        try KeyFile.create(fixture.directory + "/keys/receipt.key", key: SigningKey(), role: .receipt)
        try fixture.synchronize()
        #expect(throws: SettlementError.self) { try fixture.follow { _ in false } }
        #expect(fixture.published().isEmpty)
    }
}

@Suite struct ReceiptKeyChangeTests {
    @Test func aChangeOfTheKeyEndsARange() throws {
        let fixture = try ReceiptFixture()
        fixture.append(10)
        let next = SigningKey(insecureDeterministic: 40)
        let change = fixture.appendRotation(to: next)
        let last = fixture.append(10)
        try fixture.synchronize()
        try KeyFile.create(fixture.directory + "/keys/receipt-2.key", key: next, role: .receipt)
        try fixture.follow(through: last)
        let ranges = ReceiptFile.ranges(fixture.published(), first: 1).ranges
        #expect(ranges.contains { $0.body.last == change })
        for range in ranges {
            let signer = range.body.last <= change ? fixture.receiptKey : next
            #expect(range.body.isSigned(range.signature, by: signer.publicKey))
        }
        for sequence in 1...last { try fixture.expectReceipt(sequence) }
        #expect(try fixture.keys().rotations.count == 1)
        // The next start knows the key.
        let more = fixture.append(1)
        try fixture.synchronize()
        try fixture.follow(through: more)
        try fixture.expectReceipt(more)
    }

    @Test func withoutTheNewKeyReceiptsWaitForIt() throws {
        let fixture = try ReceiptFixture()
        let next = SigningKey(insecureDeterministic: 41)
        let change = fixture.appendRotation(to: next)
        let last = fixture.append(5)
        try fixture.synchronize()
        try fixture.follow(through: change)
        #expect(ReceiptFile.ranges(fixture.published(), first: 1).ranges.last?.body.last == change)
        #expect(throws: SettlementError.self) { try fixture.follow(through: last) }
        try KeyFile.create(fixture.directory + "/keys/receipt-2.key", key: next, role: .receipt)
        try fixture.follow(through: last)
        try fixture.expectReceipt(last)
    }

    @Test func aRefusedChangeChangesNothing() throws {
        let fixture = try ReceiptFixture()
        fixture.appendRotation(to: SigningKey(insecureDeterministic: 42), isAccepted: false)
        let last = fixture.append(5)
        try fixture.synchronize()
        try fixture.follow(through: last)
        try fixture.expectReceipt(last)
        #expect(try fixture.keys().rotations.isEmpty)
    }

    @Test func aKeyFileThatWasNotWrittenIsMadeGood() throws {
        let fixture = try ReceiptFixture()
        let next = SigningKey(insecureDeterministic: 43)
        let change = fixture.appendRotation(to: next)
        try fixture.synchronize()
        try KeyFile.create(fixture.directory + "/keys/receipt-2.key", key: next, role: .receipt)
        let before = try #require(ReceiptKeys(genesis: fixture.identity.genesisBytes))
        try fixture.follow(through: change)
        // As a crash leaves it between the range and the file of keys.
        try File.replace("\(fixture.settings.settlement.published)/receipts/keys", with: before.encoded)
        let last = fixture.append(5)
        try fixture.synchronize()
        try fixture.follow(through: last)
        try fixture.expectReceipt(last)
        #expect(try fixture.keys().rotations.count == 1)
    }
}

extension ReceiptFixture {
    /// A change of the receipt key, as the node journals it.
    @discardableResult
    func appendRotation(to key: SigningKey, isAccepted: Bool = true) -> UInt64 {
        let message = Prefixes(venue: identity.id).rotationMessage(
            venueKey: VenueKeyPurpose.receipt.rawValue, newKey: key.publicKey)
        func proof(_ signer: SigningKey) -> Bytes64 {
            let signature = message.withUnsafeBytes { signer.sign($0) }
            return withUnsafeBytes(of: signature) { Bytes64(from: $0.baseAddress!) }
        }
        let newKey = key.publicKey.bytes.withUnsafeBytes { Bytes32(from: $0.baseAddress!) }
        var command = [UInt8](repeating: 0, count: RotateVenueKeyMessage.size + Limits.signatureBytes)
        command.withUnsafeMutableBytes {
            RotateVenueKeyMessage.encode(
                at: $0.baseAddress!, account: 1, keySlot: 0, nonce: 1, deadline: 0, purpose: .receipt, slot: 0,
                newKey: newKey, oldProof: proof(receiptKey), newProof: proof(key))
        }
        var effects = [UInt8](repeating: 0, count: isAccepted ? VenueKeyRotatedMessage.size : 0)
        if isAccepted {
            effects.withUnsafeMutableBytes {
                VenueKeyRotatedMessage.encode(
                    at: $0.baseAddress!, account: 1, purpose: .receipt, slot: 0, newKey: newKey)
            }
        }
        return append(command, effects: effects)
    }

    /// Copies what another directory signed and published.
    func takeReceipts(of other: ReceiptFixture) throws {
        let manager = FileManager.default
        try manager.copyItem(atPath: other.privatePath, toPath: privatePath)
        try manager.createDirectory(atPath: settings.settlement.published, withIntermediateDirectories: true)
        try manager.copyItem(
            atPath: other.settings.settlement.published + "/receipts",
            toPath: settings.settlement.published + "/receipts")
    }
}

import Foundation
import Testing
import Wire

@testable import Replay

@Suite struct RecordPrinterTests {
    /// A record with a batch of two entries, and two effects.
    static let record: [UInt64] = {
        let command = BatchMessage.size + 2 * BatchEntry.size
        let length = RecordLayout.bytesMin + command + Limits.signatureBytes + RestedMessage.size + 32
        var words = [UInt64](repeating: 0, count: length / 8)
        words.withUnsafeMutableBytes { bytes in
            let base = bytes.baseAddress!
            base.storeBytes(of: UInt32(length), as: UInt32.self)
            base.storeBytes(of: ~UInt32(length), toByteOffset: 4, as: UInt32.self)
            base.storeBytes(of: 42, toByteOffset: RecordLayout.sequence, as: UInt64.self)
            base.storeBytes(of: 1_700_000_000_000_000_001, toByteOffset: RecordLayout.time, as: UInt64.self)
            base.storeBytes(of: 3, toByteOffset: RecordLayout.epoch, as: UInt32.self)
            base.storeBytes(of: RecordKind.command.rawValue, toByteOffset: RecordLayout.kind, as: UInt16.self)
            base.storeBytes(
                of: UInt32(command + Limits.signatureBytes), toByteOffset: RecordLayout.commandLength, as: UInt32.self)
            base.storeBytes(
                of: UInt32(RestedMessage.size + 32), toByteOffset: RecordLayout.effectsLength, as: UInt32.self)
            let message = base + RecordLayout.body
            BatchMessage.encode(at: message, account: 5, keySlot: 1, nonce: 9, deadline: 0, entryCount: 2)
            let entries = message + BatchMessage.size
            memset(entries, 0xFF, 2 * BatchEntry.size)
            entries.storeBytes(of: 1, as: UInt8.self)
            entries.storeBytes(of: Side.sell.rawValue, toByteOffset: 1, as: UInt8.self)
            entries.storeBytes(of: 77, toByteOffset: 8, as: UInt32.self)
            memset(entries + 2 * BatchEntry.size, 0xAB, Limits.signatureBytes)
            let effects = entries + 2 * BatchEntry.size + Limits.signatureBytes
            RestedMessage.encode(
                at: effects, orderId: 7, instrument: 3, priceTicks: 100, quantityLots: 5, side: .buy)
            // An effect of a later version.
            (effects + RestedMessage.size).storeBytes(of: 24, as: UInt16.self)
            (effects + RestedMessage.size).storeBytes(of: 9999, toByteOffset: 2, as: UInt16.self)
        }
        return words
    }()

    private func decoded<Result>(_ body: (RecordView, DecodedRecord) throws -> Result) rethrows -> Result {
        try Self.record.withUnsafeBytes { bytes in
            let view = RecordView(bytes.baseAddress!)
            #expect(view.sizesAddUp)
            return try body(view, DecodedRecord(view))
        }
    }

    @Test func lineNamesEveryFieldThatIsThere() {
        decoded { _, record in
            #expect(
                RecordPrinter.line(record)
                    == "42 2023-11-14T22:13:20.000000001Z epoch 3 command Batch{account=5 keySlot=1 nonce=9 deadline=0 "
                    + "entry0{kind=new side=sell flags=65535 instrument=77} entry1{kind=255 flags=65535}} -> "
                    + "Rested{orderId=7 instrument=3 priceTicks=100 quantityLots=5 side=buy} "
                    + "unknown{bytes=18000f27\(String(repeating: "0", count: 56))}")
        }
    }

    @Test func jsonIsReadByOthers() throws {
        let text = decoded { _, record in RecordPrinter.json(record) }
        #expect(!text.contains("\n"))
        let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(object["sequence"] as? UInt64 == 42 && object["kind"] as? String == "command")
        #expect(object["signature"] as? String == String(repeating: "ab", count: 64))
        let command = try #require(object["command"] as? [String: Any])
        #expect(command["message"] as? String == "Batch" && command["nonce"] as? Int == 9)
        let entries = try #require(command["entries"] as? [[String: Any]])
        #expect(entries.count == 2 && entries[0]["side"] as? String == "sell" && entries[1]["side"] is NSNull)
        let effects = try #require(object["effects"] as? [[String: Any]])
        #expect(effects.map { $0["message"] as? String } == ["Rested", "unknown"])
    }

    @Test func tableCoversEveryByteOfTheRecordOnce() {
        decoded { view, record in
            var covered = [Int](repeating: 0, count: view.length)
            for line in RecordPrinter.table(record).split(separator: "\n").dropFirst() {
                let columns = line.split(separator: " ").map(String.init)
                guard let offset = Int(columns[0]), let size = Int(columns[1]) else { continue }
                for byte in offset..<offset + size { covered[byte] += 1 }
            }
            #expect(covered.allSatisfy { $0 == 1 }, "\(covered)")
        }
    }

    @Test func filterLooksIntoCommandEntriesAndEffects() {
        decoded { view, _ in
            #expect(RecordFilter().matches(view))
            #expect(RecordFilter(account: 5).matches(view) && !RecordFilter(account: 6).matches(view))
            #expect(RecordFilter(instrument: 77).matches(view) && RecordFilter(instrument: 3).matches(view))
            #expect(!RecordFilter(instrument: 5).matches(view))
            #expect(RecordFilter(from: 42, through: 42, kind: .command).matches(view))
            #expect(!RecordFilter(from: 43).matches(view) && !RecordFilter(through: 41).matches(view))
            #expect(!RecordFilter(kind: .tick).matches(view))
        }
    }

    @Test(
        arguments: [
            (UInt64(0), "1970-01-01T00:00:00.000000000Z"), (951_782_400_000_000_000, "2000-02-29T00:00:00.000000000Z"),
            (1_795_238_720_994_391_734, "2026-11-21T05:25:20.994391734Z"),
            (4_107_542_399_999_999_999, "2100-02-28T23:59:59.999999999Z"),
            (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000000000Z"),
        ] as [(UInt64, String)])
    func timestampsAreISO8601(nanoseconds: UInt64, text: String) {
        #expect(RecordPrinter.timestamp(nanoseconds) == text)
    }
}

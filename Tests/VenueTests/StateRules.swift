import Foundation
import Testing
import Wire

@testable import Venue

@Suite struct StateRules {
    @Test("STA-1: the canonical bytes, byte for byte, of a venue with one of everything")
    func bytes() {
        let venue = TestVenue.trading(funds: 0)
        venue.deposit(5_000, 1, to: 3, reference: Bytes32(0x0201))
        venue.deposit(7, 0, to: 4, reference: Bytes32(0x0102))
        venue.order(3, .buy, 2, at: 100, as: 77, stp: .cancelBoth, flags: .postOnly)
        var expected = Bytes()
        expected.add(UInt32(1))
        expected.bytes += genesis()
        expected.add(UInt32(1), UInt8(4), UInt8(0))
        for key in 1...4 as ClosedRange<UInt64> { expected.add(TestVenue.key(key)) }
        expected.add(UInt64(1), UInt64(0), UInt32(2))
        expected.add(FixedText.eight("X")!, UInt8(8), UInt64(7))
        expected.add(FixedText.eight("Y")!, UInt8(8), UInt64(5_000))
        expected.add(UInt32(1), FixedText.eight("XY")!, UInt32(0), UInt32(1), UInt64(10), UInt64(5), UInt32(100))
        expected.add(UInt32(10), UInt32(1_000), UInt32(500), UInt32(0), UInt32(1_000), Int32(0), Int32(0))
        expected.add(UInt8(1), UInt8(4), UInt64(1_000_000), UInt64(1) << 62)
        expected.add(UInt32(6))
        for account in 0...5 as ClosedRange<UInt32> {
            expected.add(account, UInt8(0), UInt16(0), UInt32(1_500), UInt32(account == 3 ? 1 : 0))
            expected.add(UInt16(1), UInt16(0), UInt8(1), UInt16(0))
            let key: UInt64 = account < 2 ? 1 : account == 2 ? 4 : UInt64(account) + 100
            expected.add(TestVenue.key(key))
            expected.add(account == 1 ? UInt64(8) : account == 3 ? UInt64(1) : UInt64(0))
            if account == 3 { expected.add(UInt32(1), UInt32(1), UInt64(4_000), UInt64(1_000)) }
            if account == 4 { expected.add(UInt32(1), UInt32(0), UInt64(7), UInt64(0)) }
            if account != 3 && account != 4 { expected.add(UInt32(0)) }
        }
        // Ascending as byte strings: 01 02 before 02 01 is the number 0x0201 before 0x0102.
        expected.add(UInt64(2))
        expected.add(Bytes32(0x0201))
        expected.add(Bytes32(0x0102))
        expected.add(UInt64(1), UInt64(1), UInt32(3), UInt32(0), UInt8(1), UInt32(100), UInt32(2), UInt64(77))
        expected.add(UInt8(3), UInt8(1), UInt32(0), Int32(0))
        #expect(venue.state() == expected.bytes)
    }

    private func genesis() -> [UInt8] {
        let capacity = TestVenue.Capacity()
        return [UInt8](unsafeUninitializedCapacity: GenesisMessage.size) { buffer, count in
            GenesisMessage.encode(
                at: buffer.baseAddress!, random: Bytes32(9), operatorKey: TestVenue.key(1), logKey: TestVenue.key(2),
                receiptKey: TestVenue.key(3), settlementKey: TestVenue.key(4), time: 1, promiseSeconds: 60,
                rulesVersion: 1, venueName: FixedText.four("TEST")!, accountsMax: capacity.accounts,
                keySlots: capacity.keySlots, assetsMax: capacity.assets, instrumentsMax: capacity.instruments,
                ordersMax: capacity.orders, levelsMax: capacity.levels, referencesMax: capacity.references,
                openOrdersMax: capacity.openOrders)
            count = GenesisMessage.size
        }
    }

    private struct Bytes {
        var bytes: [UInt8] = []
        mutating func add(_ values: any FixedWidthInteger...) {
            for value in values { withUnsafeBytes(of: value) { bytes += $0 } }
        }
        mutating func add(_ value: Bytes32) { withUnsafeBytes(of: value) { bytes += $0 } }
    }

    @Test("Every rule of Rules.md is named by a test here")
    func everyRuleHasATest() throws {
        let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let rules = here.appendingPathComponent("../../Sources/Venue/Rules.md").standardizedFileURL
        let page = try String(contentsOf: rules, encoding: .utf8)
        let named = page.matches(of: /\*\*([A-Z]{3}-[0-9]+)\*\*/).map { String($0.1) }
        #expect(named.count > 30)
        var tests = ""
        for file in try FileManager.default.contentsOfDirectory(at: here, includingPropertiesForKeys: nil)
        where file.pathExtension == "swift" {
            tests += try String(contentsOf: file, encoding: .utf8)
        }
        for rule in named { #expect(tests.contains("@Test(\"\(rule):"), "no test names \(rule)") }
    }
}

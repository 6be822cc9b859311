import Cryptography
import Testing

@testable import Operator

/// Money as it is typed: what is not exactly an amount is none.
@Suite struct AmountTests {
    @Test(
        arguments: [
            ("100.50", 6, 100_500_000), ("100", 6, 100_000_000), ("0.000001", 6, 1), ("007.5", 1, 75), ("3", 0, 3),
            ("9223372036854.775807", 6, 9_223_372_036_854_775_807), ("9.223372036854775807", 18, Int64.max),
        ] as [(String, UInt8, Int64)])
    func aDecimalNumberIsSmallestUnits(_ text: String, _ decimals: UInt8, _ units: Int64) {
        #expect(Amount.units(text, decimals: decimals) == UInt64(units))
    }

    @Test(arguments: [
        "", ".", "1.", ".5", "-1", "+1", "1e3", "1,000", "1_000", " 1", "1 ", "1.0000001", "0", "0.000000", "1.2.3",
        "٣",
        "9223372036854.775808", "18446744073709.551616", "99999999999999999999", "0x10",
    ])
    func anythingElseIsNone(_ text: String) { #expect(Amount.units(text, decimals: 6) == nil) }

    @Test func noDecimalsMeansNoPoint() {
        #expect(Amount.units("3.0", decimals: 0) == nil)
        #expect(Amount.text(3, decimals: 0) == "3")
    }

    @Test func textIsReadBack() {
        var state: UInt64 = 46
        func random(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state.multipliedFullWidth(by: bound).high
        }
        for _ in 0..<1_000 {
            let decimals = UInt8(random(19))
            let units = (1 + random(UInt64(Int64.max))) >> random(62)
            let text = Amount.text(max(units, 1), decimals: decimals)
            #expect(Amount.units(text, decimals: decimals) == max(units, 1), "\(text), \(decimals)")
        }
        #expect(Amount.text(1, decimals: 6) == "0.000001")
        #expect(Amount.text(100_500_000, decimals: 6) == "100.500000")
    }

    @Test func aReferenceIsThirtyTwoBytes() {
        let digits = String(repeating: "0a", count: 32)
        #expect(Amount.reference(digits)?.hexadecimal == digits)
        #expect(Amount.reference("wire 2026-11-21/7") == Blake2b256.hash(Array("wire 2026-11-21/7".utf8)))
        #expect(Amount.reference(String(digits.dropLast())) == Blake2b256.hash(Array(digits.dropLast().utf8)))
        #expect(Amount.reference("") == nil)
    }
}

/// What travels from a trader to the operator.
@Suite struct PossessionProofTests {
    private let key = SigningKey(insecureDeterministic: 7)
    private let venue = Blake2b256.hash(Array("venue".utf8))

    @Test func itIsReadBackAndHolds() throws {
        let proof = PossessionProof(venue: venue, account: 4_294_967_295, key: key)
        let read = try #require(PossessionProof("\(proof)\n"))
        #expect(read == proof && read.holds)
        #expect(
            Prefixes(venue: venue).signPossession(account: 4_294_967_295, key: key).hexadecimal
                == proof.description.suffix(128))
    }

    @Test func anotherFormIsNone() {
        let text = "\(PossessionProof(venue: venue, account: 30, key: key))\n"
        let account = text.replacingOccurrences("account=30", "account=030")
        let others = [
            "", "\n", String(text.dropLast()), text + "\n", " " + text, text.uppercased(), account,
            text.replacingOccurrences(" key=", "  key="), text.replacingOccurrences("account=30", "account=-30"),
            text.replacingOccurrences("key=", "kex="), String(text.dropLast(2)) + "\n",
            text.replacingOccurrences("account=30", "account=4294967296"),
        ]
        #expect(PossessionProof(text) != nil)
        for other in others { #expect(PossessionProof(other) == nil, "\(other)") }
    }

    @Test func itIsForOneAccountOfOneVenueOnly() throws {
        let proof = PossessionProof(venue: venue, account: 30, key: key)
        let text = "\(proof)\n"
        let other = SigningKey(insecureDeterministic: 8).publicKey.hexadecimal
        for changed in [
            text.replacingOccurrences("account=30", "account=31"),
            text.replacingOccurrences(venue.hexadecimal, Blake2b256.hash([]).hexadecimal),
            text.replacingOccurrences(proof.key.hexadecimal, other),
            // The point of order 1: a signature under it would hold for anything.
            text.replacingOccurrences(proof.key.hexadecimal, "01" + String(repeating: "00", count: 31)),
        ] {
            #expect(try !#require(PossessionProof(changed)).holds, "\(changed)")
        }
    }
}

extension String {
    fileprivate func replacingOccurrences(_ text: String, _ other: String) -> String { replacing(text, with: other) }
}

import Testing

@testable import Audit

@Suite struct HumanFormTests {
    @Test("times keep every nanosecond, amounts every unit")
    func exact() {
        #expect(HumanForm.time(0) == "1970-01-01T00:00:00.000000000Z")
        #expect(HumanForm.time(1_700_000_000_000_000_001) == "2023-11-14T22:13:20.000000001Z")
        #expect(HumanForm.time(.max) == "2554-07-21T23:34:33.709551615Z")
        #expect(HumanForm.amount("0", decimals: 6) == "0.000000")
        #expect(HumanForm.amount("1230000", decimals: 6) == "1.230000")
        #expect(HumanForm.amount("7", decimals: 8) == "0.00000007")
        #expect(HumanForm.amount("18446744073709551615", decimals: 18) == "18.446744073709551615")
        #expect(HumanForm.amount("42", decimals: 0) == "42")
    }
}

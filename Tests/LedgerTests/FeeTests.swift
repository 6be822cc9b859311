import Ledger
import Testing
import Wire

@Suite struct FeeTests {
    /// The definition, in 128 bits: what the narrow path must come to as well.
    private func exact(_ amount: UInt64, _ rate: Int32, _ carry: UInt32) -> (charge: Int128, carry: Int128) {
        let product = Int128(amount) * Int128(rate) - Int128(carry)
        var charge = product / 1_000_000
        if charge * 1_000_000 < product { charge += 1 }
        return (charge, charge * 1_000_000 - product)
    }

    @Test func chargesAreRoundedUpAndCarryTheRest() {
        #expect(Fee.charge(amount: 1, rate: 1, carry: 0) == (1, 999_999))
        #expect(Fee.charge(amount: 1, rate: 1, carry: 999_999) == (0, 999_998))
        #expect(Fee.charge(amount: 0, rate: 100_000, carry: 999_999) == (0, 999_999))
        #expect(Fee.charge(amount: 10, rate: 100_000, carry: 0) == (1, 0))
        #expect(Fee.charge(amount: 1, rate: -1, carry: 0) == (0, 1))
        #expect(Fee.charge(amount: 10, rate: -100_000, carry: 1) == (-1, 1))
    }

    @Test func narrowAndWideProductsAgreeAroundTheirBorder() {
        let amounts: [UInt64] = [0, 1, 999_999, (1 << 45) - 1, 1 << 45, (1 << 45) + 1, UInt64(Int64.max)]
        for amount in amounts {
            for rate in [-100_000, -99_999, -1, 0, 1, 7, 99_999, 100_000] as [Int32] {
                for carry in [0, 1, 500_000, 999_999] as [UInt32] {
                    let found = Fee.charge(amount: amount, rate: rate, carry: carry)
                    let expected = exact(amount, rate, carry)
                    #expect(Int128(found.charge) == expected.charge && Int128(found.carry) == expected.carry)
                }
            }
        }
    }

    @Test func chargesOfPartsSumToTheChargeOfTheWhole() {
        for rate in [-777, 1, 333, 99_999] as [Int32] {
            var carry: UInt32 = 0
            var sum: Int64 = 0
            var whole: UInt64 = 0
            for part in stride(from: 1 as UInt64, to: 5_000, by: 37) {
                let charge = Fee.charge(amount: part, rate: rate, carry: carry)
                (sum, carry, whole) = (sum + charge.charge, charge.carry, whole + part)
                #expect(Int128(sum) == exact(whole, rate, 0).charge)
            }
        }
    }

    @Test func ratesAreBounded() {
        #expect(Fee.isValid(maker: -5, taker: 5, mode: .quote))
        #expect(!Fee.isValid(maker: -6, taker: 5, mode: .quote))
        #expect(!Fee.isValid(maker: -5, taker: 5, mode: .received))
        #expect(!Fee.isValid(maker: 0, taker: 100_001, mode: .quote))
        #expect(!Fee.isValid(maker: 100_001, taker: 0, mode: .quote))
    }
}

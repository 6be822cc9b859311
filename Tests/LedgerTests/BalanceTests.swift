import Ledger
import Testing
import Wire

@Suite struct BalanceTests {
    private func ledger(references: UInt32 = 4) -> Ledger {
        var ledger = Ledger(capacity: LedgerCapacity(accounts: 4, keySlots: 2, assets: 2, references: references))
        ledger.listAsset(symbol: FixedText.eight("X")!, decimals: 3)
        ledger.listAsset(symbol: FixedText.eight("Y")!, decimals: 18)
        for account in 0..<3 as Range<UInt32> {
            ledger.open(account, ownerKey: Bytes32(UInt64(account) + 1), openOrdersMax: 1)
        }
        return ledger
    }

    @Test func moneyMovesAndIsConserved() {
        var ledger = ledger()
        ledger.deposit(100, account: 1, asset: 0)
        ledger.hold(60, account: 1, asset: 0)
        #expect(ledger.balance(1, 0).available == 40 && ledger.balance(1, 0).held == 60)
        ledger.release(10, account: 1, asset: 0)
        // 20 are spent, of which 5 come back, 12 go to another and 3 are a fee.
        ledger.spendHeld(20, change: 5, account: 1, asset: 0)
        #expect(ledger.isConserved() == false)
        ledger.credit(12, account: 2, asset: 0)
        ledger.credit(3, account: 0, asset: 0)
        #expect(ledger.isConserved() == true)
        #expect(ledger.balance(1, 0).available == 55 && ledger.balance(1, 0).held == 30)
        ledger.withdraw(55, account: 1, asset: 0)
        #expect(ledger.assetTotal(0) == 45 && ledger.isConserved())
    }

    @Test func assetsAreListedInOrder() {
        let ledger = ledger()
        #expect(ledger.assetCount == 2)
        #expect(ledger.hasAsset(symbol: FixedText.eight("Y")!) && !ledger.hasAsset(symbol: FixedText.eight("Z")!))
        #expect(ledger.assetSymbol(0) == FixedText.eight("X")! && ledger.assetDecimals(1) == 18)
    }

    @Test func anAccountHasLimitsAndASwitch() {
        var ledger = ledger()
        #expect(ledger.openOrdersMax(1) == 1 && !ledger.isBlocked(1))
        ledger.setOpenOrdersMax(1, 7)
        ledger.setBlocked(1, true)
        #expect(ledger.openOrdersMax(1) == 7 && ledger.isBlocked(1) && !ledger.isBlocked(2))
    }

    @Test func referencesAreUsedOnceUntilTheTableIsFull() {
        var ledger = ledger(references: 1_000)
        // Neighbouring numbers, all zero, and words that cancel each other out.
        let references = (0..<1_000 as Range<UInt64>).map { Bytes32($0, $0, $0 << 32, $0) }
        for reference in references {
            #expect(ledger.hasReference(reference) == false)
            ledger.addReference(reference)
            #expect(ledger.hasReference(reference) == true)
        }
        #expect(ledger.referencesAreFull && ledger.referenceCount == 1_000)
        #expect(references.allSatisfy { ledger.hasReference($0) })
        #expect(ledger.hasReference(Bytes32(1_000)) == false)
        #expect((0..<1_000 as Range<UInt32>).allSatisfy { ledger.reference($0) == references[Int($0)] })
    }

    /// What would make money stops the process, in release too.
    @Test func moneyThatIsNotThereStopsTheProcess() async {
        await #expect(processExitsWith: .failure) {
            var ledger = Ledger(capacity: LedgerCapacity(accounts: 3, keySlots: 1, assets: 1, references: 1))
            ledger.listAsset(symbol: 1, decimals: 0)
            ledger.hold(1, account: 0, asset: 0)
        }
        await #expect(processExitsWith: .failure) {
            var ledger = Ledger(capacity: LedgerCapacity(accounts: 3, keySlots: 1, assets: 1, references: 1))
            ledger.listAsset(symbol: 1, decimals: 0)
            ledger.deposit(UInt64(Int64.max), account: 0, asset: 0)
            ledger.deposit(1, account: 1, asset: 0)
        }
        await #expect(processExitsWith: .failure) {
            var ledger = Ledger(capacity: LedgerCapacity(accounts: 3, keySlots: 1, assets: 1, references: 1))
            ledger.open(0, ownerKey: Bytes32(1), openOrdersMax: 1)
            ledger.useNonce(5, account: 0, slot: 0)
            ledger.useNonce(5, account: 0, slot: 0)
        }
    }

    @Test func memoryIsKnownBeforehand() {
        let small = LedgerCapacity(accounts: 3, keySlots: 1, assets: 1, references: 1)
        let large = LedgerCapacity(accounts: 65_536, keySlots: 8, assets: 16, references: 1 << 20)
        #expect(small.memoryBytes < 4_096 && large.memoryBytes < 128 << 20)
    }
}

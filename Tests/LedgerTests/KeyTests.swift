import Ledger
import Testing
import Wire

@Suite struct KeyTests {
    private func ledger() -> Ledger {
        Ledger(capacity: LedgerCapacity(accounts: 4, keySlots: 3, assets: 2, references: 4))
    }

    @Test func aSlotIsWrittenOnceAndRevokedForEver() {
        var ledger = ledger()
        #expect(ledger.keys.hasAccount(3) == false)
        ledger.open(3, ownerKey: Bytes32(1, 2, 3, 4), openOrdersMax: 9)
        #expect(ledger.keys.hasAccount(3) && ledger.hasAccount(3) && ledger.accountCount == 1)
        #expect(Bytes32(from: ledger.keys.entry(account: 3, slot: 0).key) == Bytes32(1, 2, 3, 4))
        #expect(ledger.keyState(3, 2) == .none)
        ledger.addKey(Bytes32(5), account: 3, slot: 2, flags: 1)
        let added = ledger.keys.entry(account: 3, slot: 2)
        #expect(added.state == .inForce && added.generation != 0 && Bytes32(from: added.key) == Bytes32(5))
        #expect(ledger.keyFlags(3, 2) == 1)
        ledger.useNonce(77, account: 3, slot: 2)
        ledger.revokeKey(3, 2)
        let revoked = ledger.keys.entry(account: 3, slot: 2)
        #expect(revoked.state == .revoked && revoked.generation > added.generation)
        #expect(Bytes32(from: revoked.key) == Bytes32(5) && ledger.nonceMark(3, 2) == 77)
    }

    @Test func whatCannotExistIsNothing() {
        let ledger = ledger()
        for (account, slot) in [(4, 0), (0, 3), (UInt32.max, 0), (0, UInt16.max)] as [(UInt32, UInt16)] {
            #expect(ledger.keys.entry(account: account, slot: slot).state == .none)
            #expect(ledger.keys.generation(account: account, slot: slot) == 0)
        }
        #expect(!ledger.hasAccount(4) && !ledger.hasAccount(0))
    }

    @Test func aRotatedOwnerKeyHasAnotherSlot() {
        var ledger = ledger()
        ledger.open(1, ownerKey: Bytes32(1), openOrdersMax: 9)
        ledger.rotateOwnerKey(Bytes32(2), account: 1, slot: 2)
        #expect(ledger.ownerSlot(1) == 2)
        #expect(ledger.keyState(1, 0) == .revoked && ledger.keyState(1, 2) == .inForce)
    }

    @Test func aReaderOnAnotherThreadNeverSeesAKeyBeforeItsBytes() async {
        var ledger = Ledger(capacity: LedgerCapacity(accounts: 2_000, keySlots: 2, assets: 1, references: 1))
        let keys = ledger.keys
        // Sees every account open, in whatever order of loads: the bytes are there when the state says so.
        let reader = Task.detached { () -> Bool in
            for account in 0..<2_000 as Range<UInt32> {
                while true {
                    let entry = keys.entry(account: account, slot: 0)
                    if entry.state == .inForce {
                        guard Bytes32(from: entry.key) == Bytes32(UInt64(account) + 1) else { return false }
                        break
                    }
                    await Task.yield()
                }
            }
            return true
        }
        for account in 0..<2_000 as Range<UInt32> {
            ledger.open(account, ownerKey: Bytes32(UInt64(account) + 1), openOrdersMax: 1)
        }
        #expect(await reader.value)
        #expect(ledger.accountCount == 2_000)
    }
}

import Testing
import Wire

@testable import Venue

@Suite struct AccountRules {
    @Test("ACC-1: an account is created once, below the capacity, with a proof")
    func createAccount() {
        let venue = TestVenue()
        for id in [0, 2, 12, 13, UInt32.max] {
            #expect(venue.createAccount(id) == [.rejected(.accountIdInvalid, 12)])
        }
        #expect(venue.createAccount(3, proofsHold: false) == [.rejected(.proofInvalid, 0)])
        #expect(venue.createAccount(3) == [.accountCreated(3)])
        #expect(venue.createAccount(3, proofsHold: false) == [.rejected(.accountIdInvalid, 12)])
        #expect(venue.createAccount(11) == [.accountCreated(11)])
        #expect(venue.venue.keys.hasAccount(11) == true)
        #expect(Bytes32(from: venue.venue.keys.entry(account: 3, slot: 0).key) == TestVenue.key(103))
    }

    @Test("ACC-2: a trading key goes to a slot that was never used, with a proof")
    func addKey() {
        let venue = TestVenue.trading()
        for slot in [0, 4, 5, 65_535] as [UInt16] {
            #expect(venue.addKey(3, slot) == [.rejected(.keySlotInvalid, 4)])
        }
        #expect(venue.addKey(3, 1, proofsHold: false) == [.rejected(.proofInvalid, 0)])
        #expect(venue.addKey(3, 1) == [.keyAdded(account: 3, slot: 1)])
        #expect(venue.addKey(3, 1) == [.rejected(.keySlotInvalid, 4)])
        #expect(venue.venue.keys.entry(account: 3, slot: 1).state == .inForce)
        #expect(venue.addKey(3, 2, by: 1) == [.rejected(.ownerKeyRequired, 0)])
        // The operator cannot: it signs for its own account only.
        #expect(venue.addKey(4, 1) == [.keyAdded(account: 4, slot: 1)])
    }

    @Test("ACC-3: a revoked key stays in its slot for ever, and keeps its mark")
    func revokeKey() {
        let venue = TestVenue.trading()
        venue.addKey(3, 1)
        venue.order(3, .buy, 1, at: 50, slot: 1)
        let generation = venue.venue.keys.generation(account: 3, slot: 1)
        #expect(venue.revokeKey(3, 0) == [.rejected(.keySlotInvalid, 4)])
        #expect(venue.revokeKey(3, 4) == [.rejected(.keySlotInvalid, 4)])
        #expect(venue.revokeKey(3, 2) == [.rejected(.keyNotFound, 0)])
        #expect(venue.revokeKey(3, 1) == [.keyRevoked(account: 3, slot: 1)])
        #expect(venue.revokeKey(3, 1) == [.rejected(.keyNotFound, 0)])
        #expect(venue.addKey(3, 1) == [.rejected(.keySlotInvalid, 4)])
        #expect(venue.venue.keys.entry(account: 3, slot: 1).state == .revoked)
        #expect(venue.venue.keys.generation(account: 3, slot: 1) != generation)
        #expect(venue.venue.nonceMark(account: 3, slot: 1) == 1)
    }

    @Test("ACC-4: a rotated operator key is the owner key of accounts 0 and 1 from then on")
    func rotateOperator() {
        let venue = TestVenue()
        #expect(venue.rotate(.venueOperator, slot: 0) == [.rejected(.keySlotInvalid, 4)])
        #expect(venue.rotate(.venueOperator, slot: 4) == [.rejected(.keySlotInvalid, 4)])
        venue.addKey(0, 1)
        venue.addKey(1, 2)
        #expect(venue.rotate(.venueOperator, slot: 1) == [.rejected(.keySlotInvalid, 4)])
        #expect(venue.rotate(.venueOperator, slot: 2) == [.rejected(.keySlotInvalid, 4)])
        #expect(venue.rotate(.venueOperator, slot: 3, proofsHold: false) == [.rejected(.proofInvalid, 0)])
        #expect(venue.rotate(.venueOperator, slot: 3) == [.venueKey(.venueOperator, slot: 3)])
        for account in 0...1 as ClosedRange<UInt32> {
            #expect(venue.venue.keys.entry(account: account, slot: 0).state == .revoked)
            #expect(venue.venue.keys.entry(account: account, slot: 3).state == .inForce)
            #expect(venue.venue.ledger.ownerSlot(account) == 3)
        }
        #expect(venue.venue.withVenueKey(.venueOperator) { Bytes32(from: $0) == TestVenue.key(503) })
        #expect(venue.createAccount(3, slot: 3) == [.accountCreated(3)])
        #expect(venue.createAccount(4, slot: 2) == [.rejected(.ownerKeyRequired, 3)])
        #expect(venue.revokeKey(1, 3, by: 3) == [.rejected(.keySlotInvalid, 4)])
    }

    @Test("ACC-4: settlement's key needs a slot of account 2; log and receipt have none")
    func rotateOthers() {
        let venue = TestVenue()
        venue.addKey(2, 1)
        #expect(venue.rotate(.settlement, slot: 1) == [.rejected(.keySlotInvalid, 4)])
        #expect(venue.rotate(.settlement, slot: 2) == [.venueKey(.settlement, slot: 2)])
        #expect(venue.venue.ledger.ownerSlot(2) == 2)
        #expect(venue.venue.keys.entry(account: 2, slot: 0).state == .revoked)
        #expect(venue.rotate(.log, slot: 1) == [.rejected(.keySlotInvalid, 4)])
        #expect(venue.rotate(.log, slot: 0) == [.venueKey(.log, slot: 0)])
        #expect(venue.rotate(.receipt, slot: 0) == [.venueKey(.receipt, slot: 0)])
        #expect(venue.venue.withVenueKey(.receipt) { Bytes32(from: $0) == TestVenue.key(500) })
        #expect(venue.venue.keys.entry(account: 1, slot: 0).state == .inForce)
    }

    @Test("ACC-5: a commitment is told and changes nothing but the nonce")
    func commitment() {
        let venue = TestVenue()
        let before = venue.state()
        #expect(venue.commit(through: 1) == [.commitment(through: 1)])
        let after = venue.state()
        #expect(zip(before, after).filter { $0 != $1 }.count == 1 && before.count == after.count)
    }
}

@Suite struct AssetRules {
    @Test("AST-1: assets are listed in order, with a symbol of their own")
    func listAsset() {
        let venue = TestVenue()
        #expect(venue.listAsset(1, symbol: "X") == [.rejected(.assetInvalid, 0)])
        #expect(venue.listAsset(0, symbol: "X", decimals: 19) == [.rejected(.assetInvalid, 0)])
        for symbol in ["", " X", "X Y", "x", "X_"] {
            #expect(venue.listAsset(0, symbol: symbol) == [.rejected(.assetInvalid, 0)])
        }
        #expect(venue.listAsset(0, symbol: "A-1.Z", decimals: 18) == [.assetListed(0)])
        #expect(venue.listAsset(1, symbol: "A-1.Z") == [.rejected(.assetInvalid, 1)])
        for asset in 1...3 as ClosedRange<UInt32> { venue.listAsset(asset, symbol: "B\(asset)") }
        #expect(venue.listAsset(4, symbol: "C") == [.rejected(.assetInvalid, 4)])
    }

    @Test("AST-2: a deposit is credited once, to who exists, as far as 63 bits go")
    func deposit() {
        var capacity = TestVenue.Capacity()
        capacity.references = 3
        let venue = TestVenue.trading(funds: 0, capacity: capacity)
        let most = UInt64(Int64.max)
        #expect(venue.deposit(1, 0, to: 9) == [.rejected(.targetUnknown, 0)])
        #expect(venue.deposit(1, 2, to: 3) == [.rejected(.unknownAsset, 2)])
        #expect(venue.deposit(0, 0, to: 3) == [.rejected(.amountInvalid, most)])
        #expect(venue.deposit(most + 1, 0, to: 3) == [.rejected(.amountInvalid, most)])
        #expect(
            venue.deposit(7, 0, to: 3, reference: Bytes32(0))
                == [.balance(account: 3, asset: 0, change: 7, available: 7, held: 0, .deposit)])
        #expect(venue.deposit(7, 0, to: 4, reference: Bytes32(0)) == [.rejected(.referenceUsed, 0)])
        #expect(venue.deposit(most - 6, 0, to: 4) == [.rejected(.balanceOverflow, most - 7)])
        #expect(venue.deposit(most - 7, 0, to: 4).count == 1)
        #expect(venue.deposit(1, 0, to: 4) == [.rejected(.balanceOverflow, 0)])
        #expect(venue.deposit(1, 1, to: 0).count == 1)
        #expect(venue.deposit(1, 1, to: 4) == [.rejected(.referencesFull, 3)])
        // A reference that was used is named as such even then.
        #expect(venue.deposit(7, 0, to: 4, reference: Bytes32(0)) == [.rejected(.referenceUsed, 0)])
        #expect(venue.venue.ledger.assetTotal(0) == most)
    }

    @Test("AST-3: a withdrawal takes what is available, not what is held")
    func withdraw() {
        let venue = TestVenue.trading(funds: 1_000)
        #expect(venue.withdraw(1, 2, from: 3) == [.rejected(.unknownAsset, 2)])
        #expect(venue.withdraw(0, 0, from: 3) == [.rejected(.amountInvalid, UInt64(Int64.max))])
        venue.order(3, .sell, 30, at: 100)
        #expect(venue.withdraw(701, 0, from: 3) == [.rejected(.insufficientFunds, 700)])
        #expect(
            venue.withdraw(700, 0, from: 3)
                == [.balance(account: 3, asset: 0, change: -700, available: 0, held: 300, .withdrawal)])
        // Nothing compares its reference.
        #expect(venue.withdraw(1, 1, from: 3).count == 1)
        #expect(venue.venue.ledger.assetTotal(0) == 2_300)
    }
}

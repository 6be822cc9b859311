import Testing
import Wire

/// Continuations and the canonical bytes.
struct RecordTests {
    @Test("REC-5, CAN-3: 600 cancels need two records")
    func continuation() {
        let market = Market()
        market.deposit(3, base: 600)
        for _ in 0..<600 { market.order(3, .sell, 1, at: 100) }
        market.massCancel(3)
        // A unit begins while at most 508 effects are there: the 509th is the last.
        #expect(market.progress == .more)
        #expect(market.effects.count == 509)
        #expect(market.cancels.map(\.orderId) == Array(1...509))
        market.goOn()
        #expect(market.progress == .done)
        #expect(market.cancels.map(\.orderId) == Array(510...600))
        #expect(MassCancelCompletedMessage(market.effects[91].base).cancelled == 600)
        #expect(market.available(3, 0) == 600)
    }

    @Test("REC-5: a taker that trades with 600 makers needs two records")
    func longTaker() {
        let market = Market()
        market.deposit(3, base: 600)
        market.deposit(4, quote: 100_000)
        for _ in 0..<600 { market.order(3, .sell, 1, at: 100) }
        market.order(4, .buy, 601, at: 100)
        #expect(market.progress == .more)
        #expect(market.effects.count == 509)
        market.goOn()
        #expect(market.progress == .done)
        #expect(market.executions.count == 92)
        #expect(market.effects.last?.template == Template.rested)
    }

    @Test("STA-1: the state after genesis, part by part")
    func stateOfGenesis() {
        let state = Market(listed: false).state
        // version, genesis, venue, no assets and instruments, 3 accounts with one key each, no references and orders
        #expect(state.count == 4 + 224 + 150 + 4 + 4 + 4 + 3 * (15 + 2 + 45 + 4) + 8 + 8)
        #expect(Array(state[0..<4]) == [1, 0, 0, 0])
        // generation 1, continuous (4), kill switch off, first byte of the operator key
        #expect(Array(state[228..<235]) == [1, 0, 0, 0, 4, 0, 1])
        // account 1: id, kill switch, owner slot, limit 2000, none open, one slot: 0, in force
        #expect(Array(state[456..<476]) == [1, 0, 0, 0, 0, 0, 0, 0xD0, 7, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1])
    }

    @Test("STA-1: an open order and its hold")
    func stateOfOrder() {
        let market = Market(Market.Listing(makerFee: 1000, takerFee: 3000))
        market.deposit(3, quote: 5000)
        market.order(3, .buy, 10, at: 100)
        let state = market.state
        let order: [UInt8] =
            [1, 0, 0, 0, 0, 0, 0, 0] + [1, 0, 0, 0, 0, 0, 0, 0] + [3, 0, 0, 0] + [0, 0, 0, 0] + [1]
            + [100, 0, 0, 0] + [10, 0, 0, 0] + [1, 0, 0, 0, 0, 0, 0, 0] + [1] + [0] + [0, 0, 0, 0] + [0xE8, 3, 0, 0]
        #expect(Array(state.suffix(order.count)) == order)
        // Of account 3: one asset with a balance: 1, available 3999, held 1001.
        let balance: [UInt8] =
            [1, 0, 0, 0] + [1, 0, 0, 0] + [0x9F, 0x0F, 0, 0, 0, 0, 0, 0] + [0xE9, 3, 0, 0, 0, 0, 0, 0]
        #expect(state.indices.dropLast(balance.count).contains { Array(state[$0..<$0 + balance.count]) == balance })
    }
}

import Foundation
import Testing
import Wire

@testable import Benchmark

@Suite struct WorkloadTests {
    @Test func aFileThatIsNoneIsRefused() throws {
        let path = TemporaryPath.make("a.lobw")
        defer { TemporaryPath.remove(path) }
        #expect(throws: BenchmarkError.self) { _ = try WorkloadFile(path) }
        var builder = WorkloadBuilder()
        builder.add(1, side: 0, price: 5, quantity: 1, id: 1)
        try builder.write(path, magic: "LOBWKLD2")
        #expect(throws: BenchmarkError.self) { _ = try WorkloadFile(path) }
        try builder.write(path)
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        try whole.dropLast().write(to: URL(fileURLWithPath: path))
        #expect(throws: BenchmarkError.self) { _ = try WorkloadFile(path) }
    }

    @Test func recordsAreRead() throws {
        let path = TemporaryPath.make("b.lobw")
        defer { TemporaryPath.remove(path) }
        var builder = WorkloadBuilder()
        builder.add(4, side: 1, price: 17, quantity: 9, id: 3, newId: 8)
        builder.add(9, side: 1, id: 3)
        try builder.write(path)
        let file = try WorkloadFile(path)
        let record = try #require(file.record(0))
        #expect(record.operation == .replace && record.side == 1 && record.price == 17 && record.quantity == 9)
        #expect(record.id == 3 && record.newId == 8)
        #expect(file.record(1) == nil)
        #expect(file.idMax == 8 && file.expectation == nil)
    }

    @Test func aMakersReplyWithoutTheTakersIsAnError() {
        let state = ReplayState(idMax: 10)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: OrderExecutedMessage.size, alignment: 8)
        defer { memory.deallocate() }
        func execute(_ liquidity: Liquidity, _ match: UInt64, _ id: UInt64) {
            OrderExecutedMessage.encode(
                at: memory, account: 3, index: 0, sequence: 9, time: 1, entry: Null.u16, durability: .journaled,
                resent: 0, orderId: id, clientOrderId: id, matchNumber: match, priceTicks: 7, quantityLots: 2,
                leavesLots: 1, instrument: 0, fee: 0, feeAsset: 0, side: .buy, liquidity: liquidity)
            state.take(memory)
        }
        execute(.taker, 1, 4)
        execute(.maker, 1, 5)
        #expect(state.failure == nil && state.outcome.trades == 1)
        #expect(state.open[4] == 1 && state.open[5] == 1)
        execute(.maker, 2, 5)
        #expect(state.failure != nil && state.outcome.trades == 1)
    }
}

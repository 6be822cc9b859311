import Cryptography
import Foundation
import Testing
import Wire

@testable import History

@Suite struct HistoryTests {
    let path = NSTemporaryDirectory() + "glassbook-history-\(UUID().uuidString).sqlite"
    let venue = Blake2b256.hash([1])

    private func remove() {
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
    }

    private func hash(_ sequence: UInt64) -> Hash256 { Blake2b256.hash(withUnsafeBytes(of: sequence) { Array($0) }) }

    /// Fills a database from the first record on, as many records a transaction; up to its mark in silence.
    private func fill(_ database: HistoryDatabase, step: Int, through last: UInt64 = .max) throws {
        var changes = BalanceChanges()
        var rows: [HistoryRow] = []
        var waiting = 0
        try Market.replay { record, venue in
            let made =
                HistoryRow.rows(record)
                + changes.rows(sequence: record.sequence, accounts: [0, 1, 2, 3, 4, 5], of: venue)
            guard record.sequence > database.mark.sequence, record.sequence <= last else { return }
            rows += made
            waiting += 1
            guard waiting == step || record.sequence == last else { return }
            try database.add(rows, upTo: .init(sequence: record.sequence, hash: hash(record.sequence)))
            (rows, waiting) = ([], 0)
        }
    }

    @Test("trades, orders, transfers and balances are those of the records")
    func rows() throws {
        var rows: [HistoryRow] = []
        var changes = BalanceChanges()
        Market.replay { record, venue in
            rows += HistoryRow.rows(record)
            rows += changes.rows(sequence: record.sequence, accounts: [3, 4, 0, 4], of: venue)
        }
        let trades = rows.filter { $0.table == .trades }
        #expect(trades.map { $0.values[3] } == [100, 101])
        #expect(trades.map { $0.values[4] } == [10, 5])
        let transfers = rows.filter { $0.table == .transfers }
        #expect(transfers.map { $0.values[3] } == [1_000_000, 1_000_000, 1_000_000, 1_000_000])
        let events = rows.filter { $0.table == .orders }.map { $0.values[1] }
        #expect(events == [1, 1, 1, 4, 3])
        // The last balances: 15 lots went from 3 to 4 for 10·100 + 5·101, fees are small and go to 0.
        func last(_ account: Int64, _ asset: Int64) -> [Int64?]? {
            rows.last { $0.table == .balances && $0.values[0] == account && $0.values[1] == asset }?.values
        }
        #expect(last(3, 1) == [3, 1, 999_985, 0])
        #expect(last(4, 1) == [4, 1, 1_000_015, 0])
        let dollars = [last(0, 0), last(3, 0), last(4, 0)].map { ($0?[2] ?? 0) + ($0?[3] ?? 0) }
        #expect(dollars.reduce(0, +) == 2_000_000)
    }

    @Test("a wiped database gets the same content again, in whatever steps")
    func rebuilt() throws {
        defer { remove() }
        let first = try HistoryDatabase(path: path, venue: venue)
        try fill(first, step: 1)
        let dump = try first.dump()
        #expect(dump.contains("trades") && dump.contains("balances") && dump.contains("transfers"))
        remove()
        let second = try HistoryDatabase(path: path, venue: venue)
        try fill(second, step: 7, through: 9)
        #expect(try second.dump() != dump)
        try fill(try HistoryDatabase(path: path, venue: venue), step: 2)
        let third = try HistoryDatabase(path: path, venue: venue)
        try fill(third, step: 1)
        #expect(try third.dump() == dump)
    }

    @Test("who goes on from a state finds the same changes as who was there from the beginning")
    func primed() throws {
        var changes = BalanceChanges()
        // One that was primed behind each record, with what it has to find behind the next ones.
        var later: [BalanceChanges] = []
        let accounts: [UInt32] = [0, 1, 2, 3, 4, 5]
        var count = 0
        Market.replay { record, venue in
            let rows = changes.rows(sequence: record.sequence, accounts: accounts, of: venue)
            for index in later.indices {
                let found = later[index].rows(sequence: record.sequence, accounts: accounts, of: venue)
                #expect(found == rows, "record \(record.sequence), primed behind \(index + 1)")
            }
            later.append(BalanceChanges(of: venue))
            count += rows.count
        }
        #expect(count > 10)
    }

    @Test("rows and mark move together, or not at all")
    func atomic() throws {
        defer { remove() }
        let database = try HistoryDatabase(path: path, venue: venue)
        let row = HistoryRow.balance(sequence: 5, leg: 0, account: 1, asset: 0, available: .max, held: 1)
        try database.add([row], upTo: .init(sequence: 5, hash: hash(5)))
        let before = try database.dump()
        #expect(throws: HistoryError.self) {
            try database.add(
                [.balance(sequence: 6, leg: 0, account: 1, asset: 0, available: 1, held: 1), row],
                upTo: .init(sequence: 6, hash: hash(6)))
        }
        #expect(database.mark == .init(sequence: 5, hash: hash(5)))
        let again = try HistoryDatabase(path: path, venue: venue)
        #expect(again.mark == database.mark)
        #expect(try again.dump() == before)
    }

    @Test("another venue's database is refused, and so is a file that is none")
    func foreign() throws {
        defer { remove() }
        _ = try HistoryDatabase(path: path, venue: venue)
        #expect(throws: HistoryError.venue(path)) { try HistoryDatabase(path: path, venue: Blake2b256.hash([2])) }
        remove()
        try Data(repeating: 0x41, count: 8192).write(to: URL(filePath: path))
        #expect(throws: HistoryError.self) { try HistoryDatabase(path: path, venue: venue) }
    }

    @Test("checkpoints are kept by their size")
    func checkpoints() throws {
        defer { remove() }
        let database = try HistoryDatabase(path: path, venue: venue)
        #expect(try database.lastCheckpoint() == 0)
        try database.add(checkpoint: 7, root: hash(7), note: [1, 2, 3])
        #expect(try database.lastCheckpoint() == 7)
        #expect(throws: HistoryError.self) { try database.add(checkpoint: 7, root: hash(8), note: []) }
    }
}

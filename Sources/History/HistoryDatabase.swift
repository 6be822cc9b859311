import Cryptography
import Foundation
import GRDB

/// The settled history in SQLite; `History.md` has the schema.
///
/// Rows and the mark, the last record that is in the database, move in one transaction: what is there is always exactly
/// the history up to the mark, whatever happens to the process.
public final class HistoryDatabase {
    private let queue: DatabaseQueue
    /// The last record that is in the database: sequence 0 and zeros at the beginning.
    public private(set) var mark: Mark

    /// A record, by sequence and hash.
    public struct Mark: Equatable, Sendable {
        public var sequence: UInt64
        public var hash: Hash256

        public init(sequence: UInt64, hash: Hash256) { (self.sequence, self.hash) = (sequence, hash) }
    }

    /// Opens the database, and makes it when there is none.
    ///
    /// - Throws: `HistoryError.venue` when it is another venue's; `HistoryError.database` for what SQLite says.
    public init(path: String, venue: Hash256) throws(HistoryError) {
        do {
            var configuration = Configuration()
            configuration.prepareDatabase { db in
                try db.execute(sql: "PRAGMA journal_mode = WAL")
                try db.execute(sql: "PRAGMA synchronous = NORMAL")
            }
            queue = try DatabaseQueue(path: path, configuration: configuration)
            mark = try queue.write { db in
                try db.execute(sql: HistorySchema.sql)
                let row = try Row.fetchOne(db, sql: "SELECT venue, sequence, hash FROM mark")
                guard let row else {
                    try db.execute(
                        sql: "INSERT INTO mark (id, venue, sequence, hash) VALUES (0, ?, 0, ?)",
                        arguments: [Data(venue), Data(.zero)])
                    return Mark(sequence: 0, hash: .zero)
                }
                guard row["venue"] as Data == Data(venue) else { throw HistoryError.venue(path) }
                let hash: Data = row["hash"]
                guard hash.count == 32 else { throw HistoryError.database("\(path): a mark without a hash") }
                return Mark(
                    sequence: UInt64(bitPattern: row["sequence"] as Int64),
                    hash: hash.withUnsafeBytes { Hash256(loading: $0.baseAddress!) })
            }
        } catch let error as HistoryError { throw error } catch { throw .database("\(path): \(error)") }
    }

    /// Adds rows and moves the mark on, in one transaction.
    public func add(_ rows: [HistoryRow], upTo mark: Mark) throws(HistoryError) {
        precondition(mark.sequence > self.mark.sequence, "the history goes on")
        do {
            try queue.write { db in
                for row in rows {
                    let statement = try db.cachedStatement(sql: HistorySchema.insert(row.table))
                    var values: [(any DatabaseValueConvertible)?] = [Int64(bitPattern: row.sequence), row.leg]
                    for value in row.values { values.append(value) }
                    try statement.execute(arguments: StatementArguments(values))
                }
                try db.execute(
                    sql: "UPDATE mark SET sequence = ?, hash = ?",
                    arguments: [Int64(bitPattern: mark.sequence), Data(mark.hash)])
            }
        } catch { throw .database("\(error)") }
        self.mark = mark
    }

    /// Sizes of the checkpoints that are in the database, ascending; the last one.
    public func lastCheckpoint() throws(HistoryError) -> UInt64 {
        do {
            let size = try queue.read { db in try Int64.fetchOne(db, sql: "SELECT MAX(sequence) FROM checkpoints") }
            return UInt64(bitPattern: size ?? 0)
        } catch { throw .database("\(error)") }
    }

    /// Adds a signed checkpoint.
    public func add(checkpoint size: UInt64, root: Hash256, note: [UInt8]) throws(HistoryError) {
        do {
            try queue.write { db in
                try db.execute(
                    sql: HistorySchema.insert(.checkpoints),
                    arguments: [Int64(bitPattern: size), 0, Data(root), Data(note)])
            }
        } catch { throw .database("\(error)") }
    }

    /// Every row of every table as text, in the order of the keys: equal for equal histories.
    public func dump() throws(HistoryError) -> String {
        do {
            return try queue.read { db in
                var text = ""
                for table in HistoryRow.Table.allCases {
                    let rows = try Row.fetchAll(db, sql: "SELECT * FROM \(table.rawValue) ORDER BY sequence, leg")
                    for row in rows { text += "\(table.rawValue) \(row.databaseValues.map(\.description))\n" }
                }
                return text
            }
        } catch { throw .database("\(error)") }
    }
}

/// Why a history cannot be kept.
public enum HistoryError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The database is another venue's.
    case venue(String)
    /// The database's last record is not the one that the journal holds there.
    case contradiction(sequence: UInt64, path: String)
    /// SQLite refused.
    case database(String)

    public var description: String {
        switch self {
        case .venue(let path): "\(path) is the history of another venue"
        case .contradiction(let sequence, let path):
            "\(path) was filled from a journal with another record \(sequence): one of the two was changed"
        case .database(let text): "history: \(text)"
        }
    }
}

extension Data {
    fileprivate init(_ hash: Hash256) { self = hash.withUnsafeBytes { Data($0) } }
}

/// The tables.
enum HistorySchema {
    /// Columns of a table after (sequence, leg).
    static func columns(_ table: HistoryRow.Table) -> [String] {
        switch table {
        case .trades:
            [
                "time", "match_number", "instrument", "price_ticks", "quantity_lots", "taker_side", "taker_account",
                "taker_order", "taker_fee", "taker_fee_asset", "maker_account", "maker_order", "maker_fee",
                "maker_fee_asset",
            ]
        case .orders:
            [
                "time", "event", "account", "instrument", "order_id", "client_order_id", "side", "price_ticks",
                "quantity_lots", "reason",
            ]
        case .transfers: ["time", "account", "asset", "amount", "cause"]
        case .balances: ["account", "asset", "available", "held"]
        case .checkpoints: ["root", "note"]
        }
    }

    /// Makes what is not there.
    static var sql: String {
        let tables = HistoryRow.Table.allCases.map { table in
            let columns = columns(table).map { "\($0) \(table == .checkpoints ? "BLOB NOT NULL" : "INTEGER")" }
            return """
                CREATE TABLE IF NOT EXISTS \(table.rawValue) (
                    sequence INTEGER NOT NULL, leg INTEGER NOT NULL, \(columns.joined(separator: ", ")),
                    PRIMARY KEY (sequence, leg)
                ) WITHOUT ROWID;
                """
        }
        return """
            CREATE TABLE IF NOT EXISTS mark (
                id INTEGER PRIMARY KEY CHECK (id = 0), venue BLOB NOT NULL,
                sequence INTEGER NOT NULL, hash BLOB NOT NULL
            );
            \(tables.joined(separator: "\n"))
            CREATE INDEX IF NOT EXISTS orders_by_account ON orders (account, sequence);
            CREATE INDEX IF NOT EXISTS balances_by_account ON balances (account, asset, sequence);
            """
    }

    static func insert(_ table: HistoryRow.Table) -> String {
        let names = ["sequence", "leg"] + columns(table)
        let marks = names.map { _ in "?" }.joined(separator: ", ")
        return "INSERT INTO \(table.rawValue) (\(names.joined(separator: ", "))) VALUES (\(marks))"
    }
}

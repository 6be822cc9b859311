@testable import Settings

/// What each key refuses and takes: the edges of its range. A test checks that no key is left out.
struct KeyRange: Sendable {
    let key: String
    let refused: [TOMLTree]
    let taken: [TOMLTree]

    static func numbers(_ key: String, _ least: Int, _ most: Int) -> KeyRange {
        KeyRange(
            key: key, refused: [.integer(least - 1), .integer(most &+ 1), .integer(.min)],
            taken: [.integer(least), .integer(most)])
    }

    static func words(_ key: String, _ words: String...) -> KeyRange {
        KeyRange(
            key: key, refused: [.string(""), .string(words[0].uppercased()), .string(words[0] + " ")],
            taken: words.map { .string($0) })
    }

    static func strings(_ key: String, refused: String..., taken: String...) -> KeyRange {
        KeyRange(key: key, refused: refused.map { .string($0) }, taken: taken.map { .string($0) })
    }

    static func address(_ key: String) -> KeyRange {
        strings(
            key, refused: "", "localhost", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.04", "1.2.3.+4", "1..2.3",
            "224.0.0.1", taken: "0.0.0.0", "127.0.0.1", "10.1.2.255")
    }

    static let all: [KeyRange] = node + orderEntry + marketData + rest + settlement + venue + instrument

    private static let node: [KeyRange] = [
        strings("node.data", refused: "", taken: "run", "/var/lib/glassbook", "a b"),
        KeyRange(
            key: "node.io_worker_cores", refused: [.array([.integer(-1)]), .array([.integer(1), .integer(1024)])],
            taken: [.array([]), .array([.integer(0), .integer(1023)])]),
        strings(
            "thread[0].name", refused: "", "sixteen-letters-", "a b", "a_b", taken: "a", "fifteen-letters"),
        numbers("thread[0].core", -1, 1023),
        KeyRange(
            key: "thread[0].agents", refused: [.array([]), .array([.string("verify"), .string("match")])],
            taken: [
                .array([.string("publish"), .string("sequence"), .string("verify"), .string("order-entry")])
            ]),
        words("thread[0].idle", "spin", "yield", "park"),
    ]

    private static let orderEntry: [KeyRange] = [
        address("order_entry.address"),
        numbers("order_entry.port", 0, 65_535),
        numbers("order_entry.sessions_max", 1, 65_535),
        numbers("order_entry.send_buffer_bytes", 4_096, 16_777_216),
        numbers("order_entry.quota_per_turn", 1, 1_024),
        numbers("order_entry.bad_signatures_max", 1, 1_000_000),
        numbers("order_entry.accounts_per_session_max", 1, 256),
        numbers("order_entry.negotiate_timeout_ms", 10, 600_000),
        numbers("order_entry.frame_timeout_ms", 10, 600_000),
        numbers("order_entry.heartbeat_ms", 10, 60_000),
        KeyRange(
            key: "order_entry.receive_buffers",
            refused: [.integer(4), .integer(513), .integer(65_536)], taken: [.integer(8), .integer(32_768)]),
        numbers("order_entry.receive_buffer_bytes", 512, 1_048_576),
    ]

    private static let marketData: [KeyRange] = [
        strings(
            "market_data.group", refused: "", "223.255.255.255", "240.0.0.0", "239.192.46",
            taken: "224.0.0.1", "239.255.255.255"),
        numbers("market_data.port", 1, 65_535),
        address("market_data.interface"),
        numbers("market_data.ttl", 0, 255),
        numbers("market_data.heartbeat_ms", 10, 60_000),
        address("market_data.server_address"),
        numbers("market_data.request_port", 0, 65_535),
        numbers("market_data.snapshot_port", 0, 65_535),
        numbers("market_data.snapshot_sessions_max", 1, 1_024),
    ]

    private static let rest: [KeyRange] = [
        KeyRange(
            key: "journal.segment_bytes",
            refused: [.integer(262_143), .integer(16_777_217), .integer(4_294_967_297), .integer(0)],
            taken: [.integer(16_777_216), .integer(4_294_967_296)]),
        words("journal.durability", "journaled", "durable"),
        words("journal.start_from", "snapshot", "genesis"),
        KeyRange(
            key: "journal.populate_ahead_bytes", refused: [.integer(65_535), .integer(1_073_741_825)],
            taken: [.integer(65_536), .integer(268_435_456)]),
        numbers("journal.sync_interval_us", 0, 1_000_000),
        KeyRange(
            key: "ring.slots", refused: [.integer(0), .integer(8), .integer(1_000), .integer(131_072)],
            taken: [.integer(16), .integer(65_536)]),
        numbers("nonces.remembered_keys_max", 16, 16_777_216),
        words("log.level", "trace", "debug", "info", "notice", "warning", "error", "critical"),
    ]

    private static let settlement: [KeyRange] = [
        strings("settlement.published", refused: "", taken: "run/published", "/srv/venue"),
        strings(
            "settlement.domain", refused: "", "a b", "a+b", "ä", String(repeating: "a", count: 201),
            taken: "a", "glassbook.example/log-1:2", String(repeating: "a", count: 200)),
        strings("settlement.keys", refused: "", taken: "keys", "/etc/venue"),
        numbers("settlement.checkpoint_interval_ms", 10, 600_000),
        numbers("settlement.checkpoint_records", 1, 16_777_216),
        numbers("settlement.publish_delay_ms", 0, 86_400_000),
        numbers("settlement.receipt_interval_us", 1_000, 1_000_000),
        numbers("settlement.snapshot_records", 1, 1_000_000_000),
        numbers("settlement.snapshots_kept", 1, 1_000),
        KeyRange(key: "settlement.history", refused: [], taken: [.boolean(true), .boolean(false)]),
        address("settlement.serve_address"),
        numbers("settlement.serve_port", 0, 65_535),
        KeyRange(
            key: "settlement.witness_quorum", refused: [.integer(-1), .integer(64)], taken: [.integer(0)]),
        numbers("settlement.witness_timeout_ms", 10, 60_000),
        KeyRange(
            key: "settlement.witness",
            refused: [
                .array([witness("ftp://a", key)]), .array([witness("http://", key)]),
                .array([witness("http://a b", key)]),
                .array([witness("http://a", "")]), .array([witness("http://a", "w+0a1b2c3d+")]),
                .array([witness("http://a", "w+0A1B2C3D+AQ==")]), .array([witness("http://a", "w+0a1b2c3+AQ==")]),
                .array([witness("http://a", "w x+0a1b2c3d+AQ==")]), .array([witness("http://a", "w+0a1b2c3d+A Q")]),
            ],
            taken: [.array([]), .array([witness("http://127.0.0.1:4620", key), witness("https://w", "x" + key)])]),
        words("settlement.availability.layer", "directory", "eigenda"),
        strings("settlement.availability.directory", refused: "", taken: "da", "/srv/da"),
        strings(
            "settlement.availability.url", refused: "", "localhost:3100", "http:///x",
            taken: "http://127.0.0.1:3100", "https://proxy.example/v1"),
        numbers("settlement.availability.batch_records", 1, 16_777_216),
        numbers("settlement.availability.batch_bytes", 131_072, 16_252_897),
        numbers("settlement.availability.batch_ms", 10, 3_600_000),
        numbers("settlement.availability.timeout_ms", 10, 600_000),
        numbers("settlement.availability.alarm_ms", 1_000, 86_400_000),
    ]

    private static let key = "witness.example/1+0a1b2c3d+BAEC+/=="

    private static func witness(_ url: String, _ key: String) -> TOMLTree {
        .table(["url": .string(url), "key": .string(key)])
    }

    private static let venue: [KeyRange] = [
        strings("venue.name", refused: "", "GLA", "GLASS", "glas", "GL-A", "GLÄ", taken: "GLAS", "A001"),
        numbers("venue.promise_seconds", 1, 86_400),
        numbers("venue.rules_version", 1, 1),
        numbers("venue.accounts_max", 3, 16_777_216),
        numbers("venue.key_slots_per_account", 2, 16),
        KeyRange(
            key: "venue.assets_max", refused: [.integer(0), .integer(1_025)], taken: [.integer(3), .integer(1_024)]),
        KeyRange(
            key: "venue.instruments_max", refused: [.integer(0), .integer(65_535)],
            taken: [.integer(3), .integer(65_534)]),
        KeyRange(
            key: "venue.orders_max", refused: [.integer(1_023), .integer(268_435_457)],
            taken: [.integer(65_536), .integer(268_435_456)]),
        KeyRange(
            key: "venue.levels_max", refused: [.integer(0), .integer(1_073_741_825)],
            taken: [.integer(840_000), .integer(1_073_741_824)]),
        numbers("venue.references_max", 1_024, 268_435_456),
        KeyRange(
            key: "venue.open_orders_max", refused: [.integer(0), .integer(268_435_457)],
            taken: [.integer(1), .integer(1_048_576)]),
        KeyRange(
            key: "venue.asset[0].id", refused: [.integer(-1), .integer(16)], taken: [.integer(0)]),
        strings("venue.asset[0].symbol", refused: "", "usd", "NINECHARS", "U S", taken: "USD"),
        numbers("venue.asset[0].decimals", 0, 18),
    ]

    private static let instrument: [KeyRange] = [
        KeyRange(
            key: "venue.instrument[0].id", refused: [.integer(-1), .integer(128)], taken: [.integer(0)]),
        strings(
            "venue.instrument[0].symbol", refused: "", "btc-usd", "NINECHARS", taken: "B", "BTC.USD-"),
        strings("venue.instrument[0].base", refused: "", "XRP", "btc", taken: "ETH"),
        strings("venue.instrument[0].quote", refused: "", "EUR", taken: "ETH"),
        KeyRange(
            key: "venue.instrument[0].lot_size", refused: [.integer(0), .integer(-1)],
            taken: [.integer(1), .integer(1_000_000_000_000)]),
        numbersOrOverflow("venue.instrument[0].tick_value", 1),
        KeyRange(
            key: "venue.instrument[0].price_multiplier", refused: [.integer(0), .integer(2_000_000_001)],
            taken: [.integer(1), .integer(10_000)]),
        KeyRange(
            key: "venue.instrument[0].price_min", refused: [.integer(0), .integer(4_294_967_295)],
            taken: [.integer(1), .integer(100_000)]),
        KeyRange(
            key: "venue.instrument[0].price_max", refused: [.integer(0), .integer(4_294_967_295)],
            taken: [.integer(100_000), .integer(200_000)]),
        KeyRange(
            key: "venue.instrument[0].reference_price", refused: [.integer(0), .integer(4_294_967_295)],
            taken: [.integer(1), .integer(200_000)]),
        KeyRange(
            key: "venue.instrument[0].maker_fee", refused: [.integer(-100_001), .integer(100_001)],
            taken: [.integer(-500), .integer(100_000)]),
        numbers("venue.instrument[0].taker_fee", 0, 100_000),
        words("venue.instrument[0].fee_mode", "quote", "received"),
        KeyRange(
            key: "venue.instrument[0].quantity_max", refused: [.integer(0), .integer(4_294_967_295)],
            taken: [.integer(1), .integer(4_294_967_294)]),
        numbersOrOverflow("venue.instrument[0].notional_max", 1),
        numbers("venue.instrument[0].band_bps", 1, 1_000_000),
        numbers("venue.instrument[0].protection_bps", 1, 1_000_000),
        words("venue.instrument[0].state", "continuous", "halted", "closed", "cancel-only"),
    ]

    /// A range that ends where TOML's integers do, so that there is nothing above it to refuse.
    private static func numbersOrOverflow(_ key: String, _ least: Int) -> KeyRange {
        KeyRange(
            key: key, refused: [.integer(least - 1), .integer(.min)], taken: [.integer(least), .integer(.max)])
    }
}

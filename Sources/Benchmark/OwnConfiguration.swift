import Glibc

/// The configuration of a venue made for a benchmark: bands and limits opened, free ports, all hot agents on one core.
func ownConfiguration(_ profile: VenueProfile, directory: String) -> String {
    let levels = 2 * UInt64(profile.priceMaxTicks - profile.priceMinTicks + 1) * UInt64(profile.instruments)
    // Below the ports that the system gives away, 32,768 on.
    let multicastPort = 32_000 + Int(getpid()) % 768
    let instruments = (0..<profile.instruments).map { ownInstrument($0, profile) }.joined()
    return """
        [node]
        data = "\(directory)"
        io_worker_cores = [\(profile.clientCore)]
        [[thread]]
        name = "hot"
        core = \(profile.nodeCore)
        agents = ["order-entry", "verify", "sequence", "publish"]
        idle = "spin"
        [[thread]]
        name = "services"
        core = \(profile.clientCore)
        agents = ["services"]
        idle = "park"
        [order_entry]
        address = "127.0.0.1"
        port = 0
        sessions_max = 64
        send_buffer_bytes = 1_048_576
        quota_per_turn = 16
        bad_signatures_max = 16
        accounts_per_session_max = 16
        negotiate_timeout_ms = 60_000
        frame_timeout_ms = 60_000
        heartbeat_ms = 1_000
        receive_buffers = 512
        receive_buffer_bytes = 16_384
        [market_data]
        group = "239.192.46.1"
        port = \(multicastPort)
        interface = "127.0.0.1"
        ttl = 0
        heartbeat_ms = 100
        server_address = "127.0.0.1"
        request_port = 0
        snapshot_port = 0
        snapshot_sessions_max = 4
        [journal]
        segment_bytes = 268_435_456
        durability = "journaled"
        populate_ahead_bytes = 8_388_608
        sync_interval_us = 50_000
        start_from = "snapshot"
        [ring]
        slots = 1_024
        [nonces]
        remembered_keys_max = 256
        [log]
        level = "notice"
        \(ownSettlement)
        [venue]
        name = "BNCH"
        promise_seconds = 60
        rules_version = 1
        accounts_max = 4_096
        key_slots_per_account = 4
        assets_max = 16
        instruments_max = \(max(profile.instruments, 1))
        orders_max = \(profile.ordersMax)
        levels_max = \(levels)
        references_max = 4_096
        open_orders_max = \(profile.ordersMax)
        [[venue.asset]]
        id = 0
        symbol = "QUOTE"
        decimals = 6
        [[venue.asset]]
        id = 1
        symbol = "BASE"
        decimals = 8
        \(instruments)
        """
}

/// Settlement's tables; a benchmark runs without it.
private let ownSettlement = """
    [settlement]
    published = "published"
    domain = "benchmark.local"
    keys = "keys"
    checkpoint_interval_ms = 5_000
    checkpoint_records = 65_536
    publish_delay_ms = 0
    receipt_interval_us = 1_000
    snapshot_records = 1_000_000
    snapshots_kept = 3
    history = false
    serve_address = "127.0.0.1"
    serve_port = 0
    witness_quorum = 0
    witness_timeout_ms = 2_000
    witness = []
    [settlement.availability]
    layer = "directory"
    directory = "da"
    url = "http://127.0.0.1:3100"
    batch_records = 65_536
    batch_bytes = 8_388_608
    batch_ms = 5_000
    timeout_ms = 30_000
    alarm_ms = 600_000
    """

/// One instrument: the band is as wide as a band can be, the largest quantity and notional as large.
private func ownInstrument(_ id: UInt32, _ profile: VenueProfile) -> String {
    """
    [[venue.instrument]]
    id = \(id)
    symbol = "I\(id)"
    base = "BASE"
    quote = "QUOTE"
    lot_size = 1
    tick_value = 1
    price_multiplier = 1
    price_min = \(profile.priceMinTicks)
    price_max = \(profile.priceMaxTicks)
    reference_price = \(profile.referencePriceTicks)
    maker_fee = 100
    taker_fee = 500
    fee_mode = "quote"
    quantity_max = 4_294_967_294
    notional_max = 4_611_686_018_427_387_904
    band_bps = 1_000_000
    protection_bps = 1_000_000
    state = "continuous"

    """
}

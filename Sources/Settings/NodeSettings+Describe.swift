extension NodeSettings {
    /// The configuration in force, as a TOML document that reads back as the same settings.
    public func describe() -> String {
        var out = Document()
        out.table("node")
        out.line("data", dataDirectory)
        out.line("io_worker_cores", raw: "[" + ioWorkerCores.map(String.init).joined(separator: ", ") + "]")
        for thread in threads {
            out.table("[thread]")
            out.line("name", thread.name)
            out.line("core", thread.core ?? -1)
            out.line("agents", raw: "[" + thread.agents.map { "\"\($0.rawValue)\"" }.joined(separator: ", ") + "]")
            out.line("idle", thread.idle.rawValue)
        }
        describe(orderEntry, &out)
        describe(marketData, &out)
        out.table("journal")
        out.line("segment_bytes", journal.segmentBytes)
        out.line("durability", journal.durability.rawValue)
        out.line("populate_ahead_bytes", journal.populateAheadBytes)
        out.line("sync_interval_us", journal.syncIntervalMicroseconds)
        out.line("start_from", journal.startFrom.rawValue)
        out.table("ring")
        out.line("slots", ringSlots)
        out.table("nonces")
        out.line("remembered_keys_max", rememberedKeysMax)
        out.table("log")
        out.line("level", logLevel.rawValue)
        settlement.describe(&out)
        venue.describe(&out)
        return out.text
    }

    private func describe(_ settings: OrderEntrySettings, _ out: inout Document) {
        out.table("order_entry")
        out.line("address", settings.address)
        out.line("port", settings.port)
        out.line("sessions_max", settings.sessionsMax)
        out.line("send_buffer_bytes", settings.sendBufferBytes)
        out.line("quota_per_turn", settings.quotaPerTurn)
        out.line("bad_signatures_max", settings.badSignaturesMax)
        out.line("accounts_per_session_max", settings.accountsPerSessionMax)
        out.line("negotiate_timeout_ms", settings.negotiateTimeoutMilliseconds)
        out.line("frame_timeout_ms", settings.frameTimeoutMilliseconds)
        out.line("heartbeat_ms", settings.heartbeatMilliseconds)
        out.line("receive_buffers", settings.receiveBuffers)
        out.line("receive_buffer_bytes", settings.receiveBufferBytes)
    }

    private func describe(_ settings: MarketDataSettings, _ out: inout Document) {
        out.table("market_data")
        out.line("group", settings.group)
        out.line("port", settings.port)
        out.line("interface", settings.interface)
        out.line("ttl", settings.timeToLive)
        out.line("heartbeat_ms", settings.heartbeatMilliseconds)
        out.line("server_address", settings.serverAddress)
        out.line("request_port", settings.requestPort)
        out.line("snapshot_port", settings.snapshotPort)
        out.line("snapshot_sessions_max", settings.snapshotSessionsMax)
    }
}

extension VenueSettings {
    /// The `[venue]` tables in force, as TOML.
    public func describe() -> String {
        var out = Document()
        describe(&out)
        return out.text
    }

    func describe(_ out: inout Document) {
        out.table("venue")
        out.line("name", name)
        out.line("promise_seconds", promiseSeconds)
        out.line("rules_version", rulesVersion)
        out.line("accounts_max", accountsMax)
        out.line("key_slots_per_account", keySlotsPerAccount)
        out.line("assets_max", assetsMax)
        out.line("instruments_max", instrumentsMax)
        out.line("orders_max", ordersMax)
        out.line("levels_max", levelsMax)
        out.line("references_max", referencesMax)
        out.line("open_orders_max", openOrdersMax)
        // Without any, the keys still have to be there.
        if assets.isEmpty { out.line("asset", raw: "[]") }
        if instruments.isEmpty { out.line("instrument", raw: "[]") }
        for asset in assets { describe(asset, &out) }
        for instrument in instruments { describe(instrument, &out) }
    }

    func describe(_ asset: AssetSettings, _ out: inout Document) {
        out.table("[venue.asset]")
        out.line("id", asset.id)
        out.line("symbol", asset.symbol)
        out.line("decimals", asset.decimals)
    }

    func describe(_ instrument: InstrumentSettings, _ out: inout Document) {
        func symbol(_ id: UInt32) -> String { assets.first { $0.id == id }?.symbol ?? "" }
        out.table("[venue.instrument]")
        out.line("id", instrument.id)
        out.line("symbol", instrument.symbol)
        out.line("base", symbol(instrument.base))
        out.line("quote", symbol(instrument.quote))
        out.line("lot_size", instrument.lotSize)
        out.line("tick_value", instrument.tickValue)
        out.line("price_multiplier", instrument.priceMultiplier)
        out.line("price_min", instrument.priceMinTicks)
        out.line("price_max", instrument.priceMaxTicks)
        out.line("reference_price", instrument.referencePriceTicks)
        out.line("maker_fee", instrument.makerFee)
        out.line("taker_fee", instrument.takerFee)
        out.line("fee_mode", instrument.feeMode.rawValue)
        out.line("quantity_max", instrument.quantityMaxLots)
        out.line("notional_max", instrument.notionalMax)
        out.line("band_bps", instrument.bandBasisPoints)
        out.line("protection_bps", instrument.protectionBasisPoints)
        out.line("state", instrument.state.rawValue)
    }
}

/// TOML text in the making.
struct Document {
    var text = ""

    mutating func table(_ name: String) {
        text += (text.isEmpty ? "" : "\n") + "[\(name)]\n"
    }

    mutating func line(_ key: String, _ value: some BinaryInteger) { line(key, raw: String(value)) }

    mutating func line(_ key: String, _ value: String) {
        var quoted = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        line(key, raw: quoted + "\"")
    }

    mutating func line(_ key: String, raw: String) { text += "\(key) = \(raw)\n" }
}

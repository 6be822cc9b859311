import Testing

@testable import Settings

/// Values that are allowed each and do not fit together.
@Suite struct ConsistencyTests {
    private func inconsistent(_ changes: [(String, TOMLTree)]) -> String? {
        let error = Configuration.error(changes.map { (Configuration.place($0.0), Optional($0.1)) })
        guard case .inconsistent(let key, let reason) = error else {
            Issue.record("\(String(describing: error))")
            return nil
        }
        #expect(error?.code == 7 && !reason.isEmpty)
        return key
    }

    private func thread(_ name: String, _ core: Int, _ agents: [String], _ idle: String = "spin") -> TOMLTree {
        .table([
            "name": .string(name), "core": .integer(core), "agents": .array(agents.map { .string($0) }),
            "idle": .string(idle),
        ])
    }

    private func layout(_ threads: TOMLTree...) -> [(String, TOMLTree)] { [("thread", .array(threads))] }

    @Test("layouts that are taken: a thread each, two verifiers, all unpinned, one core that yields")
    func layouts() throws {
        let many = layout(
            thread("edge", 0, ["order-entry", "publish"]), thread("verify-1", 1, ["verify"]),
            thread("verify-2", 2, ["verify"]), thread("sequence", 3, ["sequence"]),
            thread("services", 4, ["services"], "park"))
        let unpinned = layout(
            thread("hot", -1, ["order-entry", "verify", "sequence", "publish"]),
            thread("services", -1, ["services"], "park"))
        let oneCore = layout(
            thread("hot", 0, ["order-entry", "verify", "sequence", "publish"], "yield"),
            thread("services", 0, ["services"], "park"))
        for threads in [many, unpinned, oneCore] {
            #expect(Configuration.error(threads.map { (Configuration.place($0.0), Optional($0.1)) }) == nil)
        }
        let tree = Configuration.replacing(Configuration.tree, [.key("thread")], many[0].1)
        #expect(try NodeSettings(Configuration.document(tree)).verifierCount == 2)
    }

    @Test("every agent on exactly one thread, verify on one at least", arguments: AgentName.allCases)
    func agents(agent: AgentName) {
        let all = AgentName.allCases.map(\.rawValue).filter { $0 != "services" }
        let without = all.filter { $0 != agent.rawValue }
        let services = thread("services", -1, ["services"])
        let missing =
            agent == .services
            ? layout(thread("hot", -1, all)) : layout(thread("hot", -1, without), services)
        #expect(inconsistent(missing) == "thread")
        if agent != .verify {
            let twice = layout(thread("hot", -1, all), services, thread("again", -1, [agent.rawValue]))
            #expect(inconsistent(twice) == "thread")
        }
    }

    @Test("one thread names an agent twice, two threads have one name, services are not alone")
    func threads() {
        let all = AgentName.allCases.map(\.rawValue).filter { $0 != "services" }
        let services = thread("services", -1, ["services"])
        #expect(inconsistent(layout(thread("hot", -1, all + ["verify"]), services)) == "thread[0].agents")
        #expect(inconsistent(layout(thread("services", -1, all), services)) == "thread[1].name")
        #expect(inconsistent(layout(thread("hot", -1, all + ["services"]))) == "thread[0].agents")
    }

    @Test("nothing is pinned beside a thread that spins")
    func spinning() {
        let all = AgentName.allCases.map(\.rawValue).filter { $0 != "services" }
        #expect(
            inconsistent(layout(thread("hot", 1, all), thread("services", 1, ["services"], "park")))
                == "thread[1].core")
    }

    @Test(
        "numbers that do not fit together",
        arguments: [
            ("journal.populate_ahead_bytes", 268_435_457, "journal.populate_ahead_bytes"),
            ("venue.open_orders_max", 1_048_577, "venue.open_orders_max"),
            ("venue.levels_max", 839_999, "venue.levels_max"),
            ("venue.asset[1].id", 0, "venue.asset[1].id"),
            ("venue.instrument[1].id", 0, "venue.instrument[1].id"),
            ("venue.asset[2].id", 5, "venue.asset[2].id"),
            ("venue.asset[0].id", 3, "venue.asset[0].id"),
            ("venue.instrument[2].id", 3, "venue.instrument[2].id"),
            ("venue.promise_seconds", 5, "venue.promise_seconds"),
            ("settlement.checkpoint_interval_ms", 59_501, "venue.promise_seconds"),
            ("market_data.snapshot_port", 4600, "market_data.snapshot_port"),
            ("settlement.serve_port", 4602, "settlement.serve_port"),
            ("venue.instrument[0].price_min", 200_001, "venue.instrument[0].price_max"),
            ("venue.instrument[0].reference_price", 200_001, "venue.instrument[0].reference_price"),
            ("venue.instrument[0].price_multiplier", 10_001, "venue.instrument[0].price_multiplier"),
            ("venue.instrument[0].maker_fee", -501, "venue.instrument[0].maker_fee"),
            ("venue.instrument[1].maker_fee", -1, "venue.instrument[1].maker_fee"),
            ("venue.instrument[0].lot_size", 20_000_000_000_000, "venue.instrument[0].quantity_max"),
        ])
    func numbers(key: String, value: Int, named: String) {
        #expect(inconsistent([(key, .integer(value))]) == named)
    }

    @Test("a promise counts from the interval, and with a quorum from the witnesses' answers")
    func promise() {
        func error(_ changes: (String, TOMLTree)...) -> SettingsError? {
            Configuration.error(changes.map { (Configuration.place($0.0), Optional($0.1)) })
        }
        let witness = TOMLTree.array([
            .table(["url": .string("http://w"), "key": .string("w+0a1b2c3d+BAEC")])
        ])
        // 5000 ms and 500 ms; with the timeout 7500 ms.
        #expect(error(("venue.promise_seconds", .integer(6))) == nil)
        let quorum = [("settlement.witness", witness), ("settlement.witness_quorum", TOMLTree.integer(1))]
        #expect(error(("venue.promise_seconds", .integer(7)), quorum[0]) == nil)
        #expect(error(("venue.promise_seconds", .integer(8)), quorum[0], quorum[1]) == nil)
        #expect(error(("venue.promise_seconds", .integer(7)), quorum[0], quorum[1])?.key == "venue.promise_seconds")
    }

    @Test("TCP ports may be equal on addresses of their own, and where the system chooses")
    func ports() {
        func error(_ changes: (String, TOMLTree)...) -> SettingsError? {
            Configuration.error(changes.map { (Configuration.place($0.0), Optional($0.1)) })
        }
        let equal = ("market_data.snapshot_port", TOMLTree.integer(4600))
        #expect(error(equal, ("market_data.server_address", .string("127.0.0.2"))) == nil)
        #expect(error(equal, ("market_data.server_address", .string("0.0.0.0")))?.key == equal.0)
        #expect(error(("order_entry.port", .integer(0)), ("market_data.snapshot_port", .integer(0))) == nil)
        // UDP is another matter.
        #expect(error(("market_data.request_port", .integer(4600))) == nil)
    }

    @Test("a quorum of more witnesses than there are, and one witness twice")
    func witnesses() {
        func witness(_ name: String) -> TOMLTree {
            .table(["url": .string("http://\(name)"), "key": .string("\(name)+0a1b2c3d+BAEC")])
        }
        #expect(inconsistent([("settlement.witness_quorum", .integer(1))]) == "settlement.witness_quorum")
        let two = [
            ("settlement.witness", TOMLTree.array([witness("a"), witness("b")])),
            ("settlement.witness_quorum", .integer(2)),
        ]
        #expect(Configuration.error(two.map { (Configuration.place($0.0), Optional($0.1)) }) == nil)
        #expect(
            inconsistent([("settlement.witness", .array([witness("a"), witness("a")]))]) == "settlement.witness[1].key")
    }

    @Test("symbols that do not fit together")
    func symbols() {
        #expect(
            inconsistent([("venue.asset[1].symbol", .string("ETH")), ("venue.instrument", .array([]))])
                == "venue.asset[2].symbol")
        #expect(inconsistent([("venue.instrument[1].symbol", .string("BTC-USD"))]) == "venue.instrument[1].symbol")
        #expect(inconsistent([("venue.instrument[0].quote", .string("BTC"))]) == "venue.instrument[0].quote")
    }
}

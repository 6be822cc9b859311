import Foundation
import Testing

@testable import Settings

@Suite struct NodeSettingsTests {
    let shipped: NodeSettings

    init() throws { shipped = try NodeSettings.load(Configuration.path) }

    @Test("the shipped file has the values that the documentation names")
    func shippedValues() {
        #expect(shipped.dataDirectory.hasSuffix("/run"))
        #expect(shipped.journalDirectory == shipped.dataDirectory + "/journal")
        #expect(shipped.genesisFile == shipped.dataDirectory + "/journal/genesis")
        #expect(shipped.countersFile == shipped.dataDirectory + "/counters")
        #expect(shipped.orderEntry.port == 4600)
        #expect(shipped.marketData.requestPort == 4601)
        #expect(shipped.marketData.snapshotPort == 4602)
        #expect(shipped.marketData.group == "239.192.46.1")
        #expect(shipped.marketData.port == 4610)
        #expect(shipped.journal.segmentBytes == 256 << 20)
        #expect(shipped.journal.durability == .journaled)
        #expect(shipped.settlementDirectory == shipped.dataDirectory + "/settlement")
        #expect(shipped.settlement.published.hasSuffix("/run/published"))
        #expect(shipped.settlement.availability.directory.hasSuffix("/run/da"))
        #expect(shipped.settlement.checkpointIntervalMilliseconds == 5_000)
        #expect(shipped.settlement.witnesses.isEmpty && shipped.settlement.history)
        #expect(shipped.verifierCount == 1)
        #expect(shipped.threads.count == 2)
        #expect(shipped.venue.instruments.map(\.symbol) == ["BTC-USD", "ETH-USD", "ETH-BTC"])
        #expect(shipped.venue.instruments.map(\.base) == [1, 2, 2])
        #expect(shipped.venue.instruments.map(\.quote) == [0, 0, 1])
        #expect(shipped.venue.instruments[2].makerFee == -50)
    }

    @Test("relative names are relative to the file, from wherever the node is started")
    func relativeNames() throws {
        #expect(try NodeSettings(Configuration.text).dataDirectory == "run")
        #expect(try NodeSettings(Configuration.text, directory: "/etc/x").dataDirectory == "/etc/x/run")
        let absolute = Configuration.text.replacingOccurrences(of: "data = \"run\"", with: "data = \"/srv/d\"")
        #expect(try NodeSettings(absolute, directory: "/etc/x").dataDirectory == "/srv/d")
    }

    @Test("witnesses are read in their order, and described")
    func witnesses() throws {
        let tables = """
            [[settlement.witness]]
            url = "http://127.0.0.1:4620"
            key = "a.example+0a1b2c3d+BAEC"
            [[settlement.witness]]
            url = "https://b.example/w"
            key = "b.example+0a1b2c3e+BAED"

            [settlement.availability]
            """
        let text = Configuration.text.replacingOccurrences(of: "witness = []\n", with: "")
            .replacingOccurrences(of: "[settlement.availability]", with: tables)
        let settings = try NodeSettings(text)
        #expect(settings.settlement.witnesses.map(\.url) == ["http://127.0.0.1:4620", "https://b.example/w"])
        #expect(settings.settlement.witnesses[1].key == "b.example+0a1b2c3e+BAED")
        #expect(try NodeSettings(settings.describe()) == settings)
    }

    @Test("the description reads back as the same settings")
    func description() throws {
        #expect(try NodeSettings(shipped.describe()) == shipped)
        var changed = shipped
        changed.dataDirectory = "/tmp/a \"b\"\\c\tü"
        changed.threads[0].core = nil
        changed.settlement.history = false
        changed.settlement.availability.layer = .eigenda
        changed.venue.assets = []
        changed.venue.instruments = []
        #expect(try NodeSettings(changed.describe()) == changed)
        #expect(changed != shipped)
    }

    @Test("a file that is not there, or is not text")
    func unreadable() throws {
        #expect(throws: SettingsError.unreadable(path: "/nowhere/config.toml", reason: "no such file")) {
            try NodeSettings.load("/nowhere/config.toml")
        }
        let path = NSTemporaryDirectory() + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data([0xff, 0xfe, 0x00, 0xff]).write(to: URL(fileURLWithPath: path))
        let error = try #require(throws: SettingsError.self) { try NodeSettings.load(path) }
        #expect(error.code == 1 && error.description.contains(path))
    }

    @Test("text that is not TOML is refused with line and column")
    func syntax() throws {
        let error = try #require(throws: SettingsError.self) { try NodeSettings("[node]\ndata = \n") }
        guard case .syntax(let line, let column, let reason) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(line == 2 && column > 0 && !reason.isEmpty)
        #expect(throws: SettingsError.self) { try NodeSettings(Configuration.text + "\0[more]") }
        #expect(throws: SettingsError.self) { try NodeSettings("[node]\ndata = \"a\"\ndata = \"b\"\n") }
    }

    @Test("an empty file misses its first table")
    func empty() {
        #expect(throws: SettingsError.missing(key: "node", expected: "a table [node]")) { try NodeSettings("") }
    }

    @Test("the texts name the key and what was expected")
    func texts() {
        #expect(
            Configuration.error("order_entry.port", .string("x"))?.description
                == "order_entry.port is a string; expected an integer from 0 to 65535 (TCP port, 0 = any free one)")
        #expect(
            Configuration.error("order_entry.port", .integer(70_000))?.description
                == "order_entry.port = 70000; expected an integer from 0 to 65535 (TCP port, 0 = any free one)")
        #expect(
            Configuration.error("journal.durability", .string("fast"))?.description
                == "journal.durability = \"fast\"; expected one of \"journaled\", \"durable\"")
        #expect(
            Configuration.error("order_entry.prot", .integer(1))?.description
                == "order_entry.prot is not a known key; did you mean order_entry.port?")
        #expect(
            Configuration.error("nonces.remembered_keys_max", nil)?.description
                == "nonces.remembered_keys_max is missing; expected an integer from 16 to 16777216 (keys)")
    }
}

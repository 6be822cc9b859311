import Foundation
import Monitor
import Platform
import Settings

/// A directory with a configuration, and counters files that the test process writes.
struct MonitoredVenue {
    let directory: URL
    let settings: NodeSettings

    /// - Parameter ran: whether both processes have been there: their files have no counters.
    init(ran: Bool = true, _ changes: (String) -> String = { $0 }) throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "glassbook-monitor-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let config = try String(contentsOf: repository.appending(path: "config.toml"), encoding: .utf8)
        let path = directory.appending(path: "config.toml").path
        try changes(config).write(toFile: path, atomically: true, encoding: .utf8)
        settings = try NodeSettings.load(path)
        try FileManager.default.createDirectory(
            atPath: settings.settlementDirectory, withIntermediateDirectories: true)
        if ran { for path in [nodeFile, settlementFile] { _ = try CounterFile(path: path) } }
    }

    /// The key `witness` of a configuration with one.
    static let witness = """
        witness = [{ url = "http://127.0.0.1:1", key = \
        "witness.local+f7fbcf01+BP+H/0GXj3FMdeEV+gGUrkBf4y8LKRvR9REYBE6Mcw/3" }]
        """

    var nodeFile: String { settings.countersFile }
    var settlementFile: String { settings.settlementDirectory + "/counters" }

    /// What three readings show, with changes between them.
    func report(_ first: () -> Void = {}, _ second: () -> Void = {}) -> StatusReport {
        let one = VenueReading(settings)
        first()
        let two = VenueReading(settings)
        second()
        return StatusReport(Readings(first: one, middle: two, last: VenueReading(settings)), settings)
    }

    func remove() { try? FileManager.default.removeItem(at: directory) }
}

import Settings
import Testing

@testable import Benchmark

@Suite struct ConfigurationTests {
    @Test(arguments: [1, 3, 100] as [UInt32])
    func aVenueOfOurOwnHasACompleteConfiguration(instruments: UInt32) throws {
        var profile = VenueProfile()
        profile.instruments = instruments
        let settings = try NodeSettings(ownConfiguration(profile, directory: "/somewhere"))
        #expect(settings.venue.instruments.count == Int(instruments))
        #expect(settings.venue.instruments.allSatisfy { $0.priceMaxTicks == profile.priceMaxTicks })
        #expect(settings.dataDirectory == "/somewhere")
        #expect(settings.threads.first?.core == profile.nodeCore)
        #expect(settings.threads.first?.agents.count == 4)
    }

    @Test func aFloorThatWasSavedIsTheSame() throws {
        var echo = LatencyFigures()
        for value in 1...1000 { echo.record(UInt64(value) * 100) }
        let floor = FloorResult(verifyNanoseconds: 40_000, echo: echo)
        let path = TemporaryPath.make("floor.json")
        defer { TemporaryPath.remove(path) }
        try floor.save(path)
        let loaded = try FloorResult.load(path)
        #expect(loaded.verifyNanoseconds == 40_000)
        #expect(loaded.echo.p50 == echo.p50 && loaded.echo.maximum == echo.maximum && loaded.echo.count == 1000)
    }

    @Test func aFloorIsVoidAboveItsLimit() {
        var echo = LatencyFigures()
        echo.record(50_000)
        #expect(FloorResult(verifyNanoseconds: 40_000, echo: echo).isValid)
        #expect(!FloorResult(verifyNanoseconds: 30_000, echo: echo).isValid)
    }
}

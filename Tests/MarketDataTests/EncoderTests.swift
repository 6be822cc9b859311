import MarketData
import Testing
import Wire

/// The table of MarketData.md: which effect yields which message.
@Suite("Feed encoder")
struct EncoderTests {
    private static let time: UInt64 = 20_000 * ITCH.dayNanoseconds + 0x0102_0304_0506
    private static func head(_ type: String, _ locate: UInt64 = 1) -> [UInt8] {
        layout(.text(type), .number(locate, 2), .number(0, 2), .number(0x0102_0304_0506, 6))
    }

    private func encoder() -> FeedEncoder {
        var encoder = FeedEncoder(instrumentsMax: 4)
        encoder.list(0, symbol: FixedText.eight("BTC-USD")!, priceMultiplier: 100, state: .continuous)
        return encoder
    }

    /// The messages of one effect.
    private func messages(_ encoder: inout FeedEncoder, _ build: (inout Effects) -> Void) -> [[UInt8]] {
        var effects = Effects()
        build(&effects)
        let all = effects.encoded(by: &encoder, time: Self.time)
        #expect(all.count == 1)
        return all[0]
    }

    @Test func restedIsAdd() {
        var encoder = encoder()
        let made = messages(&encoder) { $0.rested(17, .sell, 2_500, 40) }
        #expect(
            made == [
                Self.head("A") + layout(.number(17, 8), "S", .number(40, 4), "BTC-USD ", .number(250_000, 4))
            ])
    }

    @Test func executedIsExecutionOfTheMaker() {
        var encoder = encoder()
        let made = messages(&encoder) { $0.executed(17, 3, match: 6) }
        #expect(made == [Self.head("E") + layout(.number(17, 8), .number(3, 4), .number(6, 8))])
    }

    @Test func cancelledIsDeleteOrCancelOrNothing() {
        var encoder = encoder()
        #expect(messages(&encoder) { $0.cancelled(17, 5) } == [Self.head("D") + layout(.number(17, 8))])
        #expect(
            messages(&encoder) { $0.cancelled(17, 5, leaves: 2) }
                == [Self.head("X") + layout(.number(17, 8), .number(5, 4))])
        #expect(messages(&encoder) { $0.cancelled(17, 5, displayed: false) } == [])
    }

    @Test func replacedDependsOnItsPlace() {
        var encoder = encoder()
        #expect(
            messages(&encoder) { $0.replaced(17, by: 17, 25, 6, from: 10, .keptPriority) }
                == [Self.head("X") + layout(.number(17, 8), .number(4, 4))])
        #expect(messages(&encoder) { $0.replaced(17, by: 17, 25, 10, from: 10, .keptPriority) } == [])
        #expect(
            messages(&encoder) { $0.replaced(17, by: 18, 25, 12, from: 10, .restsAtOnce) }
                == [Self.head("U") + layout(.number(17, 8), .number(18, 8), .number(12, 4), .number(2_500, 4))])
        #expect(
            messages(&encoder) { $0.replaced(17, by: 18, 25, 12, from: 10, []) }
                == [Self.head("D") + layout(.number(17, 8))])
    }

    @Test func listingIsDirectoryAndAction() {
        var encoder = encoder()
        let made = messages(&encoder) { $0.listed(1, "ETH-USD", multiplier: 10, .halted) }
        #expect(made.count == 2)
        #expect(made[0].starts(with: Self.head("R", 2) + layout("ETH-USD ")) && made[0].count == 39)
        #expect(made[1] == Self.head("H", 2) + layout("ETH-USD ", "H", " ", "    "))
        let rested = messages(&encoder) { $0.rested(1, .buy, 7, 1, instrument: 1) }
        #expect(rested[0].suffix(12) == layout("ETH-USD ", .number(70, 4))[...])
    }

    @Test(arguments: [
        (TradingState.continuous, "T"), (.halted, "H"), (.volatilityHalt, "H"), (.closed, "P"), (.cancelOnly, "P"),
    ])
    func statesOfInstrumentsAreActions(_ state: TradingState, _ letter: String) {
        var encoder = encoder()
        #expect(
            messages(&encoder) { $0.state(state, instrument: 0, reason: "T1") }
                == [Self.head("H") + layout("BTC-USD ", .text(letter), " ", "T1  ")])
        #expect(encoder.instrument(0).state == Array(letter.utf8)[0])
    }

    @Test(arguments: [
        (TradingState.continuous, "S"), (.halted, "E"), (.closed, "E"), (.cancelOnly, "E"), (.endOfMessages, "C"),
    ])
    func statesOfTheVenueAreEvents(_ state: TradingState, _ letter: String) {
        var encoder = encoder()
        #expect(messages(&encoder) { $0.state(state) } == [Self.head("S", 0) + layout(.text(letter))])
        #expect(encoder.venueEvent == Array(letter.utf8)[0])
    }

    /// A session that follows an end of messages finds the venue closed.
    @Test func aSessionBeginsWithStartOfMessages() {
        var encoder = encoder()
        #expect(messages(&encoder) { $0.started(2) } == [Self.head("S", 0) + layout("O")])
        #expect(encoder.venueEvent == 0)
        _ = messages(&encoder) { $0.state(.endOfMessages) }
        _ = messages(&encoder) { $0.started(3) }
        #expect(encoder.venueEvent == SystemEventMessage.endOfSystemHours)
    }

    @Test func otherEffectsAreNotOfTheFeed() {
        var encoder = encoder()
        #expect(messages(&encoder) { $0.accepted() } == [])
    }

    /// What numbers the journal's records and what makes the messages agree, for every effect that there is.
    @Test func asManyMessagesAsTheEffectCounts() {
        var encoder = encoder()
        var counts: [Int] = []
        var effects = Effects()
        effects.started(1)
        effects.listed(1, "ETH-USD", multiplier: 10, .continuous)
        for flags in [[], .keptPriority, .restsAtOnce] as [ReplacedFlags] {
            effects.replaced(1, by: 2, 3, 4, from: 5, flags)
            effects.replaced(1, by: 2, 3, 5, from: 5, flags)
        }
        effects.cancelled(1, 2)
        effects.cancelled(1, 2, leaves: 1)
        effects.cancelled(1, 2, displayed: false)
        effects.rested(3, .buy, 1, 1)
        effects.executed(3, 1, match: 1)
        effects.accepted()
        effects.state(.halted)
        effects.state(.halted, instrument: 1)
        effects.bytes.withUnsafeBytes { raw in
            var cursor = EffectCursor(raw.baseAddress!, count: raw.count)
            while let effect = cursor.read() { counts.append(effect.feedMessages) }
        }
        #expect(effects.encoded(by: &encoder).map(\.count) == counts)
        #expect(counts == [1, 2, 1, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 0, 1, 1])
    }

    /// A copy makes old messages again without changing what the first one knows.
    @Test func aCopyLeavesTheOtherAsItWas() {
        var encoder = encoder()
        _ = messages(&encoder) { $0.state(.halted, instrument: 0) }
        var copy = FeedEncoder(copying: encoder)
        #expect(copy.instrumentCount == 1)
        let again = messages(&copy) { $0.listed(0, "BTC-USD", multiplier: 100, .continuous) }
        #expect(again.count == 2 && copy.instrument(0).state == TradingActionMessage.trading)
        #expect(encoder.instrument(0).state == TradingActionMessage.halted)
    }
}

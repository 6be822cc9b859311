import Wire

/// What the feed has to know of an instrument.
@frozen public struct FeedInstrument: Equatable, Sendable {
    /// Eight characters in memory order; 0 = not listed.
    public var symbol: UInt64
    /// ITCH price = ticks × this.
    public var priceMultiplier: UInt32
    /// As H says it.
    public var state: UInt8
    /// Four characters in memory order.
    public var reason: UInt32
}

/// Messages that follow from one effect: none, one, or two, which stand one after the other.
@frozen public struct FeedMessages: Equatable, Sendable {
    public var count: Int
    public var firstBytes: Int
    public var secondBytes: Int

    @usableFromInline init(_ firstBytes: Int = 0, _ secondBytes: Int = 0) {
        self.firstBytes = firstBytes
        self.secondBytes = secondBytes
        count = firstBytes == 0 ? 0 : secondBytes == 0 ? 1 : 2
    }
}

/// The feed as a function of effects: each effect's ITCH messages, as the table of MarketData.md says.
///
/// It remembers nothing but the listings and the states, so that any part of the feed can be made again from any part
/// of the journal: the messages of an effect depend on symbols and multipliers, which never change.
public struct FeedEncoder: ~Copyable, @unchecked Sendable {
    /// Bytes that the messages of one effect take at most.
    public static let bytesPerEffectMax = StockDirectoryMessage.size + TradingActionMessage.size

    private let instruments: UnsafeMutablePointer<FeedInstrument>
    /// Instruments are 0 ..< this.
    public let instrumentsMax: Int
    /// Instruments that are listed.
    public private(set) var instrumentCount = 0
    /// What the last S said of the state of the venue; 0 while nothing was said but the start of messages.
    public private(set) var venueEvent: UInt8 = 0

    public init(instrumentsMax: Int) {
        self.instrumentsMax = instrumentsMax
        instruments = .allocate(capacity: max(instrumentsMax, 1))
        instruments.initialize(
            repeating: FeedInstrument(symbol: 0, priceMultiplier: 0, state: 0, reason: 0), count: max(instrumentsMax, 1)
        )
    }

    /// One that knows what another one knows, to make a part of the feed again beside it.
    public init(copying other: borrowing FeedEncoder) {
        self.init(instrumentsMax: other.instrumentsMax)
        instruments.update(from: other.instruments, count: other.instrumentsMax)
        instrumentCount = other.instrumentCount
        venueEvent = other.venueEvent
    }

    deinit { instruments.deallocate() }

    /// Makes an instrument known that was listed before the first record that is encoded.
    public mutating func list(_ instrument: UInt32, symbol: UInt64, priceMultiplier: UInt32, state: TradingState) {
        precondition(Int(instrument) < instrumentsMax, "an instrument beyond the capacity")
        instruments[Int(instrument)] = FeedInstrument(
            symbol: symbol, priceMultiplier: priceMultiplier, state: Self.action(state), reason: Self.noReason)
        instrumentCount = max(instrumentCount, Int(instrument) + 1)
    }

    /// A listed instrument.
    public func instrument(_ id: UInt32) -> FeedInstrument {
        precondition(Int(id) < instrumentsMax, "an instrument beyond the capacity")
        return instruments[Int(id)]
    }

    /// Four spaces.
    static var noReason: UInt32 { 0x2020_2020 }

    /// What H says of a state.
    static func action(_ state: TradingState) -> UInt8 {
        switch state {
        case .continuous: TradingActionMessage.trading
        case .halted, .volatilityHalt: TradingActionMessage.halted
        default: TradingActionMessage.paused
        }
    }

    /// What S says of a state of the venue.
    static func event(_ state: TradingState) -> UInt8 {
        switch state {
        case .continuous: SystemEventMessage.startOfSystemHours
        case .endOfMessages: SystemEventMessage.endOfMessages
        default: SystemEventMessage.endOfSystemHours
        }
    }

    /// Writes the messages of an effect; there is room for `bytesPerEffectMax` bytes.
    ///
    /// - Parameter time: the record's time, ns Unix UTC.
    public mutating func encode(
        _ effect: Effect, time: UInt64, at base: UnsafeMutableRawPointer
    ) -> FeedMessages {
        let messages = encodeAny(effect, time % ITCH.dayNanoseconds, base)
        assert(messages.count == effect.feedMessages, "the numbers in the journal are those of the feed")
        return messages
    }

    private mutating func encodeAny(
        _ effect: Effect, _ time: UInt64, _ base: UnsafeMutableRawPointer
    ) -> FeedMessages {
        switch effect.template {
        case Template.rested: return rested(RestedMessage(effect.base), time, base)
        case Template.executed:
            let executed = ExecutedMessage(effect.base)
            OrderExecutedITCH.encode(
                at: base, locate: Self.locate(executed.instrument), time: time, reference: executed.makerOrderId,
                shares: executed.quantityLots, matchNumber: executed.matchNumber)
            return FeedMessages(OrderExecutedITCH.size)
        case Template.cancelled: return cancelled(CancelledMessage(effect.base), time, base)
        case Template.replaced: return replaced(ReplacedMessage(effect.base), time, base)
        case Template.instrumentListed: return listed(InstrumentListedMessage(effect.base), time, base)
        case Template.tradingStateChanged: return changed(TradingStateChangedMessage(effect.base), time, base)
        case Template.feedSessionStarted:
            // The venue has left the state that ended the session before: it is closed.
            if venueEvent == SystemEventMessage.endOfMessages { venueEvent = SystemEventMessage.endOfSystemHours }
            SystemEventMessage.encode(at: base, time: time, event: SystemEventMessage.startOfMessages)
            return FeedMessages(SystemEventMessage.size)
        default: return FeedMessages()
        }
    }

    static func locate(_ instrument: UInt32) -> UInt16 { UInt16(instrument + 1) }

    private func price(_ instrument: UInt32, _ ticks: UInt32) -> UInt32 {
        UInt32(UInt64(ticks) * UInt64(instruments[Int(instrument)].priceMultiplier))
    }

    private func rested(_ rested: RestedMessage, _ time: UInt64, _ base: UnsafeMutableRawPointer) -> FeedMessages {
        guard let side = rested.side else { preconditionFailure("an effect without its side") }
        AddOrderMessage.encode(
            at: base, locate: Self.locate(rested.instrument), time: time, reference: rested.orderId, side: side,
            shares: rested.quantityLots, symbol: instruments[Int(rested.instrument)].symbol,
            price: price(rested.instrument, rested.priceTicks))
        return FeedMessages(AddOrderMessage.size)
    }

    private func cancelled(
        _ cancelled: CancelledMessage, _ time: UInt64, _ base: UnsafeMutableRawPointer
    ) -> FeedMessages {
        guard cancelled.displayed == 1 else { return FeedMessages() }
        let locate = Self.locate(cancelled.instrument)
        guard cancelled.leavesLots == 0 else {
            OrderCancelITCH.encode(
                at: base, locate: locate, time: time, reference: cancelled.orderId, shares: cancelled.quantityLots)
            return FeedMessages(OrderCancelITCH.size)
        }
        OrderDeleteMessage.encode(at: base, locate: locate, time: time, reference: cancelled.orderId)
        return FeedMessages(OrderDeleteMessage.size)
    }

    private func replaced(
        _ replaced: ReplacedMessage, _ time: UInt64, _ base: UnsafeMutableRawPointer
    ) -> FeedMessages {
        let locate = Self.locate(replaced.instrument)
        if replaced.flags.contains(.keptPriority) {
            guard replaced.quantityLots != replaced.originalQuantityLots else { return FeedMessages() }
            OrderCancelITCH.encode(
                at: base, locate: locate, time: time, reference: replaced.orderId,
                shares: replaced.originalQuantityLots - replaced.quantityLots)
            return FeedMessages(OrderCancelITCH.size)
        }
        guard replaced.flags.contains(.restsAtOnce) else {
            OrderDeleteMessage.encode(at: base, locate: locate, time: time, reference: replaced.originalOrderId)
            return FeedMessages(OrderDeleteMessage.size)
        }
        OrderReplaceITCH.encode(
            at: base, locate: locate, time: time, originalReference: replaced.originalOrderId,
            reference: replaced.orderId, shares: replaced.quantityLots,
            price: price(replaced.instrument, replaced.priceTicks))
        return FeedMessages(OrderReplaceITCH.size)
    }

    private mutating func listed(
        _ listed: InstrumentListedMessage, _ time: UInt64, _ base: UnsafeMutableRawPointer
    ) -> FeedMessages {
        guard let state = listed.state else { preconditionFailure("an effect without its state") }
        list(listed.instrument, symbol: listed.symbol, priceMultiplier: listed.priceMultiplier, state: state)
        directory(of: listed.instrument, time, at: base)
        return FeedMessages(StockDirectoryMessage.size, TradingActionMessage.size)
    }

    /// R and H of a listed instrument as it is now: also what a snapshot begins with.
    public func directory(of instrument: UInt32, _ time: UInt64, at base: UnsafeMutableRawPointer) {
        let listed = self.instrument(instrument)
        let locate = Self.locate(instrument)
        StockDirectoryMessage.encode(at: base, locate: locate, time: time, symbol: listed.symbol)
        TradingActionMessage.encode(
            at: base + StockDirectoryMessage.size, locate: locate, time: time, symbol: listed.symbol,
            state: listed.state, reason: listed.reason)
    }

    private mutating func changed(
        _ changed: TradingStateChangedMessage, _ time: UInt64, _ base: UnsafeMutableRawPointer
    ) -> FeedMessages {
        guard let state = changed.state else { preconditionFailure("an effect without its state") }
        guard changed.instrument != Null.u32 else {
            venueEvent = Self.event(state)
            SystemEventMessage.encode(at: base, time: time, event: venueEvent)
            return FeedMessages(SystemEventMessage.size)
        }
        let listed = instruments + Int(changed.instrument)
        listed.pointee.state = Self.action(state)
        listed.pointee.reason = changed.reason
        TradingActionMessage.encode(
            at: base, locate: Self.locate(changed.instrument), time: time, symbol: listed.pointee.symbol,
            state: listed.pointee.state, reason: listed.pointee.reason)
        return FeedMessages(TradingActionMessage.size)
    }
}

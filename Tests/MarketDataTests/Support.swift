import MarketData
import Wire

/// Numbers that look random and are the same in every run (SplitMix64).
struct TestNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }
}

/// The bytes that `encode` writes.
func bytes(_ size: Int, _ encode: (UnsafeMutableRawPointer) -> Void) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
        UnsafeMutableRawPointer(buffer.baseAddress!).initializeMemory(as: UInt8.self, repeating: 0xEE, count: size)
        encode(UnsafeMutableRawPointer(buffer.baseAddress!))
        count = size
    }
}

/// Bytes from a description: text as ASCII, numbers as `(value, bytes)` big-endian.
enum Part: ExpressibleByStringLiteral {
    case text(String)
    case number(UInt64, Int)

    init(stringLiteral value: String) { self = .text(value) }

    var bytes: [UInt8] {
        switch self {
        case .text(let text): Array(text.utf8)
        case .number(let value, let count):
            (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64(count - 1 - $0))) }
        }
    }
}

func layout(_ parts: Part...) -> [UInt8] { parts.flatMap(\.bytes) }

let venueName = FixedText.four("GLAS")!
let session = FeedSession(venueName: venueName, generation: 1)

/// A packet with these messages.
func packet(_ messages: [[UInt8]], sequence: UInt64, session: FeedSession = session, count: UInt16? = nil) -> [UInt8] {
    let header = bytes(MoldUDP64.headerBytes) {
        MoldUDP64.encodeHeader(
            at: $0, session: session, sequence: sequence, messageCount: count ?? UInt16(messages.count))
    }
    return messages.reduce(header) { $0 + Part.number(UInt64($1.count), 2).bytes + $1 }
}

extension FeedBook {
    /// Applies a message of the feed.
    mutating func apply(bytes message: [UInt8]) throws(FeedBookError) {
        let error = message.withUnsafeBytes { raw -> FeedBookError? in
            do throws(FeedBookError) { try apply(raw) } catch { return error }
            return nil
        }
        if let error { throw error }
    }
}

/// Effects of one record.
struct Effects {
    private(set) var bytes: [UInt8] = []

    private mutating func append(_ size: Int, _ encode: (UnsafeMutableRawPointer) -> Void) {
        bytes += MarketDataTests.bytes(size, encode)
    }

    mutating func started(_ generation: UInt32) {
        append(FeedSessionStartedMessage.size) {
            FeedSessionStartedMessage.encode(at: $0, generation: generation)
        }
    }

    mutating func listed(_ instrument: UInt32, _ symbol: String, multiplier: UInt32, _ state: TradingState) {
        append(InstrumentListedMessage.size) {
            InstrumentListedMessage.encode(
                at: $0, account: 1, instrument: instrument, symbol: FixedText.eight(symbol)!, baseAsset: 0,
                quoteAsset: 1, lotSize: 1, tickValue: 1, priceMultiplier: multiplier, priceMinTicks: 1,
                priceMaxTicks: 1_000_000, state: state, feeMode: .quote)
        }
    }

    mutating func state(_ state: TradingState, instrument: UInt32 = Null.u32, reason: String = "") {
        append(TradingStateChangedMessage.size) {
            TradingStateChangedMessage.encode(
                at: $0, account: 1, instrument: instrument, reason: FixedText.four(reason)!, state: state)
        }
    }

    mutating func rested(_ id: UInt64, _ side: Side, _ price: UInt32, _ lots: UInt32, instrument: UInt32 = 0) {
        append(RestedMessage.size) {
            RestedMessage.encode(
                at: $0, orderId: id, instrument: instrument, priceTicks: price, quantityLots: lots, side: side)
        }
    }

    mutating func executed(_ maker: UInt64, _ lots: UInt32, match: UInt64, instrument: UInt32 = 0) {
        append(ExecutedMessage.size) {
            ExecutedMessage.encode(
                at: $0, takerAccount: 3, makerAccount: 4, instrument: instrument, priceTicks: 5, quantityLots: lots,
                takerLeavesLots: 0, makerLeavesLots: 0, takerSide: .buy, entry: Null.u16, takerOrderId: 999_999,
                makerOrderId: maker, takerClientOrderId: 1, makerClientOrderId: 2, matchNumber: match, takerFee: 0,
                makerFee: 0, takerFeeAsset: 0, makerFeeAsset: 0)
        }
    }

    mutating func cancelled(_ id: UInt64, _ lots: UInt32, leaves: UInt32 = 0, displayed: Bool = true) {
        append(CancelledMessage.size) {
            CancelledMessage.encode(
                at: $0, account: 3, instrument: 0, orderId: id, clientOrderId: 1, priceTicks: 5, quantityLots: lots,
                leavesLots: leaves, reason: .requested, entry: Null.u16, side: .buy, displayed: displayed ? 1 : 0)
        }
    }

    mutating func replaced(
        _ id: UInt64, by newId: UInt64, _ price: UInt32, _ lots: UInt32, from original: UInt32, _ flags: ReplacedFlags
    ) {
        append(ReplacedMessage.size) {
            ReplacedMessage.encode(
                at: $0, account: 3, instrument: 0, originalOrderId: id, orderId: newId, originalClientOrderId: 1,
                clientOrderId: 1, priceTicks: price, quantityLots: lots, originalQuantityLots: original, side: .buy,
                flags: flags, entry: Null.u16)
        }
    }

    /// An effect that the feed does not tell of.
    mutating func accepted() {
        append(AcceptedMessage.size) {
            AcceptedMessage.encode(
                at: $0, account: 3, instrument: 0, orderId: 1, clientOrderId: 1, priceTicks: 5, quantityLots: 1,
                side: .buy, orderType: .limit, timeInForce: .goodTillCancel, selfTradePrevention: .cancelTaker,
                entry: Null.u16)
        }
    }

    /// The messages that follow from them, each effect's on its own.
    func encoded(by encoder: inout FeedEncoder, time: UInt64 = 0) -> [[[UInt8]]] {
        bytes.withUnsafeBytes { raw in
            var cursor = EffectCursor(raw.baseAddress!, count: raw.count)
            var all: [[[UInt8]]] = []
            withUnsafeTemporaryAllocation(byteCount: FeedEncoder.bytesPerEffectMax, alignment: 8) { scratch in
                while let effect = cursor.read() {
                    let made = encoder.encode(effect, time: time, at: scratch.baseAddress!)
                    let first = [UInt8](scratch[..<made.firstBytes])
                    let second = [UInt8](scratch[made.firstBytes..<made.firstBytes + made.secondBytes])
                    all.append(made.count == 0 ? [] : made.count == 1 ? [first] : [first, second])
                }
            }
            precondition(cursor.isAtEnd)
            return all
        }
    }
}

import Book
import Ledger
import Testing
import Wire

@testable import Venue

/// A venue that tests send commands to: numbers sequences, times and nonces, follows continuations, and checks after
/// every command that money is conserved and that what is held is what the open orders need.
final class TestVenue {
    var venue: Venue
    /// Bytes of the effects of every record so far.
    private(set) var records: [[UInt8]] = []
    /// Time of the next record.
    var time: UInt64 = 1_000
    private(set) var sequence: UInt64 = 0
    private var nonces: [UInt64: UInt64] = [:]
    private var lastReference: UInt64 = 0
    private var lastClientOrderId: UInt64 = 1_000_000
    /// Every command is followed by all checks; large tests do them seldom.
    var checksEveryCommand = true

    struct Capacity {
        var accounts: UInt32 = 12
        var keySlots: UInt32 = 4
        var assets: UInt32 = 4
        var instruments: UInt32 = 3
        var orders: UInt32 = 2_000
        var levels: UInt32 = 4_000
        var references: UInt32 = 64
        var openOrders: UInt32 = 1_500
    }

    /// A venue with its genesis record.
    init(_ capacity: Capacity = Capacity()) {
        let genesis = UnsafeMutableRawPointer.allocate(byteCount: GenesisMessage.size, alignment: 8)
        defer { genesis.deallocate() }
        GenesisMessage.encode(
            at: genesis, random: Bytes32(9), operatorKey: Self.key(1), logKey: Self.key(2), receiptKey: Self.key(3),
            settlementKey: Self.key(4), time: 1, promiseSeconds: 60, rulesVersion: 1,
            venueName: FixedText.four("TEST")!, accountsMax: capacity.accounts, keySlots: capacity.keySlots,
            assetsMax: capacity.assets, instrumentsMax: capacity.instruments, ordersMax: capacity.orders,
            levelsMax: capacity.levels, referencesMax: capacity.references, openOrdersMax: capacity.openOrders)
        venue = Venue(genesis: GenesisMessage(genesis))
        _ = apply(genesis, GenesisMessage.size, kind: .genesis)
    }

    static func key(_ number: UInt64) -> Bytes32 { Bytes32(number, ~number, 7, 1) }

    // MARK: Records

    /// Applies one record and returns its effects.
    @discardableResult
    func apply(
        _ message: UnsafeRawPointer, _ count: Int, kind: RecordKind, proofsHold: Bool = true
    ) -> (effects: [Told], progress: Progress) {
        sequence += 1
        let memory = UnsafeMutableRawPointer.allocate(byteCount: EffectWriter.capacity, alignment: 8)
        defer { memory.deallocate() }
        var effects = EffectWriter(memory)
        let command = Command(
            message: message, count: count, kind: kind, sequence: sequence, time: time, proofsHold: proofsHold)
        let progress = venue.apply(command, into: &effects)
        #expect((progress == .more) == (venue.pendingCause != nil))
        var told: [Told] = []
        var cursor = EffectCursor(memory, count: effects.length)
        while let effect = cursor.read() { told.append(Told(effect)) }
        #expect(cursor.isAtEnd && told.count == effects.count)
        records.append([UInt8](UnsafeRawBufferPointer(start: memory, count: effects.length)))
        return (told, progress)
    }

    /// Sends a client's command, and the continuations that it needs; returns the effects of all records.
    @discardableResult
    func send(
        account: UInt32, slot: UInt16 = 0, nonce: UInt64? = nil, proofsHold: Bool = true, size: Int,
        _ encode: (UnsafeMutableRawPointer, _ nonce: UInt64) -> Void
    ) -> [Told] {
        let key = UInt64(account) << 16 | UInt64(slot)
        let nonce = nonce ?? nonces[key, default: 0] + 1
        nonces[key] = nonce
        let message = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 8)
        encode(message, nonce)
        var (told, progress) = apply(message, size, kind: .command, proofsHold: proofsHold)
        // What the venue still needs of the command it has kept.
        message.initializeMemory(as: UInt8.self, repeating: 0xEE, count: size)
        message.deallocate()
        while progress == .more {
            let more = goOn()
            told += more.effects
            progress = more.progress
        }
        if checksEveryCommand { check() }
        return told
    }

    /// The next continuation record.
    func goOn() -> (effects: [Told], progress: Progress) {
        let message = UnsafeMutableRawPointer.allocate(byteCount: ContinuationMessage.size, alignment: 8)
        defer { message.deallocate() }
        ContinuationMessage.encode(at: message, cause: venue.pendingCause ?? 0)
        return apply(message, ContinuationMessage.size, kind: .continuation)
    }

    /// A restart record.
    func restart(generation: UInt32) -> [Told] {
        let message = UnsafeMutableRawPointer.allocate(byteCount: RestartMessage.size, alignment: 8)
        defer { message.deallocate() }
        RestartMessage.encode(
            at: message, previousHead: .zero, bootId: .zero, cutBytes: 0, feedGeneration: generation)
        return apply(message, RestartMessage.size, kind: .restart).effects
    }

    // MARK: Checks

    /// Money is conserved, what is held is what the open orders need, and the books are whole.
    func check() {
        #expect(venue.isConserved() == true)
        do { try venue.books.checkInvariants() } catch { Issue.record("books: \(error)") }
        var held: [[UInt64]] = Array(
            repeating: Array(repeating: 0, count: Int(venue.ledger.assetCount)),
            count: Int(venue.ledger.capacity.accounts))
        for order in openOrders() { held[Int(order.account)][Int(order.asset)] += order.hold }
        for account in 0..<venue.ledger.capacity.accounts {
            for asset in 0..<venue.ledger.assetCount {
                #expect(venue.ledger.balance(account, asset).held == held[Int(account)][Int(asset)])
            }
        }
    }

    struct OpenOrder {
        var id: UInt64
        var account: UInt32
        var asset: UInt32
        var hold: UInt64
    }

    /// Every open order and its hold, computed here by FEE-4 in 128 bits.
    func openOrders() -> [OpenOrder] {
        var orders: [OpenOrder] = []
        for id in 0..<venue.instrumentCount {
            let instrument = venue.instruments[Int(id)]
            var slot = venue.books.firstOrder(ofInstrument: id)
            while !slot.isNone {
                let node = venue.books.node(slot).pointee, detail = venue.books.detail(slot).pointee
                let isBuy = node.side == .bid
                var hold = Int128(node.quantityLots) * Int128(instrument.lotSize)
                if isBuy {
                    let notional = Int128(node.priceTicks) * Int128(node.quantityLots) * Int128(instrument.tickValue)
                    let exact = notional * Int128(max(detail.makerRate, 0)) - Int128(detail.carry)
                    hold = notional
                    if instrument.feeMode == .quote { hold += Self.ceiling(exact, 1_000_000) }
                }
                orders.append(
                    OpenOrder(
                        id: node.orderId, account: detail.account,
                        asset: isBuy ? instrument.quoteAsset : instrument.baseAsset, hold: UInt64(hold)))
                slot = venue.books.nextOrderOfInstrument(slot)
            }
        }
        return orders
    }

    static func ceiling(_ dividend: Int128, _ divisor: Int128) -> Int128 {
        let quotient = dividend / divisor
        return quotient * divisor < dividend ? quotient + 1 : quotient
    }

    func available(_ account: UInt32, _ asset: UInt32) -> UInt64 { venue.ledger.balance(account, asset).available }
    func held(_ account: UInt32, _ asset: UInt32) -> UInt64 { venue.ledger.balance(account, asset).held }

    /// The canonical bytes of the state.
    func state() -> [UInt8] {
        var sink = ByteSink()
        venue.writeState(into: &sink)
        return sink.bytes
    }

    struct ByteSink: StateSink {
        var bytes: [UInt8] = []
        mutating func write(_ bytes: UnsafeRawBufferPointer) { self.bytes += bytes }
    }

    func nextReference() -> Bytes32 {
        lastReference += 1
        return Bytes32(lastReference, 3)
    }

    func nextClientOrderId() -> UInt64 {
        lastClientOrderId += 1
        return lastClientOrderId
    }
}

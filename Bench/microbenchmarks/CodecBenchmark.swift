import Wire

/// The generated codec: a new order written and read, and effects told apart.
final class CodecBenchmark {
    private static let count = 1_000_000
    /// Messages that are written in turn: more than one, so that nothing is kept in registers.
    private static let messages = 64
    private static let slotBytes = 128
    private let memory: UnsafeMutableRawPointer
    private let effects: UnsafeMutableRawPointer
    private let effectsLength: Int
    /// What was read: printed by nobody, and never known to the compiler.
    private(set) var sum: UInt64 = 0

    init() {
        memory = .allocate(byteCount: Self.messages * Self.slotBytes, alignment: 64)
        effects = .allocate(byteCount: EffectWriter.capacity, alignment: 64)
        var length = 0
        for index in 0..<Self.messages {
            Self.order(at: memory + index * Self.slotBytes, UInt64(index))
            RestedMessage.encode(
                at: effects + length, orderId: UInt64(index), instrument: 3, priceTicks: 100, quantityLots: 5,
                side: .buy)
            length += RestedMessage.size
        }
        effectsLength = length
    }

    deinit {
        memory.deallocate()
        effects.deallocate()
    }

    @inline(never)
    func encode() -> Double {
        nanosecondsEach(Self.count) { index in
            Self.order(at: memory + (index % Self.messages) * Self.slotBytes, UInt64(index))
        }
    }

    /// Checks the structure and reads every field that the venue reads of a new order.
    @inline(never)
    func decode() -> Double {
        var total: UInt64 = 0
        let each = nanosecondsEach(Self.count) { index in
            let base = UnsafeRawPointer(memory + (index % Self.messages) * Self.slotBytes)
            guard MessageStructure.refusal(base, count: NewOrderMessage.size) == nil else { return }
            let header = CommandHeader(base)
            let order = NewOrderMessage(base)
            guard let side = order.side, let type = order.orderType, let time = order.timeInForce,
                let prevention = order.selfTradePrevention, order.reservedAreZero
            else { return }
            total &+= UInt64(header.account) ^ UInt64(header.keySlot) ^ header.nonce ^ header.deadline
            total &+= UInt64(order.instrument) ^ UInt64(order.priceTicks) ^ UInt64(order.quantityLots)
            total &+= order.clientOrderId ^ order.expiry ^ UInt64(order.displayLots) ^ UInt64(order.minimumLots)
            total &+= UInt64(side.rawValue) ^ UInt64(type.rawValue) ^ UInt64(time.rawValue)
            total &+= UInt64(prevention.rawValue) ^ UInt64(order.flags.rawValue)
        }
        sum &+= total
        precondition(total != 0, "the orders that were written")
        return each
    }

    @inline(never)
    func readEffects() -> Double {
        var total = 0
        let each = nanosecondsEach(Self.count / Self.messages) { _ in
            var cursor = EffectCursor(effects, count: effectsLength)
            while let effect = cursor.read() { total += effect.feedMessages }
        }
        precondition(total == Self.count / Self.messages * Self.messages, "an order that rests is one feed message")
        return each / Double(Self.messages)
    }

    @inline(__always)
    private static func order(at place: UnsafeMutableRawPointer, _ number: UInt64) {
        NewOrderMessage.encode(
            at: place, account: UInt32(truncatingIfNeeded: number), keySlot: 1, nonce: number, deadline: 0,
            instrument: 3, side: .sell, orderType: .limit, timeInForce: .goodTillCancel,
            selfTradePrevention: .cancelTaker, clientOrderId: number, priceTicks: 100, quantityLots: 5,
            expiry: Null.u64, displayLots: Null.u32, minimumLots: Null.u32, stopPriceTicks: Null.u32, flags: [])
    }
}

import Journal
import Replay
import Venue
import Wire

/// The resting orders of the venue itself: its journal replayed, its canonical state (rule STA-1) read.
struct VenueBooks {
    struct Order: Hashable {
        let reference: UInt64
        let instrument: UInt32
        let side: Side
        let priceTicks: UInt32
        let lots: UInt32
    }

    /// In ascending id, which within a price is the order of priority: who loses his place gets a new id.
    let orders: [Order]
    /// Quantity of all trades.
    let executedLots: UInt64
    /// Messages of the feed that follow from the records.
    let feedMessages: UInt64

    private static let orderBytes = 43

    private struct Bytes: ~Copyable, StateSink {
        var bytes: [UInt8] = []
        mutating func write(_ bytes: UnsafeRawBufferPointer) { self.bytes += bytes }
    }

    /// Replays a journal to its end.
    ///
    /// - Parameter count: orders that the venue is expected to have; nil orders when the state says otherwise.
    init?(journal directory: String, expecting count: Int) throws {
        var tail = try TailReader.open(directory: directory, from: .first)
        guard let genesis = try tail.next() else { return nil }
        var replayer = Replayer<Venue>(genesis: GenesisMessage(genesis.command))
        var executed: UInt64 = 0, messages: UInt64 = 0
        var record: RecordView? = genesis
        while let next = record {
            try replayer.replay(next)
            var effects = next.effects
            while let effect = effects.read() {
                messages += UInt64(effect.feedMessages)
                if effect.template == Template.executed {
                    executed += UInt64(ExecutedMessage(effect.base).quantityLots)
                }
            }
            record = try tail.next()
        }
        let venue = replayer.finish()
        var sink = Bytes()
        venue.writeState(into: &sink)
        let state = sink.bytes
        executedLots = executed
        feedMessages = messages
        // The orders are the last part: their number, then so many of 43 bytes.
        let start = state.count - count * Self.orderBytes
        guard start >= 8, Self.number(state, start - 8, 8) == UInt64(count) else { return nil }
        orders = (0..<count).map { index in
            let at = start + index * Self.orderBytes
            return Order(
                reference: Self.number(state, at, 8), instrument: UInt32(Self.number(state, at + 12, 4)),
                side: Side(rawValue: state[at + 16])!, priceTicks: UInt32(Self.number(state, at + 17, 4)),
                lots: UInt32(Self.number(state, at + 21, 4)))
        }
    }

    private static func number(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> UInt64 {
        (0..<count).reduce(0) { $0 | UInt64(bytes[offset + $1]) << (8 * UInt64($1)) }
    }
}

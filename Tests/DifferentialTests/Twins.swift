import Proof
import Reference
import Venue
import Wire

/// Both venues, and what they said last.
final class Twins {
    private var venue: Venue
    private var reference: Reference
    private let fast: UnsafeMutableRawPointer
    private let naive: UnsafeMutableRawPointer
    private(set) var sequence: UInt64 = 0
    private(set) var time: UInt64 = 1000
    private(set) var difference = ""
    /// Effects so far, by template.
    private(set) var counts: [UInt16: Int] = [:]
    private var generation: UInt32 = 1
    /// What the records touched since it was last taken.
    private var touched = TouchedParts()
    /// Turns a bit of what the reference says: the comparison has to see it.
    var tampersWithReference = false

    init(ordersMax: UInt32) {
        let genesis = UnsafeMutableRawPointer.allocate(byteCount: GenesisMessage.size, alignment: 8)
        defer { genesis.deallocate() }
        GenesisMessage.encode(
            at: genesis, random: Bytes32(1, 2, 3, 4), operatorKey: Bytes32(1, 1, 1, 1), logKey: Bytes32(2, 2, 2, 2),
            receiptKey: Bytes32(3, 3, 3, 3), settlementKey: Bytes32(4, 4, 4, 4), time: 1, promiseSeconds: 60,
            rulesVersion: 1, venueName: FixedText.four("TEST")!, accountsMax: 12, keySlots: 4, assetsMax: 3,
            instrumentsMax: 4, ordersMax: ordersMax, levelsMax: 900, referencesMax: 300, openOrdersMax: 700)
        venue = Venue(genesis: GenesisMessage(genesis))
        reference = Reference(genesis: GenesisMessage(genesis))
        fast = .allocate(byteCount: EffectWriter.capacity, alignment: 64)
        naive = .allocate(byteCount: EffectWriter.capacity, alignment: 64)
        let bytes = Array(UnsafeRawBufferPointer(start: genesis, count: GenesisMessage.size))
        _ = record(bytes, .genesis)
    }

    deinit {
        fast.deallocate()
        naive.deallocate()
    }

    /// Applies a command and its continuations. Returns the effects of each record; nil when the two differ.
    func apply(_ command: [UInt8]) -> [[UInt8]]? {
        guard var last = record(command, .command) else { return nil }
        var effects = [last]
        while let cause = venue.pendingCause {
            var continuation = [UInt8](repeating: 0, count: ContinuationMessage.size)
            continuation.withUnsafeMutableBytes { ContinuationMessage.encode(at: $0.baseAddress!, cause: cause) }
            guard let next = record(continuation, .continuation) else { return nil }
            last = next
            effects.append(last)
        }
        return effects
    }

    /// A restart that begins a new feed session.
    func restart() -> [[UInt8]]? {
        generation += 1
        let generation = generation
        var restart = [UInt8](repeating: 0, count: RestartMessage.size)
        restart.withUnsafeMutableBytes {
            RestartMessage.encode(
                at: $0.baseAddress!, previousHead: .zero, bootId: .zero, cutBytes: 0, feedGeneration: generation)
        }
        return record(restart, .restart).map { [$0] }
    }

    private func record(_ message: [UInt8], _ kind: RecordKind) -> [UInt8]? {
        sequence += 1
        time += 7
        let (sequence, time) = (sequence, time)
        var fastWriter = EffectWriter(fast)
        var naiveWriter = EffectWriter(naive)
        let (one, other) = message.withUnsafeBytes { buffer in
            let command = Command(
                message: buffer.baseAddress!, count: buffer.count, kind: kind, sequence: sequence, time: time,
                proofsHold: sequence % 11 != 0)
            return (venue.apply(command, into: &fastWriter), reference.apply(command, into: &naiveWriter))
        }
        let says = Array(UnsafeRawBufferPointer(start: fast, count: fastWriter.length))
        var saysToo = Array(UnsafeRawBufferPointer(start: naive, count: naiveWriter.length))
        if tampersWithReference, kind == .command, !saysToo.isEmpty { saysToo[saysToo.count - 1] ^= 1 }
        guard one == other, says == saysToo, venue.pendingCause == reference.pendingCause else {
            let template = message[2]
            difference = "template \(template): \(Self.text(says)) | \(Self.text(saysToo)), \(one) | \(other)"
            return nil
        }
        count(says)
        says.withUnsafeBytes { effects in
            message.withUnsafeBytes { command in
                let base = effects.baseAddress ?? command.baseAddress!
                touched.add(
                    kind: kind, command: command.baseAddress!, effects: EffectCursor(base, count: effects.count))
            }
        }
        return says
    }

    private func count(_ effects: [UInt8]) {
        effects.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return }
            var cursor = EffectCursor(base, count: buffer.count)
            while let effect = cursor.read() { counts[effect.template, default: 0] += 1 }
        }
    }

    /// Effects as templates and hexadecimal, cut where it becomes long.
    private static func text(_ effects: [UInt8]) -> String {
        effects.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return "nothing" }
            var cursor = EffectCursor(base, count: buffer.count)
            var parts: [String] = []
            while let effect = cursor.read(), parts.count < 8 {
                let bytes = UnsafeRawBufferPointer(start: effect.base + 8, count: effect.size - 8)
                parts.append("\(effect.template):" + bytes.map { String($0, radix: 16) }.joined(separator: " "))
            }
            return parts.joined(separator: ", ")
        }
    }

    /// Whether both have the same state, byte for byte.
    var statesAgree: Bool {
        var (one, other) = (ByteSink(), ByteSink())
        venue.writeState(into: &one)
        reference.writeState(into: &other)
        return one.bytes == other.bytes
    }

    /// Brings trees over each of the two up to date.
    func update(_ fast: inout StateTree, _ naive: inout StateTree) throws(StateTreeError) {
        try fast.update(from: venue, touched)
        try naive.update(from: reference, touched)
        touched.removeAll()
    }

    /// A tree over the fast venue.
    func fastTree() throws(StateTreeError) -> StateTree { try StateTree(venue) }

    /// A tree over the naive one.
    func naiveTree() throws(StateTreeError) -> StateTree { try StateTree(reference) }

    /// The canonical bytes.
    var canonical: [UInt8] {
        var sink = ByteSink()
        venue.writeState(into: &sink)
        return sink.bytes
    }

    /// Goes on with venues that are restored from the canonical bytes.
    func restore() throws(StateError) {
        let state = try CanonicalState(canonical)
        venue = try Venue.restored(from: state, sequence: sequence, time: time)
        reference = try Reference.restored(from: state, sequence: sequence, time: time)
    }

    /// Whether balances add up to totals.
    var venueIsConserved: Bool { venue.isConserved() }
}

/// Collects bytes.
struct ByteSink: StateSink {
    var bytes: [UInt8] = []
    mutating func write(_ more: UnsafeRawBufferPointer) { bytes.append(contentsOf: more) }
}

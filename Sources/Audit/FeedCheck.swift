import MarketData
import Wire

/// A capture of market data, compared with the feed that follows from the records.
///
/// Every captured MoldUDP64 packet of a session of this venue is compared, message by message, whatever order they came
/// in and however often. Memory: 32 bytes a captured packet.
struct FeedCheck: ~Copyable {
    /// A captured packet that carries messages.
    private struct Packet {
        var first: UInt64
        var offset: UInt64
        var count: UInt16
        var bytes: UInt16
    }

    /// A packet that is being compared: the bytes, and where the next message stands.
    private struct Open {
        var bytes: [UInt8]
        var offset: Int
        var left: Int
    }

    private let file: PcapFile
    /// By the ten characters of their session; ascending by sequence.
    private var captured: [String: [Packet]] = [:]
    private var next: [String: Int] = [:]
    private var open: [Open] = []
    /// Messages of packets that reach past the last message of a session that has ended.
    private var beyond: UInt64 = 0
    private var encoder: FeedEncoder?
    private var venueName: UInt32 = 0
    private var session = ""
    private let scratch = UnsafeMutableRawPointer.allocate(byteCount: FeedEncoder.bytesPerEffectMax, alignment: 64)
    /// Messages that were compared.
    private(set) var checked: UInt64 = 0
    /// Why no more can be compared.
    private(set) var unchecked: String?

    /// Instruments that ITCH can name.
    private static let instrumentsMax: UInt32 = 65_534

    /// Reads the capture once, for what is where.
    init(_ path: String) throws(SourceError) {
        do throws(PcapFile.Failure) { file = try PcapFile(path) } catch {
            guard case .unreadable(let reason) = error else { throw .unreadable(path) }
            throw .unreadable("feed: \(reason)")
        }
        var captured: [String: [Packet]] = [:]
        while let (offset, payload) = file.next() {
            payload.withUnsafeBytes { bytes in
                guard let packet = MoldUDP64(bytes), packet.messages > 0 else { return }
                captured[packet.session.text, default: []].append(
                    Packet(
                        first: packet.sequence, offset: offset, count: UInt16(packet.messages),
                        bytes: UInt16(truncatingIfNeeded: bytes.count)))
            }
        }
        if file.isCut { unchecked = "\(path) ends within a packet" }
        for name in captured.keys { captured[name]!.sort { ($0.first, $0.offset) < ($1.first, $1.offset) } }
        self.captured = captured
    }

    deinit { scratch.deallocate() }

    /// Takes the next record, which was checked.
    mutating func take(_ record: RecordView) throws(Finding) {
        if record.kind == .genesis {
            let genesis = GenesisMessage(record.command)
            venueName = genesis.venueName
            encoder = FeedEncoder(instrumentsMax: Int(min(genesis.instrumentsMax, Self.instrumentsMax)))
        }
        var sequence = record.feedSequence
        var effects = record.effects
        while let effect = effects.read() {
            if effect.template == Template.feedSessionStarted {
                let generation = FeedSessionStartedMessage(effect.base).generation
                // Published, and then its record lost with the power, or never in a record: nobody can tell which.
                beyond += left(open)
                (session, open) = (FeedSession(venueName: venueName, generation: generation).text, [])
            }
            if effect.template == Template.instrumentListed,
                InstrumentListedMessage(effect.base).instrument >= Self.instrumentsMax
            {
                unchecked = "more instruments than ITCH can name"
                encoder = nil
            }
            guard encoder != nil else { return }
            let made = encoder!.encode(effect, time: record.time, at: scratch)
            if made.count > 0 {
                try compare(UnsafeRawBufferPointer(start: scratch, count: made.firstBytes), sequence, record.sequence)
            }
            if made.count > 1 {
                let second = UnsafeRawBufferPointer(start: scratch + made.firstBytes, count: made.secondBytes)
                try compare(second, sequence + 1, record.sequence)
            }
            sequence += UInt64(made.count)
        }
    }

    /// Compares a message with every captured packet that has it.
    private mutating func compare(
        _ message: UnsafeRawBufferPointer, _ sequence: UInt64, _ record: UInt64
    ) throws(Finding) {
        try openPackets(sequence, record)
        var index = 0
        while index < open.count {
            let length =
                Int(open[index].bytes[open[index].offset]) << 8 | Int(open[index].bytes[open[index].offset + 1])
            let start = open[index].offset + MoldUDP64.blockHeaderBytes
            let found = open[index].bytes[start..<(start + length)]
            guard found.elementsEqual(message) else {
                throw Finding(
                    .feed, record, expected: "message \(sequence) of session \(session): \(Self.text(message))",
                    found: found.withUnsafeBytes { Self.text($0) })
            }
            checked += 1
            open[index].offset = start + length
            open[index].left -= 1
            if open[index].left == 0 { open.remove(at: index) } else { index += 1 }
        }
    }

    /// Reads the packets that begin with a message, or before the first.
    private mutating func openPackets(_ sequence: UInt64, _ record: UInt64) throws(Finding) {
        guard let packets = captured[session] else { return }
        while let place = Optional(next[session] ?? 0), place < packets.count, packets[place].first <= sequence {
            let packet = packets[place]
            next[session] = place + 1
            guard packet.first == sequence else {
                throw Finding(
                    .feed, record, expected: "message \(sequence) of session \(session)",
                    found: "a packet from message \(packet.first)")
            }
            // The file may have changed meanwhile: it is looked at again.
            guard let bytes = file.payload(at: packet.offset, count: Int(packet.bytes)),
                let again = bytes.withUnsafeBytes({ MoldUDP64($0).map { ($0.sequence, $0.messages) } }),
                again == (packet.first, Int(packet.count))
            else {
                unchecked = "the capture changed while it was read"
                continue
            }
            open.append(Open(bytes: bytes, offset: MoldUDP64.headerBytes, left: Int(packet.count)))
        }
    }

    private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// After the last record: why something could not be compared; nil when all was.
    func atEnd() -> String? {
        if let unchecked { return unchecked }
        if checked == 0 { return "no message of this venue is in the capture" }
        let name = FixedText.string(UInt64(venueName), 4)
        var left = beyond + left(open)
        for (session, packets) in captured where session.hasPrefix(name) {
            for packet in packets[(next[session] ?? 0)...] { left += UInt64(packet.count) }
        }
        return left == 0 ? nil : "\(left) captured messages are behind the last record of their session"
    }

    private func left(_ packets: [Open]) -> UInt64 { packets.reduce(0) { $0 + UInt64($1.left) } }
}

import Availability
import Cryptography
import Foundation
import MarketData
import Proof
import Testing
import Wire

@testable import Audit

/// What a venue says about its records: commitments, batches, market data.
@Suite struct SayingTests {
    private func publish(_ fixture: AuditFixture) throws -> Published {
        let published = try Published()
        try published.writeTiles(fixture.records, log: fixture.log)
        try published.writeBatches([fixture.batch(1...20)])
        return published
    }

    /// Offsets in the message of a commitment, and what a change of each comes to.
    static let lies: [(name: String, offset: Int, verdict: Verdict)] = [
        ("through", 32, .commitmentThrough), ("state root", 40, .stateRoot), ("chain head", 72, .commitmentHead),
        ("data through", 104, .commitmentData), ("data digest", 112, .commitmentData),
    ]

    @Test(arguments: 0..<5, [AuditFixture.Step.firstCommitment, .secondCommitment])
    func falseCommitmentIsFound(lie: Int, step: AuditFixture.Step) throws {
        // Signed by the settlement key: it is the saying that is false.
        let honest = AuditFixture(orders: 1)
        let fixture = AuditFixture(orders: 30) { at, draft in
            guard at == step else { return true }
            draft.message[Self.lies[lie].offset] ^= 0xFF
            let through = draft.message.withUnsafeBytes { StateCommitmentMessage($0.baseAddress!).through }
            draft.signature = honest.sign(draft.message, honest.settlementKey, .commitment)
            // The effect repeats what was said.
            draft.effects.withUnsafeMutableBytes {
                CommitmentAcceptedMessage.encode(at: $0.baseAddress!, account: 2, through: through)
            }
            return true
        }
        let published = try publish(fixture)
        let report = audit(.tiles(published.tiles), fixture.anchors)
        let finding = try #require(report.finding)
        let isAhead = lie == 0 && finding.verdict == .effects
        #expect(finding.verdict == Self.lies[lie].verdict || isAhead, "\(report)")
        #expect(finding.sequence == fixture.sequences[step])
    }

    @Test func commandPrefixDoesNotSignCommitments() throws {
        let honest = AuditFixture(orders: 1)
        let fixture = AuditFixture(orders: 3) { at, draft in
            if at == .firstCommitment { draft.signature = honest.sign(draft.message, honest.settlementKey, .command) }
            return true
        }
        let published = try publish(fixture)
        let report = audit(.tiles(published.tiles), fixture.anchors)
        #expect(report.finding?.verdict == .signature)
        #expect(report.finding?.sequence == fixture.sequences[.firstCommitment])
    }

    @Test func otherBytesOfTheLayerAreFound() throws {
        let fixture = AuditFixture(orders: 30)
        let published = try publish(fixture)
        func run() -> AuditReport { audit(.tiles(published.tiles), fixture.anchors) { $0.data = published.data } }
        #expect(run().exitStatus == 0 && run().counts.batches == 1)
        let name = fixture.batch(1...20).digest.hexadecimal
        try published.change("da/\(name)") { $0[Batch.headerBytes + 200] ^= 1 }
        #expect(run().finding?.verdict == .data && run().finding?.sequence == 1)
        try FileManager.default.removeItem(atPath: "\(published.data)/\(name)")
        #expect(run().finding == nil && run().exitStatus == 2)
    }

    @Test func aLayerThatIsAskedForAndShowsNothingIsNotChecked() throws {
        let fixture = AuditFixture(orders: 30)
        let published = try Published()
        try published.writeTiles(fixture.records, log: fixture.log)
        try published.writeBatches([])
        func run() -> AuditReport { audit(.tiles(published.tiles), fixture.anchors) { $0.data = published.data } }
        // Without certificates, and with one of a batch that ends behind the last record.
        let nothing = run()
        #expect(nothing.exitStatus == 2 && nothing.dataThrough == 0, "\(nothing)")
        #expect(nothing.notChecked.contains("batches: none that a certificate names was compared"), "\(nothing)")
        try published.writeBatches([fixture.batch(1...20)])
        #expect(run().notChecked.isEmpty && run().dataThrough == 20, "\(run())")
        #expect(ReportPrinter.text(run()).contains("compared through record 20"))
        let longer = AuditFixture(orders: 40)
        let last = UInt64(fixture.records.count) + 1
        try published.writeBatches([longer.batch(21...last, previous: fixture.batch(1...20).digest)])
        let open = run()
        #expect(open.exitStatus == 2 && open.dataThrough == 20, "\(open)")
        #expect(open.notChecked == ["the batch of records 21 to \(last): the records end before it does"])
    }

    @Test func certificateOfOtherRecordsIsFound() throws {
        let fixture = AuditFixture(orders: 30)
        let other = AuditFixture(orders: 30) { step, draft in
            if step == .firstOrder { draft.effects[9] ^= 1 }
            return true
        }
        let published = try publish(fixture)
        try published.writeBatches([other.batch(1...20)])
        let report = audit(.tiles(published.tiles), fixture.anchors)
        #expect(report.finding?.verdict == .data, "\(report)")
    }

    @Test func damagedBatchesAreFound() throws {
        let fixture = AuditFixture(orders: 30)
        let published = try publish(fixture)
        let name = fixture.batch(1...20).digest.hexadecimal
        try published.change("da/\(name)") { $0[Batch.headerBytes + 200] ^= 1 }
        let report = audit(.batches(published.data), fixture.anchors) { $0.published = published.tiles }
        #expect(report.finding?.verdict == .data, "\(report)")
    }

    // MARK: Market data

    /// The feed that follows from records, in packets of three messages, as a capture.
    ///
    /// - Parameter phantoms: messages that no record makes, in the last packet of the first session.
    private func capture(
        _ fixture: AuditFixture, isSwapped: Bool = false, phantoms: Int = 0
    ) -> (bytes: [UInt8], messages: UInt64) {
        var encoder = FeedEncoder(instrumentsMax: 1)
        var session = FeedSession(venueName: FixedText.four("TEST")!, generation: 1)
        var builder = PacketBuilder(session: session, nextSequence: 1)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: 2048, alignment: 8)
        let packet = UnsafeMutableRawPointer.allocate(byteCount: 2048, alignment: 8)
        defer {
            memory.deallocate()
            packet.deallocate()
        }
        var pcap = Capture(isSwapped: isSwapped)
        var (total, inPacket) = (UInt64(0), 0)
        func send() {
            if builder.isEmpty { return }
            let count = builder.finish(packet)
            pcap.add(Array(UnsafeRawBufferPointer(start: packet, count: count)))
            inPacket = 0
        }
        for record in fixture.records {
            record.withUnsafeBytes { bytes in
                let view = RecordView(bytes.baseAddress!)
                var effects = view.effects
                while let effect = effects.read() {
                    if effect.template == Template.feedSessionStarted {
                        // Behind real ones, in the same packet.
                        if !builder.isEmpty { for _ in 0..<phantoms { builder.append(memory, 12, to: packet) } }
                        send()
                        let generation = FeedSessionStartedMessage(effect.base).generation
                        session = FeedSession(venueName: FixedText.four("TEST")!, generation: generation)
                        builder.begin(session)
                    }
                    let made = encoder.encode(effect, time: view.time, at: memory)
                    for (index, size) in [made.firstBytes, made.secondBytes].enumerated() where index < made.count {
                        if inPacket == 3 { send() }
                        builder.append(memory + (index == 0 ? 0 : made.firstBytes), size, to: packet)
                        (total, inPacket) = (total + 1, inPacket + 1)
                    }
                }
            }
        }
        send()
        return (pcap.bytes, total)
    }

    @Test(arguments: [false, true])
    func capturedFeedIsCompared(isSwapped: Bool) throws {
        let fixture = AuditFixture(orders: 30)
        let published = try publish(fixture)
        let (bytes, messages) = capture(fixture, isSwapped: isSwapped)
        let path = published.directory + "/feed.pcap"
        func run(_ bytes: [UInt8]) throws -> AuditReport {
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            return audit(.tiles(published.tiles), fixture.anchors) { $0.feed = path }
        }
        let report = try run(bytes)
        #expect(report.exitStatus == 0 && report.counts.feedMessages == messages, "\(report)")
        // A bit of the last message.
        var changed = bytes
        changed[changed.count - 1] ^= 1
        #expect(try run(changed).finding?.verdict == .feed)
        #expect(try run(Array(bytes.dropLast(3))).exitStatus == 2)
        #expect(try run([1, 2, 3]).exitStatus == 2)
        #expect(try run(Array(bytes.prefix(24))).exitStatus == 2)
    }

    @Test func messagesBehindTheEndOfASessionAreNotChecked() throws {
        let fixture = AuditFixture(orders: 30)
        let published = try publish(fixture)
        let (bytes, messages) = capture(fixture, phantoms: 1)
        let path = published.directory + "/feed.pcap"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let report = audit(.tiles(published.tiles), fixture.anchors) { $0.feed = path }
        #expect(report.counts.feedMessages == messages && report.exitStatus == 2, "\(report)")
        #expect(report.notChecked == ["feed: 1 captured messages are behind the last record of their session"])
    }

    @Test func captureAndRecordsOfDifferentVenuesDiffer() throws {
        let fixture = AuditFixture(orders: 30)
        let published = try publish(fixture)
        let path = published.directory + "/feed.pcap"
        try Data(capture(AuditFixture(orders: 31)).bytes).write(to: URL(fileURLWithPath: path))
        let report = audit(.tiles(published.tiles), fixture.anchors) { $0.feed = path }
        #expect(report.finding?.verdict == .feed, "\(report)")
    }

    /// A classic pcap of UDP over IPv4 over Ethernet.
    struct Capture {
        private(set) var bytes: [UInt8] = []
        private let isSwapped: Bool

        init(isSwapped: Bool) {
            self.isSwapped = isSwapped
            let words: [UInt32] = [0xA1B2_C3D4, 4 << 16 | 2, 0, 0, 262_144, 1]
            for word in words { add(word) }
        }

        private mutating func add(_ word: UInt32) {
            withUnsafeBytes(of: isSwapped ? word.bigEndian : word.littleEndian) { bytes += Array($0) }
        }

        mutating func add(_ payload: [UInt8]) {
            func big(_ value: Int) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 255)] }
            var frame = [UInt8](repeating: 2, count: 12) + [0x08, 0x00]
            frame += [0x45, 0] + big(28 + payload.count) + [0, 0, 0x40, 0, 1, 17, 0, 0, 10, 0, 0, 1, 239, 1, 1, 1]
            frame += big(4000) + big(5000) + big(8 + payload.count) + [0, 0] + payload
            let heads: [UInt32] = [0, 0, UInt32(frame.count), UInt32(frame.count)]
            for word in heads { add(word) }
            bytes += frame
        }
    }
}

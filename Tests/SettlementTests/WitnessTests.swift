import Foundation
import Platform
import Proof
import Testing

@testable import Settlement

/// Witnesses that do their work, and witnesses that do not.
@Suite struct WitnessTests {
    private func venue(
        _ witnesses: [WitnessStandIn], quorum: Int, timeout: Int = 300
    ) throws -> SettledVenue {
        let venue = try SettledVenue(
            [("witness_quorum", "\(quorum)"), ("witness_timeout_ms", "\(timeout)")],
            witnesses: witnesses.map(\.table).joined())
        try venue.startNode()
        return venue
    }

    private func latest(_ venue: SettledVenue, _ witnesses: [WitnessStandIn]) throws -> SignedCheckpoint? {
        try PublishedLog(venue).latest(witnesses: witnesses.map(\.verifier))
    }

    @Test("cosignatures are published and archived; a restart of the plane goes on with them")
    func honest() throws {
        let witnesses = try [WitnessStandIn("a.example", .honest), WitnessStandIn("b.example", .honest)]
        defer { witnesses.forEach { $0.stop() } }
        // What is archived is what came in time.
        let venue = try venue(witnesses, quorum: 2, timeout: 30_000)
        for _ in 0..<2 {
            try venue.startPlane().waitUntilReady()
            try venue.trade(40)
            let size = UInt64(try PublishedLog(venue).leaves.count)
            try waitUntil("a checkpoint with two cosignatures") {
                guard let signed = try latest(venue, witnesses) else { return false }
                return signed.checkpoint.size >= size && signed.witnesses.count == 2
            }
            try venue.stopPlane()
        }
        let log = try PublishedLog(venue)
        #expect(try log.faults() == [])
        let archive = PublishedLog.archive(venue, try #require(log.archived.last))
        let archived = try #require(try PublishedLog.checkpoint(archive, venue, witnesses.map(\.verifier)))
        #expect(archived.witnesses.count == 2)
    }

    @Test(
        "a witness that does not cosign holds up neither checkpoints nor the other one",
        arguments: [
            WitnessStandIn.Behaviour.refuses, .conflict(7), .conflict(.max), .lies, .babbles, .silent, .hangsUp,
        ])
    func bad(_ behaviour: WitnessStandIn.Behaviour) throws {
        let good = try WitnessStandIn("good.example", .honest)
        let bad = try WitnessStandIn("bad.example", behaviour)
        defer { [good, bad].forEach { $0.stop() } }
        let venue = try venue([bad, good], quorum: 1)
        let plane = try venue.startPlane()
        try plane.waitUntilReady()
        try venue.trade(60)
        let size = UInt64(try PublishedLog(venue).leaves.count)
        try waitUntil("a checkpoint with the good cosignature; \(plane.errorText)") {
            guard let signed = try latest(venue, [good, bad]) else { return false }
            return signed.checkpoint.size >= size && signed.witnesses.map(\.key) == [good.verifier]
        }
        try waitUntil("a word about it") { bad.requests > 0 && plane.errorText.contains("witness bad.example") }
        try venue.stopPlane()
        let log = try PublishedLog(venue)
        #expect(try log.faults() == [])
        // The archive does not wait for it either.
        #expect(log.archived.last ?? 0 >= size)
    }

    @Test("without its quorum a checkpoint is signed and not published; with it, it is, though no record came since")
    func quorum() throws {
        let witness = try WitnessStandIn("late.example", .refuses)
        defer { witness.stop() }
        let venue = try venue([witness], quorum: 1)
        try venue.startPlane().waitUntilReady()
        try venue.trade(30)
        try venue.stopNode()
        let size = UInt64(try PublishedLog(venue).leaves.count)
        try waitUntil("the signed head") {
            try SignedHead.load(venue.state, origin: venue.origin)?.size == size && witness.requests > 2
        }
        #expect(try latest(venue, [witness]) == nil)
        witness.behave(.honest)
        try waitUntil("the checkpoint") { try latest(venue, [witness])?.checkpoint.size == size }
        #expect(try latest(venue, [witness])?.witnesses.count == 1)
        try venue.stopPlane()
    }

    @Test("a checkpoint is kept when it is signed: a kill while it waits for a witness leaves none out")
    func keptAtOnce() throws {
        let witness = try WitnessStandIn("late.example", .silent)
        defer { witness.stop() }
        let venue = try SettledVenue(
            [
                ("witness_quorum", "1"), ("witness_timeout_ms", "30_000"), ("checkpoint_records", "60"),
                ("checkpoint_interval_ms", "600_000"), ("promise_seconds", "3_600"),
            ], witnesses: witness.table)
        try venue.startNode()
        try venue.trade(200)
        try venue.stopNode()
        let sizes = Array(stride(from: UInt64(60), through: UInt64(try PublishedLog(venue).leaves.count), by: 60))
        let last = try #require(sizes.last)
        #expect(sizes.count > 2)
        let plane = try venue.startPlane()
        try plane.waitUntilReady()
        try waitUntil("the last head") { try SignedHead.load(venue.state, origin: venue.origin)?.size == last }
        plane.killNow()
        #expect(try PublishedLog(venue).archived.starts(with: sizes.dropLast()))
        #expect(try latest(venue, [witness]) == nil)
        // What the kill may have left out is the last one. Its witness is asked again, and its answer is kept too.
        witness.behave(.honest)
        try venue.startPlane().waitUntilReady()
        try waitUntil("the cosignature") {
            let kept = try PublishedLog.checkpoint(PublishedLog.archive(venue, last), venue, [witness.verifier])
            return try kept?.witnesses.count == 1 && latest(venue, [witness])?.checkpoint.size == last
        }
        let log = try PublishedLog(venue)
        #expect(try log.archived == sizes && log.listed == sizes)
        venue.plane?.killNow()
    }

    @Test("a cosignature that came before a restart counts after it")
    func keptCosignature() throws {
        let witnesses = try [WitnessStandIn("first.example", .honest), WitnessStandIn("second.example", .refuses)]
        defer { witnesses.forEach { $0.stop() } }
        let venue = try venue(witnesses, quorum: 2)
        try venue.trade(30)
        try venue.stopNode()
        let size = UInt64(try PublishedLog(venue).leaves.count)
        try venue.startPlane().waitUntilReady()
        func kept() throws -> Int? {
            try PublishedLog.checkpoint(PublishedLog.archive(venue, size), venue, witnesses.map(\.verifier))?
                .witnesses.count
        }
        try waitUntil("one cosignature") { try kept() == 1 }
        try venue.stopPlane()
        #expect(try latest(venue, witnesses) == nil)
        // The first one does not cosign again.
        witnesses[0].behave(.refuses)
        witnesses[1].behave(.honest)
        try venue.startPlane().waitUntilReady()
        try waitUntil("two cosignatures") { try latest(venue, witnesses)?.witnesses.count == 2 }
        #expect(try kept() == 2)
        try venue.stopPlane()
    }

    @Test("a start asks a witness that is new for the newest checkpoint, and counts those that cosigned it before")
    func newAtStart() throws {
        let witnesses = try ["old", "new", "other"].map { try WitnessStandIn("\($0).example", .honest) }
        defer { witnesses.forEach { $0.stop() } }
        let venue = try venue([witnesses[0]], quorum: 1)
        try venue.trade(30)
        try venue.stopNode()
        let size = UInt64(try PublishedLog(venue).leaves.count)
        func expect(_ cosignatures: Int, asked: Int) throws {
            try venue.startPlane().waitUntilReady()
            try waitUntil("\(cosignatures) cosignatures, and the counters") {
                guard let signed = try latest(venue, witnesses), signed.checkpoint.size == size else { return false }
                let counters = try CounterReader(path: venue.state + "/counters")
                return signed.witnesses.count == cosignatures
                    && counters.counter("checkpoint.cosignatures") == UInt64(asked)
                    && (0..<asked).allSatisfy { counters.counter("witness-\($0).size") == size }
            }
            try venue.stopPlane()
        }
        try expect(1, asked: 1)
        // The first one does not cosign again.
        witnesses[0].behave(.refuses)
        try expect(1, asked: 1)
        try venue.configure(
            [("witness_quorum", "2"), ("witness_timeout_ms", "300")],
            witnesses: witnesses.prefix(2).map(\.table).joined())
        for _ in 0..<2 { try expect(2, asked: 2) }
        // One that is asked no more keeps its line.
        try venue.configure(
            [("witness_quorum", "1"), ("witness_timeout_ms", "300")], witnesses: witnesses[2].table)
        try expect(3, asked: 1)
    }

    @Test("sizes that a 409 names are read as the standard has them")
    func sizes() {
        #expect(WitnessClient.size(Array("0\n".utf8)) == 0)
        #expect(WitnessClient.size(Array("18446744073709551615\n".utf8)) == .max)
        for text in ["", "\n", "7", "07\n", "+7\n", " 7\n", "7 \n", "7\n\n", "18446744073709551616\n", "-1\n", "x\n"] {
            #expect(WitnessClient.size(Array(text.utf8)) == nil, "\(text)")
        }
    }
}

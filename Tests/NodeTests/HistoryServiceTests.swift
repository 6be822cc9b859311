import Foundation
import Journal
import OrderEntry
import Testing
import Wire

@testable import Node

/// Replies that are read again from the journal: how much of a turn one of them may take.
@Suite struct HistoryServiceTests {
    /// A journal of commands of the operator's, a service on it, and a follower that has not read yet.
    private struct Running: ~Copyable {
        let directory = FileManager.default.temporaryDirectory.path + "/glassbook-" + UUID().uuidString
        let exchange = HistoryExchange(sessionsMax: 2, bufferBytes: 4_096)
        var service: HistoryService
        var follower: FeedFollower
        private var jobs: UInt64 = 0

        init() throws {
            let facts = try FeedFollowerTests.facts(directory, try FeedFollowerTests.write(directory))
            let gate = ReleaseGate()
            gate.release(through: UInt64(FeedFollowerTests.records))
            service = try HistoryService(facts: facts, gate: gate, exchange: exchange)
            follower = FeedFollower(facts: facts, gate: gate)
        }

        deinit { try? FileManager.default.removeItem(atPath: directory) }

        mutating func ask(_ lane: Int, _ sequence: UInt64, _ purpose: HistoryExchange.Purpose = .command) {
            jobs += 1
            var request = HistoryExchange.Request()
            request.job = jobs
            request.account = WellKnownAccount.venueOperator
            request.from = ReplyNumber(sequence: sequence, index: 0)
            request.through = UInt64(FeedFollowerTests.records)
            request.purpose = purpose
            request.resent = true
            exchange.ask(lane, request)
        }

        mutating func turn() -> Int { service.doWork(follower) }

        /// Sequences of the replies in a lane's buffer, all of them resent.
        func sequences(_ lane: Int) -> [UInt64] {
            let bytes = exchange.bytes(lane)
            var sequences: [UInt64] = [], offset = 0
            while offset < bytes.count, let frame = bytes.baseAddress.map({ $0 + offset }) {
                let message = frame + FrameHeader.size
                if MessageHeader(message).templateId == Template.commandAccepted {
                    #expect(CommandAcceptedMessage(message).resent == 1)
                    sequences.append(CommandAcceptedMessage(message).sequence)
                }
                offset += Int(FrameHeader.length(frame))
            }
            return sequences
        }
    }

    /// As at a start, when nothing is known yet of where records stand.
    @Test func whatIsFarIntoASegmentTakesTurnsAndNobodyElses() throws {
        var running = try Running()
        running.ask(0, 3_000)
        running.ask(1, 3)
        var turns = 0
        while !running.exchange.isFilled(0), turns < 10 {
            turns += 1
            let work = running.turn()
            #expect(work > 0 && work <= 2 * HistoryService.recordsPerTurn + 2)
            if turns == 1 { #expect(running.exchange.isFilled(1) && running.sequences(1) == [3]) }
        }
        #expect(turns == 3, "a thousand records a turn")
        #expect(running.exchange.answer(0).isFinished && running.sequences(0) == [3_000])
    }

    @Test func whatTheFollowerHasReadIsFoundAtOnce() throws {
        var running = try Running()
        while running.follower.doWork() > 0 {}
        let last = UInt64(FeedFollowerTests.records)
        for sequence in [3, 4, 257, 258, 259, 3_000, 3_700, 4_500, last] as [UInt64] {
            running.ask(0, sequence)
            let work = running.turn()
            #expect(work <= 300, "records from the place that is known")
            #expect(running.exchange.isFilled(0) && running.exchange.answer(0).isFinished)
            #expect(running.sequences(0) == [sequence])
        }
        let none = running.follower.place(near: last + 1_000_000)
        #expect(none == nil, "it has not read so far")
    }

    /// A resume from the middle of a segment, one buffer after the other, is the same from a place that is known and
    /// from the segment's beginning.
    @Test func aResumeIsTheSameFromEitherPlace() throws {
        for hasRead in [false, true] {
            var running = try Running()
            while hasRead, running.follower.doWork() > 0 {}
            running.ask(0, 2_500, .last)
            var told: [UInt64] = []
            for _ in 0..<1_000 {
                _ = running.turn()
                guard running.exchange.isFilled(0) else { continue }
                told += running.sequences(0)
                if running.exchange.answer(0).isFinished { break }
                var request = running.exchange.request(0)
                request.from = running.exchange.answer(0).next
                running.exchange.ask(0, request)
            }
            #expect(told == Array(2_500...UInt64(FeedFollowerTests.records)))
        }
    }
}

import Foundation
import Testing
import Wire

@testable import Journal
@testable import Platform

@Suite struct SyncStateTests {
    private func point(_ segment: UInt64, _ sequence: UInt64) -> RecordPoint {
        RecordPoint(segment: segment, sequence: sequence, hash: Bytes32(sequence))
    }

    @Test func coversWhatWasCommittedBeforeItWasSubmitted() {
        var state = SyncState(segment: 1, durable: 0)
        #expect(state.next(tail: point(1, 5), end: nil, linked: 1) == .synchronize(point(1, 5)))
        // Committed while it is in flight: not covered, and nothing else is submitted.
        #expect(state.next(tail: point(1, 9), end: nil, linked: 1) == .none)
        #expect(state.completed(0) == point(1, 5))
        #expect(state.durable == 5)
        #expect(state.next(tail: point(1, 9), end: nil, linked: 1) == .synchronize(point(1, 9)))
        #expect(state.completed(0) == point(1, 9))
        #expect(state.next(tail: point(1, 9), end: nil, linked: 1) == .none)
    }

    @Test func synchronizesTheOldSegmentBeforeTheNewOne() {
        var state = SyncState(segment: 1, durable: 3)
        #expect(state.next(tail: point(2, 12), end: point(1, 8), linked: 2) == .synchronize(point(1, 8)))
        #expect(state.completed(0)?.sequence == 8)
        #expect(state.segment == 2 && state.durable == 8)
        #expect(state.next(tail: point(2, 12), end: nil, linked: 2) == .synchronize(point(2, 12)))
    }

    @Test func nothingCountsBeforeTheSegmentsNameIsSafe() {
        var state = SyncState(segment: 1, durable: 8)
        // The old segment may have been written back again since; it is closed in any case.
        #expect(state.next(tail: point(2, 12), end: point(1, 8), linked: 1) == .synchronize(point(1, 8)))
        #expect(state.completed(0)?.sequence == 8)
        #expect(state.next(tail: point(2, 12), end: nil, linked: 1) == .none)
        #expect(state.next(tail: point(2, 12), end: nil, linked: 2) == .synchronize(point(2, 12)))
    }

    @Test func failureIsFinal() {
        var state = SyncState(segment: 1, durable: 0)
        _ = state.next(tail: point(1, 5), end: nil, linked: 1)
        #expect(state.completed(-EIO) == nil)
        #expect(state.failure == Errno(rawValue: EIO) && state.durable == 0)
        #expect(state.next(tail: point(1, 5), end: nil, linked: 1) == .none)
    }
}

@Suite struct SynchronizerTests {
    @Test func durableMarkFollowsTheSynchronizer() throws {
        let directory = TemporaryDirectory()
        var writer = try JournalWriter.create(
            directory: directory.journal, venueId: testVenue, options: smallSegments)
        var synchronizer = writer.makeSynchronizer()
        #expect(synchronizer.next() == nil)
        let tail = try TailReader.open(directory: directory.journal)
        for seed in 1...30 as ClosedRange<UInt64> {
            writer.append(TestRecord(seed: seed, effectsLength: 60_000))
            #expect(try tail.durableSequence() == seed - 1)
            var request = synchronizer.next()
            // Where a segment was just begun, its name has to reach the disk first.
            while request == nil { request = synchronizer.next() }
            let through = try #require(request).throughSequence
            #expect(synchronizer.isInFlight && synchronizer.next() == nil)
            try synchronizer.completed(0)
            if through < seed { try synchronizer.synchronizeBlocking() }
            #expect(synchronizer.durableSequence == seed && writer.durableSequence == seed)
            #expect(try tail.durableSequence() == seed)
        }
        let mark = try readMark(directory.journal)
        #expect(mark == DurableMark(sequence: 30, hash: writer.headHash, bootId: BootId.current()))
    }

    @Test func readerKeepsSeeingTheMarkOverARestartOfTheWriter() throws {
        let directory = TemporaryDirectory()
        try makeJournal(directory.journal, [TestRecord(seed: 1), TestRecord(seed: 2)])
        try setMark(directory.journal, bootId: Bytes32(1, 1, 1, 1))
        let tail = try TailReader.open(directory: directory.journal)
        #expect(try tail.durableSequence() == 0)
        var recovery = try Recovery(directory: directory.journal, options: smallSegments)
        while try recovery.next() != nil {}
        var writer = try recovery.finish()
        #expect(writer.opening.followsAnotherBoot && writer.opening.durableSequence == 0)
        #expect(try tail.durableSequence() == 2)
        let renewed = DurableMark(sequence: 2, hash: writer.headHash, bootId: .zero)
        let file = try bytes(directory.journal + "/durable")
        file.withUnsafeBytes { bytes in
            for offset in [DurableMark.slotOffsets.0, DurableMark.slotOffsets.1] {
                #expect(DurableMark.decode(bytes.baseAddress! + offset) == renewed)
            }
        }
        writer.append(TestRecord(seed: 3))
        try writer.synchronize()
        #expect(try tail.durableSequence() == 3)
        #expect(try readMark(directory.journal).bootId == BootId.current())
    }

    @Test func aStartThatWritesNothingLeavesTheOtherBootToTheNext() throws {
        let directory = TemporaryDirectory()
        try makeJournal(directory.journal, [TestRecord(seed: 1), TestRecord(seed: 2)])
        try setMark(directory.journal, bootId: Bytes32(1, 1, 1, 1))
        for _ in 1...2 { #expect(try recover(directory.journal).opening.followsAnotherBoot) }
        var recovery = try Recovery(directory: directory.journal, options: smallSegments)
        while try recovery.next() != nil {}
        var writer = try recovery.finish()
        writer.append(TestRecord(seed: 3))
        try writer.synchronize()
        _ = consume writer
        #expect(try !recover(directory.journal).opening.followsAnotherBoot)
    }

    @Test func failedFdatasyncIsFatalAndLeavesTheMark() throws {
        let directory = TemporaryDirectory()
        var writer = try JournalWriter.create(
            directory: directory.journal, venueId: testVenue, options: smallSegments)
        var synchronizer = writer.makeSynchronizer()
        writer.append(TestRecord(seed: 1))
        _ = synchronizer.next()
        #expect(throws: JournalError.synchronizationFailed(Errno(rawValue: EIO))) { try synchronizer.completed(-EIO) }
        #expect(synchronizer.next() == nil)
        #expect(try TailReader.open(directory: directory.journal).durableSequence() == 0)
    }

    @Test func writerKilledInsideASlotOfTheMarkLeavesTheOtherSlot() throws {
        let directory = fastDirectory()
        try makeJournal(directory.journal, (1...3 as ClosedRange<UInt64>).map { TestRecord(seed: $0) }, durable: true)
        let before = try readMark(directory.journal)
        let next = DurableMark(sequence: 4, hash: Bytes32(4), bootId: BootId.current())
        var slot = [UInt8](repeating: 0, count: DurableMark.slotBytes)
        withUnsafeTemporaryAllocation(byteCount: slot.count, alignment: 8) { memory in
            next.encode(at: memory.baseAddress!)
            slot = Array(memory)
        }
        // The slot that is not the latest: the one that the next mark goes to.
        let file = directory.journal + "/durable"
        let content = try bytes(file)
        let offset = [DurableMark.slotOffsets.0, DurableMark.slotOffsets.1].min { left, right in
            content[left] < content[right]
        }!
        for written in 0..<slot.count {
            try overwrite(file, at: offset, Array(slot.prefix(written)))
            let read = try readMark(directory.journal)
            #expect(read == before || (written == slot.count && read == next), "written \(written)")
        }
        try overwrite(file, at: offset, slot)
        #expect(try readMark(directory.journal) == next)
    }
}

import Foundation
import Reference
import Testing
import Venue
import Wire

@testable import Journal
@testable import Replay

/// Whole journals, replayed.
@Suite struct ReplayTests {
    @Test func bothVenuesReplayAJournalToTheSameState() throws {
        let fixture = try ReplayFixture()
        let fast = try JournalReplay(fixture.directory, through: Venue.self)
        let naive = try JournalReplay(fixture.directory, through: Reference.self)
        #expect(fast == naive)
        #expect(fast.stateHash != nil)
        #expect(fast.lastSequence == fixture.lastSequence && fast.counts.records == fixture.lastSequence)
        #expect(fast.counts.trades == UInt64(fixture.trades) && fixture.trades > 600)
        #expect(try JournalFiles.segments(fixture.directory).count > 1, "the journal rolls on the way")
    }

    @Test func anotherJournalHasAnotherState() throws {
        let whole = try ReplayFixture()
        let shorter = try ReplayFixture { step, _ in step != .last }
        let (first, second) = (
            try JournalReplay(whole.directory, through: Venue.self),
            try JournalReplay(shorter.directory, through: Venue.self)
        )
        #expect(first.stateHash != second.stateHash)
        #expect(first.headHash != second.headHash)
    }

    @Test func aCommandThatIsNotDoneLeavesNoStateHash() throws {
        var isCut = false
        let fixture = try ReplayFixture { step, _ in
            isCut = isCut || step == .continuation
            return !isCut
        }
        let replay = try JournalReplay(fixture.directory, through: Venue.self)
        #expect(replay.stateHash == nil)
        #expect(replay.lastSequence == fixture.sequences[.crossing])
        #expect(try JournalReplay(fixture.directory, through: Reference.self) == replay)
    }

    @Test func progressIsToldEvery65536Records() throws {
        let fixture = try ReplayFixture()
        var told: [UInt64] = []
        _ = try JournalReplay(fixture.directory, through: Venue.self) { told.append($0) }
        #expect(told == Array(stride(from: 65_536, through: fixture.lastSequence, by: 65_536)))
    }

    @Test func aFlippedByteIsDamageNotADivergence() throws {
        let fixture = try ReplayFixture()
        let segment = fixture.directory + "/" + JournalFiles.segment(1)
        let file = try FileHandle(forUpdating: URL(filePath: segment))
        try file.seek(toOffset: 20_000)
        let byte = try #require(try file.read(upToCount: 1)?.first)
        try file.seek(toOffset: 20_000)
        try file.write(contentsOf: Data([byte ^ 1]))
        try file.close()
        #expect {
            _ = try JournalReplay(fixture.directory, through: Venue.self)
        } throws: { error in
            if case .journal(.damage) = error as? ReplayError { true } else { false }
        }
    }

    @Test func aJournalWithoutRecordsIsSaidToBeEmpty() throws {
        let fixture = try ReplayFixture { _, _ in false }
        #expect {
            _ = try JournalReplay(fixture.directory, through: Venue.self)
        } throws: { error in
            if case .empty(fixture.directory) = error as? ReplayError { true } else { false }
        }
    }

    /// What stands behind the tail is looked at by prefetching, and must change nothing.
    @Test(arguments: [UInt32(0), 63, 144, UInt32.max])
    func garbageBehindTheTailChangesNothing(_ commandLength: UInt32) throws {
        let fixture = try ReplayFixture()
        let before = try JournalReplay(fixture.directory, through: Venue.self)
        var scan = try JournalScan(directory: fixture.directory)
        while try scan.next() != nil {}
        let end = scan.tail
        let tail = try #require(end)
        var garbage = [UInt8](repeating: 0xFF, count: 512)
        garbage.withUnsafeMutableBytes {
            $0.storeBytes(of: RecordKind.command.rawValue, toByteOffset: RecordLayout.kind, as: UInt16.self)
            $0.storeBytes(of: commandLength, toByteOffset: RecordLayout.commandLength, as: UInt32.self)
            // The header of a new order, of an account and an instrument that cannot exist.
            $0.storeBytes(of: 72, toByteOffset: RecordLayout.body, as: UInt16.self)
            $0.storeBytes(of: Template.newOrder, toByteOffset: RecordLayout.body + 2, as: UInt16.self)
            $0.storeBytes(of: 1, toByteOffset: RecordLayout.body + 4, as: UInt16.self)
            $0.storeBytes(of: 0, toByteOffset: RecordLayout.body + 6, as: UInt16.self)
        }
        let file = try FileHandle(forUpdating: URL(filePath: fixture.directory + "/" + tail.file))
        try file.seek(toOffset: tail.offset)
        try file.write(contentsOf: Data(garbage))
        try file.close()
        #expect(try JournalReplay(fixture.directory, through: Venue.self) == before)
    }
}

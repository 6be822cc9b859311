import Foundation
import Testing
import Wire

@testable import Journal
@testable import Platform

/// A small file system of its own; needs root.
final class SmallFileSystem {
    let directory = TemporaryDirectory()

    init(bytes: Int) throws {
        try #require(mount("tmpfs", directory.path, "tmpfs", 0, "size=\(bytes)") == 0, "mount: errno \(errno)")
    }

    /// Changes its size.
    func resize(bytes: Int) {
        // MS_REMOUNT
        #expect(mount("tmpfs", directory.path, "tmpfs", 32, "size=\(bytes)") == 0, "remount: errno \(errno)")
    }

    deinit { umount2(directory.path, Int32(MNT_DETACH)) }
}

@Suite(.enabled(if: geteuid() == 0, "a file system of a few MiB can be mounted only by root"))
struct DiskFullTests {
    @Test func diskFullAtARollRefusesEverythingAndServiceResumesWithSpace() throws {
        // Room for two segments and the mark, not for a third.
        let fileSystem = try SmallFileSystem(bytes: (2 << 20) + (256 << 10))
        let path = fileSystem.directory.journal
        var writer = try JournalWriter.create(directory: path, venueId: testVenue, options: smallSegments)
        #expect(writer.waitForSpare() == nil)
        let record = TestRecord(seed: 5, commandLength: 72, effectsLength: 60_000)
        var records: [TestRecord] = []
        while writer.hasSpace {
            writer.append(record)
            records.append(record)
            if writer.segment == 2 { #expect(writer.waitForSpare() == Errno.noSpace) }
        }
        #expect(writer.segment == 2)
        #expect(writer.reserve(commandLength: 72) == nil)
        #expect(writer.spareError == Errno.noSpace)
        // What is there stays readable and is made durable; nothing else is.
        var synchronizer = writer.makeSynchronizer()
        try synchronizer.synchronizeBlocking()
        #expect(synchronizer.durableSequence == UInt64(records.count))
        fileSystem.resize(bytes: 16 << 20)
        while writer.spareError != nil { sched_yield() }
        #expect(writer.waitForSpare() == nil)
        for _ in 0..<20 {
            writer.append(record)
            records.append(record)
        }
        #expect(writer.segment >= 3)
        _ = consume writer
        _ = consume synchronizer
        #expect(try recover(path).records == records)
    }

    @Test func journalOnAFullDiskIsNotMade() throws {
        let fileSystem = try SmallFileSystem(bytes: 512 << 10)
        let path = fileSystem.directory.journal
        do {
            _ = try JournalWriter.create(directory: path, venueId: testVenue, options: smallSegments)
            Issue.record("made on a full disk")
        } catch {
            guard case .system(let system) = error else { throw error }
            #expect(system.errno == .noSpace)
        }
        #expect(try segmentNames(path) == [])
        fileSystem.resize(bytes: 16 << 20)
        try makeJournal(path, [TestRecord(seed: 1)])
        #expect(try recover(path).records == [TestRecord(seed: 1)])
    }

    @Test func recoveryOnAFullDiskGivesAWriterThatRefuses() throws {
        let fileSystem = try SmallFileSystem(bytes: (1 << 20) + (128 << 10))
        let path = fileSystem.directory.journal
        let record = TestRecord(seed: 5, commandLength: 72, effectsLength: 60_000)
        try makeJournal(path, [TestRecord](repeating: record, count: 17))
        var recovery = try Recovery(directory: path, options: smallSegments)
        while try recovery.next() != nil {}
        var writer = try recovery.finish()
        #expect(writer.waitForSpare() == Errno.noSpace)
        #expect(writer.reserve(commandLength: 72) == nil)
    }
}

@Suite struct HelperFailureTests {
    @Test func segmentThatCannotBeNamedStopsTheNode() throws {
        let directory = TemporaryDirectory()
        var writer = try JournalWriter.create(
            directory: directory.journal, venueId: testVenue, options: smallSegments)
        #expect(writer.waitForSpare() == nil && writer.fatalError == nil)
        try FileManager.default.removeItem(atPath: directory.journal + "/" + JournalFiles.spare)
        let record = TestRecord(seed: 5, commandLength: 72, effectsLength: 60_000)
        while writer.segment == 1 { writer.append(record) }
        while writer.fatalError == nil { sched_yield() }
        #expect(writer.fatalError == Errno.noEntry)
        // What stands in that segment never becomes durable, and the one who waits for it is told.
        var synchronizer = writer.makeSynchronizer()
        #expect(throws: JournalError.synchronizationFailed(.noEntry)) { try synchronizer.synchronizeBlocking() }
        #expect(synchronizer.durableSequence == writer.nextSequence - 2)
    }
}

import Platform
import Wire

/// What was found when a journal was opened for writing.
public struct JournalOpening: Equatable, Sendable {
    /// Hash of the genesis body.
    public internal(set) var venueId: Bytes32
    /// Hash of record 1; zero when there is none yet.
    public internal(set) var genesisHash: Bytes32 = .zero
    /// Sequence of the last record; 0 = none.
    public internal(set) var lastSequence: UInt64 = 0
    /// Hash of the last record.
    public internal(set) var headHash: Bytes32 = .zero
    /// Time of the last record, ns Unix UTC.
    public internal(set) var lastTime: UInt64 = 0
    /// Epoch of the last record; 0 = none.
    public internal(set) var epoch: UInt32 = 0
    /// Whether the start of that epoch ended behind its continuations, before its restart record.
    public internal(set) var startIsUnfinished = false
    /// Sequence of the next market-data message.
    public internal(set) var nextFeedSequence: UInt64 = 1
    /// Feed session of the last records; 0 before the first session.
    public internal(set) var feedGeneration: UInt32 = 0
    /// Bytes behind the last record that were written, did not hold and were cut.
    public internal(set) var bytesCut: UInt64 = 0
    /// What the durable mark said; 0 when there was none.
    public internal(set) var durableSequence: UInt64 = 0
    /// Whether the machine was started again since the journal was written, as far as the durable mark tells.
    public internal(set) var followsAnotherBoot = false
    /// Boot of this machine: 32 hexadecimal digits.
    public internal(set) var bootId: Bytes32 = .zero

    init(venueId: Bytes32) { self.venueId = venueId }
}

extension JournalWriter {
    /// Whether `reserve` would succeed now: for tests that fill a disk. A program reserves, and is told.
    var hasSpace: Bool { offset <= lastStart || words.load(.spareReady) == 1 }

    /// Why there is no spare segment: the error of the last attempt to make one, or nil when it succeeded.
    public var spareError: Errno? {
        let word = words.load(.spareError)
        return word == 0 ? nil : Errno(rawValue: Int32(truncatingIfNeeded: word))
    }

    /// An error after which the node has to stop: a segment could not be given its name. Nil while all is well.
    public var fatalError: Errno? {
        let word = words.load(.fatalError)
        return word == 0 ? nil : Errno(rawValue: Int32(truncatingIfNeeded: word))
    }

    /// Sequence up to which the journal survives a loss of power.
    public var durableSequence: UInt64 { words.load(.durableSequence) }

    /// Waits until a spare segment is ready, or making one failed. For start and for tools; never on a hot thread.
    ///
    /// - Returns: nil when there is a spare, else why there is none.
    public func waitForSpare() -> Errno? {
        while true {
            if words.load(.spareReady) == 1 { return nil }
            if let error = spareError ?? fatalError { return error }
            SystemClock.sleep(nanoseconds: SegmentHelper.pauseMin)
        }
    }

    /// A reader of this process that begins behind the last record.
    ///
    /// - Returns: nil when there are as many readers as there can be (16).
    public func makeReader() -> CommittedReader? {
        CommittedReader(
            store: store, at: JournalPosition(segment: segment, offset: offset), nextSequence: nextSequence)
    }

    /// The synchroniser of this journal: there is one.
    public func makeSynchronizer() -> JournalSynchronizer {
        JournalSynchronizer(store: store)
    }
}

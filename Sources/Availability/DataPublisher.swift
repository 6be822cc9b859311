import Cryptography
import Journal
import Platform
import Proof
import Wire

/// Limits of batches, and of patience.
public struct PublisherLimits: Sendable {
    /// Most records of one batch.
    public var records: Int
    /// Most bytes of one batch.
    public var bytes: Int
    /// Longest time that a record waits for its batch to fill, ns.
    public var age: UInt64
    /// Least age of a record that leaves, ns.
    public var delay: UInt64

    public init(records: Int, bytes: Int, age: UInt64, delay: UInt64) {
        (self.records, self.bytes, self.age, self.delay) = (records, bytes, age, delay)
    }
}

/// Puts the journal to a layer, batch by batch, in order, and publishes a certificate of each.
///
/// A batch goes through: chosen (its last sequence is on disk) → submitted → fetched back, digest compared →
/// certificate published → position moved on. A crash at any point repeats what came after the last step that is on
/// disk, with the same bytes. `step` does one thing at a time and says when to come again; it never waits itself, the
/// layer's answers aside.
public struct DataPublisher: ~Copyable {
    /// What `step` came to.
    public enum Step: Equatable, Sendable {
        /// A batch became available: its last sequence, its digest.
        case published(through: UInt64, digest: Hash256)
        /// Nothing is due.
        case idle
        /// The layer failed: why; the batch goes again after the pause, ns.
        case failed(LayerError, pause: UInt64)
        /// The layer gave back other bytes than were submitted: the batch goes again after the pause, ns.
        case mismatch(String, pause: UInt64)
    }

    private let layer: any DataLayer
    private let limits: PublisherLimits
    private let positionPath: String
    private let certificates: String
    private let venue: Hash256
    private var state: PublisherState
    private var reader: TailReader
    private var draft: Batch.Draft
    private var firstTime: UInt64?
    /// A durable record that did not fit into the draft, or is not old enough yet; valid until the reader moves on.
    private var waiting: RecordView?
    private var batch: Batch?
    private var pause: UInt64 = 0

    static let pauseMin: UInt64 = 100_000_000, pauseMax: UInt64 = 30_000_000_000

    /// Last sequence that is available, and the digest of its batch.
    public var through: UInt64 { state.through }
    public var digest: Hash256 { state.digest }
    /// Time of the oldest record that was seen and is not available yet, ns; nil: none.
    public var oldestTime: UInt64? { firstTime ?? waiting?.time }

    /// Goes on where the file `positionPath` says. The journal has to hold the record that it ended with.
    ///
    /// - Parameters:
    ///   - journal: the journal's directory.
    ///   - certificates: the directory for certificates.
    /// - Throws: `PublisherError`; what the journal's reader and the file system throw.
    public init(
        layer: any DataLayer, limits: PublisherLimits, journal: String, positionPath: String,
        certificates: String
    ) throws {
        try FileDirectory.createDurably(certificates)
        let state = try PublisherState(path: positionPath)
        let reader = try Self.open(journal, behind: state)
        let venue = Hash256(reader.venueId)
        self.layer = layer
        self.limits = limits
        self.positionPath = positionPath
        self.certificates = certificates
        self.state = state
        self.reader = reader
        self.venue = venue
        draft = Batch.Draft(venue: venue, previous: state.digest, first: state.through + 1)
    }

    private static func open(_ journal: String, behind state: PublisherState) throws -> TailReader {
        let hash = state.head.withUnsafeBytes { Bytes32(from: $0.baseAddress!) }
        do throws(JournalError) {
            return try TailReader.open(directory: journal, from: .after(sequence: state.through, hash: hash))
        } catch {
            switch error {
            case .historyReplaced, .gap:
                throw PublisherError.journal(
                    "records up to \(state.through) are available, and the journal is shorter, or another one"
                )
            default: throw error
            }
        }
    }

    /// Sequence up to which the journal survives a loss of power.
    public func durableSequence() throws -> UInt64 { try reader.durableSequence() }

    /// Does what is due.
    ///
    /// - Parameters:
    ///   - durable: the sequence up to which the journal survives a loss of power: nothing above it leaves.
    ///   - now: ns since 1970 UTC.
    ///   - isClosing: whether what may leave leaves now, however little it is.
    public mutating func step(durable: UInt64, now: UInt64, isClosing: Bool = false) throws -> Step {
        if batch == nil { try fill(durable: durable, now: now, isClosing: isClosing) }
        guard let batch else { return .idle }
        let commitment: [UInt8], returned: [UInt8]
        do throws(LayerError) {
            commitment = try layer.submit(batch)
            returned = try layer.fetch(commitment)
        } catch {
            return .failed(error, pause: nextPause())
        }
        guard Sha256.hash(returned) == batch.digest else {
            let text = "\(layer.name) gave back \(returned.count) bytes that are not the batch from \(batch.first)"
            return .mismatch(text, pause: nextPause())
        }
        return try finish(batch, commitment)
    }

    private mutating func nextPause() -> UInt64 {
        pause = min(max(2 * pause, Self.pauseMin), Self.pauseMax)
        return pause
    }

    private mutating func finish(_ batch: Batch, _ commitment: [UInt8]) throws -> Step {
        let certificate = BatchCertificate(batch, layer: layer.name, commitment: commitment)
        let path = "\(certificates)/\(BatchCertificate.name(first: batch.first))"
        try File.replace(path, with: certificate.bytes)
        state.through = batch.last
        state.digest = batch.digest
        state.head = batch.lastHash
        state.pending = nil
        try state.write(path: positionPath)
        draft = Batch.Draft(venue: venue, previous: batch.digest, first: batch.last + 1)
        (self.batch, firstTime, pause) = (nil, nil, 0)
        return .published(through: state.through, digest: state.digest)
    }

    /// Takes records into the draft until a batch is due. Records above the durable mark are not even looked at: a
    /// recovery may cut them.
    private mutating func fill(durable: UInt64, now: UInt64, isClosing: Bool) throws {
        if let pending = state.pending { return try refill(pending) }
        while true {
            if waiting == nil, reader.nextSequence <= durable { waiting = try reader.next() }
            guard let record = waiting, record.time &+ limits.delay <= now else { break }
            let isFull =
                draft.count >= UInt64(limits.records)
                || draft.byteCount + record.length > min(limits.bytes, Batch.bytesMax)
            if isFull && draft.count > 0 { return try choose() }
            take(record)
        }
        guard draft.count > 0 else { return }
        let isDue = now >= (firstTime ?? now) &+ limits.age &+ limits.delay
        if isDue || isClosing || draft.count >= UInt64(limits.records) { try choose() }
    }

    /// Makes a batch again that was chosen before a crash: of the same records, all of which were durable then. The
    /// mark may say less now, after a loss of power, but a journal that ends before them was set back.
    private mutating func refill(_ pending: PublisherState.Pending) throws {
        while draft.last < pending.last {
            guard let record = try reader.next() else {
                throw PublisherError.journal(
                    "a batch of records \(draft.first) to \(pending.last) is under way, and the journal ends with "
                        + "record \(reader.nextSequence - 1)")
            }
            take(record)
        }
        let again = draft.finish()
        guard again.digest == pending.digest else {
            throw PublisherError.journal(
                "the batch of records \(draft.first) to \(pending.last) is under way, and the journal has others")
        }
        batch = again
    }

    private mutating func take(_ record: RecordView) {
        draft.append(record)
        if firstTime == nil { firstTime = record.time }
        waiting = nil
    }

    private mutating func choose() throws {
        let chosen = draft.finish()
        state.pending = .init(last: chosen.last, digest: chosen.digest)
        try state.write(path: positionPath)
        batch = chosen
    }
}

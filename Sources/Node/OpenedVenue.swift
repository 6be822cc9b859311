import Cryptography
import Genesis
import Journal
import Ledger
import Logging
import Platform
import Replay
import Ring
import Settings
import Venue
import Wire

/// Start = recover: from a directory to a venue that goes on where the journal ends. No flags, no ids asked.
///
///     journal there     replay → compare → cut a torn tail → missing continuations → restart record
///     no journal        genesis file → compare → genesis record
///     both              operator.commands, each once, by its nonce
///
/// What is compared are the [venue] tables, as the operator's commands will leave them: a start that they refuse has
/// written nothing, so a supervisor that tries for ever does not make the journal longer.
///
/// Everything is durable before the first client is let in.
struct OpenedVenue: ~Copyable {
    // Optional to be taken one by one: each goes to another agent.
    private var sequencer: Sequencer?
    private var synchronizer: JournalSynchronizer?
    private var publishReader: CommittedReader?
    private var replyReader: CommittedReader?
    /// Sequence of the last record.
    let lastSequence: UInt64
    /// Bytes of memory: of the venue, of the nonce memory.
    let venueBytes: Int
    let nonceBytes: Int
    let keys: KeyTable
    let venueId: Bytes32
    /// Four ASCII characters.
    let venueName: UInt32
    let prefixes: Prefixes
    let feedGeneration: UInt32
    let nextFeedSequence: UInt64

    mutating func takeSequencer() -> Sequencer { sequencer.take()! }
    mutating func takeSynchronizer() -> JournalSynchronizer { synchronizer.take()! }
    /// Begins with the first record that the publisher has to send.
    mutating func takePublishReader() -> CommittedReader { publishReader.take()! }
    /// Begins behind the last record.
    mutating func takeReplyReader() -> CommittedReader { replyReader.take()! }

    /// Opens what the settings name. Replays on the calling thread; that takes about a microsecond a record.
    static func open(_ settings: NodeSettings, _ log: Logger) throws(NodeError) -> OpenedVenue {
        Sodium.initialize()
        var options = JournalOptions()
        options.segmentBytes = UInt64(settings.journal.segmentBytes)
        options.populateBytes = settings.journal.populateAheadBytes
        options.helperCore = settings.threads.first { $0.agents.contains(.services) }?.core.map { UInt32($0) }
        let nonces = try platform { () throws(PlatformError) in
            try NonceMemory(keysMax: settings.rememberedKeysMax)
        }
        let directory = settings.journalDirectory
        let recovery: Recovery
        do throws(JournalError) {
            recovery = try Recovery(directory: directory, options: options)
        } catch .noJournal {
            return try begin(settings, options, nonces, log)
        } catch { throw .journal(error) }
        return try goOn(settings, recovery, nonces, log)
    }

    // MARK: A journal that is there

    private static func goOn(
        _ settings: NodeSettings, _ opened: consuming Recovery, _ nonces: consuming NonceMemory, _ log: Logger
    ) throws(NodeError) -> OpenedVenue {
        var recovery = opened
        guard let first = try nextRecord(&recovery) else {
            // The first segment was made, and the process killed before genesis: the genesis record is due.
            let genesis = try prepare(settings)
            let writer = try finish(recovery)
            return try begin(settings, genesis, writer, nonces, log)
        }
        guard first.kind == .genesis, first.commandLength == GenesisMessage.size else {
            throw .divergence(sequence: 1, "it is no genesis record")
        }
        guard GenesisFile.venueId(first.command) == recovery.venueId else {
            throw .divergence(sequence: 1, "its hash is not the venue id of the segment")
        }
        let started = SystemClock.monotonicNanoseconds()
        var replay = begin(settings, first, nonces, log)
        try replay.take(first)
        while let record = try nextRecord(&recovery) { try replay.take(record) }
        guard replay.isComplete else {
            throw .divergence(sequence: recovery.lastSequence, "the journal ends before the record of the snapshot")
        }
        let (count, tables) = (replay.count, replay.tables)
        try requireAgreement(settings, tables, replay.keys, venueId: recovery.venueId)
        let writer = try finish(recovery)
        let elapsed = SystemClock.monotonicNanoseconds() - started
        log.notice(
            "replayed \(count) records in \(elapsed / 1_000_000) ms, head \(Hash256(writer.headHash).hexadecimal)")
        if writer.opening.bytesCut > 0 { log.warning("cut a torn tail of \(writer.opening.bytesCut) bytes") }
        let state = replay.finish()
        return try restart(settings, writer, state, tables, log)
    }

    /// Behind the newest snapshot that is good, or with genesis.
    private static func begin(
        _ settings: NodeSettings, _ first: RecordView, _ nonces: consuming NonceMemory, _ log: Logger
    ) -> StartReplay {
        guard settings.journal.startFrom == .snapshot else {
            log.notice("the replay begins with genesis: journal.start_from says so")
            return StartReplay(genesis: first.command, nonces: nonces)
        }
        let found = SnapshotStart<Venue>.find(
            in: SnapshotDirectory(settings.snapshotDirectory),
            genesis: Array(UnsafeRawBufferPointer(start: first.command, count: GenesisMessage.size)),
            journal: settings.journalDirectory
        ) { log.warning("snapshot not used: \($0)") }
        guard let found else {
            log.notice("the replay begins with genesis: there is no snapshot to go on from")
            return StartReplay(genesis: first.command, nonces: nonces)
        }
        log.notice("the replay begins behind record \(found.sequence), with its snapshot")
        return StartReplay(found, nonces: nonces)
    }

    private static func nextRecord(_ recovery: inout Recovery) throws(NodeError) -> RecordView? {
        do throws(JournalError) { return try recovery.next() } catch { throw .journal(error) }
    }

    private static func finish(_ recovery: consuming Recovery) throws(NodeError) -> JournalWriter {
        do throws(JournalError) { return try recovery.finish() } catch { throw .journal(error) }
    }

    /// Missing continuations first, then the restart record. What a feed session has published stays as it is: when
    /// records were cut, or may have been lost, or the session was ended, a new one begins.
    private static func restart(
        _ settings: NodeSettings, _ writer: consuming JournalWriter, _ replayed: consuming ReplayedState,
        _ tables: JournaledVenue, _ log: Logger
    ) throws(NodeError) -> OpenedVenue {
        let opening = writer.opening
        try waitForSpare(writer)
        let isNewSession = opening.bytesCut > 0 || opening.followsAnotherBoot || tables.feedHasEnded
        let generation = isNewSession ? opening.feedGeneration + 1 : opening.feedGeneration
        var publishReader = try reader(writer)
        let nextFeedSequence = isNewSession ? 1 : writer.nextFeedSequence
        var sequencer = Sequencer(venue: replayed.venue, writer: writer, nonces: replayed.nonces)
        var continuations = 0
        while sequencer.isPending {
            guard sequencer.continuePending(now: SystemClock.realtimeNanoseconds()) else { throw .noSpaceAtStart }
            continuations += 1
        }
        if continuations > 0 { log.notice("finished a command with \(continuations) continuation records") }
        if isNewSession { publishReader = try sequencer.makeReader() }
        let previousHead = sequencer.headHash
        let message = UnsafeMutableRawPointer.allocate(byteCount: RestartMessage.size, alignment: 8)
        defer { message.deallocate() }
        RestartMessage.encode(
            at: message, previousHead: previousHead, bootId: opening.bootId, cutBytes: opening.bytesCut,
            feedGeneration: generation)
        try append(&sequencer, UnsafeRawPointer(message), RestartMessage.size, .restart)
        return try complete(
            settings, sequencer, publishReader, tables,
            Feed(venueId: opening.venueId, generation: generation, nextSequence: nextFeedSequence), log)
    }

    // MARK: A new one

    /// The genesis message, once the configuration agrees with it and with the operator's commands.
    private static func prepare(_ settings: NodeSettings) throws(NodeError) -> [UInt8] {
        let genesis = try GenesisFile.read(settings.journalDirectory)
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: GenesisMessage.size + EffectWriter.capacity, alignment: 64)
        defer { memory.deallocate() }
        let message = UnsafeRawPointer(memory + EffectWriter.capacity)
        (memory + EffectWriter.capacity).copyMemory(from: genesis, byteCount: genesis.count)
        // A venue for the keys alone: the one that goes on is made with the genesis record.
        var venue = Venue(genesis: GenesisMessage(message))
        var effects = EffectWriter(memory)
        _ = venue.apply(
            Command(message: message, count: genesis.count, kind: .genesis, sequence: 1, time: 0, proofsHold: false),
            into: &effects)
        let tables = JournaledVenue(genesis: GenesisMessage(message))
        try withExtendedLifetime(venue) { () throws(NodeError) in
            try requireAgreement(settings, tables, venue.keys, venueId: GenesisFile.venueId(message))
        }
        return genesis
    }

    private static func begin(
        _ settings: NodeSettings, _ options: JournalOptions, _ nonces: consuming NonceMemory, _ log: Logger
    ) throws(NodeError) -> OpenedVenue {
        let genesis = try prepare(settings)
        let venueId = genesis.withUnsafeBytes { GenesisFile.venueId($0.baseAddress!) }
        let writer: JournalWriter
        do throws(JournalError) {
            writer = try JournalWriter.create(
                directory: settings.journalDirectory, venueId: venueId, options: options)
        } catch { throw .journal(error) }
        return try begin(settings, genesis, writer, nonces, log)
    }

    private static func begin(
        _ settings: NodeSettings, _ genesis: [UInt8], _ writer: consuming JournalWriter,
        _ nonces: consuming NonceMemory, _ log: Logger
    ) throws(NodeError) -> OpenedVenue {
        try waitForSpare(writer)
        let venueId = writer.opening.venueId
        log.notice("a new journal for venue \(Hash256(venueId).hexadecimal)")
        let publishReader = try reader(writer)
        let message = UnsafeMutableRawPointer.allocate(byteCount: GenesisMessage.size, alignment: 8)
        defer { message.deallocate() }
        genesis.withUnsafeBytes { message.copyMemory(from: $0.baseAddress!, byteCount: GenesisMessage.size) }
        guard GenesisFile.venueId(UnsafeRawPointer(message)) == venueId else {
            throw .genesis("the genesis file is not the one that this journal was made for")
        }
        var sequencer = Sequencer(
            venue: Venue(genesis: GenesisMessage(UnsafeRawPointer(message))), writer: writer, nonces: nonces)
        try append(&sequencer, UnsafeRawPointer(message), GenesisMessage.size, .genesis)
        return try complete(
            settings, sequencer, publishReader, JournaledVenue(),
            Feed(venueId: venueId, generation: 1, nextSequence: 1), log)
    }

    // MARK: Both

    /// Feed session in force, and whose.
    private struct Feed {
        let venueId: Bytes32
        let generation: UInt32
        let nextSequence: UInt64
    }

    /// Refuses a configuration that is not what the journal will say, or whose ports are taken, before anything is
    /// appended.
    private static func requireAgreement(
        _ settings: NodeSettings, _ tables: JournaledVenue, _ keys: KeyTable, venueId: Bytes32
    ) throws(NodeError) {
        let prefixes = Prefixes(venue: Hash256(venueId))
        let commands = OperatorCommands(check: SignatureCheck(keys: keys, prefixes: prefixes), prefixes: prefixes)
        try commands.forecast(settings.journalDirectory, tables, keys).requireEqual(to: settings.venue)
        try Machine.requirePorts(settings)
    }

    /// The operator's commands, and what the venue made of them: one that it did not take is a difference, found once,
    /// because the next start knows.
    private static func complete(
        _ settings: NodeSettings, _ made: consuming Sequencer, _ publishReader: consuming CommittedReader,
        _ replayed: JournaledVenue, _ feed: Feed, _ log: Logger
    ) throws(NodeError) -> OpenedVenue {
        var sequencer = made
        let prefixes = Prefixes(venue: Hash256(feed.venueId))
        let keys = sequencer.keys
        let commands = OperatorCommands(check: SignatureCheck(keys: keys, prefixes: prefixes), prefixes: prefixes)
        let journaled = try commands.run(settings.journalDirectory, &sequencer, log)
        if journaled > 0 { log.notice("journaled \(journaled) operator commands") }
        var synchronizer = sequencer.makeSynchronizer()
        do throws(JournalError) { try synchronizer.synchronizeBlocking() } catch { throw .journal(error) }
        var tables = replayed
        try takeNewRecords(settings.journalDirectory, sequencer.firstSequenceOfStart, &tables, log)
        try tables.requireEqual(to: settings.venue)
        let replyReader = try sequencer.makeReader()
        let (last, venueBytes, nonceBytes) = (sequencer.lastSequence, sequencer.venueBytes, sequencer.nonceBytes)
        return OpenedVenue(
            sequencer: sequencer, synchronizer: synchronizer, publishReader: publishReader, replyReader: replyReader,
            lastSequence: last, venueBytes: venueBytes, nonceBytes: nonceBytes,
            keys: keys, venueId: feed.venueId, venueName: FixedText.four(settings.venue.name) ?? 0, prefixes: prefixes,
            feedGeneration: feed.generation,
            nextFeedSequence: feed.nextSequence)
    }

    /// The records of this start, read back from the file.
    private static func takeNewRecords(
        _ directory: String, _ first: UInt64, _ tables: inout JournaledVenue, _ log: Logger
    ) throws(NodeError) {
        do throws(JournalError) {
            var reader = try TailReader.open(directory: directory, from: .sequence(first))
            while let record = try reader.next() {
                tables.take(record)
                var effects = record.effects
                while let effect = effects.read() {
                    guard effect.template == Template.rejected else { continue }
                    let reason = RejectedMessage(effect.base).reason
                    log.warning("operator command refused, record \(record.sequence): \(reason?.text ?? "unknown")")
                }
            }
        } catch { throw .journal(error) }
    }

    private static func append(
        _ sequencer: inout Sequencer, _ message: UnsafeRawPointer, _ length: Int, _ kind: RecordKind
    ) throws(NodeError) {
        let now = SystemClock.realtimeNanoseconds()
        let input = Sequencer.Input(
            command: message, commandLength: length, messageLength: length, kind: kind, flags: [], arrivalTime: now,
            arrivalTicket: 0)
        guard sequencer.append(input, now: now) != nil else { throw .noSpaceAtStart }
    }

    private static func reader(_ writer: borrowing JournalWriter) throws(NodeError) -> CommittedReader {
        guard let reader = writer.makeReader() else { throw .resources("no more readers of the journal") }
        return reader
    }

    private static func waitForSpare(_ writer: borrowing JournalWriter) throws(NodeError) {
        guard let error = writer.waitForSpare() else { return }
        throw .journal(.system(.systemCall("posix_fallocate", subject: "spare.segment", error)))
    }
}

extension NodeError {
    /// The journal has no space for what has to be journaled at start.
    static var noSpaceAtStart: NodeError { .resources("the journal has no space for the records of the start") }
}

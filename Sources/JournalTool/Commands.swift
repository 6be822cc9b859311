import ArgumentParser
import Glibc
import Journal
import Replay
import Wire

/// The operator's view of a journal: reads it, also while the node writes it, in constant memory.
public struct JournalCommand: ParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "journal",
        abstract: "Reads a node's journal, also while the node writes it, in constant memory.",
        discussion: """
            Exit status: 0 all is well, 1 the journal is damaged or differs from its replay, 2 there is no journal, or \
            it cannot be read, 64 command line.
            """,
        subcommands: [Info.self, Cat.self, Tail.self, Show.self, Verify.self, Replay.self])

    public init() {}

    /// Runs the command line of the process.
    public static func execute() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let error as JournalError {
            standardError("journal: \(error)")
            exit(withError: ExitCode(status(error)))
        } catch { exit(withError: error) }
    }

    /// 1 for what is wrong with a journal, 2 where there is none to be right or wrong.
    static func status(_ error: JournalError) -> Int32 {
        switch error {
        case .damage, .historyReplaced, .synchronizationFailed: 1
        case .system, .invalidOption, .noJournal, .alreadyExists, .locked, .gap: 2
        }
    }

    static func standardError(_ line: String) {
        var line = line + "\n"
        _ = line.withUTF8 { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}

struct Place: ParsableArguments {
    @Option(name: .shortAndLong, help: "The journal's directory.")
    var directory = "run/journal"
}

struct Selection: ParsableArguments {
    @Flag(help: "One JSON object a line.")
    var json = false
    @Option(help: "First sequence.")
    var from: UInt64?
    @Option(help: "Last sequence.")
    var through: UInt64?
    @Option(help: "Kind of record.")
    var kind: RecordKind?
    @Option(help: "Only records that name this account.")
    var account: UInt32?
    @Option(help: "Only records that name this instrument.")
    var instrument: UInt32?

    var filter: RecordFilter {
        RecordFilter(from: from, through: through, kind: kind, account: account, instrument: instrument)
    }

    func printed(_ record: RecordView) {
        guard filter.matches(record) else { return }
        let decoded = DecodedRecord(record)
        print(json ? RecordPrinter.json(decoded) : RecordPrinter.line(decoded))
    }
}

extension RecordKind: ExpressibleByArgument {
    public static var allValueStrings: [String] { allCases.map { "\($0)" } }

    public init?(argument: String) {
        guard let kind = Self.allCases.first(where: { "\($0)" == argument }) else { return nil }
        self = kind
    }
}

struct Info: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Venue, genesis, segments, first and last record.")
    @OptionGroup var place: Place

    func run() throws {
        let summary = try JournalSummary(directory: place.directory)
        print("venue      \(RecordPrinter.hexadecimal(summary.venueId))")
        print("genesis    \(summary.genesisHash.map(RecordPrinter.hexadecimal) ?? "not in this journal")")
        print("segments   \(summary.segments), \(summary.bytes) bytes")
        print("sequences  \(summary.firstSequence) to \(summary.lastSequence)")
        print("head       \(RecordPrinter.hexadecimal(summary.headHash))")
        print("epoch      \(summary.epoch)")
        print("last time  \(summary.lastTime.map(RecordPrinter.timestamp) ?? "no record in the last segment")")
        print("durable    \(summary.durableSequence.map(String.init) ?? "no mark")")
    }
}

struct Cat: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Prints records, decoded.")
    @OptionGroup var place: Place
    @OptionGroup var selection: Selection

    func run() throws {
        let start = selection.from.map(TailStart.sequence) ?? .first
        var reader = try TailReader.open(directory: place.directory, from: start)
        while let record = try reader.next() {
            if let through = selection.through, record.sequence > through { return }
            selection.printed(record)
        }
    }
}

struct Tail: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Prints the last records.")
    @OptionGroup var place: Place
    @OptionGroup var selection: Selection
    @Option(name: .short, help: "How many records back to begin. (default: 10)")
    var number: UInt64?
    @Flag(name: .short, help: "Goes on with records as they are written.")
    var follow = false

    func validate() throws {
        if number != nil, selection.from != nil { throw ValidationError("-n and --from both say where to begin") }
    }

    func run() throws {
        let number = number ?? 10
        let last = try JournalSummary(directory: place.directory).lastSequence
        let start = selection.from ?? (last >= number ? last - number + 1 : 1)
        var reader = try TailReader.open(directory: place.directory, from: .sequence(start))
        var pauseMicroseconds: UInt32 = 1000
        while true {
            while let record = try reader.next() {
                if let through = selection.through, record.sequence > through { return }
                selection.printed(record)
                pauseMicroseconds = 1000
            }
            if !follow { return }
            fflush(nil)
            usleep(pauseMicroseconds)
            pauseMicroseconds = min(pauseMicroseconds * 2, 50_000)
        }
    }
}

struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Prints every field of one record with its offset.")
    @OptionGroup var place: Place
    @Argument(help: "The record's sequence.")
    var sequence: UInt64

    func validate() throws {
        guard sequence > 0 else { throw ValidationError("record 0: sequences begin with 1") }
    }

    func run() throws {
        var reader = try TailReader.open(directory: place.directory, from: .sequence(sequence))
        guard let record = try reader.next() else {
            JournalCommand.standardError("journal: there is no record \(sequence) yet")
            throw ExitCode(2)
        }
        print("\(reader.file), record at \(reader.fileOffset - record.length)")
        print(RecordPrinter.table(DecodedRecord(record)))
    }
}

struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Checks every header, record, hash and link; says nothing about signatures and effects.")
    @OptionGroup var place: Place

    func run() throws {
        var scan = try JournalScan(directory: place.directory, fromStart: false)
        var shown = time(nil)
        while let record = try scan.next() {
            guard record.sequence % 65_536 == 0, time(nil) > shown + 2 else { continue }
            shown = time(nil)
            JournalCommand.standardError("segment \(scan.segmentNumber), sequence \(record.sequence)")
        }
        print("whole: \(scan.firstSequence) to \(scan.lastSequence), head \(RecordPrinter.hexadecimal(scan.headHash))")
        print("durable: \(scan.durableSequence)")
        if let tail = scan.tail, tail.isTorn {
            print("torn tail in \(tail.file) at \(tail.offset): \(tail.fault); the next start cuts it")
        }
    }
}

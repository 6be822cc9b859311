import Platform

/// Why a journal cannot be opened, read or written. Closed: a `switch` over it is total.
public enum JournalError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The operating system refused a call.
    case system(PlatformError)
    /// An option is out of range: which one, and what was expected.
    case invalidOption(String)
    /// The directory holds no segment.
    case noJournal(directory: String)
    /// A journal is to be made where one is.
    case alreadyExists(directory: String)
    /// Another process has the journal open for writing.
    case locked(directory: String)
    /// What was written is not what stands there.
    case damage(Damage)
    /// Records that a reader asks for are not there any more.
    case gap(from: UInt64, to: UInt64)
    /// The record that a reader remembers is not the one that stands at its sequence.
    case historyReplaced(sequence: UInt64)
    /// fdatasync failed: what reached the disk is unknown, and the process must end and recover from the file.
    case synchronizationFailed(Errno)

    public var description: String {
        switch self {
        case .system(let error): "\(error)"
        case .invalidOption(let text): "journal option: \(text)"
        case .noJournal(let directory): "no journal in \(directory)"
        case .alreadyExists(let directory): "a journal exists in \(directory)"
        case .locked(let directory): "the journal in \(directory) is open in another process"
        case .damage(let damage): "\(damage)"
        case .gap(let from, let to): "records \(from) to \(to) are not in the journal any more"
        case .historyReplaced(let sequence): "record \(sequence) is not the one that was read before"
        case .synchronizationFailed(let errno): "fdatasync of the journal failed: \(errno)"
        }
    }
}

/// Damage, and where: what an operator needs before deciding anything. Nothing is changed when it is reported.
public struct Damage: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was found.
    public enum Cause: Equatable, Sendable {
        /// A record that does not hold.
        case record(RecordFault)
        /// A segment header that does not hold.
        case header(SegmentFault)
        /// The file `durable` does not hold, or names a record that the journal has not.
        case mark(MarkFault)
    }

    /// Sequence of the record that should stand there.
    public let sequence: UInt64
    /// File name.
    public let file: String
    /// Offset in the file, bytes.
    public let offset: UInt64
    /// What was found.
    public let cause: Cause

    public var description: String {
        let what =
            switch cause {
            case .record(let fault): "record \(sequence): \(fault)"
            case .header(let fault): "segment header: \(fault)"
            case .mark(let fault): "durable mark: \(fault)"
            }
        return "damage in \(file) at offset \(offset), sequence \(sequence): \(what)"
    }
}

import Cryptography
import GlassbookClient
import Journal
import Platform
import Proof
import Replay

/// What ends the settlement plane, or one of its followers. The exit statuses are stable.
public enum SettlementError: Error, Sendable, CustomStringConvertible {
    /// The configuration cannot be used.
    case configuration(String)
    /// The genesis file or record is not that of a venue.
    case genesis(String)
    /// A key file cannot be read, or is not the key that genesis names.
    case key(String)
    /// Another settlement plane runs in this directory.
    case inUse(String)
    /// The journal cannot be read on.
    case journal(JournalError)
    /// A record's effects are not what the venue makes of it.
    case divergence(Divergence)
    /// The journal contradicts, or is shorter than, what was signed: what, and the file with the evidence.
    case contradiction(String, evidence: String)
    /// What is published does not hold together: which file.
    case published(String)
    /// The operating system refused a call.
    case system(PlatformError)

    /// Whether the process has to end: nothing may be signed any more, or nothing can.
    public var isFatal: Bool {
        switch self {
        case .configuration, .genesis, .key, .inUse, .divergence, .contradiction: true
        case .journal(let error): Self.isFatal(error)
        // After a failed fsync nobody knows what is on the disk.
        case .system(.systemCall("fsync", _, _)), .system(.systemCall("fdatasync", _, _)),
            .system(.systemCall("syncfs", _, _)):
            true
        case .published, .system: false
        }
    }

    private static func isFatal(_ error: JournalError) -> Bool {
        switch error {
        case .damage, .historyReplaced, .gap: true
        default: false
        }
    }

    /// Exit status of the process.
    public var exitStatus: Int32 {
        switch self {
        case .configuration: 2
        case .journal: 3
        case .divergence: 4
        case .contradiction: 5
        case .genesis, .key: 6
        case .inUse: 7
        case .system, .published: 8
        }
    }

    public var description: String {
        switch self {
        case .configuration(let text): "configuration: \(text)"
        case .genesis(let text): "genesis: \(text)"
        case .key(let text): "key: \(text)"
        case .inUse(let directory): "another settlement plane runs on \(directory)"
        case .journal(let error): "\(error)"
        case .divergence(let divergence): "replay: \(divergence)"
        case .contradiction(let text, let evidence): "\(text); evidence in \(evidence)"
        case .published(let text): "published files: \(text)"
        case .system(let error): "\(error)"
        }
    }
}

extension SettlementError {
    /// Any error of a follower as one of these; nil for what is none.
    init?(any error: any Error) {
        switch error {
        case let error as SettlementError: self = error
        case let error as LogError: self.init(error)
        case let error as JournalError: self = .journal(error)
        case let error as PlatformError: self = .system(error)
        default: return nil
        }
    }
}

/// Passes on what the platform throws.
func system<Value: ~Copyable>(_ body: () throws(PlatformError) -> Value) throws(SettlementError) -> Value {
    do throws(PlatformError) { return try body() } catch { throw .system(error) }
}

/// Passes on what the journal throws.
func journal<Value: ~Copyable>(_ body: () throws(JournalError) -> Value) throws(SettlementError) -> Value {
    do throws(JournalError) { return try body() } catch { throw .journal(error) }
}

import Journal
import Platform
import Settings

/// Why a node does not start, or stops. Each has an exit status of its own, for whoever supervises the process.
public enum NodeError: Error, Sendable, CustomStringConvertible {
    /// The configuration is refused: which key, and what was expected.
    case configuration(SettingsError)
    /// The journal cannot be opened, or is damaged. Nothing was changed.
    case journal(JournalError)
    /// The journal was read, and the venue does not make of it what it says: at which sequence.
    case divergence(sequence: UInt64, String)
    /// The `[venue]` tables are not what the journal says.
    case venueDiffers(String)
    /// There is no journal, and no genesis to begin one with; or one of the files beside the journal is not valid.
    case genesis(String)
    /// The operating system refuses something.
    case system(PlatformError)
    /// A port cannot be had: the key that names it.
    case endpoint(key: String, PlatformError)
    /// A limit of this machine or of this build.
    case resources(String)

    /// What the process exits with: 0 is an orderly end, 64 a wrong command line.
    public var exitStatus: Int32 {
        switch self {
        case .configuration: 2
        case .journal(.damage), .journal(.historyReplaced): 3
        case .divergence: 4
        case .venueDiffers: 5
        case .genesis: 6
        case .journal: 7
        case .system, .endpoint: 8
        case .resources: 9
        }
    }

    public var description: String {
        switch self {
        case .configuration(let error): "configuration: \(error)"
        case .journal(let error): "journal: \(error)"
        case .divergence(let sequence, let text): "replay: record \(sequence): \(text)"
        case .venueDiffers(let text): text
        case .genesis(let text): "genesis: \(text)"
        case .system(let error): "system: \(error)"
        case .endpoint(let key, let error): "\(key): \(error)"
        case .resources(let text): text
        }
    }
}

/// Runs calls of the platform and names their errors as the node's.
func platform<Value: ~Copyable>(_ body: () throws(PlatformError) -> Value) throws(NodeError) -> Value {
    do { return try body() } catch { throw .system(error) }
}

/// Runs calls of the journal and names their errors as the node's.
func journal<Value: ~Copyable>(_ body: () throws(JournalError) -> Value) throws(NodeError) -> Value {
    do { return try body() } catch { throw .journal(error) }
}

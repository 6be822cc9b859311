import Cryptography
import Journal
import Platform
import Settings

/// Why a venue is not founded, or its operator's commands are not written.
public enum GenesisError: Error, Sendable, CustomStringConvertible {
    /// There is a venue in that directory already.
    case exists(String)
    /// A key file.
    case key(KeyFileError)
    /// The configuration.
    case settings(SettingsError)
    /// The journal.
    case journal(JournalError)
    /// The operating system.
    case system(PlatformError)
    /// A file that is to be signed.
    case unreadable(String)
    /// What the configuration asks for cannot be had with a command.
    case forEver([String])
    /// The venue was not founded yet.
    case noGenesis(String)
    /// The configuration gives no anchors.
    case anchors(String)
    /// The key is not the one that the journal has in force.
    case wrongKey(String)

    public var description: String {
        switch self {
        case .exists(let path): "\(path) exists: a venue is founded once; choose another data directory"
        case .key(let error): "\(error)"
        case .settings(let error): "configuration: \(error)"
        case .journal(let error): "journal: \(error)"
        case .system(let error): "\(error)"
        case .unreadable(let path): "\(path): cannot be read"
        case .forEver(let lines):
            "these are for ever, correct the configuration:\n  " + lines.joined(separator: "\n  ")
        case .wrongKey(let text), .noGenesis(let text): text
        case .anchors(let text): "configuration: \(text)"
        }
    }

    /// Exit status of `keys`: 2 configuration, 3 key file, 4 exists already, 5 cannot be changed, 6 journal, 8 system.
    public var exitStatus: Int32 {
        switch self {
        case .settings, .anchors: 2
        case .key, .wrongKey: 3
        case .exists: 4
        case .forEver: 5
        case .journal, .noGenesis: 6
        case .system, .unreadable: 8
        }
    }
}

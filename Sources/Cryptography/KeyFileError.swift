import Glibc

/// Why a key file was not written or not read. The codes are stable.
public enum KeyFileError: Error, Equatable, Sendable {
    /// There is a file with this name; keys are never overwritten.
    case alreadyExists(String)
    /// There is no file with this name.
    case notFound(String)
    /// The name is a symbolic link, which is not followed.
    case symbolicLink(String)
    /// The name is a directory, a pipe or a device.
    case notAFile(String)
    /// Group or others have permissions on the file; the mode follows.
    case permissions(String, UInt32)
    /// The file does not have 112 bytes; how many it has.
    case wrongSize(String, Int)
    /// The file does not begin as a key file does.
    case wrongMagic(String)
    /// The file has a version that this program does not know.
    case unknownVersion(String, UInt32)
    /// The bytes are not those that were written.
    case wrongChecksum(String)
    /// The file has a role that this program does not know.
    case unknownRole(String, UInt32)
    /// The public key is not that of the seed.
    case wrongPublicKey(String)
    /// The key is for something else.
    case wrongRole(String, expected: KeyRole, found: KeyRole)
    /// A call to the kernel failed: its name and errno.
    case system(String, String, Int32)

    /// The stable number of the reason.
    public var code: Int {
        switch self {
        case .alreadyExists: 1
        case .notFound: 2
        case .symbolicLink: 3
        case .notAFile: 4
        case .permissions: 5
        case .wrongSize: 6
        case .wrongMagic: 7
        case .unknownVersion: 8
        case .wrongChecksum: 9
        case .unknownRole: 10
        case .wrongPublicKey: 11
        case .wrongRole: 12
        case .system: 13
        }
    }
}

extension KeyFileError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .alreadyExists(let path):
            "\(path): exists already; a key is never overwritten"
        case .notFound(let path):
            "\(path): no such key file"
        case .symbolicLink(let path):
            "\(path): is a symbolic link; name the key file itself"
        case .notAFile(let path):
            "\(path): is not a regular file"
        case .permissions(let path, let mode):
            "\(path): has mode 0\(String(mode, radix: 8)); others could read the key (chmod 600 and consider it known)"
        case .wrongSize(let path, let count):
            "\(path): has \(count) bytes, a key file has \(KeyFile.byteCount)"
        case .wrongMagic(let path):
            "\(path): is not a key file (it does not begin with GLASSKEY)"
        case .unknownVersion(let path, let version):
            "\(path): key file version \(version); this program reads version \(KeyFile.version)"
        case .wrongChecksum(let path):
            "\(path): damaged (its checksum is wrong)"
        case .unknownRole(let path, let role):
            "\(path): key role \(role) is unknown"
        case .wrongPublicKey(let path):
            "\(path): damaged (its public key is not that of its seed)"
        case .wrongRole(let path, let expected, let found):
            "\(path): is the key of \(found.name), the key of \(expected.name) is needed"
        case .system(let path, let call, let number):
            "\(path): \(call): \(String(cString: strerror(number)))"
        }
    }
}

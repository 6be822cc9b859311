internal import CSodium
import Glibc

/// What a key on disk is for. The venue's own keys are four, each for one purpose; others belong to accounts and to
/// witnesses.
public enum KeyRole: UInt32, CaseIterable, Sendable {
    /// An owner or trading key of an account.
    case account = 0
    /// Creates accounts, credits deposits, lists instruments, halts trading.
    case `operator` = 1
    /// Signs checkpoints of the transparency log.
    case log = 2
    /// Signs receipts.
    case receipt = 3
    /// Signs state commitments.
    case settlement = 4
    /// Cosigns checkpoints of other people's logs; a venue has none.
    case witness = 5

    /// The name as it is typed and printed.
    public var name: String {
        switch self {
        case .account: "account"
        case .operator: "operator"
        case .log: "log"
        case .receipt: "receipt"
        case .settlement: "settlement"
        case .witness: "witness"
        }
    }

    /// The role with this name.
    public init?(name: String) {
        guard let role = KeyRole.allCases.first(where: { $0.name == name }) else { return nil }
        self = role
    }
}

/// A secret key on disk.
///
/// The file has 112 bytes, all integers little-endian:
///
/// | Offset | Size | Field |
/// |---|---|---|
/// | 0 | 8 | magic, `GLASSKEY` in ASCII |
/// | 8 | 4 | version, 1 |
/// | 12 | 4 | role (`KeyRole`): 0 account, 1 operator, 2 log, 3 receipt, 4 settlement, 5 witness |
/// | 16 | 32 | seed (the private key of RFC 8032) |
/// | 48 | 32 | public key |
/// | 80 | 32 | BLAKE2b-256 of bytes 0 to 79 |
///
/// It is created with mode 0600 and never written again; an existing file is never replaced. It is not opened
/// through a symbolic link, nor when group or others have any permission on it, because a key that somebody else
/// could read, or put there, is no longer only its owner's.
public enum KeyFile {
    /// Size of the file in bytes.
    public static let byteCount = 112
    static let version: UInt32 = 1

    /// Writes a key to a new file, and the file and its directory to the disk.
    ///
    /// - Throws: `alreadyExists`, or `system` with what the kernel said. A file that could not be finished is
    ///   removed again.
    public static func create(_ path: String, key: SigningKey, role: KeyRole) throws(KeyFileError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            if errno == EEXIST { throw .alreadyExists(path) }
            throw .system(path, "open", errno)
        }
        defer { close(descriptor) }
        do {
            try write(key, role: role, to: descriptor, path)
            try synchronizeDirectory(of: path)
        } catch {
            unlink(path)
            throw error
        }
    }

    /// Reads a key.
    ///
    /// - Parameter role: the role that the file has to have; nil takes any.
    public static func load(
        _ path: String, role: KeyRole? = nil
    ) throws(KeyFileError) -> (key: SigningKey, role: KeyRole) {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ELOOP { throw .symbolicLink(path) }
            if errno == ENOENT { throw .notFound(path) }
            throw .system(path, "open", errno)
        }
        defer { close(descriptor) }
        try check(descriptor, path)

        let buffer = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 8)
        defer {
            sodium_memzero(buffer, byteCount)
            buffer.deallocate()
        }
        var count = 0
        while count < byteCount {
            let step = read(descriptor, buffer + count, byteCount - count)
            if step < 0 && errno == EINTR { continue }
            guard step >= 0 else { throw .system(path, "read", errno) }
            guard step > 0 else { throw .wrongSize(path, count) }
            count += step
        }
        let found = try decode(buffer, path)
        if let role, found.role != role { throw .wrongRole(path, expected: role, found: found.role) }
        return found
    }

    /// Reads a key of which something is about to be given out for the first time: its public half, a venue, a proof.
    ///
    /// Who made the file may have been killed before file and name were on the disk. A loss of power would take the
    /// only copy then, of a key that others know already.
    ///
    /// - Parameter role: the role that the file has to have; nil takes any.
    public static func loadDurably(
        _ path: String, role: KeyRole? = nil
    ) throws(KeyFileError) -> (key: SigningKey, role: KeyRole) {
        let found = try load(path, role: role)
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .system(path, "open", errno) }
        defer { close(descriptor) }
        do throws(KeyFileError) {
            guard fsync(descriptor) == 0 else { throw .system(path, "fsync", errno) }
            try synchronizeDirectory(of: path)
        } catch {
            // Where nobody can write, or this user cannot look around, no process of this kind has made it just now.
            guard case .system(_, _, let errno) = error, [EROFS, EINVAL, EACCES].contains(errno) else { throw error }
        }
        return found
    }

    private static func write(
        _ key: SigningKey, role: KeyRole, to descriptor: Int32, _ path: String
    ) throws(KeyFileError) {
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 8)
        defer {
            sodium_memzero(buffer, byteCount)
            buffer.deallocate()
        }
        encode(key, role: role, into: buffer)
        // The mode given to open is cut by the umask, never widened; a umask of 0777 would make the key unreadable.
        guard fchmod(descriptor, 0o600) == 0 else { throw .system(path, "fchmod", errno) }
        var count = 0
        while count < byteCount {
            let step = Glibc.write(descriptor, buffer + count, byteCount - count)
            if step < 0 && errno == EINTR { continue }
            guard step > 0 else { throw .system(path, "write", errno) }
            count += step
        }
        guard fsync(descriptor) == 0 else { throw .system(path, "fsync", errno) }
    }

    /// The permissions are those of the open file, so that nobody can exchange it between the look and the read.
    private static func check(_ descriptor: Int32, _ path: String) throws(KeyFileError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system(path, "fstat", errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path) }
        guard status.st_mode & 0o077 == 0 else { throw .permissions(path, UInt32(status.st_mode & 0o777)) }
        guard status.st_size == byteCount else { throw .wrongSize(path, Int(status.st_size)) }
    }

    private static func synchronizeDirectory(of path: String) throws(KeyFileError) {
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(directory, "open", errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .system(directory, "fsync", errno) }
    }
}

extension KeyFile {
    private static let magic: [UInt8] = Array("GLASSKEY".utf8)

    private static func encode(_ key: SigningKey, role: KeyRole, into buffer: UnsafeMutableRawPointer) {
        buffer.copyMemory(from: magic, byteCount: 8)
        buffer.storeBytes(of: version.littleEndian, toByteOffset: 8, as: UInt32.self)
        buffer.storeBytes(of: role.rawValue.littleEndian, toByteOffset: 12, as: UInt32.self)
        key.withSeed { (buffer + 16).copyMemory(from: $0, byteCount: SigningKey.seedByteCount) }
        key.publicKey.store(to: buffer + 48)
        Blake2b256.hash(buffer, count: 80, into: buffer + 80)
    }

    private static func decode(
        _ buffer: UnsafeMutableRawPointer, _ path: String
    ) throws(KeyFileError) -> (key: SigningKey, role: KeyRole) {
        guard UnsafeRawBufferPointer(start: buffer, count: 8).elementsEqual(magic) else { throw .wrongMagic(path) }
        let found = UInt32(littleEndian: buffer.load(fromByteOffset: 8, as: UInt32.self))
        guard found == version else { throw .unknownVersion(path, found) }
        guard Blake2b256.hash(buffer, count: 80).matches(buffer + 80) else { throw .wrongChecksum(path) }
        let number = UInt32(littleEndian: buffer.load(fromByteOffset: 12, as: UInt32.self))
        guard let role = KeyRole(rawValue: number) else { throw .unknownRole(path, number) }
        let key = SigningKey(seed: buffer + 16)
        guard key.publicKey.bytes.matches(buffer + 48) else { throw .wrongPublicKey(path) }
        return (key, role)
    }
}

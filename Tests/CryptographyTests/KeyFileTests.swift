import Cryptography
import Foundation
import Testing

@Suite final class KeyFileTests {
    let directory: String
    var path: String { directory + "/a.key" }

    init() throws {
        directory = NSTemporaryDirectory() + "glassbook-keys-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    private func change(_ body: (inout Data) -> Void) throws {
        var data = try Data(contentsOf: URL(fileURLWithPath: path))
        body(&data)
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.truncate(atOffset: 0)
        try handle.write(contentsOf: data)
        try handle.close()
    }

    private func seal(_ data: inout Data) {
        let hash = Blake2b256.hash(Array(data[..<80]))
        data.replaceSubrange(80..<112, with: hash.withUnsafeBytes { Data($0) })
    }

    @Test("what was written is read: the same key, the role, mode 0600, 112 bytes", arguments: KeyRole.allCases)
    func roundTrip(role: KeyRole) throws {
        let key = SigningKey()
        try KeyFile.create(path, key: key, role: role)
        let found = try KeyFile.load(path, role: role)
        #expect(found.role == role)
        #expect(KeyRole(name: role.name) == role)
        #expect(found.key.publicKey == key.publicKey)
        #expect(try KeyFile.loadDurably(path, role: role).key.publicKey == key.publicKey)
        let message: [UInt8] = [1]
        #expect(message.withUnsafeBytes { found.key.sign($0) } == message.withUnsafeBytes { key.sign($0) })
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(attributes[.size] as? Int == 112)
    }

    @Test("a key whose directory nobody can read is read all the same, and one that is missing is missing")
    func loadDurably() throws {
        try KeyFile.create(path, key: SigningKey(), role: .account)
        try FileManager.default.setAttributes([.posixPermissions: 0o100], ofItemAtPath: directory)
        defer { try? FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: directory) }
        #expect(try KeyFile.loadDurably(path).role == .account)
        #expect(throws: KeyFileError.notFound(path + "2")) { try KeyFile.loadDurably(path + "2") }
    }

    @Test("the bytes are those that the format says")
    func golden() throws {
        let seed = Vectors.bytes("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
        let key = seed.withUnsafeBytes { SigningKey(seed: $0.baseAddress!) }
        try KeyFile.create(path, key: key, role: .receipt)
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        var expected = Array("GLASSKEY".utf8) + [1, 0, 0, 0, 3, 0, 0, 0] + seed
        expected += Vectors.bytes("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
        #expect(data.prefix(80).elementsEqual(expected))
        #expect(data.suffix(32).elementsEqual(Blake2b256.hash(expected).withUnsafeBytes { Array($0) }))
    }

    @Test("an existing file is not overwritten")
    func exists() throws {
        let key = SigningKey()
        try KeyFile.create(path, key: key, role: .account)
        #expect(throws: KeyFileError.alreadyExists(path)) {
            try KeyFile.create(path, key: SigningKey(), role: .account)
        }
        #expect(try KeyFile.load(path).key.publicKey == key.publicKey)
    }

    @Test("a file that group or others can reach is refused", arguments: [0o640, 0o604, 0o620, 0o601, 0o777])
    func permissions(mode: Int) throws {
        try KeyFile.create(path, key: SigningKey(), role: .account)
        #expect(chmod(path, mode_t(mode)) == 0)
        #expect(throws: KeyFileError.permissions(path, UInt32(mode))) { try KeyFile.load(path) }
    }

    @Test("missing, a symbolic link, a directory")
    func notAFile() throws {
        #expect(throws: KeyFileError.notFound(path)) { try KeyFile.load(path) }
        #expect(throws: KeyFileError.notAFile(directory)) { try KeyFile.load(directory) }
        try KeyFile.create(path, key: SigningKey(), role: .account)
        let link = directory + "/link.key"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
        #expect(throws: KeyFileError.symbolicLink(link)) { try KeyFile.load(link) }
        #expect(throws: KeyFileError.alreadyExists(link)) {
            try KeyFile.create(link, key: SigningKey(), role: .account)
        }
    }

    @Test("a directory that is not there leaves nothing behind")
    func noDirectory() {
        let path = directory + "/missing/a.key"
        #expect(throws: KeyFileError.system(path, "open", ENOENT)) {
            try KeyFile.create(path, key: SigningKey(), role: .account)
        }
    }

    @Test("another size is refused", arguments: [0, 1, 111, 113])
    func size(count: Int) throws {
        try KeyFile.create(path, key: SigningKey(), role: .account)
        try change { $0 = $0.prefix(count) + Data(count: max(0, count - 112)) }
        #expect(throws: KeyFileError.wrongSize(path, count)) { try KeyFile.load(path) }
    }

    @Test("a flipped bit in any byte is refused", arguments: 0..<112)
    func damage(offset: Int) throws {
        try KeyFile.create(path, key: SigningKey(), role: .log)
        try change { $0[offset] ^= 1 }
        let error = try #require(throws: KeyFileError.self) { try KeyFile.load(path) }
        #expect(error.code == (offset < 8 ? 7 : offset < 12 ? 8 : 9))
    }

    @Test("an unknown role, and a public key of another seed, behind a good checksum")
    func sealed() throws {
        try KeyFile.create(path, key: SigningKey(), role: .account)
        try change {
            $0[12] = 9
            seal(&$0)
        }
        #expect(throws: KeyFileError.unknownRole(path, 9)) { try KeyFile.load(path) }
        try change {
            $0[12] = 0
            $0[48] ^= 1
            seal(&$0)
        }
        #expect(throws: KeyFileError.wrongPublicKey(path)) { try KeyFile.load(path) }
    }

    @Test("a key for something else is refused")
    func role() throws {
        try KeyFile.create(path, key: SigningKey(), role: .receipt)
        #expect(throws: KeyFileError.wrongRole(path, expected: .log, found: .receipt)) {
            try KeyFile.load(path, role: .log)
        }
    }

    @Test("codes are stable and distinct, and every text names the file")
    func codes() {
        let all: [KeyFileError] = [
            .alreadyExists("f"), .notFound("f"), .symbolicLink("f"), .notAFile("f"), .permissions("f", 0o644),
            .wrongSize("f", 1), .wrongMagic("f"), .unknownVersion("f", 2), .wrongChecksum("f"), .unknownRole("f", 9),
            .wrongPublicKey("f"), .wrongRole("f", expected: .log, found: .account), .system("f", "open", ENOENT),
        ]
        #expect(all.map(\.code) == Array(1...13))
        #expect(all.allSatisfy { $0.description.hasPrefix("f: ") })
    }
}

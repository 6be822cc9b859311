import Cryptography
import Foundation
import Platform
import Wire

/// `DATA/settlement/signed`: the last head that a signature was made for, on disk before the signature leaves.
///
/// Text, one `name value` a line, each line ended by LF:
///
///     glassbook signed head 1
///     origin glassbook.local/0011223344556677
///     size 1234
///     root 64 hexadecimal digits
///     head 64 hexadecimal digits: hash of record `size`
///     check 64 hexadecimal digits: SHA-256 of the lines above
///
/// It is replaced by rename and fsynced with its directory.
public struct SignedHead: Equatable, Sendable {
    /// Tree size: records 1 to `size` are under the root.
    public var size: UInt64
    /// RFC 6962 root.
    public var root: Hash256
    /// Hash of record `size`, which by the chain is a hash of all records before it too; nil when the head was taken
    /// from a published checkpoint, which does not say it.
    public var chainHead: Hash256?

    static let title = "glassbook signed head 1"
    /// Longest file that is read.
    static let bytesMax = 1_024

    /// Name of the file.
    public static func path(_ directory: String) -> String { directory + "/signed" }

    /// The file's bytes.
    func encode(origin: String) -> [UInt8] {
        var text = Self.title + "\norigin \(origin)\nsize \(size)\nroot \(root)\nhead \(chainHead ?? .zero)\n"
        text += "check \(Sha256.hash(Array(text.utf8)))\n"
        return Array(text.utf8)
    }

    /// Reads the file's bytes; nil when anything about them does not hold.
    static func decode(_ bytes: [UInt8], origin: String) -> SignedHead? {
        guard bytes.count <= bytesMax, let text = String(validating: bytes, as: UTF8.self) else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count == 7, lines[0] == title, lines[6].isEmpty else { return nil }
        func value(_ line: Int, _ name: String) -> Substring? {
            lines[line].hasPrefix(name + " ") ? lines[line].dropFirst(name.count + 1) : nil
        }
        guard value(1, "origin").map(String.init) == origin,
            let sizeText = value(2, "size"), let size = UInt64(sizeText), size > 0, String(size) == sizeText,
            let root = value(3, "root").flatMap({ Hash256(hexadecimal: $0) }),
            let head = value(4, "head").flatMap({ Hash256(hexadecimal: $0) }),
            let check = value(5, "check").flatMap({ Hash256(hexadecimal: $0) })
        else { return nil }
        let decoded = SignedHead(size: size, root: root, chainHead: head == .zero ? nil : head)
        // Encoded again it is the same bytes: nothing is read in two ways.
        guard decoded.encode(origin: origin) == bytes, check != .zero else { return nil }
        return decoded
    }

    /// Reads the file; nil when there is none.
    ///
    /// - Throws: `contradiction` when there is one that does not hold: what was signed is not known then.
    static func load(_ directory: String, origin: String) throws(SettlementError) -> SignedHead? {
        let path = path(directory)
        guard File.exists(path) else { return nil }
        let bytes = try system { () throws(PlatformError) in try File.readPrefix(path, limit: bytesMax + 1) }
        guard let head = decode(bytes, origin: origin) else {
            throw .contradiction(
                "what was signed last is not known: \(path) is damaged, or belongs to another log", evidence: path)
        }
        return head
    }

    /// Writes the file: when this returns, it survives a loss of power.
    func store(_ directory: String, origin: String) throws(SettlementError) {
        let bytes = encode(origin: origin)
        try system { () throws(PlatformError) in try File.replace(Self.path(directory), with: bytes) }
    }
}

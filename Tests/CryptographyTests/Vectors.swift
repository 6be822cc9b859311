import Cryptography
import Foundation

/// A file of test vectors: one a line, fields separated by one space, `-` for no bytes, lines with `#` are comments.
enum Vectors {
    /// The fields of each line; what follows the last field asked for is one field.
    static func lines(_ name: String, fields: Int) throws -> [[String]] {
        let url = Bundle.module.url(forResource: name, withExtension: "txt", subdirectory: "Vectors")!
        return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("#") }.map {
            $0.split(separator: " ", maxSplits: fields - 1).map(String.init)
        }
    }

    static func bytes(_ hexadecimal: String) -> [UInt8] {
        guard hexadecimal != "-" else { return [] }
        var bytes = [UInt8](repeating: 0, count: hexadecimal.utf8.count / 2)
        precondition(bytes.withUnsafeMutableBytes { Hexadecimal.decode(hexadecimal, into: $0) }, hexadecimal)
        return bytes
    }
}

/// One signature with the verdict that the definition in `Ed25519` gives it.
struct SignatureVector: CustomStringConvertible, Sendable {
    let source: String
    let name: String
    let key: PublicKey
    let message: [UInt8]
    let signature: Signature
    /// Whether the key may be registered.
    let registrable: Bool
    /// Whether the check of the signature alone passes.
    let verifies: Bool
    let reason: String

    var description: String { "\(source) \(name): \(reason)" }

    static func load(_ source: String) -> [SignatureVector] {
        try! Vectors.lines(source, fields: 7).map { fields in
            precondition(fields.count == 7 && fields[4...5].allSatisfy { $0 == "yes" || $0 == "no" }, "\(fields)")
            return SignatureVector(
                source: source, name: fields[0], key: PublicKey(hexadecimal: fields[1])!,
                message: Vectors.bytes(fields[2]), signature: Signature(hexadecimal: fields[3])!,
                registrable: fields[4] == "yes", verifies: fields[5] == "yes", reason: fields[6])
        }
    }
}

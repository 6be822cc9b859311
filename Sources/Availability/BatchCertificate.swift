import Cryptography
import Proof

/// What is published of a batch: where it is, and what it has to be. Text, one `key value` a line.
public struct BatchCertificate: Equatable, Sendable {
    public let venue: Hash256
    public let first: UInt64, last: UInt64
    public let digest: Hash256
    public let previous: Hash256
    /// Name of the layer.
    public let layer: String
    /// What the layer gave.
    public let commitment: [UInt8]

    static let heading = "glassbook/1/batch"
    /// Bytes of a file at most.
    public static let bytesMax = 1_024 + 2 * EigenDALayer.commitmentBytesMax

    public init(_ batch: Batch, layer: String, commitment: [UInt8]) {
        (venue, first, last) = (batch.venue, batch.first, batch.last)
        (digest, previous) = (batch.digest, batch.previous)
        (self.layer, self.commitment) = (layer, commitment)
    }

    /// The file.
    public var bytes: [UInt8] {
        let commitment = commitment.withUnsafeBytes { Hexadecimal.encode($0) }
        return Array(
            """
            \(Self.heading)
            venue \(venue)
            first \(first)
            last \(last)
            digest \(digest)
            previous \(previous)
            layer \(layer)
            commitment \(commitment)

            """.utf8)
    }

    /// Reads a file.
    public init(_ bytes: [UInt8]) throws(BatchError) {
        let expected = "a certificate: \(Self.heading), venue, first, last, digest, previous, layer, commitment"
        guard bytes.count <= Self.bytesMax else { throw .malformed(expected: expected) }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        let keys = ["venue", "first", "last", "digest", "previous", "layer", "commitment"]
        guard lines.count == keys.count + 2, lines[0] == Self.heading, lines.last == "" else {
            throw .malformed(expected: expected)
        }
        var values: [Substring] = []
        for (line, key) in zip(lines.dropFirst(), keys) {
            guard line.hasPrefix("\(key) ") else { throw .malformed(expected: expected) }
            values.append(line.dropFirst(key.utf8.count + 1))
        }
        guard let venue = Hash256(hexadecimal: values[0]), let first = UInt64(values[1]), let last = UInt64(values[2]),
            let digest = Hash256(hexadecimal: values[3]), let previous = Hash256(hexadecimal: values[4]),
            first > 0, last >= first, values[6].utf8.count % 2 == 0, !values[5].isEmpty
        else { throw .malformed(expected: expected) }
        var commitment = [UInt8](repeating: 0, count: values[6].utf8.count / 2)
        let isHexadecimal = commitment.withUnsafeMutableBytes { Hexadecimal.decode(values[6], into: $0) }
        guard isHexadecimal else { throw .malformed(expected: expected) }
        (self.venue, self.first, self.last, self.digest, self.previous) = (venue, first, last, digest, previous)
        (layer, self.commitment) = (String(values[5]), commitment)
        guard self.bytes == bytes else { throw .malformed(expected: expected) }
    }

    /// The file's name: the first sequence, 20 digits.
    public static func name(first: UInt64) -> String { NumberedFile.name(first) }
}

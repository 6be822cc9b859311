import Cryptography
import Platform

/// The embedded layer: a directory of files named by their digests. The commitment is the digest.
public struct DirectoryLayer: DataLayer {
    public let name = "directory"
    private let directory: String

    /// Makes the directory when it is not there.
    public init(_ directory: String) throws(PlatformError) {
        self.directory = directory
        try FileDirectory.createDurably(directory)
    }

    public func submit(_ batch: Batch) throws(LayerError) -> [UInt8] {
        do { try File.replace("\(directory)/\(batch.digest.hexadecimal)", with: batch.bytes) } catch {
            throw .unavailable("\(error)")
        }
        return batch.digest.withUnsafeBytes { Array($0) }
    }

    public func fetch(_ commitment: [UInt8]) throws(LayerError) -> [UInt8] {
        guard commitment.count == Hash256.byteCount else { throw .refused("a commitment of \(commitment.count) bytes") }
        let digest = commitment.withUnsafeBytes { Hash256(loading: $0.baseAddress!) }
        let path = "\(directory)/\(digest.hexadecimal)"
        guard File.exists(path) else { throw .dropped("\(path) does not exist") }
        let read: [UInt8]?
        do { read = try File.readRegularPrefix(path, limit: Batch.bytesMax + 1) } catch {
            throw .unavailable("\(error)")
        }
        guard let bytes = read else { throw .malformed("\(path) is no file") }
        guard bytes.count <= Batch.bytesMax else { throw .malformed("\(path) has more than \(Batch.bytesMax) bytes") }
        return bytes
    }
}

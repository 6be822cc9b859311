import Cryptography
import Platform
import Proof

/// Batches in order, as a reader who trusts nobody takes them: each has its digest, belongs to the venue and continues
/// the one before.
public protocol BatchSource {
    /// The batch that begins with `first`; nil when there is none.
    mutating func batch(first: UInt64) throws -> Batch?
}

/// Batches of a directory layer, found without certificates: every file is read once for its header.
public struct BatchDirectory: BatchSource {
    private let directory: String
    private var names: [UInt64: [String]] = [:]

    /// Looks through the directory; what is not named by a digest is passed over.
    public init(_ directory: String) throws {
        self.directory = directory
        for name in try FileDirectory.names(directory) where Hash256(hexadecimal: name) != nil {
            let head = try File.readRegularPrefix("\(directory)/\(name)", limit: Batch.headerBytes)
            guard let head, head.count == Batch.headerBytes, Array(head[..<8]) == Batch.magic else { continue }
            let first = head.withUnsafeBytes {
                UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 48, as: UInt64.self))
            }
            names[first, default: []].append(name)
        }
    }

    public mutating func batch(first: UInt64) throws -> Batch? {
        guard let name = names[first]?.first, let digest = Hash256(hexadecimal: name) else { return nil }
        // Two different batches from one sequence are two histories: which one is asked for nobody says here.
        guard names[first]?.count == 1 else { throw BatchError.link(first: first) }
        let bytes = try File.readRegularPrefix("\(directory)/\(name)", limit: Batch.bytesMax + 1)
        guard let bytes else { throw BatchError.missing(first: first) }
        let batch = try Batch(bytes)
        guard batch.digest == digest else { throw BatchError.digest(expected: digest, found: batch.digest) }
        return batch
    }
}

/// Batches by their certificates, fetched from a layer.
public struct CertifiedBatches: BatchSource {
    private let layer: any DataLayer
    private let certificates: (String) throws -> [UInt8]?

    /// - Parameter certificates: the bytes of a certificate by its name, hardly more than `BatchCertificate.bytesMax`;
    ///   nil when there is none.
    public init(layer: any DataLayer, certificates: @escaping (String) throws -> [UInt8]?) {
        (self.layer, self.certificates) = (layer, certificates)
    }

    /// - Parameter certificates: the directory of certificates.
    public init(certificates: String, layer: any DataLayer) {
        self.init(layer: layer) { name in
            let path = "\(certificates)/\(name)"
            return File.exists(path) ? try File.readRegularPrefix(path, limit: BatchCertificate.bytesMax + 1) : nil
        }
    }

    /// The certificate of the batch that begins with `first`; nil when there is none.
    public func certificate(first: UInt64) throws -> BatchCertificate? {
        try certificates(BatchCertificate.name(first: first)).map { try BatchCertificate($0) }
    }

    public mutating func batch(first: UInt64) throws -> Batch? {
        guard let certificate = try certificate(first: first) else { return nil }
        let batch = try Batch(try layer.fetch(certificate.commitment))
        guard batch.digest == certificate.digest else {
            throw BatchError.digest(expected: certificate.digest, found: batch.digest)
        }
        return batch
    }
}

/// Walks batches from the first record on, and holds each to the one before.
public struct BatchWalk {
    private var source: any BatchSource
    private let venue: Hash256
    /// The first sequence of the batch that comes next.
    public private(set) var next: UInt64 = 1
    /// Digest of the last batch; zeros before the first.
    public private(set) var digest = Hash256.zero

    public init(_ source: any BatchSource, venue: Hash256) { (self.source, self.venue) = (source, venue) }

    /// The next batch; nil at the end.
    public mutating func nextBatch() throws -> Batch? {
        guard let batch = try source.batch(first: next) else { return nil }
        guard batch.venue == venue else { throw BatchError.venue }
        guard batch.first == next, batch.previous == digest else { throw BatchError.link(first: next) }
        (next, digest) = (batch.last + 1, batch.digest)
        return batch
    }
}

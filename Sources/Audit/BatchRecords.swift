import Availability
import Cryptography
import Platform
import Wire

/// Records of the data-availability layer alone: batch after batch, each linked to the one before by its digest.
final class BatchRecords: RecordSource {
    private var walk: BatchWalk
    private var batch: Batch?
    private var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 0, alignment: 8)
    private var offset = 0
    private var digests: [UInt64: Hash256] = [:]
    /// Batches that were read.
    private(set) var count: UInt64 = 0

    /// - Parameters:
    ///   - place: a directory of batches, or the URL of a proxy.
    ///   - certificates: directory or URL of what is published, certificates among it; needed for a proxy.
    ///   - venue: whose batches they have to be; nil: of whichever venue the first is.
    init(_ place: String, certificates: String?, venue: Hash256?) throws(SourceError) {
        let source: any BatchSource
        if place.hasPrefix("http://") || place.hasPrefix("https://") {
            guard let certificates else { throw .unreadable("a proxy is asked by certificates: say where they are") }
            let layer = EigenDALayer(url: place, timeoutMilliseconds: 30_000)
            let files = PublishedFiles(certificates)
            source = CertifiedBatches(layer: layer) { name in
                do throws(PublishedFiles.Failure) {
                    return try files.read("da/\(name)", limit: BatchCertificate.bytesMax)
                } catch .missing { return nil } catch { throw SourceError.unreadable(error.text) }
            }
        } else {
            do { source = try BatchDirectory(place) } catch { throw .unreadable("\(error)") }
        }
        if let venue {
            walk = BatchWalk(source, venue: venue)
        } else {
            walk = BatchWalk(source, venue: try Self.venue(of: source))
        }
    }

    deinit { memory.deallocate() }

    private static func venue(of source: any BatchSource) throws(SourceError) -> Hash256 {
        var source = source
        do {
            guard let batch = try source.batch(first: 1) else { throw BatchError.missing(first: 1) }
            return batch.venue
        } catch let error as SourceError { throw error } catch { throw .unreadable("\(error)") }
    }

    /// Digest of the batch that ends with a sequence; nil when none does.
    func digest(through sequence: UInt64) -> Hash256? { digests[sequence] }

    func next() throws(SourceError) -> UnsafeRawBufferPointer? {
        if offset == memory.count, try !openBatch() { return nil }
        // Its structure was checked when the batch was read.
        let length = RecordView(UnsafeRawPointer(memory.baseAddress! + offset)).length
        defer { offset += length }
        return UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory)[offset..<(offset + length)])
    }

    private func openBatch() throws(SourceError) -> Bool {
        let batch: Batch?
        do { batch = try walk.nextBatch() } catch let error as BatchError {
            throw .finding(Finding(.data, walk.next, expected: "a batch from record \(walk.next)", found: "\(error)"))
        } catch let error as SourceError {
            throw error
        } catch { throw .unreadable("batch from record \(walk.next): \(error)") }
        guard let batch else { return false }
        memory.deallocate()
        memory = .allocate(byteCount: batch.bytes.count, alignment: 8)
        memory.copyBytes(from: batch.bytes)
        offset = Batch.headerBytes
        digests[batch.last] = batch.digest
        count += 1
        return true
    }
}

import Availability
import Cryptography
import Platform
import Wire

/// Batches of the data-availability layer, made once more from the log's records and compared with what their
/// certificates say, and, where a layer is given, with the bytes that it holds.
struct DataCheck {
    private let files: PublishedFiles
    private let layer: (any DataLayer)?
    private let venue: Hash256
    private var certificate: BatchCertificate?
    private var draft: Batch.Draft?
    private var previous = Hash256.zero
    private var hasEnded = false
    private var digests: [UInt64: Hash256] = [:]
    /// Batches that were compared.
    private(set) var checked: UInt64 = 0
    /// Batches whose bytes the layer gave, and the last record of the latest; 0 without any.
    private(set) var fetched: (count: UInt64, through: UInt64) = (0, 0)
    /// First and last record of a batch that was begun; nil between two.
    var unfinished: (first: UInt64, last: UInt64)? { certificate.map { ($0.first, $0.last) } }
    /// Why bytes of the layer could not be compared; the first reason, and how many.
    private(set) var unread: (reason: String, count: UInt64)?

    /// The end of a batch behind which it begins.
    private var start: UInt64 = 0

    /// - Parameter layer: nil: only certificates are compared.
    init(_ files: PublishedFiles, layer: (any DataLayer)?, venue: Hash256) {
        (self.files, self.layer, self.venue) = (files, layer, venue)
    }

    /// Begins behind a batch that a commitment names; with nil nothing is compared, because none is known.
    mutating func begin(behind batch: (through: UInt64, digest: Hash256)?) {
        guard let batch else {
            hasEnded = true
            return
        }
        (start, previous) = (batch.through, batch.digest)
    }

    /// The layer at a place: a directory, or the URL of a proxy.
    static func layer(_ place: String) throws(SourceError) -> any DataLayer {
        if place.hasPrefix("http://") || place.hasPrefix("https://") {
            return EigenDALayer(url: place, timeoutMilliseconds: 30_000)
        }
        // An auditor makes no directories.
        guard File.exists(place) else { throw .unreadable("no directory \(place)") }
        do throws(PlatformError) { return try DirectoryLayer(place) } catch { throw .unreadable("\(error)") }
    }

    /// Digest of the batch that ends with a sequence; nil when none does.
    func digest(through sequence: UInt64) -> Hash256? { digests[sequence] }

    /// Takes the next record, which was checked.
    mutating func take(_ record: RecordView) throws(Finding) {
        if hasEnded || record.sequence <= start { return }
        if draft == nil { try begin(record.sequence) }
        guard let certificate else { return }
        guard draft!.byteCount + record.length <= Batch.bytesMax else {
            throw fail(certificate, "a batch of at most \(Batch.bytesMax) bytes", "records through \(certificate.last)")
        }
        draft!.append(record)
        if record.sequence == certificate.last { try finish(certificate) }
    }

    private func fail(_ certificate: BatchCertificate, _ expected: String, _ found: String) -> Finding {
        Finding(.data, certificate.first, expected: expected, found: found)
    }

    private mutating func begin(_ first: UInt64) throws(Finding) {
        let name = "da/" + BatchCertificate.name(first: first)
        let bytes: [UInt8]
        do throws(PublishedFiles.Failure) { bytes = try files.read(name, limit: BatchCertificate.bytesMax) } catch {
            // What is not published yet is not said to be available.
            hasEnded = true
            if case .missing = error { return }
            return note(error.text)
        }
        let certificate: BatchCertificate
        do throws(BatchError) { certificate = try BatchCertificate(bytes) } catch {
            throw Finding(.data, first, expected: "a certificate in \(name)", found: "\(error)")
        }
        guard certificate.first == first else {
            throw fail(certificate, "\(name) from \(first)", "\(certificate.first)")
        }
        guard certificate.venue == venue else { throw fail(certificate, "venue \(venue)", "\(certificate.venue)") }
        guard certificate.previous == previous else {
            throw fail(certificate, "previous digest \(previous)", "\(certificate.previous)")
        }
        self.certificate = certificate
        draft = Batch.Draft(venue: venue, previous: previous, first: first)
    }

    private mutating func finish(_ certificate: BatchCertificate) throws(Finding) {
        let batch = draft!.finish()
        guard batch.digest == certificate.digest else {
            throw fail(
                certificate, "digest \(batch.digest) of records \(batch.first) to \(batch.last)",
                "\(certificate.digest)")
        }
        if let layer {
            var bytes: [UInt8]?
            do throws(LayerError) { bytes = try layer.fetch(certificate.commitment) } catch { note("\(error)") }
            if let bytes {
                guard bytes == batch.bytes else {
                    throw fail(certificate, "the bytes of digest \(batch.digest)", "others, of \(Sha256.hash(bytes))")
                }
                fetched = (fetched.count + 1, batch.last)
            }
        }
        digests[batch.last] = batch.digest
        previous = batch.digest
        (draft, self.certificate) = (nil, nil)
        checked += 1
    }

    private mutating func note(_ reason: String) { unread = (unread?.reason ?? reason, (unread?.count ?? 0) + 1) }
}

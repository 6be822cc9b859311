import Availability
import Cryptography
import Proof
import Wire

/// The batches that the commitments of a log name, fetched from their layer and held to the log's leaves.
struct NamedBatches {
    private let layer: any DataLayer
    private let files: PublishedFiles
    private let anchors: Anchors
    private let head: [UInt8]
    private let log: PublishedRecords
    /// Under which commitment of the layer a digest is found, as the published certificates say; nil: not read yet.
    private var certificates: [Hash256: [UInt8]]?
    /// Digests of batches that are what the log holds.
    private var known: Set<Hash256> = []
    /// Why a batch could not be compared: the first reason.
    private var unread: String?

    /// Bytes of the batches between two commitments, and how many there are, that evidence has room for.
    private static let bytesMax = Evidence.byteCountMax / 2
    private static let batchesMax = Evidence.sectionsMax - 3

    init(
        _ place: String, _ files: PublishedFiles, _ anchors: Anchors, _ head: [UInt8], _ log: PublishedRecords
    ) throws(AccuserError) {
        do throws(SourceError) { layer = try DataCheck.layer(place) } catch {
            switch error {
            case .finding(let finding): throw .given("\(finding)")
            case .unreadable(let reason): throw .given(reason)
            }
        }
        (self.files, self.anchors, self.head, self.log) = (files, anchors, head, log)
    }

    /// The first batch that is not what the log holds, with the way to it; nil when all that are named are.
    ///
    /// - Throws: a batch could not be compared, and no other differs.
    mutating func contradiction() throws(AccuserError) -> Evidence? {
        var commitments: [StateCommitmentRecord] = []
        do throws(LogError) {
            try log.forEachCommitment { commitment in
                if commitment.dataThrough > 0, commitment.dataDigest != commitments.last?.dataDigest {
                    commitments.append(commitment)
                }
                return true
            }
            for commitment in commitments {
                if let evidence = try contradiction(of: commitment) { return evidence }
            }
        } catch { throw .unreadable("\(error)") }
        if let unread { throw .unreadable(unread) }
        return nil
    }

    /// Walks back from the batch that a commitment names to one that was compared before.
    private mutating func contradiction(of commitment: StateCommitmentRecord) throws(LogError) -> Evidence? {
        var (digest, end) = (commitment.dataDigest, commitment.dataThrough)
        var batches: [[UInt8]] = [], digests: [Hash256] = [], count = 0
        func evidence(_ leaves: LeafRange?) throws(LogError) -> Evidence {
            .data(
                head: head, commitment: try log.range(commitment.sequence, commitment.sequence), batches: batches,
                leaves: leaves)
        }
        while end > 0, !known.contains(digest) {
            guard let bytes = fetch(digest, end) else { return nil }
            batches.append(bytes)
            count += bytes.count
            guard count <= Self.bytesMax, batches.count <= Self.batchesMax else {
                note("more batches before record \(commitment.sequence) than evidence has room for")
                return nil
            }
            guard let batch = try? Batch(bytes), batch.venue == anchors.venue, batch.last == end else {
                return try evidence(nil)
            }
            if let sequence = try difference(batch) { return try evidence(try log.leafRange(sequence)) }
            digests.append(digest)
            (digest, end) = (batch.previous, batch.first - 1)
        }
        known.formUnion(digests)
        return nil
    }

    /// The first record of a batch that is another one than the log's.
    private func difference(_ batch: Batch) throws(LogError) -> UInt64? {
        var sequence = batch.first
        var found: UInt64?
        try batch.forEachRecord { record throws(LogError) in
            if found == nil, sequence <= log.size, try MerkleHash.leaf(record) != log.leaf(sequence) {
                found = sequence
            }
            sequence += 1
        }
        return found
    }

    /// The bytes of a digest; nil when the layer has them not. Other bytes are the layer's word, not the venue's.
    private mutating func fetch(_ digest: Hash256, _ end: UInt64) -> [UInt8]? {
        guard let commitment = place(of: digest) else {
            note("no certificate of the batch that ends with record \(end)")
            return nil
        }
        do throws(LayerError) {
            let bytes = try layer.fetch(commitment)
            if Sha256.hash(bytes) == digest { return bytes }
            note("the layer has other bytes than those of digest \(digest), which proves nothing of the venue")
        } catch { note("the batch that ends with record \(end): \(error)") }
        return nil
    }

    /// Where the layer has a digest: in a directory under its name, elsewhere where the certificate says.
    private mutating func place(of digest: Hash256) -> [UInt8]? {
        if layer is DirectoryLayer { return digest.withUnsafeBytes { Array($0) } }
        if certificates == nil { certificates = readCertificates() }
        return certificates?[digest]
    }

    private func readCertificates() -> [Hash256: [UInt8]] {
        var (first, certificates) = (UInt64(1), [Hash256: [UInt8]]())
        while first <= log.size,
            let bytes = try? files.read("da/" + BatchCertificate.name(first: first), limit: BatchCertificate.bytesMax),
            let certificate = try? BatchCertificate(bytes), certificate.first == first, certificate.last < .max
        {
            certificates[certificate.digest] = certificate.commitment
            first = certificate.last + 1
        }
        return certificates
    }

    private mutating func note(_ reason: String) { unread = unread ?? reason }
}

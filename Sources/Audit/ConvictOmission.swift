import Cryptography
import Proof

extension EvidenceJudge {
    /// Seconds that the clocks of venue and witnesses may differ.
    public static let clockSkewSeconds: UInt64 = 10

    /// A receipt, and what the log has instead: another record in its place, or one before it that is from after the
    /// promise; or heads that end before its record, seen too late.
    func omission(_ exhibits: inout Exhibits) throws(Doubt) -> Conviction {
        let receipt = try promise(&exhibits)
        var heads: [SignedCheckpoint] = []
        while exhibits.next == .head {
            let head = try exhibits.head(cosigned: true)
            if heads.isEmpty, exhibits.next == .records {
                let records = try exhibits.records(in: head)
                try exhibits.finish()
                return try wentOn(receipt, records)
            }
            guard exhibits.next == .leaves else {
                heads.append(head)
                continue
            }
            let leaf = try self.leaf(of: receipt.sequence, try exhibits.leaves(in: head))
            try exhibits.finish()
            if leaf != receipt.leaf.leafHash {
                return Conviction(
                    .omission, receipt.sequence,
                    "a receipt promises the record of leaf hash \(receipt.leaf.leafHash), the log holds \(leaf)")
            }
            guard !heads.isEmpty else { throw .unproven("the log holds the record that the receipt promises") }
            guard !isInTime(head, receipt) else {
                throw .unproven("a quorum of witnesses has seen the record before the promise had run out")
            }
            try brokenPromise(receipt, heads)
            return Conviction(
                .late, receipt.sequence,
                "the record was not in the log when the promise had run out, and is in it at size "
                    + "\(head.checkpoint.size)")
        }
        try exhibits.finish()
        try brokenPromise(receipt, heads)
        return Conviction(
            .late, receipt.sequence,
            "the record that a receipt promises was not in the log when the promise had run out")
    }

    /// A record that stands before the promised one, and says a time after the promise: times never go back, so the log
    /// went on without what it had promised.
    private func wentOn(_ receipt: Receipt, _ records: [ProvenRecord]) throws(Doubt) -> Conviction {
        guard records.count == 1, let record = records.first else { throw .unproven("one record has to show the time") }
        guard record.sequence < receipt.sequence else {
            throw .unproven("record \(record.sequence) does not stand before record \(receipt.sequence)")
        }
        if let fault = record.fault() { return fault }
        let time = record.withView { $0.time }
        let limit = receipt.promisedBy.addingReportingOverflow(Self.clockSkewSeconds * 1_000_000_000)
        guard !limit.overflow, time > limit.partialValue else {
            throw .unproven("record \(record.sequence) is from before the promise had run out")
        }
        return Conviction(
            .omission, receipt.sequence,
            "the promise had run out, and the log went on without the record that a receipt promises: record "
                + "\(record.sequence) is of \(time) ns")
    }

    /// Whether a quorum has seen a head before the promise had run out.
    private func isInTime(_ head: SignedCheckpoint, _ receipt: Receipt) -> Bool {
        guard anchors.quorum > 0 else { return false }
        let early = head.witnesses.filter { cosignature in
            cosignature.time.map { $0 > 0 && !isTooLate($0, receipt) } ?? false
        }
        return Set(early.map(\.key)).count >= anchors.quorum
    }

    /// A receipt of the venue, and the command that it is for, if that is given.
    private func promise(_ exhibits: inout Exhibits) throws(Doubt) -> Receipt {
        let bytes = try exhibits.take(.receipt)
        do throws(ReceiptError) {
            let receipt = try Receipt(bytes)
            try receipt.verify(venue: anchors.venue)
            guard exhibits.next == .command else { return receipt }
            let command: [UInt8]
            do throws(Doubt) { command = try exhibits.take(.command) } catch { throw ReceiptError.command }
            guard command.count >= Signature.byteCount else { throw ReceiptError.command }
            let split = command.count - Signature.byteCount
            let signature = command.withUnsafeBytes { Signature(loading: $0.baseAddress! + split) }
            try receipt.checkCommand(message: Array(command[..<split]), signature: signature)
            return receipt
        } catch { throw .unproven("the receipt: \(error)") }
    }

    private func leaf(of sequence: UInt64, _ range: LeafRange) throws(Doubt) -> Hash256 {
        guard sequence >= range.first, sequence <= range.last else {
            throw .unproven("leaves \(range.first) to \(range.last), and a receipt for \(sequence)")
        }
        return range.leaves[Int(sequence - range.first)]
    }

    /// The promise is broken when no quorum can have cosigned a tree with the record in time: so many witnesses say
    /// afterwards that the largest tree they know ends before it, that none is left to fill a quorum without them.
    ///
    /// That is no more than late: a witness that was away, or is new, says so of an honest log too.
    private func brokenPromise(_ receipt: Receipt, _ heads: [SignedCheckpoint]) throws(Doubt) {
        guard anchors.quorum > 0 else {
            throw .unproven("the anchors ask for no witness, so nobody says when a checkpoint was there")
        }
        var sightings: Set<VerifierKey> = []
        for head in heads {
            guard head.checkpoint.size < receipt.sequence else {
                throw .unproven("a head of \(head.checkpoint.size) records reaches record \(receipt.sequence)")
            }
            for cosignature in head.witnesses {
                guard let time = cosignature.time, isTooLate(time, receipt) else { continue }
                sightings.insert(cosignature.key)
            }
        }
        let needed = anchors.witnesses.count - anchors.quorum + 1
        guard sightings.count >= needed else {
            throw .unproven(
                "\(sightings.count) witnesses miss the record after the promise had run out, \(needed) are needed")
        }
    }

    private func isTooLate(_ seconds: UInt64, _ receipt: Receipt) -> Bool {
        let nanoseconds = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let limit = receipt.promisedBy.addingReportingOverflow(Self.clockSkewSeconds * 1_000_000_000)
        // A time beyond what a clock of nanoseconds can say was not told by a clock.
        return !nanoseconds.overflow && !limit.overflow && nanoseconds.partialValue > limit.partialValue
    }
}

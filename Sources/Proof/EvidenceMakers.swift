import Cryptography

// Notes are signed checkpoints as they were published: text, blank line, signature lines. Everything here only puts
// parts together; whether they convict is for who judges them.
extension Evidence {
    /// Two signed heads of one size with different roots.
    public static func equivocation(_ first: [UInt8], _ second: [UInt8]) -> Evidence {
        Evidence(.equivocation, [.head(first), .head(second)])
    }

    /// Two signed heads; the newer one proves another root for the size of the older one.
    public static func rewrittenHistory(old: [UInt8], new: [UInt8], claim: ConsistencyClaim) -> Evidence {
        Evidence(.rewrittenHistory, [.head(old), .head(new), claim.section])
    }

    /// A receipt, and what the log has at that sequence instead.
    ///
    /// - Parameters:
    ///   - receipt: the file of the receipt.
    ///   - command: the signed command, when the client kept it: message, then signature.
    ///   - other: one leaf, at the receipt's sequence, of the head's tree.
    public static func omission(
        receipt: [UInt8], command: [UInt8]? = nil, head: [UInt8], other: LeafRange
    ) -> Evidence {
        Evidence(.omission, promise(receipt, command) + [.head(head), other.section])
    }

    /// A receipt, and a record of the log that stands before the promised one and is from after the promise.
    public static func omission(
        receipt: [UInt8], command: [UInt8]? = nil, head: [UInt8], later record: RecordRange
    ) -> Evidence {
        Evidence(.omission, promise(receipt, command) + [.head(head), record.section])
    }

    /// A receipt, and heads that witnesses cosigned after the promise had run out and that end before its record.
    ///
    /// - Parameters:
    ///   - heads: for each witness one head; all of them smaller than the receipt's sequence.
    ///   - later: a head that holds the record after all, and the record's leaf.
    public static func omission(
        receipt: [UInt8], command: [UInt8]? = nil, short heads: [[UInt8]],
        later: (head: [UInt8], leaf: LeafRange)? = nil
    ) -> Evidence {
        let after = later.map { [.head($0.head), $0.leaf.section] } ?? []
        return Evidence(.omission, promise(receipt, command) + heads.map { .head($0) } + after)
    }

    /// Records that contradict the rules when they are replayed; the last one is the accused, unless an earlier one
    /// does.
    ///
    /// - Parameters:
    ///   - records: from record 1 on; or, with a state, beginning with the last record that the state has seen.
    ///   - state: a committed state, canonical bytes (rule STA-1), and the commitment that names its root.
    public static func replay(
        head: [UInt8], records: RecordRange, state: (bytes: [UInt8], commitment: RecordRange)? = nil
    ) -> Evidence {
        guard let state else { return Evidence(.replay, [.head(head), records.section]) }
        return Evidence(
            .replay,
            [.head(head), state.commitment.section, EvidenceSection(.state, state.bytes), records.section])
    }

    /// Records that contradict each other, or a record that contradicts itself or the key that it names.
    ///
    /// - Parameter genesis: the genesis message, for the keys of accounts 0, 1 and 2; it may always be given.
    public static func records(head: [UInt8], _ records: [RecordRange], genesis: [UInt8]? = nil) -> Evidence {
        Evidence(
            .records,
            [.head(head)] + (genesis.map { [EvidenceSection(.genesis, $0)] } ?? []) + records.map(\.section))
    }

    /// A batch whose digest a commitment names, or that such a batch links back to, and the leaves that the log has for
    /// one or more of its records.
    ///
    /// - Parameters:
    ///   - batches: the named one first, then backwards along the links; the last is the one that differs.
    ///   - leaves: nil where the last one is no batch of the venue that ends where it should.
    public static func data(
        head: [UInt8], commitment: RecordRange, batches: [[UInt8]], leaves: LeafRange?
    ) -> Evidence {
        Evidence(
            .data,
            [.head(head), commitment.section] + batches.map { EvidenceSection(.batch, $0) }
                + (leaves.map { [$0.section] } ?? []))
    }

    /// A balance proof that leads to the state root of a commitment, and whose sums are not the asset's total.
    ///
    /// - Parameter balance: the bytes of the proof.
    public static func liabilities(head: [UInt8], commitment: RecordRange, balance: [UInt8]) -> Evidence {
        Evidence(.liabilities, [.head(head), commitment.section, EvidenceSection(.balance, balance)])
    }

    /// A record, and heads that hold it and that witnesses cosigned before the time that the record says.
    ///
    /// - Parameter sightings: each head with the record, proven for the head's size.
    public static func clock(_ sightings: [(head: [UInt8], record: RecordRange)]) -> Evidence {
        Evidence(.clock, sightings.flatMap { [EvidenceSection.head($0.head), $0.record.section] })
    }

    private static func promise(_ receipt: [UInt8], _ command: [UInt8]?) -> [EvidenceSection] {
        [EvidenceSection(.receipt, receipt)] + (command.map { [EvidenceSection(.command, $0)] } ?? [])
    }
}

extension EvidenceSection {
    /// A signed checkpoint.
    public static func head(_ note: [UInt8]) -> EvidenceSection { EvidenceSection(.head, note) }
}

import Cryptography
import Proof
import Wire

/// What a proof file says, checked with the anchors alone: a receipt, a tlog-proof or a balance file.
public struct ProofCheck: Equatable, Sendable {
    /// What the file is.
    public enum Kind: String, Sendable {
        case receipt
        case inclusion
        case balance
    }

    /// What came of it.
    public enum Outcome: Equatable, Sendable {
        /// All of it holds.
        case holds
        /// It does not: why.
        case fails(String)
        /// What there is holds, but something that belongs to it was not given: what.
        case notChecked(String)
    }

    /// What the file is; nil when it is no proof.
    public let kind: Kind?
    public let outcome: Outcome
    /// What it proves: names and values, in the order in which they are printed.
    public let facts: [(name: String, value: String)]

    public static func == (left: ProofCheck, right: ProofCheck) -> Bool {
        left.kind == right.kind && left.outcome == right.outcome
            && left.facts.elementsEqual(right.facts) { $0.name == $1.name && $0.value == $1.value }
    }

    /// 0 all holds, 1 it does not, 2 something could not be checked.
    public var exitStatus: Int32 {
        switch outcome {
        case .holds: 0
        case .fails: 1
        case .notChecked: 2
        }
    }

    /// Largest proof file, bytes.
    public static let byteCountMax = max(BalanceFile.byteCountMax, TlogProof.bytesMax, Receipt.byteCountMax)

    /// What else is to be compared with the proof.
    public struct Expectation: Sendable {
        /// The record's bytes.
        public var record: [UInt8]?
        /// The command as it was sent: SBE message and signature.
        public var command: [UInt8]?
        /// Whose balance it has to be.
        public var account: UInt32?
        /// Of which asset.
        public var asset: UInt32?

        public init(
            record: [UInt8]? = nil, command: [UInt8]? = nil, account: UInt32? = nil, asset: UInt32? = nil
        ) {
            (self.record, self.command, self.account, self.asset) = (record, command, account, asset)
        }
    }

    /// Checks the bytes of a proof file.
    public init(_ bytes: [UInt8], _ anchors: Anchors, expecting expectation: Expectation = Expectation()) {
        if Receipt.isReceipt(bytes) {
            self = Self.receipt(bytes, anchors, expectation)
        } else if BalanceFile.isBalance(bytes) {
            self = Self.balance(bytes, anchors, expectation)
        } else if TlogProof.isProof(bytes) {
            self = Self.inclusion(bytes, anchors, expectation)
        } else {
            self.init(nil, .notChecked("it is no receipt, tlog-proof or balance file"))
        }
    }

    private init(_ kind: Kind?, _ outcome: Outcome, _ facts: [(String, String)] = []) {
        (self.kind, self.outcome) = (kind, outcome)
        self.facts = facts.map { (name: $0.0, value: $0.1) }
    }

    private static func receipt(_ bytes: [UInt8], _ anchors: Anchors, _ expected: Expectation) -> ProofCheck {
        do throws(ReceiptError) {
            let receipt = try Receipt(bytes)
            try receipt.verify(venue: anchors.venue)
            if let record = expected.record { try receipt.checkRecord(record) }
            if let command = expected.command {
                guard Sha256.hash(command) == receipt.leaf.commandHash else { throw .command }
            }
            if let problem = Self.misplaced(expected, kind: .receipt) { return problem }
            return ProofCheck(
                .receipt, .holds,
                [
                    ("sequence", "\(receipt.sequence)"), ("epoch", "\(receipt.body.epoch)"),
                    ("range", "\(receipt.body.first) to \(receipt.body.last)"),
                    ("signed", "\(receipt.body.time)"), ("promised-by", "\(receipt.promisedBy)"),
                    ("command-hash", receipt.leaf.commandHash.hexadecimal),
                    ("leaf-hash", receipt.leaf.leafHash.hexadecimal), ("receipt-key", receipt.keys.current.hexadecimal),
                ])
        } catch {
            return ProofCheck(.receipt, .fails("\(error)"))
        }
    }

    private static func inclusion(_ bytes: [UInt8], _ anchors: Anchors, _ expected: Expectation) -> ProofCheck {
        do throws(LogError) {
            let proof = try TlogProof(bytes)
            if let extra = proof.extra, let record = expected.record, extra != record {
                return ProofCheck(.inclusion, .fails("the record is another one than the proof's"))
            }
            guard let record = expected.record ?? proof.extra else {
                let signed = try SignedCheckpoint(
                    proof.checkpoint, logs: anchors.logs, witnesses: anchors.witnesses)
                return ProofCheck(
                    .inclusion, .notChecked("the record is not in the file; give it with --record"),
                    facts(proof, signed))
            }
            let signed = try proof.verified(
                leaf: MerkleHash.leaf(record), logs: anchors.logs, witnesses: anchors.witnesses)
            if signed.witnesses.count < anchors.quorum {
                return ProofCheck(
                    .inclusion,
                    .fails("\(signed.witnesses.count) known witnesses have cosigned, \(anchors.quorum) are needed"))
            }
            if let fault = ProvenRecord(sequence: proof.index + 1, bytes: record).fault() {
                return ProofCheck(.inclusion, .fails("\(fault)"), facts(proof, signed))
            }
            if let problem = Self.misplaced(expected, kind: .inclusion) { return problem }
            return ProofCheck(.inclusion, .holds, facts(proof, signed) + [("record-bytes", "\(record.count)")])
        } catch {
            return ProofCheck(.inclusion, .fails("\(error)"))
        }
    }

    private static func facts(_ proof: TlogProof, _ signed: SignedCheckpoint) -> [(String, String)] {
        [("sequence", "\(proof.index + 1)")] + facts(signed)
    }

    private static func facts(_ signed: SignedCheckpoint) -> [(String, String)] {
        [
            ("log", signed.checkpoint.origin), ("size", "\(signed.checkpoint.size)"),
            ("root", signed.checkpoint.root.hexadecimal), ("witnesses", "\(signed.witnesses.count)"),
        ]
    }

    private static func balance(_ bytes: [UInt8], _ anchors: Anchors, _ expected: Expectation) -> ProofCheck {
        do throws(BalanceFileError) {
            let file = try BalanceFile(bytes)
            let signed = try file.check(anchors)
            let balance = file.balance
            guard expected.account ?? balance.account == balance.account,
                expected.asset ?? balance.asset == balance.asset
            else { throw .balance(.other(account: balance.account, asset: balance.asset)) }
            if let problem = Self.misplaced(expected, kind: .balance) { return problem }
            return ProofCheck(
                .balance, .holds,
                [
                    ("account", "\(balance.account)"), ("asset", "\(balance.asset)"),
                    ("symbol", FixedText.string(balance.symbol)), ("amount", "\(balance.amount)"),
                    ("decimals", "\(balance.decimals)"), ("total", "\(balance.total)"),
                    ("owner-key", balance.ownerKey.hexadecimal), ("through", "\(balance.header.through)"),
                    ("commitment", "\(file.inclusion.index + 1)"),
                ] + facts(signed))
        } catch {
            return ProofCheck(.balance, .fails("\(error)"))
        }
    }

    /// Something was given that this kind of proof says nothing of.
    private static func misplaced(_ expected: Expectation, kind: Kind) -> ProofCheck? {
        var names: [String] = []
        if expected.record != nil, kind == .balance { names.append("--record") }
        if expected.command != nil, kind != .receipt { names.append("--command") }
        if expected.account != nil || expected.asset != nil, kind != .balance { names.append("--account, --asset") }
        if names.isEmpty { return nil }
        return ProofCheck(kind, .notChecked("\(names.joined(separator: ", ")): this proof says nothing of it"))
    }
}

import Cryptography
import Proof
import Testing
import Wire

@testable import Audit

/// The one reading of a record by which the venue accepted a commitment to its state.
@Suite struct CommitmentRecordTests {
    /// The last record of a log: a commitment, changed on its way.
    private func record(_ change: @escaping (inout SignedLog.Draft) -> Void = { _ in }) -> [UInt8] {
        let log = SignedLog { draft in
            let isCommitment = draft.command.withUnsafeBytes {
                MessageHeader($0.baseAddress!).templateId == Template.stateCommitment
            }
            if isCommitment { change(&draft) }
        }
        log.open()
        log.commit(stateRoot: Sha256.hash([1]), chainHead: Bytes32(2), dataThrough: 3, dataDigest: Sha256.hash([4]))
        return log.records.last!
    }

    /// What an audit's first walk makes of a record.
    private func spokenOf(_ bytes: [UInt8]) -> [UInt64] {
        var index = CommitmentIndex()
        bytes.withUnsafeBytes { index.take($0) }
        index.finish()
        return index.through
    }

    @Test("an accepted one says what its message says")
    func accepted() throws {
        let bytes = record()
        let commitment = try #require(StateCommitmentRecord(bytes))
        #expect(commitment.through == commitment.sequence - 1)
        #expect(commitment.stateRoot == Sha256.hash([1]) && commitment.chainHead == Hash256(Bytes32(2)))
        #expect(commitment.dataThrough == 3 && commitment.dataDigest == Sha256.hash([4]))
        #expect(ProvenRecord(sequence: commitment.sequence, bytes: bytes).commitment() == commitment)
        #expect(spokenOf(bytes) == [commitment.through])
    }

    @Test("one without its effect, with another, with more, or with one of another record is none, to anybody")
    func others() {
        let through = MessageHeader.size + 8
        let changes: [(inout SignedLog.Draft) -> Void] = [
            { $0.effects = [] },
            { $0.effects += $0.effects },
            { SignedLog.Draft.set(&$0.effects, Template.rejected, at: 2) },
            { $0.effects[through] ^= 1 },
            { SignedLog.Draft.set(&$0.command, Template.deposit, at: 2) },
        ]
        for (number, change) in changes.enumerated() {
            let bytes = record(change)
            #expect(StateCommitmentRecord(bytes) == nil, "\(number)")
            #expect(spokenOf(bytes).isEmpty, "\(number)")
        }
    }

    @Test("no bytes make it read beyond them")
    func hostile() {
        let bytes = record()
        for count in 0..<bytes.count {
            #expect(StateCommitmentRecord(Array(bytes[..<count])) == nil)
            #expect(spokenOf(Array(bytes[..<count])).isEmpty)
        }
        for offset in RecordLayout.length..<RecordLayout.body {
            for bit in 0..<8 {
                var changed = bytes
                changed[offset] ^= 1 << UInt8(bit)
                if let other = StateCommitmentRecord(changed) { #expect(other.stateRoot == Sha256.hash([1])) }
            }
        }
    }
}

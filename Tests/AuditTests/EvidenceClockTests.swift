import Proof
import Testing
import Wire

@testable import Audit

/// Records that are later than witnesses saw them. An honest venue must not be convictable by the clocks of a few.
@Suite struct EvidenceClockTests {
    private let log: SignedLog
    /// Second of the last record.
    private let now: UInt64

    init() {
        log = SignedLog()
        log.time += 999_000_000
        log.open()
        now = log.time / SignedLog.secondMask
    }

    /// The last record, or another, in a head that some of three witnesses saw at some second.
    private func sighting(
        _ cosigned: [(witness: Int, time: UInt64)], size: UInt64? = nil, of sequence: UInt64? = nil
    ) -> (head: [UInt8], record: RecordRange) {
        let size = size ?? log.lastSequence, sequence = sequence ?? log.lastSequence
        return (log.checkpoint(size, cosigned: cosigned), log.range(sequence, sequence, size: size))
    }

    private func isConvicted(
        _ sightings: [(head: [UInt8], record: RecordRange)], witnesses: Int = 3, quorum: Int
    ) throws -> Bool {
        guard case .convicted(let conviction) = try log.judge(.clock(sightings), witnesses: witnesses, quorum: quorum)
        else { return false }
        #expect(conviction.verdict == .timeAhead)
        return true
    }

    @Test("as many witnesses as make a quorum, and leave none without one of them, convict", arguments: 0...3)
    func quorums(_ early: Int) throws {
        let seen = sighting((0..<3).map { (witness: $0, time: $0 < early ? now - 60 : now + 1) })
        #expect(try isConvicted([seen], quorum: 1) == (early == 3))
        #expect(try isConvicted([seen], quorum: 2) == (early >= 2))
        #expect(try isConvicted([seen], quorum: 3) == (early == 3))
        #expect(try !isConvicted([seen], quorum: 0))
        #expect(try isConvicted([seen], witnesses: 1, quorum: 1) == (early >= 1))
    }

    @Test("a witness counts once, and its earliest sight; heads may be several")
    func heads() throws {
        let first = sighting([(0, now - 60)]), second = sighting([(1, now - 30)])
        #expect(try !isConvicted([first], quorum: 2))
        #expect(try !isConvicted([first, sighting([(0, now - 30)])], quorum: 2))
        #expect(try isConvicted([first, second], quorum: 2))
        #expect(try isConvicted([first, second, sighting([(0, now + 5)])], quorum: 2))
        let size = log.lastSequence - 1
        let smaller = sighting([(1, now - 60)], size: size, of: size)
        #expect(try !isConvicted([first, smaller], quorum: 2), "another record")
        let elsewhere = (head: smaller.head, record: first.record)
        #expect(try !isConvicted([first, elsewhere], quorum: 2), "a head that does not hold it")
    }

    @Test("clocks may differ by the second that is named and ten more")
    func skew() throws {
        let exact = (now - 20) * SignedLog.secondMask
        let limit = 1 + EvidenceJudge.clockSkewSeconds
        for (time, isAhead) in [(exact, false), (exact + 1, true)] {
            #expect(EvidenceJudge.isAhead(time, of: now - 20 - limit) == isAhead)
        }
        #expect(!EvidenceJudge.isAhead(.max, of: .max) && !EvidenceJudge.isAhead(.max, of: .max / 1_000_000_000))
        #expect(try isConvicted([sighting([(0, now - limit)])], witnesses: 1, quorum: 1))
        #expect(try !isConvicted([sighting([(0, now - limit + 1)])], witnesses: 1, quorum: 1))
        #expect(try !isConvicted([sighting([(0, now)])], witnesses: 1, quorum: 1))
        #expect(try !isConvicted([sighting([(0, 0)])], witnesses: 1, quorum: 1), "0 tells no time")
    }

    @Test("a cosignature by somebody unknown says nothing, one that does not hold spoils its head")
    func strangers() throws {
        let early = sighting([(0, now - 60), (1, now - 60)])
        #expect(try isConvicted([early], witnesses: 2, quorum: 2))
        #expect(try !isConvicted([sighting([(2, now - 60)])], witnesses: 2, quorum: 2))
        var note = try SignedNote(early.head)
        let last = note.signatures.removeLast()
        note.signatures.append(
            NoteSignature(name: last.name, id: last.id, bytes: last.bytes.map { $0 ^ 1 }))
        #expect(try !isConvicted([(note.bytes, early.record)], witnesses: 2, quorum: 1))
    }
}

"""A judge of evidence (Sources/Proof/Evidence.md)."""

from hashlib import sha256

from batches import Batch
from journal import Journal
from log import Head, Refused, leaf_hash, old_root_of, require
from proofs import Balance, Receipt
from records import Record, number
from records_alone import records_alone
from sections import BALANCE, BATCH, COMMAND, CONSISTENCY, HEAD, LEAVES, RECEIPT, RECORDS, STATE, Leaves, sections_of
from state import state_root

SECOND = 10**9


def bare(section, anchors):
    """A head whose witnesses are not asked."""
    return Head(section[1], anchors, has_witnesses=False)


def commitment_in(section, head):
    leaves = Leaves(section, head)
    require(section[0] == RECORDS and len(leaves.records) == 1, "not one record")
    record = Record(leaves.records[0], leaves.first)
    require(record.committed() is not None, "no commitment that was accepted")
    return record


def judge(data, anchors):
    """Verdict and sequence; refused when the file proves nothing wrong."""
    kind, sections = sections_of(data)
    shape = [type for type, _ in sections]
    judges = (equivocation, rewritten, omission, replay, records_alone, data_differs, liabilities, clock)
    return judges[kind - 1](shape, sections, anchors)


def equivocation(shape, sections, anchors):
    require(shape == [HEAD, HEAD], "other sections than the kind has")
    one, other = (bare(section, anchors) for section in sections)
    require(one.size == other.size and one.root != other.root, "the heads do not contradict each other")
    return "equivocation", one.size


def rewritten(shape, sections, anchors):
    require(shape == [HEAD, HEAD, CONSISTENCY], "other sections than the kind has")
    old, new, claim = bare(sections[0], anchors), bare(sections[1], anchors), sections[2][1]
    size, root, hashes = number(claim, 0, 8), claim[8:40], number(claim, 40, 2)
    require(hashes <= 64 and len(claim) == 42 + 32 * hashes, "no consistency proof")
    proof = [claim[i:i + 32] for i in range(42, len(claim), 32)]
    require(0 < old.size < new.size and size == old.size, "a claim about something else")
    require(old_root_of(size, root, new.size, new.root, proof) == root, "the proof does not hold")
    require(root != old.root, "the heads do not contradict each other")
    return "rewritten-history", old.size


def omission(shape, sections, anchors):
    require(shape[:1] == [RECEIPT], "other sections than the kind has")
    receipt = Receipt(sections[0][1], anchors.venue)
    end = receipt.body.time + (receipt.promise + 10) * SECOND
    if shape[1:2] == [COMMAND]:
        require(sha256(sections[1][1]).digest() == receipt.command_hash, "another command than the receipt's")
        shape, sections = shape[1:], sections[1:]
    is_late = set(shape[1:-1]) <= {HEAD} and shape[-1] in (HEAD, LEAVES)
    require(is_late or shape[1:] == [HEAD, RECORDS], "other sections than the kind has")
    heads = [Head(note, anchors) for type, note in sections if type == HEAD]
    if shape[-1] == RECORDS:
        leaves = Leaves(sections[-1], heads[0])
        require(len(leaves.records) == 1 and leaves.first < receipt.sequence, "not one record before the receipt's")
        record, fault = one_record(leaves)
        if fault:
            return fault, leaves.first
        require(end < record.time, "the promise was not broken")
        return "omission", receipt.sequence
    if shape[-1] == LEAVES:
        require(heads, "leaves without a head")
        head = heads.pop()
        leaves = Leaves(sections[-1], head)
        require(0 <= receipt.sequence - leaves.first < len(leaves.hashes), "other records than the receipt's")
        if leaves.hashes[receipt.sequence - leaves.first] != receipt.leaf_hash:
            return "omission", receipt.sequence
        in_time = [time for time in head.seen.values() if 0 < time * SECOND <= end]
        require(0 < anchors.quorum and len(in_time) < anchors.quorum, "a quorum has cosigned the record in time")
    return lateness(heads, receipt, end, anchors)


def lateness(heads, receipt, end, anchors):
    require(anchors.quorum >= 1, "nobody is asked when")
    missed = set()
    for head in heads:
        require(head.size < receipt.sequence, "a head that does not end before the record")
        missed |= {name for name, time in head.seen.items() if end < time * SECOND < 2**64}
    require(len(missed) >= len(anchors.witnesses) - anchors.quorum + 1, "too few witnesses miss the record")
    return "late", receipt.sequence


def one_record(leaves):
    """The one record of a section; or the verdict, when it is none by itself."""
    try:
        return Record(leaves.records[0], leaves.first), None
    except Refused as why:
        return None, why.verdict


def clock(shape, sections, anchors):
    require(shape == [HEAD, RECORDS] * (len(shape) // 2), "other sections than the kind has")
    require(anchors.quorum >= 1, "nobody is asked when")
    seen, records = {}, set()
    for head, section in zip(sections[::2], sections[1::2]):
        head = Head(head[1], anchors)
        leaves = Leaves(section, head)
        require(len(leaves.records) == 1, "not one record")
        records.add((leaves.first, leaves.records[0]))
        for name, time in head.seen.items():
            if time > 0:
                seen[name] = min(time, seen.get(name, time))
    require(len(records) == 1, "several records")
    record, fault = one_record(leaves)
    if fault:
        return fault, leaves.first
    before = [time for time in seen.values() if record.time > (time + 11) * SECOND]
    count, quorum = len(anchors.witnesses), anchors.quorum
    require(len(before) >= max(quorum, count - quorum + 1), "too few witnesses saw it before its time")
    return "time-ahead", record.sequence


def replay(shape, sections, anchors):
    head = bare(sections[0], anchors) if shape[:1] == [HEAD] else None
    if shape == [HEAD, RECORDS]:
        leaves, journal = Leaves(sections[1], head), Journal(anchors.venue)
        require(leaves.first == 1, "records that do not begin with the first")
        records = leaves.records
    else:
        require(shape == [HEAD, RECORDS, STATE, RECORDS], "other sections than the kind has")
        through, root, last_hash, _, _ = commitment_in(sections[1], head).committed()
        leaves, state = Leaves(sections[3], head), sections[2][1]
        last, fault = one_record(leaves)
        if fault:
            return fault, leaves.first
        require(leaves.first == through, "records that do not begin with the state's last")
        if last.hash != last_hash:
            return "commitment-head", number(Leaves(sections[1], head).records[0], 8, 8)
        require(state_root(state, anchors.venue, through) == root, "another state than the committed one")
        records = leaves.records[1:]
        journal = Journal.after(anchors.venue, state, last, Record(records[0]) if is_record(records) else None)
    try:
        committed = Record(leaves.records[-1]).committed()
        journal.wanted = {committed[0]} if committed and committed[0] > leaves.first else set()
    except Refused:
        pass
    for sequence, data in enumerate(records, leaves.first + len(leaves.records) - len(records)):
        try:
            journal.take(data)
        except Refused as why:
            require(why.verdict and (why.verdict, sequence) != ("genesis", 1), str(why))
            return why.verdict, sequence
    raise Refused("the records are what the rules make of them")


def is_record(records):
    try:
        return bool(records) and Record(records[0]) is not None
    except Refused:
        return False


def data_differs(shape, sections, anchors):
    require(shape[:2] == [HEAD, RECORDS] and len(shape) >= 3, "other sections than the kind has")
    head = bare(sections[0], anchors)
    _, _, _, ends, digest = commitment_in(sections[1], head).committed()
    batch = None
    while shape[2:3] == [BATCH]:
        data = sections[2][1]
        shape, sections = shape[1:], sections[1:]
        require(sha256(data).digest() == digest, "a batch that nobody named")
        try:
            batch = Batch(data, anchors.venue)
            require(batch.last == ends, "ends elsewhere")
        except Refused:
            return "data", ends
        ends, digest = batch.first - 1, batch.previous
    require(shape[2:] == [LEAVES] and batch is not None, "other sections than the kind has")
    leaves = Leaves(sections[-1], head)
    expected = dict(enumerate(leaves.hashes, leaves.first))
    for sequence, record in enumerate(batch.records, batch.first):
        if leaf_hash(record) != expected.get(sequence, leaf_hash(record)):
            return "data", sequence
    raise Refused("the batches are what the log has")


def liabilities(shape, sections, anchors):
    require(shape == [HEAD, RECORDS, BALANCE], "other sections than the kind has")
    record, balance = commitment_in(sections[1], bare(sections[0], anchors)), Balance(sections[2][1])
    through, root = record.committed()[:2]
    require(balance.root == root and balance.through == through and balance.venue == anchors.venue, "another state")
    require(not balance.adds_up, "the sums are the asset's total")
    return "liabilities", record.sequence

"""Evidence of kind 5 (Sources/Proof/Evidence.md, "Records"): what records alone contradict, without a replay."""

import struct

import ed25519
import records as form
from log import Head, Refused, require
from records import Record, genesis_body, number
from sections import GENESIS, HEAD, RECORDS, Leaves


def records_alone(shape, sections, anchors):
    genesis = shape[1:2] == [GENESIS]
    rest = sections[2 if genesis else 1:]
    require(shape[:1] == [HEAD] and all(type == RECORDS for type, _ in rest), "other sections")
    head, given = Head(sections[0][1], anchors, has_witnesses=False), {}
    for section in rest:
        leaves = Leaves(section, head)
        for sequence, data in enumerate(leaves.records, leaves.first):
            given[sequence] = data
    slots = {}
    if genesis:
        slots = first_slots(genesis_body(sections[1][1], anchors.venue))
    return first_wrong(given, slots, anchors.venue)


def first_slots(body):
    return {(0, 0): body[32:64], (1, 0): body[32:64], (2, 0): body[128:160]}


def first_wrong(given, slots, venue):
    before, known = {}, {"time": 0, "epoch": 0, "nonces": {}, "revoked": set(), "roots": {}, "slots": slots}
    for sequence in sorted(given):
        try:
            record = Record(given[sequence], sequence)
        except Refused as why:
            return why.verdict, sequence
        verdict = follows(record, before.get(sequence - 1), known)
        if record.kind == form.COMMAND:
            verdict = verdict or wrong_command(record, before, known, venue)
        if verdict:
            return verdict, sequence
        learn(record, known)
        before[sequence] = record
    raise Refused("nothing is wrong with these records")


def follows(record, previous, known):
    if previous and record.previous != previous.hash:
        return "chain-broken"
    if record.time < known["time"]:
        return "time-back"
    return "epoch" if record.epoch < known["epoch"] else None


def wrong_command(record, before, known, venue):
    key, nonce = (record.body(0, 4), record.body(4, 2)), record.body(8, 8)
    if key in known["revoked"]:
        return "revoked-key"
    if nonce <= known["nonces"].get(key, -1):
        return "nonce"
    purpose = b"commitment" if record.template == form.COMMITMENT else b"command"
    message = ed25519.prefix(purpose, venue) + record.message
    if key in known["slots"] and not ed25519.holds(known["slots"][key], message, record.signature):
        return "signature"
    block = record.message[8:]
    if record.flags & 1 and record.template in (form.CREATE_ACCOUNT, form.ADD_KEY):
        account = record.body(24 if record.template == form.CREATE_ACCOUNT else 0, 4)
        message = ed25519.prefix(b"possession", venue) + struct.pack("<I", account) + block[32:64]
        if not ed25519.holds(block[32:64], message, block[64:128]):
            return "proofs"
    if record.template != form.COMMITMENT or record.committed() is None:
        return None
    through, root, head, _, _ = record.committed()
    if known["roots"].get(through, root) != root:
        return "state-root"
    if not 0 < through < record.sequence:
        return "commitment-through"
    return "commitment-head" if through in before and before[through].hash != head else None


def learn(record, known):
    known["time"], known["epoch"] = record.time, record.epoch
    if record.kind == form.COMMAND:
        known["nonces"][record.body(0, 4), record.body(4, 2)] = record.body(8, 8)
    if record.committed():
        known["roots"].setdefault(record.committed()[0], record.committed()[1])
    if record.kind == form.GENESIS:
        known["slots"].update(first_slots(record.message[8:]))
    for template, effect in record.effects:
        account = number(effect, 0, 4)
        if template == form.ACCOUNT_CREATED:
            known["slots"][number(effect, 4, 4), 0] = effect[8:40]
        elif template == form.KEY_ADDED:
            known["slots"][account, number(effect, 4, 2)] = effect[8:40]
        elif template == form.KEY_REVOKED:
            known["revoked"].add((account, number(effect, 4, 2)))
        elif template == form.KEY_ROTATED and effect[4] in (1, 4):
            for owner in (0, 1) if effect[4] == 1 else (2,):
                known["slots"][owner, number(effect, 6, 2)] = effect[8:40]

"""A second verifier of Glassbook's proofs, in Python with nothing but its standard library.

It follows the pages and nothing else, and is here to show that they suffice. What each part follows, below Sources:

    log.py                  Proof/Proof.md (RFC 6962, C2SP): anchors, notes, trees, tiles, tlog-proofs
    records.py, journal.py  Journal/Journal.md, OrderEntry/OrderEntry.md, MarketData/MarketData.md: records, signatures
    venue.py, office.py     Venue/Rules.md, Wire/Wire.md: what the rules make of a record
    schema.py               Wire/order-entry.xml
    state.py, restore.py    Proof/StateRoot.md, Venue/Rules.md (STA-1): the state and its root
    proofs.py               Proof/Receipts.md, Proof/StateRoot.md: receipts, balance files
    batches.py              Availability/Availability.md: batches and certificates
    evidence.py             Proof/Evidence.md, with sections.py and records_alone.py
    ed25519.py              Cryptography/Cryptography.md, RFC 8032

    verify.py ANCHORS published DIRECTORY [BATCHES]     all below a log's prefix, and the batches of a directory
    verify.py ANCHORS journal DIRECTORY                 the segments of a node that has stopped
    verify.py ANCHORS proof FILE [RECORD]               a tlog-proof
    verify.py ANCHORS receipt FILE
    verify.py ANCHORS balance FILE
    verify.py ANCHORS evidence FILE

Exit status 0: it holds, and evidence convicts. 1: refused, standard error says why. 2: usage.
"""

import os
import re
import sys

import batches
import evidence
import proofs
from log import Anchors, Head, Missing, Refused, Tiles, check_proof, decimal, old_root_of, read, require, text_of
from journal import Journal
from records import Record, command_hash, number, zero


def check_published(anchors, directory, blobs=None):
    head = Head(read(os.path.join(directory, "checkpoint"), 65536), anchors).require_quorum(anchors)
    require(not head.further, "a checkpoint of more than three lines")
    tiles = Tiles(directory, head.size)
    require(tiles.root(0, head.size) == head.root, "the tiles do not have the root")
    tiles.require_parents()
    journal, leaves = read_journal(anchors, tiles)
    heads = check_archive(anchors, directory, tiles, head)
    for kept in heads + [head]:
        if 0 < kept.size <= len(journal.hashes):
            key = journal.key_in_force(journal.log_keys, kept.size)
            require(key in kept.signers, f"checkpoint {kept.size} is not signed by the key in force")
    receipts = proofs.check_receipts(directory, journal, leaves[:len(journal.hashes)])
    digests = batches.check_batches(directory, blobs, journal, leaves)
    batches.check_commitments(digests, journal)
    return (f"{len(journal.hashes)} of {head.size} records, {journal.signatures} signatures, {len(heads)} checkpoints, "
            f"{journal.commitments} commitments, {receipts} receipts, {len(digests) - 1} batches; "
            f"root {head.root.hex()}")


def read_journal(anchors, tiles):
    journal, leaves, is_whole = Journal(anchors.venue), [], True
    journal.command_hashes, journal.epochs, journal.times, journal.data_named = [], [], [], []
    journal.wanted = committed_sizes(tiles)
    for index in range(tiles.size + 255 >> 8):
        try:
            entries = tiles.entries(index)
        except Missing:
            entries, is_whole = [], False
        require(is_whole or not entries, "a bundle behind one that is missing")
        for entry in entries:
            try:
                record = journal.take(entry)
            except Refused as why:
                raise Refused(f"record {len(journal.hashes) + 1}: {why}")
            journal.command_hashes.append(command_hash(record))
            journal.epochs.append(record.epoch)
            journal.times.append(record.time)
            if record.committed():
                journal.data_named.append(record.committed()[3:])
        leaves += tiles.tile(0, index)
    return journal, leaves


def check_journal(anchors, directory):
    """All segments of a journal, record by record, up to where nothing more is written."""
    journal, names = Journal(anchors.venue), sorted(os.listdir(directory))
    for name in [name for name in names if re.fullmatch(r"\d{20}\.segment", name)]:
        data, at = read(os.path.join(directory, name), 2**32), 4096
        require(data[:8] == b"GLASSJNL" and data[16:48] == anchors.venue, f"{name}: no segment of the venue")
        require(int(name[:20]) == len(journal.hashes) + 1, f"{name}: another sequence than its first record's")
        while at <= len(data) - 65528 and not zero(data[at:at + 8]):
            length = number(data, at, 4)
            journal.take(data[at:at + length])
            at += length
    return f"{len(journal.hashes)} records, {journal.signatures} signatures; head {journal.last.hash.hex()}"


def committed_sizes(tiles):
    """The records that commitments speak of, which stand before them."""
    found = set()
    for index in range(tiles.size + 255 >> 8):
        try:
            entries = tiles.entries(index)
        except Missing:
            break
        found |= {Record(entry).committed()[0] for entry in entries if Record(entry).committed()}
    return found


def check_archive(anchors, directory, tiles, head):
    """Every checkpoint in the list; each has to continue the one before, up to the latest."""
    lines = text_of(read(os.path.join(directory, "checkpoints", "index"))).split("\n")[:-1]
    sizes, heads = [decimal(line) for line in lines], []
    require(all(a < b for a, b in zip(sizes, sizes[1:])), "checkpoints/index does not ascend")
    for size in sizes:
        kept = Head(read(os.path.join(directory, "checkpoints", "%020d" % size), 65536), anchors)
        require(kept.size == size and not kept.further, f"checkpoints/{size} is of another size")
        if size <= head.size:
            heads.append(kept)
    for old, new in zip(heads, heads[1:] + [head]):
        proof = [] if old.size in (0, new.size) else tiles.consistency(old.size, 0, new.size)
        found = old_root_of(old.size, old.root, new.size, new.root, proof)
        require(found == old.root, f"checkpoint {new.size} does not continue {old.size}")
    return heads


def check(anchors, what, arguments):
    if what == "published":
        return check_published(anchors, *arguments)
    if what == "journal":
        return check_journal(anchors, *arguments)
    data = read(arguments[0])
    if what == "proof":
        sequence, record, head = check_proof(data, anchors, read(arguments[1], 65535) if arguments[1:] else None)
        Record(record, sequence)
        return f"record {sequence} of {len(record)} bytes is in the log of {head.size}"
    if what == "receipt":
        receipt = proofs.Receipt(data, anchors.venue)
        return f"record {receipt.sequence} was promised at {receipt.body.time} within {receipt.promise} s"
    if what == "balance":
        balance, head = proofs.check_balance(data, anchors)
        return f"account {balance.account} was owed {balance.amount} of asset {balance.asset} after {balance.through}"
    return "convicted: %s at %d" % evidence.judge(data, anchors)


def main(arguments):
    most = {"published": 2, "journal": 1, "proof": 2, "receipt": 1, "balance": 1, "evidence": 1}
    if len(arguments) < 3 or not 1 <= len(arguments) - 2 <= most.get(arguments[1], 0):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        print(check(Anchors(read(arguments[0])), arguments[1], arguments[2:]))
        return 0
    except Refused as why:
        print(f"refused: {why}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

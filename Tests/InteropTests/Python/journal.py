"""The records one after the other: chain, order, who signed them (Sources/OrderEntry/OrderEntry.md), and what the rules
make of each (Sources/Venue/Rules.md). Verdicts have the names that Sources/Proof/Evidence.md has."""

import struct

import ed25519
from log import require
from records import (ADD_KEY, COMMAND, COMMITMENT, CONTINUATION, CREATE_ACCOUNT, FEED_STARTED, GENESIS, RESTART, ROTATE,
                     Record, feed_messages, genesis_body, zero)
from restore import restore
from state import state_root
from venue import Book, Venue


class Journal:
    """From the first record on; or from a state on, and the record that it ends with."""

    def __init__(self, venue_id):
        self.id, self.venue, self.last, self.started, self.next_feed = venue_id, Venue(Book), None, 0, 1
        purposes = (b"command", b"commitment", b"possession", b"rotation")
        self.prefix = {name: ed25519.prefix(name, venue_id) for name in purposes}
        self.signatures = self.commitments = 0
        self.hashes, self.roots, self.wanted = {}, {}, set()
        self.log_keys = []        # (sequence, key): in force from that record on
        self.receipt_keys = []    # (sequence, key, the two proofs)

    @classmethod
    def after(cls, venue_id, state, last, following):
        journal = cls(venue_id)
        restore(journal.venue, state)
        journal.last, journal.started = last, last.epoch
        if last.kind == CONTINUATION and following and (following.kind, following.epoch) == (RESTART, last.epoch):
            journal.started -= 1
        journal.next_feed = last.feed + sum(feed_messages(*effect) for effect in last.effects)
        journal.hashes[last.sequence] = last.hash
        return journal

    def take(self, data):
        record = Record(data)
        if self.last is None:
            require(record.kind == GENESIS and zero(record.previous), "no first record", "genesis")
            genesis_body(record.message, self.id)
        else:
            require(record.previous == self.last.hash, "another hash than that of the record before", "chain-broken")
            require(record.sequence == self.last.sequence + 1, "a sequence that is not the next", "sequence")
            require(record.time >= self.last.time, "a time before that of the record before", "time-back")
        self.check_epoch(record)
        is_open = self.venue.is_unfinished
        cause = record.body(0, 8) if record.kind == CONTINUATION else None
        require(is_open == (cause is not None), "a continuation missing, or of nothing", "continuation")
        require(not is_open or cause == self.cause, "a continuation of another command", "continuation")
        if record.kind == RESTART:
            self.check_restart(record)
        if record.kind == COMMAND:
            self.cause = record.sequence
            self.check_command(record)
        self.replay(record)
        self.learn(record)
        return record

    def check_epoch(self, record):
        now, following = self.started, self.started + 1
        holds = {GENESIS: record.epoch == 1, RESTART: record.epoch == following,
                 CONTINUATION: self.last is not None and record.epoch in (self.last.epoch, following),
                 COMMAND: record.epoch == now and self.last is not None and self.last.epoch == now}[record.kind]
        require(holds, "an epoch that goes back, jumps or has no restart", "epoch")
        if record.kind in (GENESIS, RESTART):
            self.started = record.epoch

    def check_restart(self, record):
        require(record.message[8:40] == self.last.hash, "a restart behind another record", "restart")
        now, said = self.venue.generation, record.body(72, 4)
        require(said == now + 1 or said == now and self.venue.state != 9, "another feed generation", "restart")

    def check_command(self, record):
        account = self.venue.accounts.get(record.body(0, 4))
        found = account and account.slots.get(record.body(4, 2))
        require(found, "a key that there never was", "unknown-key")
        key, state, _, mark = found
        require(state == 1, "signed with a key that was revoked", "revoked-key")
        require(mark < record.body(8, 8) < 2**64 - 1, "a nonce that is not above the mark of its key", "nonce")
        prefix = self.prefix[b"commitment" if record.template == COMMITMENT else b"command"]
        holds = ed25519.holds(key, prefix + record.message, record.signature)
        require(holds, "the client's signature does not hold", "signature")
        self.signatures += 1
        require(record.flags == self.proofs_hold(record), "the flag is not what the proofs say", "proofs")

    def proofs_hold(self, record):
        """Whether the command carries other proofs or keys, and all of them hold."""
        block = record.message[8:]
        if record.template in (CREATE_ACCOUNT, ADD_KEY):
            account = record.body(24 if record.template == CREATE_ACCOUNT else 0, 4)
            message = self.prefix[b"possession"] + struct.pack("<I", account) + block[32:64]
            return ed25519.holds(block[32:64], message, block[64:128])
        if record.template == ROTATE:
            old, new = self.venue.venue_keys.get(block[24]), block[32:64]
            message = self.prefix[b"rotation"] + block[24:25] + new
            return (old is not None and ed25519.holds(old, message, block[64:128])
                    and ed25519.holds(new, message, block[128:192]))
        return False

    def replay(self, record):
        """What the rules make of the record, and the number of its first market-data message."""
        effects = self.venue.apply(record)
        require(effects == record.effects_bytes, "other effects than the rules make", "effects")
        begins = [template for template, _ in record.effects[:1]] == [FEED_STARTED]
        expected = 1 if begins else self.next_feed
        require(record.feed == expected, "another feed sequence than the effects give", "feed-sequence")
        self.next_feed = expected + sum(feed_messages(*effect) for effect in record.effects)

    def learn(self, record):
        self.last, sequence, keys = record, record.sequence, self.venue.venue_keys
        self.hashes[sequence] = record.hash
        if sequence in self.wanted and not self.venue.is_unfinished:
            self.roots[sequence] = state_root(self.venue.canonical(), self.id, sequence)
        proofs = record.message[72:200]
        for kept, key, *more in ((self.log_keys, keys[2]), (self.receipt_keys, keys[3], proofs)):
            if not kept or kept[-1][1] != key:
                kept.append((sequence, key, *more))
        commitment = record.committed()
        if commitment:
            through, root, head, data, digest = commitment
            require(data < sequence and (data > 0 or zero(digest)), "data that cannot be available", "commitment-data")
            self.commitments += 1
            if through in self.hashes:
                require(self.hashes[through] == head, "a commitment to another record", "commitment-head")
            if through in self.wanted:
                require(through in self.roots, "a commitment to no state", "commitment-through")
                require(self.roots[through] == root, "a commitment to another state", "state-root")

    @staticmethod
    def key_in_force(keys, sequence):
        """The last key that a record up to this one put in force."""
        return [key for since, key, *_ in keys if since <= sequence][-1]

"""Records by themselves: their form (Sources/Journal/Journal.md), the messages in them (Sources/Wire/*.xml)."""

import struct
from functools import cached_property
from hashlib import blake2b, sha256

from log import require

GENESIS, RESTART, TICK, CONTINUATION, COMMAND = 1, 2, 3, 4, 5

# Block lengths of Sources/Wire/order-entry.xml and journal.xml, by template.
COMMANDS = {20: 128, 21: 128, 22: 32, 23: 72, 24: 72, 25: 40, 26: 112, 27: 40, 28: 32, 29: 72, 30: 192, 31: 136,
            40: 72, 41: 40, 42: 64, 43: 32, 44: 28}
OWN = {GENESIS: 216, RESTART: 80, TICK: 8, CONTINUATION: 8}
EFFECTS = {10: 40, 11: 24, 12: 96, 13: 48, 14: 56, 15: 32, 16: 8, 20: 40, 21: 40, 22: 8, 23: 40, 24: 24, 25: 56,
           26: 16, 27: 16, 28: 16, 29: 40, 30: 16, 31: 8}
CREATE_ACCOUNT, ADD_KEY, ROTATE, COMMITMENT, BATCH = 20, 21, 30, 31, 44
ACCOUNT_CREATED, KEY_ADDED, KEY_REVOKED, KEY_ROTATED, COMMITMENT_ACCEPTED = 20, 21, 22, 29, 30
RESTED, EXECUTED, CANCELLED, REPLACED, LISTED, STATE_CHANGED, FEED_STARTED = 11, 12, 13, 14, 25, 26, 31


def number(data, at, size):
    require(0 <= at and at + size <= len(data), "ends within a number")
    return int.from_bytes(data[at:at + size], "little")


def zero(data):
    return data.count(0) == len(data)


class Record:
    """One record by itself: lengths, padding, place, hash, message; its effects when they are asked for."""

    def __init__(self, data, at=None):
        self.data = data
        self.require_structure()
        require(at is None or self.sequence == at, "a record of another sequence", "sequence")
        is_hash = blake2b(data[:-32], digest_size=32).digest() == self.hash
        require(is_hash, "the hash is not the record's", "record-hash")
        is_first = self.sequence == 1
        require((self.kind == GENESIS) == is_first, "a genesis record stands first and only there", "genesis")
        require(self.kind != TICK, "no timer in these rules", "tick")
        if self.kind == COMMAND:
            self.require_command()
            self.message, self.signature = self.command[:-64], self.command[-64:]
        else:
            self.message, self.signature = self.command, b""

    def require_structure(self):
        data = self.data
        is_record = 128 <= len(data) <= 65528 and len(data) % 8 == 0
        require(is_record, "a record of a wrong length", "record-structure")
        (length, complement, self.sequence, self.time, self.arrival, self.ticket, self.epoch, self.kind, self.flags,
         self.feed, command_size, effects_size) = struct.unpack_from("<IIQQQQIHHQII", data)
        self.previous, self.hash, padded = data[64:96], data[-32:], command_size + 7 & ~7
        self.command, self.effects_bytes = data[96:96 + command_size], data[96 + padded:-32]
        self.template = number(self.command.ljust(8, b"\0"), 2, 2)
        for holds, why in (
            (length == len(data) and length ^ complement == 0xFFFFFFFF, "the length word does not hold"),
            (1 <= self.kind <= 5, "an unknown kind"),
            (effects_size % 8 == 0 and length == 128 + padded + effects_size, "the sizes do not add up"),
            (self.flags & ~(1 if self.kind == COMMAND else 0) == 0, "a flag that is none"),
            (zero(data[96 + command_size:96 + padded]), "padding that is not zero"),
            (self.kind == COMMAND or self.is_own_message(), "another message than that of its kind"),
        ):
            require(holds, why, "record-structure")

    def is_own_message(self):
        """Whether it is the node's own message of its kind, with the reserved word at its end."""
        head, block = struct.pack("<HHHH", OWN[self.kind], self.kind, 2, 0), OWN[self.kind]
        ends_zero = self.kind not in (GENESIS, RESTART) or zero(self.command[-4:])
        return self.command[:8] == head and len(self.command) == 8 + block and ends_zero

    def require_command(self):
        block, template, schema, version = struct.unpack_from("<HHHH", self.command.ljust(8, b"\0"))
        is_command = schema == 1 and version == 0 and COMMANDS.get(template) == block
        size = 8 + block
        if is_command and template == BATCH and len(self.command) >= size + 4:
            group, entries = struct.unpack_from("<HH", self.command, size)
            is_command = group == 48 and 1 <= entries <= 128
            size += 4 + 48 * entries
        require(is_command and len(self.command) == size + 64, "no command", "command-structure")

    @cached_property
    def effects(self):
        """Template and block of each, up to the first that is none; `effects_end` is where that is."""
        effects, at, data = [], 0, self.effects_bytes
        while at < len(data):
            block, template, schema, version = struct.unpack_from("<HHHH", data, at)
            if schema != 2 or version != 0 or EFFECTS.get(template) != block or at + 8 + block > len(data):
                break
            effects.append((template, data[at + 8:at + 8 + block]))
            at += 8 + block
        self.effects_end = at
        return effects

    def body(self, at, size):
        """A number of the command's block: offsets as the schemas have them."""
        return number(self.message, 8 + at, size)

    def committed(self):
        """The commitment that the venue accepted with this record: (through, root, head, data through, digest)."""
        if self.kind != COMMAND or self.template != COMMITMENT:
            return None
        if [template for template, _ in self.effects] != [COMMITMENT_ACCEPTED]:
            return None
        if self.effects_end != len(self.effects_bytes):
            return None
        block, through = self.message[8:], self.body(24, 8)
        if number(self.effects[0][1], 8, 8) != through:
            return None
        return through, block[32:64], block[64:96], number(block, 96, 8), block[104:136]


def genesis_body(message, venue):
    """The body of a genesis message, held to the venue id."""
    require(len(message) == 224 and message[:8] == struct.pack("<HHHH", 216, 1, 2, 0), "no genesis message")
    require(blake2b(message[8:], digest_size=32).digest() == venue, "the genesis of another venue")
    return message[8:]


def feed_messages(template, effect):
    """How many market-data messages an effect yields."""
    if template == CANCELLED:
        return 1 if effect[41] else 0
    if template == REPLACED:
        return 0 if effect[53] & 1 and effect[44:48] == effect[48:52] else 1
    return {FEED_STARTED: 1, LISTED: 2, STATE_CHANGED: 1, RESTED: 1, EXECUTED: 1}.get(template, 0)


def command_hash(record):
    return sha256(record.command).digest()

"""Sections of evidence, and the proofs in them (Sources/Proof/Evidence.md, "File")."""

from log import below, leaf_hash, node, require
from records import number

HEAD, RECORDS, LEAVES, CONSISTENCY, STATE, RECEIPT, COMMAND, BATCH, BALANCE, GENESIS = range(1, 11)


def sections_of(data):
    require(16 <= len(data) <= 2**30 and data[:8] == b"GLASSEVI" and number(data, 8, 4) == 1, "no evidence")
    kind, count, at, sections = number(data, 12, 2), number(data, 14, 2), 16, []
    require(1 <= kind <= 8 and 1 <= count <= 128, "no evidence")
    for _ in range(count):
        length = number(data, at + 4, 4)
        require(1 <= number(data, at, 2) <= 10 and number(data, at + 2, 2) == 0, "no section")
        require(at + 8 + length <= len(data), "ends within a section")
        sections.append((number(data, at, 2), data[at + 8:at + 8 + length]))
        at += 8 + length
    require(at == len(data), "bytes behind the last section")
    return kind, sections


def split_proof(data):
    count = number(data, 0, 2)
    require(count <= 126 and len(data) == 2 + 32 * count, "no proof")
    return [data[i:i + 32] for i in range(2, len(data), 32)]


class Leaves:
    """A section of records or leaves, held to the head before it."""

    def __init__(self, section, head):
        kind, data = section
        self.first, count, at, self.records, self.hashes = number(data, 0, 8), number(data, 8, 4), 12, [], []
        require(self.first >= 1 and count >= 1, "a section without records")
        while len(self.hashes) < count:
            if kind == LEAVES:
                require(at + 32 <= len(data), "ends within a leaf")
                self.hashes.append(data[at:at + 32])
                at += 32
            else:
                length = number(data, at, 4)
                require(1 <= length <= 65535 and at + 4 + length <= len(data), "ends within a record")
                self.records.append(data[at + 4:at + 4 + length])
                self.hashes.append(leaf_hash(self.records[-1]))
                at += 4 + length
        self.proof, self.used = split_proof(data[at:]), 0
        require(self.first - 1 + count <= head.size, "records behind the head")
        require(self.root(0, head.size) == head.root, "the proof does not lead to the root")
        require(self.used == len(self.proof), "a proof with more hashes than it needs")

    def root(self, low, high):
        start, end = self.first - 1, self.first - 1 + len(self.hashes)
        if high <= start or low >= end:
            self.used += 1
            require(self.used <= len(self.proof), "a proof that is too short")
            return self.proof[self.used - 1]
        if high - low == 1:
            return self.hashes[low - start]
        middle = low + below(high - low)
        return node(self.root(low, middle), self.root(middle, high))

"""Batches and their certificates, as Sources/Availability/Availability.md has them."""

import os
from hashlib import sha256

from log import decimal, leaf_hash, read, require, text_of, unhex
from records import number


class Batch:
    def __init__(self, data, venue):
        require(104 <= len(data) <= 16252897 and data[:8] == b"GLASBAT1" and number(data, 8, 4) == 1, "no batch")
        require(data[16:48] == venue, "a batch of another venue")
        count, self.first, self.last = number(data, 12, 4), number(data, 48, 8), number(data, 56, 8)
        self.previous, self.digest = data[64:96], sha256(data).digest()
        require(number(data, 96, 8) == len(data) - 104, "a batch of a wrong length")
        is_range = 1 <= self.first <= self.last <= 2**62 and self.last - self.first + 1 == count
        require(is_range, "a batch of other records than it says")
        self.records, at = [], 104
        while at < len(data):
            length = number(data, at, 4)
            is_whole = 128 <= length <= min(65528, len(data) - at) and length % 8 == 0
            require(is_whole, "a batch that ends within a record")
            require(number(data, at + 4, 4) == length ^ 0xFFFFFFFF, "a batch with a length word that does not hold")
            require(number(data, at + 8, 8) == self.first + len(self.records), "a batch with a record out of place")
            self.records.append(data[at:at + length])
            at += length
        require(len(self.records) == count, "a batch with more or fewer records than it says")


class Certificate:
    def __init__(self, data):
        lines = text_of(data).split("\n")
        names = ["venue", "first", "last", "digest", "previous", "layer", "commitment"]
        require(len(lines) == 9 and lines[0] == "glassbook/1/batch" and lines[8] == "", "no certificate")
        values = []
        for name, line in zip(names, lines[1:8]):
            found, space, value = line.partition(" ")
            require(found == name and space == " ", "no certificate")
            values.append(value)
        self.venue, self.first, self.last = unhex(values[0], 32), decimal(values[1]), decimal(values[2])
        self.digest, self.previous = unhex(values[3], 32), unhex(values[4], 32)
        self.layer, self.commitment = values[5], unhex(values[6], len(values[6]) // 2)
        require(self.layer in ("directory", "eigenda"), "a layer that is none")


def check_batches(published, blobs, journal, leaves):
    """All certificates in a row, with the batches of a directory. Returns {last sequence: digest}."""
    digests, first, previous = {0: bytes(32)}, 1, bytes(32)
    while True:
        path = os.path.join(published, "da", "%020d" % first)
        if not os.path.exists(path):
            return digests
        certificate = Certificate(read(path, 65536))
        require(certificate.venue == journal.id and certificate.first == first, f"{path}: of something else")
        is_next = certificate.last >= first and certificate.previous == previous
        require(is_next, f"{path}: does not continue the one before")
        is_digest = certificate.commitment == certificate.digest
        require(is_digest or certificate.layer != "directory", f"{path}: another commitment than the digest")
        if blobs is not None:
            batch = Batch(read(os.path.join(blobs, certificate.digest.hex()), 16252897), journal.id)
            require(batch.digest == certificate.digest, f"{path}: its batch has another digest")
            said = (first, certificate.last, previous)
            require((batch.first, batch.last, batch.previous) == said, f"{path}: not what its batch says")
            for sequence, record in enumerate(batch.records, first):
                if sequence <= len(leaves):
                    is_the_logs = leaf_hash(record) == leaves[sequence - 1]
                    require(is_the_logs, f"batch {first}: not the log's record {sequence}")
        first, previous = certificate.last + 1, certificate.digest
        digests[certificate.last] = previous


def check_commitments(digests, journal):
    """What the commitments in the log say of batches: they name one that there is."""
    for through, digest in journal.data_named:
        require(digests.get(through) == digest, f"a commitment names a batch up to {through} that there is not")

"""The transparency log, as Sources/Proof/Proof.md has it: anchors, notes, trees, tiles, tlog-proofs."""

import base64
import binascii
import os
from hashlib import sha256

import ed25519


class Refused(Exception):
    """What was read is not what the pages say, or does not hold; of a record by itself, with the verdict's name."""

    def __init__(self, why, verdict=None):
        super().__init__(why)
        self.verdict = verdict


class Missing(Refused):
    """A published file that is not there."""


def require(condition, why, verdict=None):
    if not condition:
        raise Refused(why, verdict)


# Notation

def decimal(text):
    require(text.isascii() and text.isdigit() and (text == "0" or text[0] != "0") and len(text) < 20, "no decimal")
    require(int(text) < 2**63, "a decimal of 2^63 or more")
    return int(text)


def unbase64(text):
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise Refused("no base64")
    require(base64.b64encode(data).decode() == text, "base64 that is not canonical")
    return data


def unhex(text, count):
    require(len(text) == 2 * count and all(c in "0123456789abcdef" for c in text), "no hexadecimal digits")
    return bytes.fromhex(text)


def text_of(data):
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("no UTF-8")


def read(path, limit=2**30):
    try:
        with open(path, "rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise Refused(f"{path}: {error.strerror}")
    require(len(data) <= limit, f"{path}: too long")
    return data


# Anchors

class VerifierKey:
    def __init__(self, text, kind):
        parts = text.split("+", 2)
        require(len(parts) == 3, "no verifier key")
        self.name, body = parts[0], unbase64(parts[2])
        require(is_key_name(self.name), "no name of a key")
        require(len(body) == 33 and body[0] == kind, "a verifier key of another kind")
        self.id, self.key = unhex(parts[1], 4), body[1:]
        require(self.id == sha256(self.name.encode() + b"\n" + body).digest()[:4], "a key id that is not the key's")
        require(ed25519.is_key(self.key), "no key")


def is_key_name(name):
    plain = all(c != "+" and c >= " " and not c.isspace() for c in name)
    return name != "" and len(name.encode()) <= 255 and plain


class Anchors:
    def __init__(self, data):
        require(len(data) <= 65536, "anchors: too long")
        self.venue, self.logs, self.witnesses, self.quorum, quorums = None, [], [], 0, 0
        for line in text_of(data).split("\n"):
            if line == "" or line.startswith("#"):
                continue
            name, _, value = line.partition(" ")
            if name == "venue":
                require(self.venue is None, "anchors: two venues")
                self.venue = unhex(value, 32)
            elif name == "log":
                self.logs.append(VerifierKey(value, 1))
            elif name == "witness":
                self.witnesses.append(VerifierKey(value, 4))
            elif name == "quorum":
                self.quorum, quorums = decimal(value), quorums + 1
            else:
                raise Refused("anchors: a line that is none")
        require(self.venue is not None and quorums <= 1, "anchors: venue or quorum")
        require(1 <= len(self.logs) <= 16 and len(self.witnesses) <= 63, "anchors: number of keys")
        require(self.quorum <= len(self.witnesses), "anchors: a quorum that cannot be")
        self.origin = self.logs[0].name
        require(all(key.name == self.origin for key in self.logs), "anchors: two origins")
        names = [self.origin] + [key.name for key in self.witnesses]
        keys = [key.key for key in self.logs + self.witnesses]
        require(len(set(names)) == len(names) and len(set(keys)) == len(keys), "anchors: a name or key twice")
        require(self.origin.endswith("/" + self.venue.hex()[:16]), "anchors: the log of another venue")


# Signed notes and checkpoints

class Head:
    """A checkpoint: what it says, which of the log's keys signed it, and when which witness saw it."""

    def __init__(self, note, anchors, has_witnesses=True):
        require(len(note) <= 65536, "a note that is too long")
        whole = text_of(note)
        require(all(c == "\n" or c >= " " for c in whole), "a note with control characters")
        split = whole.rfind("\n\n")
        require(split >= 0 and whole.endswith("\n"), "no note")
        text, lines = whole[:split + 1].encode(), whole[split + 2:].split("\n")[:-1]
        require(1 <= len(lines) <= 100, "a note without signatures, or with too many")
        self.signers, self.seen = [], {}
        for line in lines:
            require(line.startswith("\u2014 "), "no signature line")
            name, _, blob = line[2:].partition(" ")
            blob = unbase64(blob)
            require(is_key_name(name) and len(blob) > 4, "no signature line")
            for key in anchors.logs:
                if (key.name, key.id) == (name, blob[:4]):
                    require(ed25519.holds(key.key, text, blob[4:]), "the log's signature does not hold")
                    self.signers.append(key.key)
            for key in anchors.witnesses if has_witnesses else ():
                if (key.name, key.id) == (name, blob[:4]):
                    time = int.from_bytes(blob[4:12], "big")
                    message = b"cosignature/v1\ntime %d\n" % time + text
                    require(len(blob) == 76 and time < 2**63, "no cosignature")
                    require(ed25519.holds(key.key, message, blob[12:]), "a cosignature does not hold")
                    self.seen.setdefault(name, time)
        require(self.signers, "no signature of the log")
        parts = text.decode().split("\n")
        require(len(parts) >= 4 and "" not in parts[:-1], "no checkpoint")
        self.further = parts[3:-1]
        self.origin, self.size, self.root = parts[0], decimal(parts[1]), unbase64(parts[2])
        require(self.origin == anchors.origin and len(self.root) == 32, "no checkpoint of this log")
        require(self.size <= 2**62, "a tree that is too large")

    def require_quorum(self, anchors):
        require(len(self.seen) >= anchors.quorum, "fewer cosignatures than the anchors ask for")
        return self


# Trees

def leaf_hash(entry):
    return sha256(b"\0" + entry).digest()


def node(left, right):
    return sha256(b"\1" + left + right).digest()


def below(count):
    """The largest power of two strictly below a count of at least 2."""
    return 1 << (count - 1).bit_length() - 1


def holds_inclusion(index, size, leaf, path, root):
    if index >= size:
        return False
    f, s, r = index, size - 1, leaf
    for p in path:
        if s == 0:
            return False
        if f & 1 or f == s:
            r = node(p, r)
            while f & 1 == 0 and f > 0:
                f, s = f >> 1, s >> 1
        else:
            r = node(r, p)
        f, s = f >> 1, s >> 1
    return s == 0 and r == root


def old_root_of(old_size, old_root, size, root, proof):
    """The root of the old size that a consistency proof leads from to the new root; None when to none."""
    if not 0 < old_size < size:
        same = sha256().digest() if old_size == 0 else root
        return same if not proof and old_size <= size else None
    hashes = ([old_root] if old_size & old_size - 1 == 0 else []) + proof
    if not hashes:
        return None
    f, s = old_size - 1, size - 1
    while f & 1:
        f, s = f >> 1, s >> 1
    a = b = hashes[0]
    for c in hashes[1:]:
        if s == 0:
            return None
        if f & 1 or f == s:
            a, b = node(c, a), node(c, b)
            while f & 1 == 0 and f > 0:
                f, s = f >> 1, s >> 1
        else:
            b = node(b, c)
        f, s = f >> 1, s >> 1
    return a if s == 0 and b == root else None


# Tiles

def tile_path(index, width):
    text = "%03d" % (index % 1000)
    while index >= 1000:
        index //= 1000
        text = "x%03d/" % (index % 1000) + text
    return text if width == 256 else f"{text}.p/{width}"


class Tiles:
    """The files of a published log, read at one size."""

    def __init__(self, directory, size):
        self.directory, self.size, self.read_before = directory, size, {}

    def file(self, level, index, width):
        """The first entries of a tile: its own file, or the full one that has taken its place."""
        for wanted in dict.fromkeys((width, 256)):
            path = os.path.join(self.directory, "tile", str(level), *tile_path(index, wanted).split("/"))
            if os.path.exists(path):
                return path, wanted, read(path, 256 * 65537)
        raise Missing(f"tile/{level}/{tile_path(index, width)} is missing")

    def tile(self, level, index):
        if (level, index) not in self.read_before:
            width = min(256, (self.size >> 8 * level) - 256 * index)
            path, found, data = self.file(level, index, width)
            require(len(data) == 32 * found, f"{path}: wrong length")
            self.read_before[level, index] = [data[i:i + 32] for i in range(0, 32 * width, 32)]
        return self.read_before[level, index]

    def subtree(self, start, count):
        """The root of so many leaves, a power of two, from one that is a multiple of it on."""
        level = (count.bit_length() - 1) // 8
        first, number = start >> 8 * level, count >> 8 * level
        hashes = self.tile(level, first >> 8)[first & 255:(first & 255) + number]
        while len(hashes) > 1:
            hashes = [node(hashes[i], hashes[i + 1]) for i in range(0, len(hashes), 2)]
        return hashes[0]

    def root(self, start, end):
        if start == end:
            return sha256().digest()
        count = end - start
        if count & count - 1 == 0:
            return self.subtree(start, count)
        return node(self.root(start, start + below(count)), self.root(start + below(count), end))

    def consistency(self, old, start, end, whole=True):
        """RFC 6962, 2.1.2, for the first `old` of the leaves from `start` to `end`."""
        if old == end - start:
            return [] if whole else [self.root(start, end)]
        middle = below(end - start)
        if old <= middle:
            return self.consistency(old, start, start + middle, whole) + [self.root(start + middle, end)]
        return self.consistency(old - middle, start + middle, end, False) + [self.root(start, start + middle)]

    def require_parents(self):
        """Holds every hash above the leaves to the full tile below it."""
        level = 1
        while self.size >> 8 * level > 0:
            for index in range((self.size >> 8 * level) + 255 >> 8):
                for i, found in enumerate(self.tile(level, index)):
                    below_it = Tiles.root_of(self.tile(level - 1, 256 * index + i))
                    require(found == below_it, f"tile/{level}/{tile_path(index, 256)}: hash {i} is not of its tile")
            level += 1

    @staticmethod
    def root_of(hashes):
        while len(hashes) > 1:
            hashes = [node(hashes[i], hashes[i + 1]) for i in range(0, len(hashes), 2)]
        return hashes[0]

    def entries(self, index):
        """The entries of a bundle, each held to its leaf hash."""
        hashes = self.tile(0, index)
        path, found, data = self.file("entries", index, len(hashes))
        entries, at = [], 0
        for _ in range(found):
            length = int.from_bytes(data[at:at + 2], "big")
            require(at + 2 + length <= len(data), f"{path}: ends within an entry")
            entries.append(data[at + 2:at + 2 + length])
            at += 2 + length
        require(at == len(data), f"{path}: more than its entries")
        for i, leaf in enumerate(hashes):
            require(leaf_hash(entries[i]) == leaf, f"{path}: entry {i} is not the log's")
        return entries[:len(hashes)]


# Inclusion proofs as files

def check_proof(data, anchors, record=None):
    """A tlog-proof with its record, which may be its `extra`. Returns sequence, record and checkpoint."""
    top, found, note = data.partition(b"\n\n")
    require(found and len(top) <= 2**20, "no tlog-proof")
    lines = text_of(top).split("\n")
    require(lines.pop(0) == "c2sp.org/tlog-proof@v1", "no tlog-proof")
    if lines and lines[0].startswith("extra "):
        extra = unbase64(lines.pop(0)[6:])
        require(record is None or record == extra, "another record than the proof's own")
        record = extra
    require(record is not None, "a proof without its record")
    require(lines and lines[0].startswith("index "), "a proof without an index")
    index, path = decimal(lines.pop(0)[6:]), [unbase64(line) for line in lines]
    require(len(path) <= 63 and all(len(p) == 32 for p in path), "no path")
    head = Head(note, anchors).require_quorum(anchors)
    require(holds_inclusion(index, head.size, leaf_hash(record), path, head.root), "the path does not lead to the root")
    return index + 1, record, head

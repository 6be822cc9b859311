"""Receipts (Sources/Proof/Receipts.md) and balance files (Sources/Proof/StateRoot.md)."""

import os
import struct
from hashlib import sha256

import ed25519
from log import below, check_proof, holds_inclusion, node, read, require
from records import Record, genesis_body, number


# Receipts

def range_leaf(sequence, command, leaf):
    return sha256(b"\0" + struct.pack("<Q", sequence) + command + leaf).digest()


def tree_head(leaves):
    if len(leaves) == 1:
        return leaves[0]
    middle = below(len(leaves))
    return node(tree_head(leaves[:middle]), tree_head(leaves[middle:]))


class Body:
    """What is signed of a range of records."""

    def __init__(self, data, signature, venue):
        require(len(data) == 92 and data[:32] == venue, "a receipt of another venue")
        self.epoch, self.first, self.last, self.time = struct.unpack_from("<IQQQ", data, 32)
        self.root, self.data, self.signature, self.venue = data[60:], data, signature, venue
        self.count = self.last - self.first + 1
        require(self.first >= 1 and 1 <= self.count <= 16384, "a range of a wrong length")

    def require_key(self, key):
        message = ed25519.prefix(b"receipt", self.venue) + self.data
        require(ed25519.holds(key, message, self.signature), "the signature of a receipt does not hold")


def key_after(genesis, changes, venue):
    """The receipt key of a genesis message, after changes of it of 160 bytes each."""
    key = genesis_body(genesis, venue)[96:128]
    for at in range(0, len(changes), 160):
        new, by_old, by_new = changes[at:at + 32], changes[at + 32:at + 96], changes[at + 96:at + 160]
        message = ed25519.prefix(b"rotation", venue) + b"\3" + new
        holds = ed25519.holds(key, message, by_old) and ed25519.holds(new, message, by_new)
        require(holds, "a change of key that does not hold")
        key = new
    return key


class Receipt:
    def __init__(self, data, venue):
        require(len(data) >= 244 and data[:8] == b"GLASSRCP" and number(data, 8, 4) == 1, "no receipt")
        hashes, changes = number(data, 12, 2), number(data, 14, 2)
        require(hashes <= 14 and changes <= 16, "a receipt that is too long")
        genesis = 244 + 32 * hashes
        require(len(data) == genesis + 224 + 160 * changes, "a receipt of a wrong length")
        self.sequence, self.command_hash, self.leaf_hash = number(data, 172, 8), data[180:212], data[212:244]
        self.key = key_after(data[genesis:genesis + 224], data[genesis + 224:], venue)
        self.promise = number(data, genesis + 176, 4)
        self.body = Body(data[16:108], data[108:172], venue)
        require(self.body.first <= self.sequence <= self.body.last, "a receipt of another record")
        self.body.require_key(self.key)
        path = [data[i:i + 32] for i in range(244, genesis, 32)]
        leaf = range_leaf(self.sequence, self.command_hash, self.leaf_hash)
        require(holds_inclusion(self.sequence - self.body.first, self.body.count, leaf, path, self.body.root),
                "the path does not lead to the root of the receipt")


def check_receipts(directory, journal, leaves):
    """All published receipts of the records of a journal. Returns how many there are."""
    if not os.path.isdir(os.path.join(directory, "receipts")):
        return 0
    data, known = read(os.path.join(directory, "receipts", "keys")), journal.receipt_keys
    require(len(data) >= 224 and (len(data) - 224) % 160 == 0, "receipts/keys: wrong length")
    key_after(data[:224], data[224:], journal.id)
    changes = b"".join(key + proofs for _, key, proofs in known[1:])
    require(data[224:].startswith(changes), "receipts/keys: not the changes of the log")
    next_sequence, time, checked = 1, 0, 0
    while True:
        path = os.path.join(directory, "receipts", "%020d" % next_sequence)
        if (next_sequence - 1) % 16384 or not os.path.exists(path):
            return checked
        data, at, end = read(path, 16384 * 220), 0, next_sequence + 16383
        while at + 156 <= len(data):
            body = Body(data[at:at + 92], data[at + 92:at + 156], journal.id)
            require(body.first == next_sequence and body.last <= end, f"{path}: a range out of place")
            if at + 156 + 64 * body.count > len(data):
                break
            if body.last > len(leaves):
                return checked
            body.require_key(journal.key_in_force(known, body.first - 1 or 1))
            require(body.time >= time, f"{path}: a time that goes back")
            pairs, time = [], body.time
            for i in range(body.count):
                pair, index = at + 156 + 64 * i, next_sequence - 1
                command, leaf = data[pair:pair + 32], data[pair + 32:pair + 64]
                require(leaf == leaves[index], f"{path}: not the log's record {next_sequence}")
                require(command == journal.command_hashes[index], f"{path}: another command")
                require(journal.epochs[index] == body.epoch, f"{path}: a range over two epochs")
                require(journal.times[index] <= time, f"{path}: signed before its record")
                pairs.append(range_leaf(next_sequence, command, leaf))
                next_sequence += 1
            require(tree_head(pairs) == body.root, f"{path}: a root that is not of its records")
            at, checked = at + 156 + 64 * body.count, checked + body.count


# Balances

class Balance:
    """A balance proof of 1,725 bytes, checked up to the state root that it leads to."""

    def __init__(self, data):
        require(len(data) == 1725 and data[:8] == b"balance1" and number(data, 1553, 4) == 1, "no balance proof")
        self.account, self.asset, self.owner = number(data, 8, 4), number(data, 12, 4), data[16:48]
        self.amount = int.from_bytes(data[48:64], "big")
        require(self.account < 2**24 and self.asset < 2**10, "an account or asset that cannot be")
        require(self.amount > 0 or self.owner == bytes(32), "an owner of nothing")
        self.total, self.venue, self.through = number(data, 1225, 8), data[1557:1589], number(data, 1589, 8)
        self.fits = True
        liabilities = self.liabilities(data)
        self.adds_up = self.fits and self.sum == self.total
        part = data[1216:1233]
        asset = sha256(b"\0" + part + liabilities + (self.sum % 2**128).to_bytes(16, "big")).digest()
        for height in range(10):
            sibling = data[1233 + 32 * height:1265 + 32 * height]
            asset = node(sibling, asset) if self.asset >> height & 1 else node(asset, sibling)
        venue_part, accounts, instruments, references = (data[i:i + 32] for i in range(1597, 1725, 32))
        self.root = sha256(b"\4" + struct.pack("<I", 1) + self.venue + struct.pack("<Q", self.through)
                           + venue_part + asset + accounts + instruments + references).digest()

    def liabilities(self, data):
        """Hash of the top of the liabilities tree; its sum goes to `sum`."""
        amount = self.amount.to_bytes(16, "big")
        ids = self.account.to_bytes(4, "big") + self.asset.to_bytes(4, "big")
        hashed = sha256(b"\2" + self.owner + ids + amount).digest() if self.amount else bytes(32)
        self.sum = self.amount
        for height in range(24):
            at = 64 + 48 * height
            mine = hashed + (self.sum % 2**128).to_bytes(16, "big")
            pair = data[at:at + 48] + mine if self.account >> height & 1 else mine + data[at:at + 48]
            hashed = sha256(b"\3" + pair).digest()
            self.sum += int.from_bytes(data[at + 32:at + 48], "big")
            self.fits = self.fits and self.sum < 2**128
        return hashed


def check_balance(data, anchors):
    """A balance file, with nothing but the anchors. Returns the proof and the checkpoint."""
    require(len(data) >= 1741 and data[:8] == b"GLASSBAL" and number(data, 8, 4) == 1, "no balance file")
    size = number(data, 12, 4)
    require(size <= 65528 and len(data) >= 1741 + size, "a balance file of a wrong length")
    balance, bytes_of_record = Balance(data[16:1741]), data[1741:1741 + size]
    proof = data[1741 + size:]
    require(b"\nextra " not in proof.partition(b"\n\n")[0], "a record where none belongs")
    sequence, _, head = check_proof(proof, anchors, bytes_of_record)
    record = Record(bytes_of_record)
    require(record.sequence == sequence, "the proof of another record")
    committed = record.committed()
    require(committed is not None, "no commitment that was accepted")
    require(committed[0] == balance.through and balance.venue == anchors.venue, "a commitment to something else")
    require(balance.adds_up, "the sums are not the asset's total")
    require(balance.root == committed[1], "the balance is not in the committed state")
    return balance, head

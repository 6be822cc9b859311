"""The state root (Sources/Proof/StateRoot.md) of a state's canonical bytes (rule STA-1 of Sources/Venue/Rules.md)."""

import struct
from hashlib import sha256

from log import node, require
from records import genesis_body


class Parts:
    """The bytes, taken from the front."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        require(self.at + count <= len(self.data), "a state that ends early")
        self.at += count
        return self.data[self.at - count:self.at]

    def number(self, size):
        return int.from_bytes(self.take(size), "little")

    def rows(self, count_size, size):
        """As many as a number of so many bytes says, which is a part of them: the number and the rows."""
        start, count = self.at, self.number(count_size)
        require(count <= len(self.data), "a state that ends early")
        rows = [self.take(size) for _ in range(count)]
        return self.data[start:self.at], rows


def tree(leaves, depth, empty=bytes(32), above=node):
    """The top of a tree of 2^depth leaves, of those that there are by their position."""
    for _ in range(depth):
        parents = {position >> 1 for position in leaves}
        leaves = {p: above(leaves.get(2 * p, empty), leaves.get(2 * p + 1, empty)) for p in parents}
        empty = above(empty, empty)
    return leaves.get(0, empty)


def tagged(tag, *parts):
    return sha256(bytes([tag]) + b"".join(parts)).digest()


def sums_above(left, right):
    require(left[1] + right[1] < 2**128, "sums that pass 2^128 - 1")
    pair = (left[0], left[1].to_bytes(16, "big"), right[0], right[1].to_bytes(16, "big"))
    return tagged(3, *pair), left[1] + right[1]


def state_root(data, venue, through):
    parts = Parts(data)
    require(parts.number(4) == 1, "no state")
    genesis, own = parts.take(224), parts.take(150)
    genesis_body(genesis, venue)
    assets, instruments = parts.rows(4, 17)[1], parts.rows(4, 82)[1]
    require(len(assets) <= 2**10 and len(instruments) <= 2**16, "ids that do not fit their trees")
    accounts, owed = {}, [{} for _ in assets]
    for _ in range(parts.number(4)):
        start, number = parts.at, parts.number(4)
        _, owner_slot, _, _ = struct.unpack("<BHII", parts.take(11))
        _, slots = parts.rows(2, 45)
        _, balances = parts.rows(4, 20)
        require(number < 2**24 and number not in accounts, "an account that does not fit its tree")
        owner = {struct.unpack_from("<H", slot)[0]: slot[5:37] for slot in slots}.get(owner_slot)
        for balance in balances:
            asset, available, held = struct.unpack("<IQQ", balance)
            require(asset < len(assets) and owner is not None, "a balance of nothing, or of nobody")
            amount, ids = available + held, struct.pack(">II", number, asset)
            if amount:
                owed[asset][number] = tagged(2, owner, ids, amount.to_bytes(16, "big")), amount
        accounts[number] = parts.data[start:parts.at]
    _, references = parts.rows(8, 32)
    _, orders = parts.rows(8, 43)
    require(parts.at == len(data), "bytes behind a state")

    asset_leaves, by_account, by_position = {}, {}, {}
    for asset, part in enumerate(assets):
        top, total = tree(owed[asset], 24, (bytes(32), 0), sums_above)
        require(total == int.from_bytes(part[9:17], "little"), "balances that are not the asset's total")
        asset_leaves[asset] = tagged(0, part, top, total.to_bytes(16, "big"))
    for order in orders:
        by_account.setdefault(struct.unpack_from("<I", order, 8)[0], []).append(order)
    for reference in references:
        by_position.setdefault(int.from_bytes(sha256(reference).digest()[:2], "big"), []).append(reference)
    account_leaves = {
        number: tagged(0, part, struct.pack("<I", len(by_account.get(number, ()))), *by_account.get(number, ()))
        for number, part in accounts.items()}
    instrument_leaves = {number: tagged(0, part) for number, part in enumerate(instruments)}
    reference_leaves = {position: tagged(0, *several) for position, several in by_position.items()}
    return tagged(4, struct.pack("<I", 1), venue, struct.pack("<Q", through), sha256(genesis + own).digest(),
                  tree(asset_leaves, 10), tree(account_leaves, 24), tree(instrument_leaves, 16),
                  tree(reference_leaves, 16))

"""A venue from canonical bytes (rule STA-1 of Sources/Venue/Rules.md), to replay from a committed state on."""

import struct

from office import Account, Instrument
from state import Parts
from venue import Order


def restore(venue, data):
    """Makes an empty venue what canonical bytes say; they were held to a root before."""
    parts = Parts(data)
    parts.number(4)
    genesis = parts.take(224)
    venue.apply_genesis(genesis)
    venue.generation, venue.state, venue.kill = struct.unpack("<IBB", parts.take(6))
    venue.venue_keys = {purpose: parts.take(32) for purpose in (1, 2, 3, 4)}
    venue.last_order, venue.last_match = struct.unpack("<QQ", parts.take(16))
    venue.assets = [list(struct.unpack("<8sBQ", row)) for row in parts.rows(4, 17)[1]]
    for number, row in enumerate(parts.rows(4, 82)[1]):
        values = struct.unpack("<8sIIQQIIIIIIiiBBQQ", row)
        names = ("symbol", "baseAsset", "quoteAsset", "lotSize", "tickValue", "priceMultiplier", "priceMinTicks",
                 "priceMaxTicks", "referencePriceTicks", "bandBasisPoints", "protectionBasisPoints", "makerFee",
                 "takerFee", "feeMode", "state", "quantityMaxLots", "notionalMax")
        venue.instruments.append(Instrument(dict(zip(names, values), instrument=number), venue.new_book()))
    venue.accounts = {}
    for _ in range(parts.number(4)):
        number, kill, owner, orders_max, _ = struct.unpack("<IBHII", parts.take(15))
        account = venue.accounts[number] = Account(number, None, orders_max)
        account.kill, account.owner, account.slots = kill, owner, {}
        for slot, state, flags, key, mark in struct.iter_unpack("<HBH32sQ", b"".join(parts.rows(2, 45)[1])):
            account.slots[slot] = [key, state, flags, mark]
        for asset, available, held in struct.iter_unpack("<IQQ", b"".join(parts.rows(4, 20)[1])):
            account.balances[asset] = [available, held]
    venue.references = set(parts.rows(8, 32)[1])
    for row in parts.rows(8, 43)[1]:
        number, account, instrument, *rest = struct.unpack("<QIIBIIQBBIi", row)
        names = ("side", "price", "open", "client", "stp", "post", "carry", "maker")
        order = Order(id=number, account=venue.accounts[account], instrument=venue.instruments[instrument], taker=0,
                      rests=True, **dict(zip(names, rest)))
        order.held = venue.hold_of(order)
        venue.rest(order)

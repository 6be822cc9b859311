"""The venue of Sources/Venue/Rules.md: what commands do to orders and money, unit by unit. Administration: office.py.

Methods that take units are generators: they yield before each unit, and whoever drives them lets it begin or not."""

import struct
from bisect import bisect_left, insort

from office import Office, Refusal

MAX, D = 2**63 - 1, 1_000_000
NULL16, NULL32, NULL64 = 2**16 - 1, 2**32 - 1, 2**64 - 1
BUY, SELL = 1, 2
LIMIT = 2
GTC, FOK = 1, 4
CLOSED, CANCEL_ONLY, HALTED, ENDED = 1, 7, 8, 9
REQUESTED, MASS_CANCEL, IMMEDIATE, FILL_OR_KILL, REMAINDER, SELF_TRADE, KILL_SWITCH = range(200, 207)


def ceiling(x, y):
    return -(-x // y)


class Order:
    def __init__(self, **fields):
        self.__dict__.update(fields)


class Book:
    """Resting orders: of each side, prices ascending, and the orders of a price in the order in which they stand."""

    def __init__(self):
        self.prices, self.levels = {BUY: [], SELL: []}, {BUY: {}, SELL: {}}

    def best(self, side):
        prices = self.prices[side]
        return None if not prices else prices[-1] if side == BUY else prices[0]

    def add(self, order):
        level = self.levels[order.side].get(order.price)
        if level is None:
            level = self.levels[order.side][order.price] = {}
            insort(self.prices[order.side], order.price)
        level[order.id] = order

    def remove(self, order):
        level = self.levels[order.side][order.price]
        del level[order.id]
        if not level:
            del self.levels[order.side][order.price]
            del self.prices[order.side][bisect_left(self.prices[order.side], order.price)]

    def first(self, side):
        return next(iter(self.levels[side][self.best(side)].values()))


def crosses(side, price, opposite):
    return opposite is not None and (opposite <= price if side == BUY else opposite >= price)


class Venue(Office):
    # Commands

    def new_order(self, c, entry=NULL16):
        i, account = self.instrument(c["instrument"]), self.accounts[c["account"]]
        self.require_open(may_cancel=False)
        self.require_unblocked(account)
        self.require_instrument_open(i, may_cancel=False)
        if c["clientOrderId"] in (0, NULL64):
            raise Refusal("clientOrderIdInvalid", 0)
        if c["clientOrderId"] in account.clients:
            raise Refusal("duplicateClientOrderId", account.clients[c["clientOrderId"]].id)
        self.require_quantity(i, c["quantityLots"])
        side, is_limit, post = c["side"], c["orderType"] == LIMIT, c["flags"] & 1
        if is_limit == (c["priceTicks"] == NULL32):
            raise Refusal("priceInvalid", 0)
        if post and (not is_limit or c["timeInForce"] != GTC):
            raise Refusal("invalidField", c["flagsOffset"])
        best = i.book.best(BUY + SELL - side)
        if is_limit:
            price = c["priceTicks"]
            self.require_range(i, price)
            self.require_band(i, price)
        else:
            price = self.protection(i, side, best)
        order = Order(account=account, instrument=i, side=side, price=price, open=c["quantityLots"], post=post, carry=0,
                      client=c["clientOrderId"], stp=c["selfTradePrevention"], maker=i.maker, taker=i.taker, held=0,
                      rests=False)
        hold = self.require_notional(order)
        if is_limit and c["timeInForce"] == GTC:
            if len(account.orders) >= account.orders_max:
                raise Refusal("tooManyOpenOrders", account.orders_max)
            if self.order_count >= self.capacity["ordersMax"]:
                raise Refusal("ordersFull", self.capacity["ordersMax"])
        if post and crosses(side, price, best):
            raise Refusal("wouldTrade", best)
        if self.available(account, self.paid(order)) < hold:
            raise Refusal("insufficientFunds", self.available(account, self.paid(order)))
        yield
        self.last_order += 1
        order.id = self.last_order
        self.hold(order)
        self.emit(10, "<IIQQIIBBBBHH", account.id, i.id, order.id, order.client, price, order.open, side,
                  c["orderType"], c["timeInForce"], order.stp, entry, 0)
        if c["timeInForce"] == FOK and not self.fills(order):
            return self.cancelled(order, FILL_OR_KILL, entry, order.open, 0, displayed=0)
        end = None if is_limit and c["timeInForce"] == GTC else IMMEDIATE if is_limit else REMAINDER
        yield from self.match(order, entry, end)

    def fills(self, order):
        count, opposite = 0, BUY + SELL - order.side
        for price, level in order.instrument.book.levels[opposite].items():
            for maker in level.values() if crosses(order.side, order.price, price) else ():
                if maker.account is not order.account:
                    count += maker.open
                elif order.stp != 2:
                    return False
        return count >= order.open

    def match(self, order, entry, end):
        """NEW-6: trades while it can, then rests (end None) or is cancelled for that reason."""
        book, opposite = order.instrument.book, BUY + SELL - order.side
        while order.open > 0 and crosses(order.side, order.price, book.best(opposite)):
            yield
            maker = book.first(opposite)
            if maker.account is order.account:
                self.prevent(order, maker, entry)
            else:
                self.trade(order, maker, entry)
        if order.open == 0:
            return
        yield
        if end is None:
            self.rest(order)
            self.emit(11, "<QIIIBBH", order.id, order.instrument.id, order.price, order.open, order.side, 0, 0)
        else:
            self.cancelled(order, end, entry, order.open, 0, displayed=0)

    def prevent(self, taker, maker, entry):
        k = min(taker.open, maker.open) if taker.stp == 4 else None
        if taker.stp in (2, 3, 4):
            self.cancelled(maker, SELF_TRADE, NULL16, k or maker.open, maker.open - k if k else 0, displayed=1)
        if taker.stp in (1, 3, 4):
            self.cancelled(taker, SELF_TRADE, entry, k or taker.open, taker.open - k if k else 0, displayed=0)

    def trade(self, taker, maker, entry):
        i, k, p = taker.instrument, min(taker.open, maker.open), maker.price
        n, b = p * k * i.tick, k * i.lot
        taker.open, maker.open, i.reference = taker.open - k, maker.open - k, p
        fees = []
        for order, rate in ((taker, taker.taker), (maker, maker.maker)):
            in_base = i.mode == 2 and order.side == BUY
            exact = (b if in_base else n) * rate - order.carry
            fee = ceiling(exact, D)
            order.carry = fee * D - exact
            fees.append([fee, i.base if in_base else i.quote])
        house = self.accounts[0]
        self.add(house, fees[0][1], fees[0][0])
        fees[1][0] = max(fees[1][0], -self.available(house, fees[1][1]))
        self.add(house, fees[1][1], fees[1][0])
        for order, (fee, asset) in zip((taker, maker), fees):
            self.hold(order)
            if order.side == SELL:
                self.add(order.account, i.base, -b)
                self.add(order.account, i.quote, n)
            else:
                self.add(order.account, i.quote, -n)
                self.add(order.account, i.base, b)
            self.add(order.account, asset, -fee)
        if maker.open == 0:
            self.forget(maker)
        self.last_match += 1
        self.emit(12, "<IIIIIIIBBHQQQQQqqII", taker.account.id, maker.account.id, i.id, p, k, taker.open, maker.open,
                  taker.side, 0, entry, taker.id, maker.id, taker.client, maker.client, self.last_match, fees[0][0],
                  fees[1][0], fees[0][1], fees[1][1])

    def cancel_order(self, c, entry=NULL16):
        self.require_one_id(c)
        self.require_open(may_cancel=True)
        order = self.order_of(c)
        self.require_instrument_open(order.instrument, may_cancel=True)
        yield
        self.cancelled(order, REQUESTED, entry, order.open, 0, displayed=1)

    def mass_cancel(self, c):
        self.require_open(may_cancel=True)
        wanted = None if c["instrument"] == NULL32 else self.instrument(c["instrument"])
        if wanted is not None:
            self.require_instrument_open(wanted, may_cancel=True)
        account = self.accounts[c["account"]]
        orders = [order for _, order in sorted(account.orders.items()) if wanted in (None, order.instrument)
                  and c["side"] in (255, order.side) and order.instrument.state != CLOSED]
        for order in orders:
            yield
            self.cancelled(order, MASS_CANCEL, NULL16, order.open, 0, displayed=1)
        yield
        self.emit(16, "<II", account.id, len(orders))

    def replace_order(self, c, entry=NULL16):
        self.require_one_id(c)
        self.require_open(may_cancel=False)
        order = self.order_of(c)
        i, account, before = order.instrument, order.account, (order.id, order.client, order.open)
        self.require_unblocked(account)
        self.require_instrument_open(i, may_cancel=False)
        if c["newClientOrderId"] == 0:
            raise Refusal("clientOrderIdInvalid", 0)
        client = order.client if c["newClientOrderId"] == NULL64 else c["newClientOrderId"]
        if account.clients.get(client, order) is not order:
            raise Refusal("duplicateClientOrderId", account.clients[client].id)
        price, quantity = c["priceTicks"], c["quantityLots"]
        self.require_quantity(i, quantity)
        self.require_range(i, price)
        if price == order.price and quantity <= order.open and not c["flags"] & 1:
            yield
            del account.clients[order.client]
            order.open, order.client = quantity, client
            account.clients[client] = order
            self.hold(order)
            return self.replaced(order, before, 1, entry)
        self.require_band(i, price)
        changed = Order(**dict(order.__dict__, price=price, open=quantity, client=client, maker=i.maker, taker=i.taker,
                               rests=False))
        hold, best = self.require_notional(changed), i.book.best(BUY + SELL - order.side)
        if order.post and crosses(order.side, price, best):
            raise Refusal("wouldTrade", best)
        if self.available(account, self.paid(order)) < hold - order.held:
            raise Refusal("insufficientFunds", self.available(account, self.paid(order)))
        yield
        self.forget(order)
        self.last_order += 1
        changed.id = self.last_order
        self.hold(changed)
        if not crosses(order.side, price, best):
            self.rest(changed)
            return self.replaced(changed, before, 2, entry)
        self.replaced(changed, before, 0, entry)
        yield from self.match(changed, entry, None)

    def replaced(self, order, before, flags, entry):
        self.emit(14, "<IIQQQQIIIBBH", order.account.id, order.instrument.id, before[0], order.id, before[1],
                  order.client, order.price, order.open, before[2], order.side, flags, entry)

    # Orders and their holds

    def paid(self, order):
        return order.instrument.quote if order.side == BUY else order.instrument.base

    def hold_of(self, order):
        i, q = order.instrument, order.open
        if q == 0 or order.side == SELL:
            return q * i.lot
        n = order.price * q * i.tick
        rate = max(order.maker, 0) if order.rests else max(order.taker, order.maker)
        return n + (ceiling(n * rate - order.carry, D) if i.mode == 1 else 0)

    def hold(self, order):
        """The hold follows what it depends on."""
        new, balance = self.hold_of(order), self.balance(order.account, self.paid(order))
        balance[0], balance[1], order.held = balance[0] + order.held - new, balance[1] + new - order.held, new

    def rest(self, order):
        order.rests = True
        self.hold(order)
        order.instrument.book.add(order)
        order.account.orders[order.id] = order.account.clients[order.client] = order
        self.order_count += 1

    def forget(self, order):
        order.instrument.book.remove(order)
        del order.account.orders[order.id], order.account.clients[order.client]
        self.order_count -= 1

    def cancelled(self, order, reason, entry, taken, leaves, displayed):
        self.emit(13, "<IIQQIIIHHBBHI", order.account.id, order.instrument.id, order.id, order.client, order.price,
                  taken, leaves, reason, entry, order.side, displayed, 0, 0)
        order.open = leaves
        self.hold(order)
        if leaves == 0 and order.rests:
            self.forget(order)

    def cancel_for_kill(self, orders):
        for order in orders:
            yield
            self.cancelled(order, KILL_SWITCH, NULL16, order.open, 0, displayed=1)

    # Checks

    def require_one_id(self, c):
        if (c["orderId"] == NULL64) == (c["clientOrderId"] == NULL64):
            raise Refusal("orderIdInvalid", 0)

    def order_of(self, c):
        account = self.accounts[c["account"]]
        by = account.clients.get(c["clientOrderId"]) if c["orderId"] == NULL64 else account.orders.get(c["orderId"])
        if by is None:
            raise Refusal("unknownOrder", 0)
        return by

    def require_open(self, may_cancel):
        if self.state in (CLOSED, ENDED):
            raise Refusal("venueClosed", self.state)
        if self.state in (HALTED, CANCEL_ONLY) and not may_cancel:
            raise Refusal("cancelOnly", self.state)

    def require_unblocked(self, account):
        if self.kill:
            raise Refusal("venueBlocked", 0)
        if account.kill:
            raise Refusal("accountBlocked", 0)

    def require_instrument_open(self, i, may_cancel):
        if i.state == CLOSED:
            raise Refusal("instrumentClosed", i.state)
        if i.state in (HALTED, CANCEL_ONLY) and not may_cancel:
            raise Refusal("instrumentHalted" if i.state == HALTED else "cancelOnly", i.state)

    def require_quantity(self, i, quantity):
        if quantity == 0:
            raise Refusal("quantityInvalid", 1)
        if quantity > i.quantity_max:
            raise Refusal("quantityTooLarge", i.quantity_max)

    def require_range(self, i, price):
        if not i.low <= price <= i.high:
            raise Refusal("priceOutOfRange", i.low if price < i.low else i.high)

    def bounds(self, i):
        if i.band == 0:
            return i.low, i.high
        d = i.reference * i.band // 10_000
        return max(i.reference - d, i.low), min(i.reference + d, i.high)

    def require_band(self, i, price):
        low, high = self.bounds(i)
        if not low <= price <= high:
            raise Refusal("priceOutsideBand", low if price < low else high)

    def protection(self, i, side, best):
        base, (low, high) = i.reference if best is None else best, self.bounds(i)
        d = base * i.protection // 10_000
        return max(min(base + d, high), i.low) if side == BUY else min(max(base - d, low), i.high)

    def require_notional(self, order):
        i = order.instrument
        notional, hold = order.price * order.open * i.tick, self.hold_of(order)
        if notional > MAX or order.open * i.lot > MAX:
            raise Refusal("notionalOverflow", MAX)
        if notional > i.notional_max:
            raise Refusal("notionalTooLarge", i.notional_max)
        if hold > MAX:
            raise Refusal("notionalOverflow", MAX)
        return hold

    # Canonical bytes (STA-1)

    def canonical(self):
        out = [struct.pack("<I", 1), self.genesis]
        out.append(struct.pack("<IBB", self.generation, self.state, self.kill) + b"".join(self.venue_keys[k] for k in
                   (1, 2, 3, 4)) + struct.pack("<QQ", self.last_order, self.last_match))
        out.append(struct.pack("<I", len(self.assets)))
        out += [symbol + struct.pack("<BQ", decimals, total) for symbol, decimals, total in self.assets]
        out.append(struct.pack("<I", len(self.instruments)))
        for i in self.instruments:
            out.append(i.symbol + struct.pack("<IIQQIIIIIIiiBBQQ", i.base, i.quote, i.lot, i.tick, i.multiplier, i.low,
                       i.high, i.reference, i.band, i.protection, i.maker, i.taker, i.mode, i.state, i.quantity_max,
                       i.notional_max))
        out.append(struct.pack("<I", len(self.accounts)))
        for number, a in sorted(self.accounts.items()):
            out.append(struct.pack("<IBHII", number, a.kill, a.owner, a.orders_max, len(a.orders)))
            out.append(struct.pack("<H", len(a.slots)))
            for slot, (key, state, flags, mark) in sorted(a.slots.items()):
                out.append(struct.pack("<HBH32sQ", slot, state, flags, key, mark))
            balances = [(asset, *both) for asset, both in sorted(a.balances.items()) if any(both)]
            out.append(struct.pack("<I", len(balances)))
            out += [struct.pack("<IQQ", *balance) for balance in balances]
        out.append(struct.pack("<Q", len(self.references)) + b"".join(sorted(self.references)))
        orders = sorted((order for a in self.accounts.values() for order in a.orders.values()), key=lambda o: o.id)
        out.append(struct.pack("<Q", len(orders)))
        for o in orders:
            out.append(struct.pack("<QIIBIIQBBIi", o.id, o.account.id, o.instrument.id, o.side, o.price, o.open,
                                   o.client, o.stp, o.post, o.carry, o.maker))
        return b"".join(out)

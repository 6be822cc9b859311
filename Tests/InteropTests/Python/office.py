"""The administrative half of the venue of Sources/Venue/Rules.md: accounts, keys, money, listings, states; and how a
record is applied, unit by unit (rules REC and CMD)."""

import os
import re
import struct

import schema
from records import CONTINUATION, GENESIS, RESTART

MAX = 2**63 - 1
NULL16, NULL32, NULL64 = 2**16 - 1, 2**32 - 1, 2**64 - 1
CLOSED, CONTINUOUS, ENDED = 1, 4, 9
COMMANDS, ENTRY = schema.load()
REASONS = {}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../Sources/Wire/Wire.md")) as page:
    for code, name in re.findall(r"^\| (\d+) \| `(\w+)` \|", page.read(), re.M):
        REASONS[name] = int(code)


class Refusal(Exception):
    """A reason of a rule, and what is expected."""


class Account:
    def __init__(self, number, key, orders_max):
        self.id, self.kill, self.owner, self.orders_max = number, 0, 0, orders_max
        self.slots, self.balances, self.orders, self.clients = {0: [key, 1, 0, 0]}, {}, {}, {}


class Instrument:
    def __init__(self, c, book):
        self.id, self.symbol, self.base, self.quote = c["instrument"], c["symbol"], c["baseAsset"], c["quoteAsset"]
        self.lot, self.tick, self.multiplier = c["lotSize"], c["tickValue"], c["priceMultiplier"]
        self.low, self.high, self.reference = c["priceMinTicks"], c["priceMaxTicks"], c["referencePriceTicks"]
        self.band, self.protection = c["bandBasisPoints"], c["protectionBasisPoints"]
        self.maker, self.taker, self.mode, self.state = c["makerFee"], c["takerFee"], c["feeMode"], c["state"]
        self.quantity_max, self.notional_max, self.book = c["quantityMaxLots"], c["notionalMax"], book


class Office:
    """`apply` gives the effects of a record."""

    def __init__(self, new_book):
        self.new_book, self.running = new_book, None
        self.accounts, self.assets, self.instruments, self.references = {}, [], [], set()
        self.state, self.kill, self.generation = CONTINUOUS, 0, 1
        self.last_order = self.last_match = self.order_count = 0

    # Records

    def apply(self, record):
        self.out, self.count, self.sequence, self.time = [], 0, record.sequence, record.time
        self.proofs_hold = record.flags & 1
        if record.kind == GENESIS:
            self.apply_genesis(record.message)
            self.emit(31, "<II", 1, 0)
        elif record.kind == RESTART:
            generation = record.body(72, 4)
            if generation != self.generation:
                self.generation = generation
                self.state = CLOSED if self.state == ENDED else self.state
                self.emit(31, "<II", generation, 0)
        else:
            if record.kind != CONTINUATION:
                self.running = self.command(record)
                self.waiting = False
            self.run()
        return b"".join(self.out)

    def run(self):
        """Units as long as one may begin; what does not fit waits for a continuation."""
        while True:
            self.waiting = self.waiting and self.count + 4 > 512
            if self.waiting:
                return
            try:
                next(self.running)
            except StopIteration:
                self.running = None
                return
            self.waiting = True

    @property
    def is_unfinished(self):
        return self.running is not None

    def emit(self, template, form, *values):
        self.out.append(struct.pack("<HHHH", struct.calcsize(form), template, 2, 0) + struct.pack(form, *values))
        self.count += 1

    def apply_genesis(self, genesis):
        self.genesis, body = genesis, genesis[8:]
        self.venue_keys = {purpose: body[32 * purpose:32 * purpose + 32] for purpose in (1, 2, 3, 4)}
        names = ("accountsMax", "keySlots", "assetsMax", "instrumentsMax", "ordersMax", "levelsMax", "referencesMax",
                 "openOrdersMax")
        self.capacity = dict(zip(names, struct.unpack_from("<8I", body, 180)))
        for number, purpose in ((0, 1), (1, 1), (2, 4)):
            self.accounts[number] = Account(number, self.venue_keys[purpose], self.capacity["openOrdersMax"])

    def command(self, record):
        block, fields = record.message[8:], COMMANDS[record.template]
        c = {field.name: field.read(block) for field in fields}
        account = self.accounts[c["account"]]
        account.slots[c["keySlot"]][3] = c["nonce"]
        try:
            if c["deadline"] and record.time > c["deadline"]:
                raise Refusal("deadlinePassed", record.time)
            for field in fields:
                reason = field.fault(c[field.name]) or self.more_checks(record.template, field.name, c)
                if reason:
                    raise Refusal(reason, field.offset + 8)
                if field.name == "flags":
                    c["flagsOffset"] = field.offset + 8
            self.require_signer(record.template, account, c["keySlot"])
        except Refusal as refusal:
            yield from self.refuse(c, refusal, NULL16)
            return
        if record.template == 44:
            yield from self.batch(c["account"], block[32:])
            return
        handler = {20: self.create_account, 21: self.add_key, 22: self.revoke_key, 23: self.deposit, 24: self.withdraw,
                   25: self.list_asset, 26: self.list_instrument, 27: self.set_state, 28: self.kill_switch,
                   29: self.set_limits, 30: self.rotate_key, 31: self.commitment, 40: self.new_order,
                   41: self.cancel_order, 42: self.replace_order, 43: self.mass_cancel}[record.template]
        yield from self.attempt(handler, c)

    def attempt(self, handler, c, *entry):
        try:
            yield from handler(c, *entry)
        except Refusal as refusal:
            yield from self.refuse(c, refusal, *(entry or (NULL16,)))

    def refuse(self, c, refusal, entry):
        yield
        reason, expected = refusal.args
        self.emit(15, "<IHHQQQ", c["account"], REASONS[reason], entry, c.get("clientOrderId", NULL64),
                  c.get("orderId", NULL64), expected)

    def more_checks(self, template, name, c):
        """The table of CMD-3."""
        if (template, name) == (20, "flags"):
            return "invalidField" if c[name] else None
        if (template, name) == (28, "engage"):
            return "invalidField" if c[name] > 1 else None
        if (template, name) == (27, "state"):
            return "invalidField" if c[name] == ENDED and c["instrument"] != NULL32 else None
        if (template, name) == (27, "reason"):
            return None if all(0x20 <= byte <= 0x7E for byte in c[name]) else "invalidField"
        if (template, name) == (26, "state"):
            return "invalidField" if c[name] == ENDED else None
        if (template, name) == (31, "through"):
            return None if 0 < c[name] < self.sequence else "invalidField"
        return None

    def require_signer(self, template, account, slot):
        if template in (20, 23, 25, 26, 27, 28, 29, 30) and account.id != 1:
            raise Refusal("notOperator", 1)
        if template == 31 and account.id != 2:
            raise Refusal("notSettlement", 2)
        if template < 40 and slot != account.owner:
            raise Refusal("ownerKeyRequired", account.owner)

    def batch(self, account, entries):
        named = {1: ("side", "orderType", "timeInForce", "selfTradePrevention", "flags", "instrument", "priceTicks",
                     "quantityLots", "clientOrderId"),
                 2: ("clientOrderId", "orderId"),
                 3: ("flags", "priceTicks", "quantityLots", "clientOrderId", "orderId", "newClientOrderId")}
        for number in range(len(entries) // 48):
            block = entries[48 * number:48 * number + 48]
            c = {field.name: field.read(block) for field in ENTRY}
            c.update(account=account, flagsOffset=46 + 48 * number)
            try:
                for field in ENTRY:
                    reason = self.entry_fault(field, c, named)
                    if reason:
                        raise Refusal(reason, 40 + 48 * number + field.offset)
            except Refusal as refusal:
                yield from self.refuse(c, refusal, number)
                continue
            handler = {1: self.new_order, 2: self.cancel_order, 3: self.replace_order}[c["kind"]]
            yield from self.attempt(handler, c, number)

    @staticmethod
    def entry_fault(field, c, named):
        value, kind = c[field.name], c["kind"]
        if field.name == "kind" or field.reserved:
            return field.fault(value)
        if field.name == "flags":
            known, later = {1: (1, 2), 2: (0, 0), 3: (1, 0)}[kind]
            return "invalidField" if value & ~(known | later) else "unsupportedFeature" if value & later else None
        if field.name not in named[kind]:
            return None if value == field.null else "invalidField"
        if field.values is not None and value == field.null:
            return "invalidField"
        return field.fault(value)

    # Money

    def balance(self, account, asset):
        return account.balances.setdefault(asset, [0, 0])

    def available(self, account, asset):
        return account.balances.get(asset, (0, 0))[0]

    def add(self, account, asset, amount):
        self.balance(account, asset)[0] += amount

    def instrument(self, number):
        if number >= len(self.instruments):
            raise Refusal("unknownInstrument", len(self.instruments))
        return self.instruments[number]

    # Accounts and keys

    def create_account(self, c):
        number, most = c["newAccount"], self.capacity["accountsMax"]
        if number < 3 or number >= most or number in self.accounts:
            raise Refusal("accountIdInvalid", most)
        self.require_proofs()
        yield
        self.accounts[number] = Account(number, c["ownerKey"], self.capacity["openOrdersMax"])
        self.emit(20, "<II32s", c["account"], number, c["ownerKey"])

    def require_proofs(self):
        if not self.proofs_hold:
            raise Refusal("proofInvalid", 0)

    def require_free(self, slot, *accounts):
        if slot == 0 or slot >= self.capacity["keySlots"] or any(slot in account.slots for account in accounts):
            raise Refusal("keySlotInvalid", self.capacity["keySlots"])

    def add_key(self, c):
        account = self.accounts[c["account"]]
        self.require_free(c["slot"], account)
        self.require_proofs()
        yield
        account.slots[c["slot"]] = [c["key"], 1, c["flags"], 0]
        self.emit(21, "<IHH32s", account.id, c["slot"], c["flags"], c["key"])

    def revoke_key(self, c):
        account, slot = self.accounts[c["account"]], c["slot"]
        if slot == account.owner or slot >= self.capacity["keySlots"]:
            raise Refusal("keySlotInvalid", self.capacity["keySlots"])
        if account.slots.get(slot, (0, 2))[1] != 1:
            raise Refusal("keyNotFound", 0)
        yield
        account.slots[slot][1] = 2
        self.emit(22, "<IHH", account.id, slot, 0)

    def rotate_key(self, c):
        purpose, slot = c["purpose"], c["slot"]
        accounts = [self.accounts[number] for number in {1: (0, 1), 4: (2,)}.get(purpose, ())]
        if accounts:
            self.require_free(slot, *accounts)
        elif slot != 0:
            raise Refusal("keySlotInvalid", self.capacity["keySlots"])
        self.require_proofs()
        yield
        self.venue_keys[purpose] = c["newKey"]
        for account in accounts:
            account.slots[account.owner][1] = 2
            account.slots[slot], account.owner = [c["newKey"], 1, 0, 0], slot
        self.emit(29, "<IBBH32s", c["account"], purpose, 0, slot, c["newKey"])

    def commitment(self, c):
        yield
        self.emit(30, "<IIQ", c["account"], 0, c["through"])

    # Assets

    def list_asset(self, c):
        count = len(self.assets)
        if (c["asset"] != count or count == self.capacity["assetsMax"] or c["decimals"] > 18
                or not self.is_symbol(c["symbol"], [asset[0] for asset in self.assets])):
            raise Refusal("assetInvalid", count)
        yield
        self.assets.append([c["symbol"], c["decimals"], 0])
        self.emit(24, "<II8sBBHI", c["account"], count, c["symbol"], c["decimals"], 0, 0, 0)

    @staticmethod
    def is_symbol(symbol, others):
        return re.fullmatch(rb"[A-Z0-9.-]+ *", symbol) is not None and symbol not in others

    def require_amount(self, c):
        if c["asset"] >= len(self.assets):
            raise Refusal("unknownAsset", len(self.assets))
        if not 1 <= c["amount"] <= MAX:
            raise Refusal("amountInvalid", MAX)

    def deposit(self, c):
        if c["target"] not in self.accounts:
            raise Refusal("targetUnknown", 0)
        self.require_amount(c)
        if c["reference"] in self.references:
            raise Refusal("referenceUsed", 0)
        if len(self.references) == self.capacity["referencesMax"]:
            raise Refusal("referencesFull", self.capacity["referencesMax"])
        left = MAX - self.assets[c["asset"]][2]
        if c["amount"] > left:
            raise Refusal("balanceOverflow", left)
        yield
        self.references.add(c["reference"])
        self.move(self.accounts[c["target"]], c["asset"], c["amount"], 1)

    def withdraw(self, c):
        self.require_amount(c)
        account = self.accounts[c["account"]]
        if self.available(account, c["asset"]) < c["amount"]:
            raise Refusal("insufficientFunds", self.available(account, c["asset"]))
        yield
        self.move(account, c["asset"], -c["amount"], 2)

    def move(self, account, asset, amount, cause):
        self.add(account, asset, amount)
        self.assets[asset][2] += amount
        self.emit(23, "<IIqQQBBHI", account.id, asset, amount, *self.balance(account, asset), cause, 0, 0, 0)

    # Instruments, states, limits

    def require_not_ended(self):
        if self.state == ENDED:
            raise Refusal("venueClosed", self.state)

    @staticmethod
    def are_fees(maker, taker, mode):
        return (0 <= taker <= 100_000 and -100_000 <= maker <= 100_000 and -maker <= taker
                and (mode == 1 or maker >= 0))

    def list_instrument(self, c):
        self.require_not_ended()
        count, assets = len(self.instruments), len(self.assets)
        invalid = Refusal("instrumentInvalid", count)
        if (c["instrument"] != count or count == self.capacity["instrumentsMax"]
                or not self.is_symbol(c["symbol"], [i.symbol for i in self.instruments])
                or not all(1 <= c[name] <= MAX for name in ("lotSize", "tickValue", "notionalMax"))
                or 0 in (c["priceMultiplier"], c["quantityMaxLots"])
                or max(c["bandBasisPoints"], c["protectionBasisPoints"]) > 1_000_000):
            raise invalid
        for name in ("baseAsset", "quoteAsset"):
            if c[name] >= assets:
                raise Refusal("unknownAsset", assets)
        low, high = c["priceMinTicks"], c["priceMaxTicks"]
        if (c["baseAsset"] == c["quoteAsset"] or not 1 <= low <= c["referencePriceTicks"] <= high
                or high - low + 1 > 2**24):
            raise invalid
        if high * c["priceMultiplier"] > 2_000_000_000:
            raise Refusal("tickNotExpressible", 2_000_000_000)
        if c["quantityMaxLots"] > 4_294_967_294:
            raise Refusal("lotNotExpressible", 4_294_967_294)
        if not self.are_fees(c["makerFee"], c["takerFee"], c["feeMode"]):
            raise Refusal("feeInvalid", 100_000)
        left = self.capacity["levelsMax"] - sum(2 * (i.high - i.low + 1) for i in self.instruments)
        if 2 * (high - low + 1) > left:
            raise Refusal("levelsFull", left)
        yield
        self.instruments.append(Instrument(c, self.new_book()))
        self.emit(25, "<II8sIIQQIIIBBH", c["account"], count, c["symbol"], c["baseAsset"], c["quoteAsset"],
                  c["lotSize"], c["tickValue"], c["priceMultiplier"], low, high, c["state"], c["feeMode"], 0)

    def set_state(self, c):
        self.require_not_ended()
        if c["instrument"] != NULL32:
            instrument = self.instrument(c["instrument"])
        yield
        if c["instrument"] == NULL32:
            self.state = c["state"]
        else:
            instrument.state = c["state"]
        self.emit(26, "<II4sBBH", c["account"], c["instrument"], c["reason"], c["state"], 0, 0)

    def kill_switch(self, c):
        if c["engage"]:
            self.require_not_ended()
        target, everybody = c["target"], c["target"] == NULL32
        if not everybody and target not in self.accounts:
            raise Refusal("targetUnknown", 0)
        yield
        if everybody:
            self.kill = c["engage"]
        else:
            self.accounts[target].kill = c["engage"]
        self.emit(27, "<IIBBHI", c["account"], target, c["engage"], 0, 0, 0)
        if c["engage"]:
            accounts = self.accounts.values() if everybody else [self.accounts[target]]
            orders = [order for account in accounts for order in account.orders.values()]
            yield from self.cancel_for_kill(
                sorted(orders, key=lambda order: (order.instrument.id if everybody else 0, order.id)))

    def set_limits(self, c):
        target = c["target"]
        others = ("bandBasisPoints", "protectionBasisPoints", "makerFee", "takerFee", "quantityMaxLots", "notionalMax")
        nulls = {"makerFee": -2**31, "takerFee": -2**31, "quantityMaxLots": NULL64, "notionalMax": NULL64}
        given = {name: c[name] for name in others if c[name] != nulls.get(name, NULL32)}
        invalid = Refusal("limitInvalid", 0)
        if c["scope"] == 1:
            if target not in self.accounts:
                raise Refusal("targetUnknown", 0)
            if c["openOrdersMax"] == NULL32 or c["openOrdersMax"] > self.capacity["ordersMax"] or given:
                raise invalid
            yield
            self.accounts[target].orders_max = c["openOrdersMax"]
        else:
            i = self.instrument(target)
            if (c["openOrdersMax"] != NULL32 or not given or given.get("bandBasisPoints", 0) > 1_000_000
                    or given.get("protectionBasisPoints", 0) > 1_000_000
                    or not 1 <= given.get("quantityMaxLots", 1) <= 4_294_967_294
                    or not 1 <= given.get("notionalMax", 1) <= MAX):
                raise invalid
            maker, taker = given.get("makerFee", i.maker), given.get("takerFee", i.taker)
            if not self.are_fees(maker, taker, i.mode):
                raise Refusal("feeInvalid", 100_000)
            yield
            i.maker, i.taker = maker, taker
            i.band = given.get("bandBasisPoints", i.band)
            i.protection = given.get("protectionBasisPoints", i.protection)
            i.quantity_max = given.get("quantityMaxLots", i.quantity_max)
            i.notional_max = given.get("notionalMax", i.notional_max)
        self.emit(28, "<IIBBHI", c["account"], target, c["scope"], 0, 0, 0)

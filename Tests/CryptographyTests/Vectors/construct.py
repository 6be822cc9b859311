#!/usr/bin/env python3
"""Makes constructed.txt and points.txt: Ed25519 edge cases that no published list has under a key of prime order.

Plain integer arithmetic on the curve of RFC 8032, section 5.1, with nothing but Python's hashlib; it shares no code
with libsodium. Run it here to make the files again: the same bytes come out.
"""
import hashlib

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def add(a, b):
    (x1, y1), (x2, y2) = a, b
    k = D * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + k, P - 2, P)
    y = (y1 * y2 + x1 * x2) * pow(1 - k, P - 2, P)
    return x % P, y % P


def multiply(n, a):
    total = (0, 1)
    while n:
        if n & 1:
            total = add(total, a)
        a = add(a, a)
        n >>= 1
    return total


def negate(a):
    return -a[0] % P, a[1]


def recover(y, sign):
    """The point with this y (reduced) and the sign bit asked for, or None; x = 0 has both signs here."""
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P:
        return None
    return ((P - x) % P if x & 1 != sign else x), y % P


def encode(a, y=None, flip=False):
    """Canonical unless another y (congruent) or a flipped sign bit is asked for."""
    return ((a[1] if y is None else y) | ((a[0] & 1 ^ flip) << 255)).to_bytes(32, "little")


def order(a):
    for n in (1, 2, 4, 8, L, 2 * L, 4 * L, 8 * L):
        if multiply(n, a) == (0, 1):
            return n


BASE = recover(4 * pow(5, P - 2, P) % P, 0)
assert order(BASE) == L
# Every point of small order is a multiple of one of order 8, which is L times a point of full order.
EIGHT = next(t for t in (multiply(L, recover(y, 0)) for y in range(2, 99) if recover(y, 0)) if order(t) == 8)
SMALL = [multiply(n, EIGHT) for n in range(8)]


def integer(data):
    return int.from_bytes(data, "little")


def key(seed):
    h = hashlib.sha512(seed).digest()
    a = integer(h[:32]) & (2**254 - 8) | 2**254
    return a, h[32:], encode(multiply(a, BASE))


def challenge(r, a, m):
    return integer(hashlib.sha512(r + a + m).digest()) % L


def signature(s, r):
    return r + s.to_bytes(32, "little")


def constructed():
    seed = hashlib.sha256(b"glassbook constructed vectors").digest()
    a, nonce, public = key(seed)
    m = b"constructed"
    r = integer(hashlib.sha512(nonce + m).digest()) % L
    R = multiply(r, BASE)
    good = challenge(encode(R), public, m) * a + r
    yield "signed", public, m, signature(good % L, encode(R)), "yes", "yes", "an ordinary signature, for comparison"
    yield "signed-s-plus-l", public, m, signature(good % L + L, encode(R)), "yes", "no", "S is not below L"
    # R of small order: S = k a solves S B = R + k A for the identity, and 8 S B = 8 R + 8 k A for all eight.
    for n, t in enumerate(SMALL):
        s = challenge(encode(t), public, m) * a % L
        why = "R is small order; " + ("the equation holds" if n == 0 else "only the cofactored equation holds")
        yield f"small-r-{n}", public, m, signature(s, encode(t)), "yes", "no", why
    for name, r_bytes in (
        ("identity-r-sign", encode((0, 1), flip=True)),
        ("identity-r-y-plus-p", encode((0, 1), y=P + 1)),
        ("identity-r-y-plus-p-sign", encode((0, 1), y=P + 1, flip=True)),
    ):
        s = challenge(r_bytes, public, m) * a % L
        yield name, public, m, signature(s, r_bytes), "yes", "no", "R is not canonical and small order"
    for n, t in enumerate(SMALL[1:], 1):
        r_bytes = encode(add(R, t))
        s = (challenge(r_bytes, public, m) * a + r) % L
        yield (f"mixed-r-{n}", public, m, signature(s, r_bytes), "yes", "no",
               "R has a small-order component; only the cofactored equation holds")
    # A = a B + T. Where T vanishes in k T the equation holds: the key has to be refused when it is registered.
    for n, t in enumerate(SMALL[1:], 1):
        mixed = encode(add(multiply(a, BASE), t))
        for held in (True, False):
            count = 0
            while True:
                text = b"constructed %d" % count
                k = challenge(encode(R), mixed, text)
                if (multiply(k, t) == (0, 1)) == held:
                    break
                count += 1
            why = "A has a small-order component; " + (
                "the equation holds all the same" if held else "only the cofactored equation holds")
            yield (f"mixed-a-{n}-{'holds' if held else 'fails'}", mixed, text,
                   signature((k * a + r) % L, encode(R)), "no", "yes" if held else "no", why)


def points():
    seen = set()
    for n, t in enumerate(SMALL):
        yield f"small-order-{n}", encode(t), "no", f"order {order(t)}"
        seen.add(encode(t))
    for y in range(19):
        for sign in (0, 1):
            bytes_ = (y + P | sign << 255).to_bytes(32, "little")
            yield f"y-p-plus-{y}-sign-{sign}", bytes_, "no", "y is not below p"
    for y in list(range(19)) + [P - 1]:
        for sign in (0, 1):
            a = recover(y, sign)
            bytes_ = (y | sign << 255).to_bytes(32, "little")
            if bytes_ in seen:
                continue
            name = f"y-{y if y < 19 else 'p-minus-1'}-sign-{sign}"
            if a is None:
                yield name, bytes_, "no", "not on the curve"
            elif a[0] == 0:
                yield name, bytes_, "no", "x is zero with the sign bit set: not canonical"
            elif order(a) == L:
                yield name, bytes_, "yes", "prime order"
            else:
                yield name, bytes_, "no", f"order {order(a) // L} L"
    a = multiply(int.from_bytes(hashlib.sha256(b"glassbook constructed point").digest(), "little"), BASE)
    yield "base", encode(BASE), "yes", "the base point"
    yield "prime-order", encode(a), "yes", "a multiple of the base point"
    yield "prime-order-negated", encode(negate(a)), "yes", "its negation"
    for n, t in enumerate(SMALL[1:], 1):
        yield f"mixed-{n}", encode(add(a, t)), "no", f"order {order(add(a, t)) // L} L"


with open("constructed.txt", "w") as out:
    out.write("# name key message signature registrable verifies reason; made by construct.py\n")
    for name, public, m, sig, registrable, verifies, why in constructed():
        out.write(f"{name} {public.hex()} {m.hex()} {sig.hex()} {registrable} {verifies} {why}\n")
with open("points.txt", "w") as out:
    out.write("# name key registrable reason; made by construct.py\n")
    for name, public, registrable, why in points():
        out.write(f"{name} {public.hex()} {registrable} {why}\n")

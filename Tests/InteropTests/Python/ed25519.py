"""Signatures, as RFC 8032 has the arithmetic and Sources/Cryptography/Cryptography.md says which ones are valid."""

from functools import lru_cache
from hashlib import blake2b, sha512

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
NEUTRAL = (0, 1, 1, 0)


def add(p, q):
    """RFC 8032, 5.1.4: extended coordinates, complete."""
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(scalar, point):
    result = NEUTRAL
    while scalar > 0:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def is_neutral(p):
    return p[0] % P == 0 and (p[1] - p[2]) % P == 0


def decoded(encoded):
    """The point, or None when the 32 bytes are not the canonical encoding of one."""
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


def encoded(p):
    inverse = pow(p[2], -1, P)
    x, y = p[0] * inverse % P, p[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def multiples(point):
    """j · 16^i · point at [i][j]: a multiplication is 64 additions then, which is what makes a whole log bearable."""
    rows = []
    for _ in range(64):
        row = [NEUTRAL]
        for _ in range(15):
            row.append(add(row[-1], point))
        rows.append(row)
        point = add(row[-1], point)
    return rows


@lru_cache(maxsize=64)
def key_multiples(key):
    """Of minus the key; None unless it is the canonical encoding of a point of prime order (rule 2)."""
    point = decoded(key)
    if point is None or is_neutral(point) or not is_neutral(times(L, point)):
        return None
    return multiples((P - point[0], point[1], 1, P - point[3]))


BASE = multiples(decoded((4 * pow(5, -1, P) % P).to_bytes(32, "little")))


def is_key(key):
    return len(key) == 32 and key_multiples(bytes(key)) is not None


def holds(key, message, signature):
    """Whether the signature is valid: the four rules of the page."""
    if len(signature) != 64 or not is_key(key):
        return False
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    if s >= L:
        return False
    k = int.from_bytes(sha512(r + key + message).digest(), "little") % L
    point, minus_key = NEUTRAL, key_multiples(bytes(key))
    for i in range(64):
        point = add(add(point, BASE[i][s >> 4 * i & 15]), minus_key[i][k >> 4 * i & 15])
    return encoded(point) == r and not is_neutral(times(8, point))


def prefix(purpose, venue):
    return blake2b(b"glassbook/1/" + purpose + venue, digest_size=32).digest()

"""A client of the order-entry protocol, written from Sources/OrderEntry/OrderEntry.md and order-entry.xml alone, with
nothing but Python's standard library. Prints one line for every message that it receives.

usage: order-entry-client.py PORT ACCOUNT SEED_HEX
"""

import hashlib
import socket
import struct
import sys

# Ed25519, as RFC 8032 section 6 writes it down.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def point_add(a, b):
    x = (a[1] - a[0]) * (b[1] - b[0]) % P
    y = (a[1] + a[0]) * (b[1] + b[0]) % P
    z = 2 * a[3] * b[3] * D % P
    t = 2 * a[2] * b[2] % P
    e, f, g, h = y - x, t - z, t + z, y + x
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def point_multiply(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = point_add(result, point)
        point = point_add(point, point)
        scalar >>= 1
    return result


def compress(point):
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = 15112221349535400772501151409588531511454012693041857206046113283949847762202
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def sha512(data):
    return int.from_bytes(hashlib.sha512(data).digest(), "little")


def sign(seed, message):
    digest = hashlib.sha512(seed).digest()
    scalar = int.from_bytes(digest[:32], "little") & (2**254 - 8) | 2**254
    public = compress(point_multiply(scalar, BASE))
    nonce = sha512(digest[32:] + message) % L
    r = compress(point_multiply(nonce, BASE))
    s = (nonce + sha512(r + public + message) * scalar) % L
    return r + s.to_bytes(32, "little")


class Client:
    def __init__(self, port, account, seed):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.account, self.seed, self.venue = account, seed, None

    def send(self, template, block, purpose=None):
        message = struct.pack("<HHHH", len(block), template, 1, 0) + block
        if purpose:
            prefix = hashlib.blake2b(b"glassbook/1/" + purpose + self.venue, digest_size=32).digest()
            message += sign(self.seed, prefix + message)
        self.socket.sendall(struct.pack(">IH", len(message) + 6, 0xEB50) + message)

    def read(self, count):
        data = b""
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
            if not piece:
                raise SystemExit("the server closed the connection")
            data += piece
        return data

    def receive(self):
        """Template and block of the next message that is no heartbeat."""
        while True:
            length, encoding = struct.unpack(">IH", self.read(6))
            assert encoding == 0xEB50
            content = self.read(length - 6)
            size, template, schema, version = struct.unpack_from("<HHHH", content)
            assert (schema, version) == (1, 0) and len(content) == 8 + size
            if template != 8:
                return template, content[8:]


def main():
    client = Client(int(sys.argv[1]), int(sys.argv[2]), bytes.fromhex(sys.argv[3]))
    client.send(1, struct.pack("<HHI", 1, 0, 0))
    template, block = client.receive()
    assert template == 2
    challenge, client.venue = block[:32], block[32:64]
    print("challenge", client.venue.hex())

    client.send(3, struct.pack("<IHHQII", client.account, 0, 0, 0, 0, 0) + challenge, b"logon")
    template, block = client.receive()
    assert template == 4, template
    account, slot, _, mark, sequence = struct.unpack("<IHHQQ", block)
    print("logon", account, mark)

    client.send(6, bytes(8))
    template, block = client.receive()
    assert template == 7
    print("established", struct.unpack_from("<QI", block)[1])

    # Buy 3 lots of instrument 0 at 100,000 ticks; limit, good till cancel.
    order = struct.pack("<IHHQQ", account, slot, 0, mark + 1, 0)
    order += struct.pack("<IBBBBQII", 0, 1, 2, 1, 1, 77, 100_000, 3)
    order += b"\xff" * 20 + struct.pack("<HH", 0, 0)
    client.send(40, order, b"command")
    template, block = client.receive()
    print("reply", template, struct.unpack_from("<Q", block, 40)[0])

    # Cancels it by its client order id.
    cancel = struct.pack("<IHHQQQQ", account, slot, 0, mark + 2, 0, 2**64 - 1, 77)
    client.send(41, cancel, b"command")
    template, block = client.receive()
    print("reply", template, struct.unpack_from("<I", block, 56)[0])

    client.send(9, struct.pack("<BBHI", 1, 0, 0, 0))
    template, block = client.receive()
    print("terminate", block[0])


main()

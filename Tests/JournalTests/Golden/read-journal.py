#!/usr/bin/env python3
"""Reads a journal, written from Sources/Journal/Journal.md alone: every header, record and hash is checked."""

import hashlib
import os
import struct
import sys

RECORD_MAX = 65_528


def blake2b(data):
    return hashlib.blake2b(data, digest_size=32).digest()


def check(holds, what):
    if not holds:
        sys.exit(f"damage: {what}")


def main(directory):
    names = sorted(n for n in os.listdir(directory) if len(n) == 28 and n[:20].isdigit() and n.endswith(".segment"))
    sequence, previous, genesis, epochs = 1, bytes(32), bytes(32), set()
    for number, name in enumerate(names, 1):
        with open(os.path.join(directory, name), "rb") as file:
            data = file.read()
        magic, version, header_bytes = struct.unpack_from("<8sII", data)
        check((magic, version, header_bytes) == (b"GLASSJNL", 1, 4096), f"{name}: magic")
        check(blake2b(data[:160]) == data[160:192] and not any(data[192:4096]), f"{name}: header")
        if number == 1:
            venue = data[16:48]
        check(data[16:48] == venue and data[48:80] == genesis, f"{name}: venue")
        check(struct.unpack_from("<QQ", data, 80) == (number, sequence), f"{name}: place")
        check(int(name[:20]) == sequence and data[96:128] == previous, f"{name}: chain")
        check(struct.unpack_from("<Q", data, 144)[0] == len(data), f"{name}: size")
        offset = 4096
        while offset <= len(data) - RECORD_MAX:
            length, complement = struct.unpack_from("<II", data, offset)
            if length != complement ^ 0xFFFFFFFF:
                check(number == len(names), f"{name}: ends early")
                break
            record = data[offset : offset + length]
            number_, _, _, _, epoch, _, _, _, command, effects = struct.unpack_from("<QQQQIHHQII", record, 8)
            check(length == 96 + (command + 7) // 8 * 8 + effects + 32, f"record {sequence}: sizes")
            check(number_ == sequence and record[64:96] == previous, f"record {sequence}: chain")
            check(blake2b(record[:-32]) == record[-32:], f"record {sequence}: hash")
            previous = record[-32:]
            if sequence == 1:
                genesis = previous
            epochs.add(epoch)
            sequence += 1
            offset += length
    print(f"segments {len(names)} records {sequence - 1} epochs {len(epochs)} head {previous.hex()}")


main(sys.argv[1])

"""Checksums of the newer parts of HDF5 files: superblocks and object headers of version 2."""

from __future__ import annotations

import re
import struct

_MASK = 0xFFFFFFFF


def repaired(data: bytes) -> bytes:
    """``data`` with right checksums in its superblock and in all object headers that fit."""
    new = bytearray(data)
    if len(new) >= 48 and new[8] in (2, 3):
        struct.pack_into("<I", new, 44, lookup3(bytes(new[:44])))
    for found in re.finditer(rb"OHDR\x02", data):
        start = found.start()
        flags = new[start + 5] if start + 5 < len(new) else 0
        at = start + 6 + (16 if flags & 0x20 else 0) + (4 if flags & 0x10 else 0)
        width = 1 << (flags & 3)
        end = at + width + int.from_bytes(new[at : at + width], "little")
        if end + 4 <= len(new):
            struct.pack_into("<I", new, end, lookup3(bytes(new[start:end])))
    return bytes(new)


def lookup3(key: bytes) -> int:
    """Bob Jenkins's hash of 2006 (public domain), ``hashlittle`` with the initial value 0."""
    a = b = c = (0xDEADBEEF + len(key)) & _MASK
    blocks = max(0, (len(key) - 1) // 12)
    for i in range(blocks):
        x, y, z = struct.unpack_from("<III", key, 12 * i)
        a, b, c = _mix((a + x) & _MASK, (b + y) & _MASK, (c + z) & _MASK)
    tail = key[12 * blocks :]
    if not tail:
        return c
    x, y, z = struct.unpack("<III", tail.ljust(12, b"\0"))
    return _final((a + x) & _MASK, (b + y) & _MASK, (c + z) & _MASK)


def _rotated(value: int, by: int) -> int:
    return ((value << by) | (value >> (32 - by))) & _MASK


def _mix(a: int, b: int, c: int) -> tuple[int, int, int]:
    a = ((a - c) & _MASK) ^ _rotated(c, 4)
    c = (c + b) & _MASK
    b = ((b - a) & _MASK) ^ _rotated(a, 6)
    a = (a + c) & _MASK
    c = ((c - b) & _MASK) ^ _rotated(b, 8)
    b = (b + a) & _MASK
    a = ((a - c) & _MASK) ^ _rotated(c, 16)
    c = (c + b) & _MASK
    b = ((b - a) & _MASK) ^ _rotated(a, 19)
    a = (a + c) & _MASK
    c = ((c - b) & _MASK) ^ _rotated(b, 4)
    return a, (b + a) & _MASK, c


def _final(a: int, b: int, c: int) -> int:
    c = ((c ^ b) - _rotated(b, 14)) & _MASK
    a = ((a ^ c) - _rotated(c, 11)) & _MASK
    b = ((b ^ a) - _rotated(a, 25)) & _MASK
    c = ((c ^ b) - _rotated(b, 16)) & _MASK
    a = ((a ^ c) - _rotated(c, 4)) & _MASK
    b = ((b ^ a) - _rotated(a, 14)) & _MASK
    return ((c ^ b) - _rotated(b, 24)) & _MASK

"""Edits that know nothing of a format: of bytes, of texts, and of trees as JSON and CBOR hold."""

from __future__ import annotations

import copy
import math
import struct
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

#: Integers at which sizes, counts and offsets go wrong.
EDGES = (
    0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 127, 128, 255, 256, 1023, 1024, 4095, 4096,
    4097, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0xFFFFFF, 1 << 24, (1 << 28) - 1, 1 << 28,
    (1 << 31) - 1, 1 << 31, (1 << 32) - 1, 1 << 32, (1 << 53) - 1, 1 << 53, (1 << 63) - 1,
    1 << 63, (1 << 64) - 1,
)  # fmt: skip
FLOATS = (
    0.0, -0.0, 1.0, -1.0, 0.5, 1e-7, 1e-30, 1e-60, 5e-324, 65504.0, 65520.0, 1e9, 1e30, 3.4e38,
    1e39, 1e60, 1e154, 1e300, 1.7e308, math.inf, -math.inf, math.nan,
)  # fmt: skip
#: Numbers as texts write them.
NUMBERS = (
    b"0", b"-0", b"1", b"-1", b"-2", b"3", b"255", b"256", b"65536", b"2147483647",
    b"2147483648", b"4294967295", b"4294967296", b"9223372036854775808", b"99999999999999999999",
    b"1e400", b"1e-400", b"-1e308", b"1e60", b"1e19", b"nan", b"-inf", b"infinity", b"0x10",
    b"1_0", b"1.5", b".5", b"5.", b"1e", b"--1", b"+1", b"1,5", b"\xd9\xa3", b"1e99999",
    b"9" * 400, b"", b"true",
)  # fmt: skip
TEXTS = (
    "", "a", "features", "../x", "/dev/null", "\0", "\ud7ff", "\U0001f600", "x" * 300, "-1",
    "nan", "__proto__", "%s", "a\nb",
)  # fmt: skip

_STRUCTS = ("<B", "<H", ">H", "<I", ">I", "<Q", ">Q", "<e", "<f", ">f", "<d", ">d")


def mutated(data: bytes, rng: Random, others: Sequence[bytes] = ()) -> bytes:
    """``data`` after one to four edits, most often one; parts of ``others`` may be spliced in."""
    new = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4))):
        _edit(new, rng, others)
    return bytes(new)


def _edit(new: bytearray, rng: Random, others: Sequence[bytes]) -> None:
    kind = rng.randrange(14)
    if not new or kind == 0:
        at = rng.randrange(len(new) + 1)
        new[at:at] = rng.randbytes(rng.choice((1, 2, 4, 8, 16, 64)))
        return
    at = rng.randrange(len(new))
    if kind <= 2:
        new[at] ^= 1 << rng.randrange(8)
    elif kind <= 4:
        new[at] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))
    elif kind == 5:
        new[at] = (new[at] + rng.choice((-1, 1))) % 256
    elif kind <= 8:
        put_number(new, at, rng)
    elif kind == 9:
        del new[at : at + rng.choice((1, 1, 2, 4, 8, 32, len(new)))]
    elif kind == 10:
        part = new[at : at + rng.choice((1, 4, 8, 32, 100))]
        new[at:at] = part * rng.choice((1, 1, 1, 2, 16))
    elif kind == 11:
        width = rng.choice((1, 4, 8, 16, 32))
        to = rng.randrange(len(new))
        part, there = new[at : at + width], new[to : to + width]
        if len(part) == len(there):
            new[at : at + width], new[to : to + width] = there, part
    elif kind == 12:
        source = rng.choice(others) if others else bytes(new)
        if source:
            start = rng.randrange(len(source))
            part = source[start : start + rng.choice((1, 4, 16, 64, 256))]
            new[at : at + rng.choice((0, len(part)))] = part
    elif rng.random() < 0.5:
        new.extend(rng.choice((b"\0", b"\xff", rng.randbytes(4))) * rng.choice((1, 4, 64)))
    else:
        del new[at:]


def put_number(new: bytearray, at: int, rng: Random) -> None:
    """Overwrite the bytes from ``at``, or the last ones, with a number at an edge."""
    form = rng.choice(_STRUCTS)
    size = struct.calcsize(form)
    at = max(0, min(at, len(new) - size))
    if form[1] in "efd":
        value = rng.choice(FLOATS)
        if form[1] == "e" and math.isfinite(value):
            value = max(-65504.0, min(65504.0, value))
        if form[1] == "f" and math.isfinite(value):
            value = max(-3.4e38, min(3.4e38, value))
        raw = struct.pack(form, value)
    else:
        value = rng.choice(EDGES) + rng.choice((0, 0, 0, -1, 1))
        raw = struct.pack(form, value % (1 << 8 * size))
    new[at : at + size] = raw


def text(data: bytes, rng: Random, words: Sequence[bytes], others: Sequence[bytes] = ()) -> bytes:
    """A file of lines after some edits of its lines and words; ``words`` are the format's own."""
    ending = b"\r\n" if rng.random() < 0.05 else b"\n"
    lines = data.split(b"\n")
    for _ in range(rng.choice((1, 1, 2, 3, 5))):
        at = rng.randrange(len(lines))
        kind = rng.randrange(12)
        parts = lines[at].split(b" ")
        if kind <= 4:
            parts[rng.randrange(len(parts))] = rng.choice(rng.choice((NUMBERS, words or NUMBERS)))
            lines[at] = b" ".join(parts)
        elif kind == 5:
            parts.insert(
                rng.randrange(len(parts) + 1), rng.choice(rng.choice((NUMBERS, words or NUMBERS)))
            )
            lines[at] = b" ".join(parts)
        elif kind == 6:
            del parts[rng.randrange(len(parts))]
            lines[at] = b" ".join(parts)
        elif kind == 7 and len(lines) > 1:
            del lines[at]
        elif kind == 8:
            lines[at:at] = lines[at : at + 1] * rng.choice((1, 1, 2, 20))
        elif kind == 9:
            to = rng.randrange(len(lines))
            lines[at], lines[to] = lines[to], lines[at]
        elif kind == 10:
            lines[at] = mutated(lines[at], rng, others)
        else:
            lines.insert(at, rng.choice((b"# x", b"\t", b"\\", *words)))
    return ending.join(lines)


def tree(value: Any, rng: Random) -> Any:
    """A copy of a tree of dicts, lists and plain values after one to three edits."""
    root = [copy.deepcopy(value)]
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        places: list[tuple[Any, Any]] = [(root, 0)]
        _places(root[0], places)
        holder, key = rng.choice(places)
        _edit_place(holder, key, places, rng)
        if not root:
            root = [None]
    return root[0]


def _places(value: Any, found: list[tuple[Any, Any]]) -> None:
    keys = (
        value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    )
    for key in keys:
        found.append((value, key))
        _places(value[key], found)


def _edit_place(holder: Any, key: Any, places: list[tuple[Any, Any]], rng: Random) -> None:
    value, kind = holder[key], rng.randrange(12)
    if kind <= 4:
        holder[key] = _other(value, rng)
    elif kind == 5:
        holder[key] = rng.choice(_STRANGERS)()
    elif kind == 6:
        del holder[key]
    elif kind == 7 and isinstance(holder, list):
        holder[key:key] = [copy.deepcopy(value)] * rng.choice((1, 1, 2, 70))
    elif kind == 8:
        source, name = rng.choice(places)
        holder[key] = copy.deepcopy(source[name]) if name in _keys(source) else None
    elif kind == 9 and isinstance(holder, list):
        rng.shuffle(holder)
    elif kind == 9 and isinstance(holder, dict):
        holder[_new_key(key, rng)] = holder.pop(key)
    elif kind == 10:
        holder[key] = [copy.deepcopy(value)]
    else:
        source, name = rng.choice(places)
        there = source[name] if name in _keys(source) else []
        if not isinstance(there, (dict, list)) and not isinstance(value, (dict, list)):
            holder[key], source[name] = there, value


def _keys(holder: Any) -> Any:
    return holder if isinstance(holder, dict) else range(len(holder))


def _new_key(key: Any, rng: Random) -> Any:
    return rng.choice((*TEXTS, "a" + key)) if isinstance(key, str) else rng.choice(EDGES)


_STRANGERS: tuple[Callable[[], Any], ...] = (
    lambda: None,
    lambda: True,
    lambda: False,
    lambda: "",
    lambda: "a",
    list,
    dict,
    lambda: 0,
    lambda: -1,
    lambda: 1.5,
    lambda: 1 << 64,
    lambda: [0],
    lambda: {"a": 1},
    lambda: [[[[]]]],
    lambda: [1, "a", None],
    lambda: list(range(40)),
    lambda: "\U0001f600" * 50,
)


def _other(value: Any, rng: Random) -> Any:
    """Another value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return rng.choice((value + 1, value - 1, -value, value * 2, value ^ 1, rng.choice(EDGES)))
    if isinstance(value, float):
        return rng.choice((value + 1, -value, value * 1e6, rng.choice(FLOATS)))
    if isinstance(value, str):
        cut = rng.randrange(len(value) + 1)
        return rng.choice((value[:cut], value + "a", value.upper(), rng.choice(TEXTS)))
    if isinstance(value, bytes):
        return mutated(value, rng)
    if isinstance(value, list):
        return value[: rng.randrange(len(value) + 1)]
    return value

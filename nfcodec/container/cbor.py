"""CBOR (RFC 8949), restricted to what the format allows: the core deterministic encoding.

Items are integers from -2^64 to 2^64 - 1, finite floats, text and byte strings, arrays, maps,
true, false and null. No tags, no indefinite lengths, no duplicate keys. The keys of one map are all
texts or all unsigned integers: only then is cbor2's order (RFC 7049, shorter keys first) that of
RFC 8949 §4.2.1 (bytewise).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import cbor2

from nfcodec.container import limits
from nfcodec.errors import DamagedFileError

MAX_DEPTH = 40


@dataclass
class Items:
    """How many items, keys included, have been read of what shares one limit."""

    count: int = 0

    def add(self, what: str) -> None:
        """One more; LimitError if that is too many."""
        self.count += 1
        if self.count > limits.ITEMS:
            limits.check(self.count, limits.ITEMS, f"{what}: the number of CBOR items")


def dumps(tree: Any) -> bytes:
    """The one deterministic encoding of ``tree``.

    Raises ValueError for what :func:`loads` would refuse, and LimitError for too many items.
    """
    try:
        data = cbor2.dumps(tree, canonical=True)
    except cbor2.CBOREncodeError as error:
        raise ValueError(str(error)) from error
    _check(tree)  # after the encoder, which has refused trees that hold themselves
    return data


def _check(tree: Any) -> None:
    """ValueError unless ``tree`` is made of what the format allows, and not too deep."""
    items = Items()
    todo = [(tree, 1)]
    while todo:
        item, depth = todo.pop()
        items.add("the tree")
        if depth > MAX_DEPTH:
            raise ValueError(f"CBOR nested deeper than {MAX_DEPTH}")
        if isinstance(item, Mapping):
            texts = sum(isinstance(key, str) for key in item)
            unsigned = sum(type(key) is int and 0 <= key < 1 << 64 for key in item)
            if len(item) not in (texts, unsigned):
                raise ValueError("CBOR map whose keys are not all texts or all unsigned integers")
            todo += [(part, depth + 1) for pair in item.items() for part in pair]
        elif isinstance(item, (list, tuple)):
            todo += [(part, depth + 1) for part in item]
        elif isinstance(item, str):
            item.encode("utf-8")  # a UnicodeEncodeError is a ValueError
        elif isinstance(item, float):
            if not math.isfinite(item):
                raise ValueError(f"{item} in CBOR")
        elif isinstance(item, int):
            if not -(1 << 64) <= item < 1 << 64:
                raise ValueError(f"an integer of {item.bit_length()} bits in CBOR")
        elif item is not None and not isinstance(item, (bytes, bool)):
            raise ValueError(f"a {type(item).__name__} in CBOR")


def loads(data: bytes, what: str, items: Items | None = None) -> Any:
    """Decode the item at the start of ``data``; at most three zero bytes may follow it.

    ``what`` names the data in messages; ``items`` are counted on. Raises DamagedFileError if the
    bytes are anything but the deterministic encoding of an allowed item, LimitError for too many.
    """
    end = _scan(data, what, items or Items())
    if len(data) - end > 3 or any(data[end:]):
        raise DamagedFileError(f"{what}: {len(data) - end} bytes follow the CBOR item")
    try:
        tree = cbor2.load(BytesIO(data[:end]))
        canonical = dumps(tree)
    except Exception as error:  # the decoder's own errors are many: bad UTF-8, unhashable keys ...
        raise DamagedFileError(f"{what}: bad CBOR: {error}") from error
    if canonical != data[:end]:
        raise DamagedFileError(f"{what}: CBOR is not in its deterministic encoding")
    return tree


def _scan(data: bytes, what: str, items: Items) -> int:
    """Where the first item ends; refuses declared lengths beyond the data, depth and tags."""
    at = 0
    open_items, in_map = [1], [False]  # items still to come at each depth
    key_kinds: list[int | None] = [None]  # major type of the keys at each depth, once known
    while open_items:
        if open_items[-1] == 0:
            open_items.pop()
            in_map.pop()
            key_kinds.pop()
            continue
        is_key = in_map[-1] and open_items[-1] % 2 == 0
        open_items[-1] -= 1
        items.add(what)
        if len(open_items) > MAX_DEPTH:
            raise DamagedFileError(f"{what}: CBOR nested deeper than {MAX_DEPTH}")
        if at >= len(data):
            raise DamagedFileError(f"{what}: CBOR ends early")
        major, info = data[at] >> 5, data[at] & 31
        at += 1
        extra = {24: 1, 25: 2, 26: 4, 27: 8}.get(info, 0)
        if info > 27 or major == 6 or (major == 7 and info not in (20, 21, 22, 25, 26, 27)):
            raise DamagedFileError(f"{what}: CBOR item of a kind the format does not allow")
        if is_key:
            if major not in (0, 3):
                raise DamagedFileError(
                    f"{what}: CBOR map with a key that is neither an unsigned integer nor text"
                )
            if key_kinds[-1] not in (None, major):
                raise DamagedFileError(f"{what}: CBOR map with both integers and texts for keys")
            key_kinds[-1] = major
        argument = int.from_bytes(data[at : at + extra], "big") if extra else info
        at += extra
        if at > len(data):
            raise DamagedFileError(f"{what}: CBOR ends early")
        if major == 7 and extra and _exponent_is_full(argument, extra):
            raise DamagedFileError(f"{what}: CBOR holds a NaN or an infinity")
        if major in (2, 3):
            if argument > len(data) - at:
                raise DamagedFileError(f"{what}: CBOR string is longer than the data")
            at += argument
        elif major in (4, 5):
            count = argument * (2 if major == 5 else 1)
            if count > len(data) - at:
                raise DamagedFileError(f"{what}: CBOR array or map is longer than the data")
            open_items.append(count)
            in_map.append(major == 5)
            key_kinds.append(None)
    return at


def _exponent_is_full(bits: int, size: int) -> bool:
    shift, mask = {2: (10, 0x1F), 4: (23, 0xFF), 8: (52, 0x7FF)}[size]
    return bits >> shift & mask == mask

"""Write ``nfc-v1-examples.md``: a file byte by byte, and the coders with numbers.

    python -m formats.making.examples

A test holds the document against what this makes of it, and the numbers against the decoder.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from formats.making import bases, coders
from formats.making.apart import Apart, halves, packed, unit
from formats.making.payload_cases import BOOK, CODES, PACKED, PLAIN
from nfcodec.coding import header as headers

DOCUMENT = Path(__file__).parents[1] / "nfc-v1-examples.md"
TEXT = Path(__file__).with_name("examples.md")
#: Codes in a row, and their table levels, of the examples of coders.
ROW = [0, 1, 1, 2, 0, 0, 1, 2, 2, 1, 1, 0]
LEVELS = [3, 4, 2]

Line = tuple[int, bytes, str]


def file() -> Apart:
    """The file that is shown: one dense level of eight indices, and a network of one weight."""
    base = bases.apart(bases.dense()).with_payload("NETW", unit("I", 0) + halves(1))
    return base.with_payload("LEVL", BOOK + PLAIN)


def dump() -> str:
    """The file byte by byte, as a block of text."""
    base = file()
    data = base.put_together()
    lines: list[Line] = []
    at = 0

    def add(size: int, meaning: str) -> None:
        nonlocal at
        lines.append((at, data[at : at + size], meaning))
        at += size

    count, length = struct.unpack_from("<HI", data, 10)
    add(8, "signature")
    add(1, "major version")
    add(1, "minor version")
    add(2, f"T = {count} chunks")
    add(4, f"H = {length} bytes of header")
    add(4, "checksum of the front")
    for kind, payload in base.chunks:
        add(4, f"chunk type {kind}")
        add(4, f"its length, {len(payload)}")
        add(4, "its CRC-32C")
    for size, meaning in _items(data[at : at + length]):
        add(size, meaning)
    add(-at % 4, "zeros up to a multiple of 4")
    add(4, "NETW: float16 section of 1 value, form 0")
    add(2, "weight 1.0 of network v")
    add(2, "aligned")
    add(4, "LEVL: codebook, a float16 section of 5 values, form 0")
    add(10, "codes 1, 2, 3, 4, 5")
    add(2, "aligned")
    add(4, f"symbol section of 8 symbols below 5: form {PACKED}, width 0, x 0")
    add(4, f"packed(8, 3): {' '.join(map(str, CODES))}")
    assert at == len(data)
    return "\n".join(_rows(lines))


def _rows(lines: list[Line]) -> Iterator[str]:
    for at, data, meaning in lines:
        for start in range(0, len(data), 12):
            shown = data[start : start + 12].hex(" ").upper()
            yield f"{at + start:4d}  {shown:35}  {'' if start else meaning}".rstrip()


def _items(data: bytes) -> Iterator[tuple[int, str]]:
    """(bytes, meaning) of each item of a header without bytes after it."""
    at = 0

    def head() -> tuple[int, int, int]:
        major, info = data[at] >> 5, data[at] & 31
        extra = {24: 1, 25: 2, 26: 4, 27: 8}.get(info, 0)
        argument = int.from_bytes(data[at + 1 : at + 1 + extra], "big") if extra else info
        return major, argument, 1 + extra

    def item(names: dict[int, str], depth: int, label: str) -> Iterator[tuple[int, str]]:
        nonlocal at
        major, argument, size = head()
        pad = "  " * depth
        if major == 5:
            at += size
            yield size, f"{pad}{label}map of {argument}"
            for _ in range(argument):
                _, key, size = head()
                at += size
                name = names.get(key, str(key))
                yield size, f"{pad}  {key}: {name}"
                inner = {"grids": headers.GRID_KEYS, "levels": headers.LEVEL_KEYS}
                inner |= {"networks": headers.NETWORK_KEYS, "inputs": headers.INPUT_KEYS}
                inner |= {"layers": headers.LAYER_KEYS}
                yield from item(inner.get(name, {}), depth + 2, "")
        elif major == 4:
            at += size
            yield size, f"{pad}{label}array of {argument}"
            for _ in range(argument):
                yield from item(names, depth + 1, "")
        else:
            body = argument if major in (2, 3) else 0
            at += size + body
            yield size + body, f"{pad}{label}{_plain(data[at - size - body : at], size, argument)}"

    return item(headers.HEADER_KEYS, 0, "")


def _plain(data: bytes, head: int, argument: int) -> str:
    major = data[0] >> 5
    if major == 2:
        numbers = struct.unpack(f"<{argument // 8}d", data[head:])
        return f"byte string of {argument}: f64 {', '.join(f'{number:g}' for number in numbers)}"
    if major == 3:
        return f'"{data[head:].decode()}"'
    if major == 7:
        special = {0xF4: "false", 0xF5: "true", 0xF6: "null"}
        return special.get(data[0]) or f"{struct.unpack('>e', data[1:3])[0]:g} as f16"
    return str(argument)


def numbers() -> dict[str, str]:
    """What stands in the text for each name in braces."""
    freq = coders.frequencies(LEVELS)
    words = coders.ans_encode(ROW, freq)
    states = coders.ans_states(words, len(ROW), freq)
    decisions, data = coders.row_of_codes(ROW, LEVELS)
    weights = [coders.weight(level) for level in LEVELS]
    children, root = coders.tree(weights)
    few = [1, 0, 4, 3, 2, 0, 1]
    rows = [
        f"| {i} | {step.node} | {' '.join(map(str, step.logits))} | {step.mixed} | {step.chance} |"
        f" {step.bit} |"
        for i, step in enumerate(decisions)
    ]
    return {
        "dump": dump(),
        "size": str(len(file().put_together())),
        "few": " ".join(map(str, few)),
        "few_words": packed(few, 3).hex(" ").upper(),
        "levels": " ".join(map(str, LEVELS)),
        "weights": " ".join(map(str, weights)),
        "frequencies": " ".join(map(str, freq)),
        "row": " ".join(map(str, ROW)),
        "words": " ".join(map(str, words)),
        "states": "\n".join(
            f"| {'start' if symbol < 0 else symbol} | {state} |" for symbol, state in states
        ),
        "squash": " ".join(str(coders.squash(x)) for x in (0, 100, -2047, 2047)),
        "stretch": " ".join(str(coders.stretch(q)) for q in (0, 1, 2048, 2049, 4095)),
        "tree": ", ".join(
            f"{len(LEVELS) + i} = (0: {zero}, 1: {one})" for i, (zero, one) in enumerate(children)
        ),
        "root": str(root),
        "decisions": "\n".join(rows),
        "bytes": data.hex(" ").upper(),
    }


def document() -> str:
    """The document."""
    text = TEXT.read_text("utf-8")
    for name, value in numbers().items():
        text = text.replace("{{" + name + "}}", value)
    return text


def main() -> None:
    """Write it."""
    DOCUMENT.write_text(document(), "utf-8")


if __name__ == "__main__":
    main()

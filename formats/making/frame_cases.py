"""Files that break the rules of the frame (F) and of CBOR (C)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace
from typing import TypeAlias

from formats.making import bases
from formats.making.apart import Apart
from nfcodec.container import assemble, cbor
from nfcodec.container.frame import crc32c

#: The code of a rule, what is done, and the file.
Case: TypeAlias = "tuple[str, str, bytes]"


def _with_checksum(data: bytes, front: int) -> bytes:
    """``data`` with the right checksum of its first ``front`` bytes."""
    crc = crc32c(data[:16] + data[20:front])
    return data[:16] + struct.pack("<I", crc) + data[20:]


def _front_of(data: bytes) -> int:
    count, length = struct.unpack_from("<HI", data, 10)
    return -(-(20 + 12 * count + length) // 4) * 4


def patched(data: bytes, at: int, new: bytes) -> bytes:
    """``data`` with other bytes in its front, and the right checksum."""
    changed = data[:at] + new + data[at + len(new) :]
    return _with_checksum(changed, _front_of(data))


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _frame(bases.apart(bases.dense()))
    yield from _chunks(bases.apart(bases.nerf()))
    yield from _orders(bases.apart(bases.octrees()), bases.apart(bases.layered(), 2))
    yield from _cbor(bases.apart(bases.dense()))


def _frame(base: Apart) -> Iterator[Case]:
    data = base.put_together()
    front = _front_of(data)
    yield "F1", "a file of no bytes", b""
    yield "F1", "another signature", b"\x89PNG" + data[4:]
    yield "F1", "CR LF turned into LF", data[:4] + b"\n\x1a\n" + data[8:]
    yield "F2", "major version 0", patched(data, 8, b"\0")
    yield "F3", "major version 2", patched(data, 8, b"\2")
    yield "F4", "cut in the signature", data[:5]
    yield "F4", "cut in the first 20 bytes", data[:17]
    yield "F4", "cut in the chunk table", data[:30]
    yield "F4", "cut in the header", data[: front - 4]
    yield "F5", "another minor version", data[:9] + bytes([data[9] + 1]) + data[10:]
    yield "F5", "another length in the chunk table", data[:24] + bytes([data[24] ^ 4]) + data[25:]
    yield "F5", "another byte in the header", data[: front - 8] + b"\x55" + data[front - 7 :]
    end = 20 + 12 * len(base.chunks) + len(cbor.dumps(base.tree))
    if end % 4:
        yield "F6", "one byte of padding is 1", patched(data, end, b"\1")
    yield "F7", "a digit in a type", patched(data, 20, b"NET1")
    yield "F7", "a letter beyond ASCII in a type", patched(data, 20, b"NET\xc4")
    length = struct.unpack_from("<I", data, 24)[0]
    yield "F8", "a length of one byte more", patched(data, 24, struct.pack("<I", length + 1))
    yield "F9", "four zero bytes at the end", data + bytes(4)
    yield "F10", "a byte of LEVL", data[:-1] + bytes([data[-1] ^ 1])
    yield "F10", "a byte of NETW", data[:front] + bytes([data[front] ^ 1]) + data[front + 1 :]
    yield "F14", "cut in LEVL", data[:-4]
    yield "F14", "cut before NETW", data[:front]


def _chunks(base: Apart) -> Iterator[Case]:
    chunks = list(base.chunks)
    kinds = [kind for kind, _ in chunks]

    def file(*parts: tuple[str, bytes]) -> bytes:
        return base.with_chunks(*parts).put_together()

    yield "F11", "a chunk ABCD", file(*chunks, ("ABCD", b""))
    yield "F11", "a chunk Abcd at the front", file(("Abcd", b"1234"), *chunks)
    for kind in ("NETW", "OCCU", "LEVL"):
        at = kinds.index(kind)
        yield "F12", f"no {kind}", file(*chunks[:at], *chunks[at + 1 :])
        yield "F12", f"two {kind}", file(*chunks[: at + 1], *chunks[at:])
    for kind in ("NETW", "OCCU"):
        at = kinds.index(kind)
        moved = [*chunks[:at], *chunks[at + 1 :], chunks[at]]
        yield "F12", f"{kind} after LEVL", file(*moved)
    yield "F12", "REFN without layers", file(*chunks, ("REFN", b""))
    image = struct.pack("<I", 4) + b"\xff\xd8\xff\xd9"
    yield "F13", "two previews", file(*chunks, ("prev", image), ("prev", image))


def _orders(octrees: Apart, layered: Apart) -> Iterator[Case]:
    network, first, _ = octrees.chunks
    yield "F12", "one LEVL for two LODs", octrees.with_chunks(network, first).put_together()
    kinds = [kind for kind, _ in layered.chunks]
    assert kinds == ["NETW", "LEVL", "REFN"]
    network, level, refinement = layered.chunks
    for what, order in (
        ("REFN before LEVL", (network, refinement, level)),
        ("REFN before NETW", (refinement, network, level)),
        ("no REFN", (network, level)),
        ("two REFN for one refinement", (network, level, refinement, refinement)),
    ):
        yield "F12", what, layered.with_chunks(*order).put_together()


def _cbor(base: Apart) -> Iterator[Case]:
    plain = cbor.dumps(base.tree)

    def header(data: bytes) -> bytes:
        return replace(base, header=data).put_together()

    def metadata(data: bytes) -> bytes:
        return assemble(plain, [*base.chunks, ("meta", data)])

    def value(item: bytes) -> bytes:
        return metadata(b"\xa1\x61a" + item)

    yield "C1", "the header ends in an item", header(plain[:-3])
    yield "C1", "an empty header", header(b"")
    yield "C1", "a text longer than the data", value(b"\x78\x20abc")
    yield "C1", "an array longer than the data", value(b"\x9b" + b"\x00" * 3 + b"\x01" + bytes(4))
    yield "C1", "a map of half a pair", metadata(b"\xa1\x62ab")
    yield "C2", "four zero bytes", header(plain + bytes(4))
    yield "C2", "a byte that is not zero", header(plain + b"\1")
    yield "C2", "two items", metadata(b"\xa1\x61a\x01\xa0\0\0\0")
    for what, item in (
        ("a tag", b"\xc1\x01"), ("a text of indefinite length", b"\x7f\x61a\xff"),
        ("an array of indefinite length", b"\x9f\x01\xff"),
        ("a map of indefinite length", b"\xbf\xff"), ("undefined", b"\xf7"),
        ("simple value 16", b"\xf0"), ("simple value 32", b"\xf8\x20"),
        ("reserved additional information", b"\x1c"), ("a break", b"\xff"),
    ):  # fmt: skip
        yield "C3", what, value(item)
    for what, item in (
        ("1 in two bytes", b"\x18\x01"), ("24 in three bytes", b"\x19\x00\x18"),
        ("a length in two bytes", b"\x78\x01a"), ("1.5 as f32", b"\xfa\x3f\xc0\x00\x00"),
        ("1.5 as f64", b"\xfb\x3f\xf8" + bytes(6)),
    ):  # fmt: skip
        yield "C4", what, value(item)
    for what, item in (
        ("NaN", b"\xf9\x7e\x00"), ("infinity", b"\xf9\x7c\x00"),
        ("minus infinity as f64", b"\xfb\xff\xf0" + bytes(6)),
    ):  # fmt: skip
        yield "C5", what, value(item)
    yield "C6", "texts and integers for keys", value(b"\xa2\x01\x02\x61a\x02")
    yield "C6", "a negative key", value(b"\xa1\x20\x02")
    yield "C6", "a byte string for a key", value(b"\xa1\x41a\x02")
    yield "C6", "a map for a key", value(b"\xa1\xa0\x02")
    yield "C7", "keys in the other order", metadata(b"\xa2\x61b\x01\x61a\x02")
    yield "C7", "a longer key first", metadata(b"\xa2\x62aa\x01\x61b\x02")
    yield "C7", "one key twice", metadata(b"\xa2\x61a\x01\x61a\x02")
    yield "C8", "a text of one byte 0xFF", value(b"\x61\xff")
    yield "C8", "a surrogate", value(b"\x63\xed\xa0\x80")
    yield "C9", "40 arrays in a map", value(b"\x81" * 39 + b"\x80")

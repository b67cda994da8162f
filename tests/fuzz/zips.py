"""Zip archives from their members, with right checksums and, where that is asked for, lies."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from random import Random

from tests.fuzz.edits import EDGES, mutated


@dataclass(frozen=True)
class Member:
    """One member; a size or checksum of None is the true one."""

    name: bytes
    data: bytes
    method: int = 0
    flags: int = 0
    crc: int | None = None
    size: int | None = None
    packed_size: int | None = None


def members(data: bytes) -> list[Member]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return [Member(info.filename.encode(), archive.read(info)) for info in archive.infolist()]


def assemble(parts: Sequence[Member], count: int | None = None) -> bytes:
    """The archive; ``count``: how many members its end claims."""
    out, central = bytearray(), bytearray()
    for member in parts:
        crc = zlib.crc32(member.data) if member.crc is None else member.crc
        body = member.data
        if member.method == zipfile.ZIP_DEFLATED:
            packer = zlib.compressobj(1, zlib.DEFLATED, -15)
            body = packer.compress(body) + packer.flush()
        fields = struct.pack(
            "<HHHHIIIHH",
            member.flags,
            member.method,
            0,
            33,
            crc,
            _or(member.packed_size, len(body)),
            _or(member.size, len(member.data)),
            len(member.name),
            0,
        )
        central += struct.pack("<4sHH", b"PK\1\2", 20, 20) + fields
        central += struct.pack("<HHHII", 0, 0, 0, 0, len(out)) + member.name
        out += struct.pack("<4sH", b"PK\3\4", 20) + fields + member.name + body
    end = struct.pack(
        "<4sHHHHIIH",
        b"PK\5\6",
        0,
        0,
        *[(_or(count, len(parts))) % 65536] * 2,
        len(central),
        len(out),
        0,
    )
    return bytes(out + central + end)


def edited(parts: Sequence[Member], rng: Random) -> bytes:
    """An archive after one edit of its directory."""
    new = list(parts)
    at = rng.randrange(len(new))
    kind = rng.randrange(10)
    if kind == 0:
        del new[at]
    elif kind == 1:
        new.append(new[at])
    elif kind == 2:
        rng.shuffle(new)
    elif kind == 3:
        name = rng.choice((mutated(new[at].name, rng), b"../" + new[at].name, rng.choice(new).name))
        new[at] = replace(new[at], name=name[:500])
    elif kind == 4:
        new[at] = replace(new[at], method=rng.choice((8, 8, 8, 9, 12, 14, 93, 99)))
    elif kind == 5:
        new[at] = replace(new[at], size=rng.choice(EDGES) % 2**32)
    elif kind == 6:
        new[at] = replace(new[at], packed_size=rng.choice(EDGES) % 2**32)
    elif kind == 7:
        new[at] = replace(new[at], flags=1 << rng.randrange(16))
    elif kind == 8:
        new[at] = replace(new[at], crc=rng.getrandbits(32))
    else:
        return assemble(new, rng.choice(EDGES))
    if not new or rng.random() < 0.1:
        return mutated(assemble(new), rng)
    return assemble(new)


def _or(stated: int | None, true: int) -> int:
    return true if stated is None else stated

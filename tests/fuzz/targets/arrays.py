"""Our own fields as ``.npz`` and ``.h5``."""

from __future__ import annotations

import json
from functools import cache
from random import Random
from typing import Any
from unittest import mock

import numpy as np

from nfcodec.untrusted import h5_guard
from tests.fuzz import edits, hdf5, scratch, small_fields, zips
from tests.fuzz.target import Target
from tests.fuzz.targets.checkpoints import imported

_SKELETON = b"skeleton.npy"
_DTYPES = (
    b"<f4", b">f4", b"<f8", b"<f2", b"|u1", b"|b1", b"<u8", b"<i8", b"|O", b"<U3", b"<M8[s]",
    b"<c8", b"<f16", b"|V4", b"|S9999999999", b"<U1000000000", b"f4", b"x", b"(2,2)<f4",
)  # fmt: skip


@cache
def npz_seeds() -> dict[str, bytes]:
    fields = {"scalar": small_fields.scalar(), "nerf": small_fields.nerf()}
    return {name: small_fields.exported(field, ".npz") for name, field in fields.items()}


@cache
def _archives() -> tuple[tuple[tuple[zips.Member, ...], Any], ...]:
    found = []
    for data in npz_seeds().values():
        parts = zips.members(data)
        text = next(part.data for part in parts if part.name == _SKELETON)
        found.append((tuple(parts), json.loads(str(_loaded(text)))))
    return tuple(found)


def _loaded(data: bytes) -> Any:
    import io

    return np.load(io.BytesIO(data), allow_pickle=False)


def npz_mutant(rng: Random) -> bytes:
    """An archive with damage in its skeleton, an array's header or values, or its directory."""
    archive, tree = rng.choice(_archives())
    parts = list(archive)
    kind = rng.randrange(20)
    if kind <= 8:
        at = next(i for i, part in enumerate(parts) if part.name == _SKELETON)
        text = json.dumps(edits.tree(tree, rng))
        parts[at] = zips.Member(_SKELETON, npy(np.array(text.replace("\0", ""))))
    elif kind <= 12:
        at = rng.randrange(len(parts))
        parts[at] = zips.Member(parts[at].name, npy_mutant(parts[at].data, rng))
    elif kind <= 14:
        at = rng.randrange(len(parts))
        parts[at] = zips.Member(parts[at].name, edits.mutated(parts[at].data, rng))
    elif kind <= 18:
        return zips.edited(parts, rng)
    else:
        return edits.mutated(zips.assemble(parts), rng)
    return zips.assemble(parts)


def npy(array: Any) -> bytes:
    """``array`` as a ``.npy`` file."""
    header = f"{{'descr': {array.dtype.str!r}, 'fortran_order': False, 'shape': {array.shape}, }}"
    return _framed(header.encode(), b"\1\0") + array.tobytes()


def _framed(header: bytes, version: bytes) -> bytes:
    width = 2 if version == b"\1\0" else 4
    padded = header.ljust(-(-(len(header) + 9 + width) // 64) * 64 - 9 - width) + b"\n"
    return b"\x93NUMPY" + version + len(padded).to_bytes(width, "little") + padded


def npy_mutant(data: bytes, rng: Random) -> bytes:
    """A ``.npy`` file of other type, shape, order or version, or with a damaged header."""
    size = int.from_bytes(data[8:10], "little")
    header, body = data[10 : 10 + size].strip(), data[10 + size :]
    kind = rng.randrange(6)
    if kind == 0:
        start = header.find(b"'descr': ") + 9
        header = (
            header[:start]
            + repr(rng.choice(_DTYPES).decode()).encode()
            + header[header.find(b",", start) :]
        )
    elif kind == 1:
        shape = tuple(rng.choice((*edits.EDGES, -1)) for _ in range(rng.randrange(4)))
        header = header[: header.find(b"'shape'")] + f"'shape': {shape}, }}".encode()
    elif kind == 2:
        header = header.replace(b"False", rng.choice((b"True", b"None", b"1", b"[]", b"0.5")))
    elif kind == 3:
        header = edits.mutated(header, rng)
    elif kind == 4:
        return _framed(header, rng.choice((b"\2\0", b"\3\0", b"\0\0", b"\4\0", b"\1\1"))) + body
    else:
        body = edits.mutated(body, rng)
    return _framed(header[:60000], b"\1\0") + body


@cache
def hdf5_seeds() -> dict[str, bytes]:
    import h5py

    field = small_fields.scalar()
    old = small_fields.exported(field, ".h5")
    folder = scratch.folder("seeds")
    (folder / "old.h5").write_bytes(old)
    with (
        h5py.File(folder / "old.h5") as source,
        h5py.File(folder / "new.h5", "w", libver="latest") as target,
    ):
        for name, value in source.attrs.items():
            target.attrs[name] = value
        for name in source:
            source.copy(name, target)
    return {"old": old, "new": (folder / "new.h5").read_bytes()}


def hdf5_mutant(rng: Random) -> bytes:
    """A file with damage where it is not empty, and right checksums."""
    name = rng.choice(("old", "new"))
    data, places = hdf5_seeds()[name], _used(name)
    new = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 3))):
        at = rng.choice(places)
        kind = rng.randrange(8)
        if kind <= 1:
            new[at] ^= 1 << rng.randrange(8)
        elif kind <= 3:
            new[at] = rng.choice((0, 1, 2, 3, 0x7F, 0x80, 0xFF, rng.randrange(256)))
        elif kind <= 5:
            edits.put_number(new, at, rng)
        elif kind == 6:
            source = rng.choice(places)
            part = new[source : source + rng.choice((4, 8, 16, 64))]
            new[at : at + len(part)] = part
        else:
            del new[at if rng.random() < 0.3 else len(new) - rng.choice((1, 8, 200)) :]
            break
        new = new[: len(data)]
    return hdf5.repaired(bytes(new))


@cache
def _used(name: str) -> tuple[int, ...]:
    """Positions of bytes that are not zero, and of their neighbors."""
    data = hdf5_seeds()[name]
    return tuple(i for i in range(len(data)) if any(data[max(0, i - 2) : i + 3]))


_read_hdf5 = imported(".h5")


def read_hdf5(data: bytes) -> Any:
    """As an import reads it, with less patience for the HDF5 library."""
    with mock.patch.object(h5_guard, "LEAST_SECONDS", 4.0):
        return _read_hdf5(data)


def targets() -> list[Target]:
    check = small_fields.check
    return [
        Target("npz", npz_seeds(), npz_mutant, imported(".npz"), check),
        Target("hdf5", hdf5_seeds(), hdf5_mutant, read_hdf5, check),
    ]

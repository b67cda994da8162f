"""One number for all that a ``.nfc`` file decodes to, as ``web/test/fuzz_answers.ts`` has it."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from operator import itemgetter
from typing import Any

import google_crc32c
import numpy as np

from nfcodec.codes import Float16Code, LatticeCode, LowRankCode, VQCode
from nfcodec.layouts import DenseLayout, OctreeLayout
from nfcodec.layouts.corners import corner_sites
from nfcodec.model.coded import CodedField, CodedLevel


def digest(field: CodedField) -> int:
    """CRC-32C over the decoded arrays in the order of the specification's section 4, then over
    transforms, networks, occupancy and metadata."""
    crc = google_crc32c.Checksum()
    _put(crc, field.bounds, "<f8")
    crc.update(field.kind.encode())
    cut = field.total_lods > field.num_lods
    levels = [level for level in field.levels if not (cut and _stands_in(level))]
    crc.update(struct.pack("<I", len(levels)))
    for level in levels:
        _level(crc, level)
    for grid in () if cut else field.grids:
        crc.update(grid.combine.encode())
        for level in grid.levels:
            if level.transform is not None:
                _put(crc, level.transform, "<f4")
    for network in field.networks:
        crc.update(network.name.encode())
        for layer in network.layers:
            crc.update(layer.activation.encode() + struct.pack("<d", layer.gain))
            _put(crc, layer.weight, "<f4")
            if layer.bias is not None:
                _put(crc, layer.bias, "<f4")
    if field.occupancy is not None:
        crc.update(struct.pack(f"<{field.dims}I", *field.occupancy.cells.shape))
        bits = np.packbits(field.occupancy.cells.reshape(-1), bitorder="little")
        crc.update(bits.tobytes())
    _plain(crc, field.metadata)
    return int.from_bytes(crc.digest(), "big")


def _stands_in(level: CodedLevel) -> bool:
    """Whether this may be what a field has in place of a level that the file was cut before."""
    layout, code = level.layout, level.code
    return (
        isinstance(layout, DenseLayout)
        and set(layout.shape) == {2}
        and isinstance(code, Float16Code)
        and not code.values.view(np.uint16).any()
    )


def _level(crc: Any, level: CodedLevel) -> None:
    layout, code = level.layout, level.code
    crc.update(struct.pack("<I", level.lod) + code.name.encode())
    if isinstance(layout, OctreeLayout):
        crc.update(struct.pack("<I", layout.depth))
        _put(crc, layout.voxels, "<u4")
        _put(crc, corner_sites(layout), "<u4")
    else:
        crc.update(struct.pack(f"<{len(layout.shape)}I", *layout.shape))
    if isinstance(code, VQCode):
        _put(crc, code.indices.unpack(), "<u2")
        _put(crc, code.codebook, "<f2")
    elif isinstance(code, LowRankCode):
        _put(crc, code.mean, "<f2")
        _put(crc, code.basis, "<f2")
        _put(crc, code.coefficients, "<f2")
    elif isinstance(code, LatticeCode):
        for values in code.values:
            _put(crc, values, "<i4")
    else:
        _put(crc, code.values, "<f2")


def _put(crc: Any, values: Any, dtype: str) -> None:
    crc.update(np.ascontiguousarray(values, dtype).tobytes())


def _plain(crc: Any, value: Any) -> None:
    """A value of the metadata; integers count as floats, which is all that JavaScript has."""
    if value is None or isinstance(value, bool):
        crc.update({None: b"n", True: b"t", False: b"f"}[value])
    elif isinstance(value, (int, float)):
        crc.update(b"d" + struct.pack("<d", float(value) + 0.0))
    elif isinstance(value, str):
        crc.update(b"s" + value.encode("utf-8") + b"\0")
    elif isinstance(value, Mapping):
        crc.update(b"{")
        for key, item in sorted(
            ((str(key).encode(), item) for key, item in value.items()), key=itemgetter(0)
        ):
            crc.update(b"s" + key + b"\0")
            _plain(crc, item)
        crc.update(b"}")
    else:
        crc.update(b"[")
        for item in value:
            _plain(crc, item)
        crc.update(b"]")

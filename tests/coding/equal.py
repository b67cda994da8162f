"""When two coded fields are the same, bit for bit."""

from __future__ import annotations

from typing import Any

import numpy as np

from nfcodec.codes import Float16Code, LowRankCode, VQCode
from nfcodec.layouts import DenseLayout
from nfcodec.model.coded import CodedField
from nfcodec.vqnerf.model import ImageDecoder, named_arrays, outline


def equal(a: CodedField, b: CodedField, metadata: bool = True) -> bool:
    """Whether every array, shape, name and number of ``a`` and ``b`` agrees exactly."""
    return difference(a, b, metadata) is None


def difference(a: CodedField, b: CodedField, metadata: bool = True) -> str | None:
    """The first thing in which ``a`` and ``b`` differ."""
    left, right = _flat(a, metadata), _flat(b, metadata)
    if left.keys() != right.keys():
        return f"parts: {left.keys() ^ right.keys()}"
    for path in left:
        if not _same(left[path], right[path]):
            return f"{path}: {left[path]!r} and {right[path]!r}"
    return None


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, np.ndarray) and isinstance(right, np.ndarray):
        return (
            left.dtype == right.dtype
            and left.shape == right.shape
            and left.tobytes() == right.tobytes()
        )
    return type(left) is type(right) and bool(left == right)


def _flat(field: CodedField, metadata: bool) -> dict[str, Any]:
    parts: dict[str, Any] = {
        "kind": field.kind,
        "bounds": field.bounds,
        "total_lods": field.total_lods or field.num_lods,
        "occupancy": None if field.occupancy is None else field.occupancy.cells,
    }
    if field.image is not None:
        decoder = field.image.decoder
        parts["image empty"] = field.image.empty
        if isinstance(decoder, ImageDecoder):
            parts["image outline"] = outline(decoder)
            parts |= {f"image {name}": array for name, array in named_arrays(decoder)}
        else:
            parts["image name"] = decoder
    if metadata:
        parts["metadata"] = dict(field.metadata)
    return parts | dict(_grids(field)) | dict(_networks(field))


def _grids(field: CodedField) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for g, grid in enumerate(field.grids):
        found += [(f"grid {g} combine", grid.combine)]
        for i, level in enumerate(grid.levels):
            where = f"grid {g} level {i}"
            found.append((f"{where} lod", level.lod))
            found.append((f"{where} transform", level.transform))
            if isinstance(level.layout, DenseLayout):
                found.append((f"{where} layout", level.layout))
            else:
                found.append((f"{where} depth", level.layout.depth))
                found.append((f"{where} voxels", level.layout.voxels))
            code = level.code
            found.append((f"{where} code", type(code).__name__))
            if isinstance(code, Float16Code):
                found.append((f"{where} values", code.values))
            elif isinstance(code, LowRankCode):
                found += [
                    (f"{where} mean", code.mean),
                    (f"{where} basis", code.basis),
                    (f"{where} coefficients", code.coefficients),
                ]
            elif isinstance(code, VQCode):
                found += [
                    (f"{where} indices", code.indices.unpack()),
                    (f"{where} codebook", code.codebook),
                ]
    return found


def _networks(field: CodedField) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for network in field.networks:
        found += [
            (f"network {network.name} order", len(found)),
            (f"network {network.name} inputs", network.inputs),
            (f"network {network.name} skips", network.skips),
        ]
        for i, layer in enumerate(network.layers):
            where = f"network {network.name} layer {i}"
            found += [
                (f"{where} weight", layer.weight),
                (f"{where} bias", layer.bias),
                (f"{where} activation", layer.activation),
                (f"{where} gain", layer.gain),
            ]
    return found

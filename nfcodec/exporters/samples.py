"""A field's values on a regular grid, for programs that know arrays and not neural fields.

``values`` is (nz, ny, nx, C) float32, or (ny, nx, C) of a 2-D field: the values at the centers of
cells that fill the field's box, x fastest. It is written slab by slab, so that memory stays the
same however large the grid is; in HDF5 it is chunked in bricks.
"""

from __future__ import annotations

import json
import math
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nfcodec.errors import UsageError
from nfcodec.fieldfile.h5_file import new_file
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.model.kinds import kind_of
from nfcodec.progress import Progress, Silent

#: Samples along the longest side.
MAX_RESOLUTION = 4096

_BRICK = 32
#: Samples of a slab, about: where planes are large it has fewer of them.
_SLAB = 1 << 22
_BATCH = 1 << 17
#: A radiance field's color is the mean of what is seen along these directions.
_DIRECTIONS = np.concatenate([np.eye(3), -np.eye(3)]).astype(np.float32)

_ABOUT = (
    "Values of a neural field at the centers of cells that fill its box (bounds: the lower and the "
    "upper corner, x y z); the last axis is the channel, x is the fastest of the others."
)

Values = npt.NDArray[np.float32]


def write(
    field: Field | CodedField,
    path: Path,
    *,
    resolution: int,
    lod: int | None = None,
    device: str = "auto",
    progress: Progress | None = None,
) -> None:
    """Sample ``field`` and write ``path``, ``.h5`` or ``.npz``.

    ``resolution``: samples along the longest side of the box; the others follow. Channels: a
    distance; a scalar field's outputs; or a density and the red, green and blue that a radiance
    field shows on average over six directions. UsageError if ``resolution`` is out of range.
    """
    if not 1 <= resolution <= MAX_RESOLUTION:
        raise UsageError(f"resolution {resolution} is not within 1 to {MAX_RESOLUTION}")
    size = field.bounds[1] - field.bounds[0]
    counts = [max(1, round(float(s / size.max() * resolution))) for s in size][::-1]
    names = channels(field)
    shape = (*counts, len(names))
    slabs = _slabs(field, counts, lod, device, progress or Silent())
    write = _write_h5 if path.suffix.lower() == ".h5" else _write_npz
    write(path, shape, slabs, {"bounds": field.bounds, "channels": names, "kind": field.kind})


def channels(field: Field | CodedField) -> list[str]:
    """What the last axis of the values is."""
    if kind_of(field).is_distance:
        return ["distance"]
    if field.is_radiance and field.networks[-1].name != "latent":
        return ["density", "red", "green", "blue"]
    if field.is_radiance:
        return ["density", *(f"feature {n}" for n in range(field.num_outputs))]
    return [f"channel {n}" for n in range(field.num_outputs)]


def _slabs(
    field: Field | CodedField, counts: list[int], lod: int | None, device: str, progress: Progress
) -> Iterator[Values]:
    """The values, a few planes (rows, in 2-D) of the slowest axis at a time."""
    import torch

    from nfcodec.evaluate import FieldModule
    from nfcodec.evaluate.device import pick

    module = FieldModule(field, device=pick(device))
    axes = [
        low + (np.arange(n) + 0.5) / n * (high - low)
        for n, low, high in zip(counts, *field.bounds[:, ::-1], strict=True)
    ]
    directions = torch.from_numpy(_DIRECTIONS).to(module.device)

    def evaluate(points: torch.Tensor) -> torch.Tensor:
        if not field.is_radiance:
            values: torch.Tensor = module(points, lod=lod)
            return values
        seen = [module(points, d.expand(len(points), 3), lod=lod) for d in directions]
        return torch.stack(seen).mean(dim=0)

    progress.start("sampling", counts[0])
    planes = _planes(counts)
    for start in range(0, counts[0], planes):
        part = [axes[0][start : start + planes], *axes[1:]]
        mesh = np.stack(np.meshgrid(*part, indexing="ij"), axis=-1)
        points = mesh.reshape(-1, field.dims)[:, ::-1]
        parts = []
        with torch.inference_mode():
            for batch in torch.split(torch.from_numpy(points.copy()), _BATCH):
                parts.append(evaluate(batch.to(module.device)).cpu().numpy())
        yield np.concatenate(parts).reshape(*mesh.shape[:-1], -1)
        progress.update(min(start + planes, counts[0]))
    progress.finish()


def _planes(counts: Sequence[int]) -> int:
    """How many planes of the slowest axis are a slab."""
    return max(1, min(_BRICK, counts[0], _SLAB // math.prod(counts[1:])))


def _write_h5(
    path: Path, shape: tuple[int, ...], slabs: Iterator[Values], about: dict[str, Any]
) -> None:
    with new_file(path) as (root, check):
        root.attrs["description"] = _ABOUT
        root.attrs["kind"] = about["kind"]
        root.attrs["channels"] = about["channels"]
        root.create_dataset("bounds", data=about["bounds"], track_times=False)
        bricks = (min(n, _BRICK) for n in shape[1:-1])
        chunks = (_planes(shape[:-1]), *bricks, shape[-1])
        values = root.create_dataset(
            "values", shape, np.float32, chunks=chunks, shuffle=True, compression="gzip",
            compression_opts=1, fletcher32=True, track_times=False,
        )  # fmt: skip
        for axis, label in enumerate(("z", "y", "x", "channel")[-len(shape) :]):
            values.dims[axis].label = label
        at = 0
        for slab in slabs:
            values[at : at + len(slab)] = slab
            at += len(slab)
            check()  # what follows may take hours


def _write_npz(
    path: Path, shape: tuple[int, ...], slabs: Iterator[Values], about: dict[str, Any]
) -> None:
    header = {"descr": "<f4", "fortran_order": False, "shape": shape}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        with archive.open("values.npy", "w", force_zip64=True) as file:
            np.lib.format.write_array_header_1_0(file, header)
            for slab in slabs:
                file.write(np.ascontiguousarray(slab, "<f4").data)
        small = {
            "bounds": np.asarray(about["bounds"]),
            "channels": np.array(about["channels"]),
            "about": np.array(json.dumps({"kind": about["kind"], "description": _ABOUT})),
        }
        for name, array in small.items():
            with archive.open(f"{name}.npy", "w") as file:
                np.lib.format.write_array(file, array, allow_pickle=False)

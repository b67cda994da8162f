"""Writing fields in other forms: field files (``.pt``, ``.h5``, ``.npz``), arrays and meshes.

Every output is written aside and renamed, so that a file is never half there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from nfcodec.atomic import check_output, writing
from nfcodec.check.field import check_field
from nfcodec.combine import combine_of
from nfcodec.errors import UsageError
from nfcodec.exporters import pth
from nfcodec.exporters.arrays import write_npy
from nfcodec.exporters.mesh_files import MESH_SUFFIXES
from nfcodec.fieldfile import h5, npz, pt
from nfcodec.layouts import DenseLayout
from nfcodec.model.coded import CodedField, to_field
from nfcodec.model.field import Field, Grid, Level
from nfcodec.optional import need
from nfcodec.progress import Progress
from nfcodec.registry import plugin

#: Writers of field files by suffix. Other distributions bring more, of the same type, under the
#: entry points ``nfcodec.exporters``, each named by its suffix.
FIELD_WRITERS: dict[str, Callable[[Field, Path], None]] = {
    ".pt": pt.write,
    ".h5": h5.write,
    ".npz": npz.write,
    ".pth": pth.write,
    ".npy": write_npy,
}
#: Everything that :func:`export` writes.
SUFFIXES: tuple[str, ...] = (*FIELD_WRITERS, *MESH_SUFFIXES)


def export(
    field: Field | CodedField,
    path: str | Path,
    *,
    lod: int | None = None,
    level: float | None = None,
    resolution: int | None = None,
    overwrite: bool = False,
    device: str = "auto",
    progress: Progress | None = None,
) -> Path:
    """Write ``field`` in the form that the suffix of ``path`` names; the path written.

    - ``.pt``, ``.h5``, ``.npz``: the field itself in float32, up to ``lod``. With ``resolution``,
      ``.h5`` and ``.npz`` hold its values on a regular grid instead, with that many along the
      longest side of its box (:mod:`nfcodec.exporters.samples`).
    - ``.pth``: a checkpoint that NGLOD or SIREN loads, of a field that has their form.
    - ``.npy``: the values of a field that was coded from an array, in its type and shape.
    - ``.ply``, ``.glb``, ``.stl``: the surface where an ``sdf`` is zero, or where a ``scalar``
      field's channel 0 or a ``nerf``'s density equals ``level``; ``resolution`` cells along the
      longest side of its box, by default as fine as the field's finest level. A ``nerf``'s has the
      color seen head-on at each vertex (not in ``.stl``). A ``.glb`` has y upwards, as glTF wants
      it; the others keep the field's axes.

    UsageError if the suffix is unknown, an argument does not fit the field, there is no surface,
    or the output cannot be written; InvalidFieldError if the field is not sound.
    """
    target = Path(path)
    suffix = target.suffix.lower()
    writer = FIELD_WRITERS.get(suffix)
    if suffix not in SUFFIXES:
        writer = plugin("nfcodec.exporters", suffix)
    if suffix not in SUFFIXES and writer is None:
        raise UsageError(
            f"cannot write {path}: the suffix {suffix or '(none)'} is not one of "
            f"{', '.join(SUFFIXES)}"
        )
    if lod is not None and not 0 <= lod < field.num_lods:
        raise UsageError(f"there is no LOD {lod}; this field has 0 to {field.num_lods - 1}")
    check_output(target, overwrite)
    check_field(field, "the field")
    if suffix in MESH_SUFFIXES:
        need("torch", "making a mesh")
        need("skimage", "making a mesh")
        if suffix != ".ply":
            need("trimesh", f"writing {suffix}")
        from nfcodec.exporters import mesh_files, surface
        from nfcodec.render.views import upright

        mesh = surface.extract(
            field, lod=lod, level=level, resolution=resolution, device=device, progress=progress
        )
        with writing(target, overwrite) as aside:
            mesh_files.write(mesh, aside, upright(field))
        return target
    if level is not None:
        raise UsageError(f"--level is for meshes; {path} is none")
    if resolution is not None:
        if suffix not in (".h5", ".npz"):
            raise UsageError(f"--resolution is for meshes, .h5 and .npz; {path} is none")
        need("torch", "sampling a field")
        from nfcodec.exporters import samples

        with writing(target, overwrite) as aside:
            samples.write(
                field, aside, resolution=resolution, lod=lod, device=device, progress=progress
            )
        return target
    plain = to_field(field) if isinstance(field, CodedField) else field
    assert writer is not None
    with writing(target, overwrite) as aside:
        writer(up_to_lod(plain, lod), aside)
    return target


def up_to_lod(field: Field, lod: int | None) -> Field:
    """``field`` without the levels above ``lod`` (None: unchanged), with its values at ``lod``.

    Where a grid would become narrower (levels concatenated, or none left), a level of a single
    zero vector keeps the place of each removed level, so that the decoders still fit.
    """
    if lod is None:
        return field

    def stand_in(level: Level) -> Level:
        nothing = DenseLayout((1,) * level.layout.dims)
        zeros = np.zeros((1, level.num_features), np.float32)
        return replace(level, layout=nothing, lod=0, features=zeros)

    def kept(grid: Grid[Level]) -> Grid[Level]:
        levels = [level for level in grid.levels if level.lod <= lod]
        if combine_of(grid).keeps_channels or not levels:
            levels = [level if level.lod <= lod else stand_in(level) for level in grid.levels]
        return replace(grid, levels=tuple(levels))

    return replace(field, grids=tuple(kept(grid) for grid in field.grids))

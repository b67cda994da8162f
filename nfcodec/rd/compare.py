"""One field measured against another."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nfcodec import files, shared
from nfcodec.metrics.fields import POINTS, FieldMetrics, require_comparable
from nfcodec.model.kinds import kind_of
from nfcodec.progress import Progress
from nfcodec.rd import inputs
from nfcodec.rd.meshes import compare_with_mesh, is_mesh

if TYPE_CHECKING:
    from nfcodec.data import FieldData
    from nfcodec.rd.inputs import FieldSource


def compare(
    reference: FieldSource,
    test: FieldSource,
    *,
    data: str | os.PathLike[str] | FieldData | None = None,
    lod: int | None = None,
    points: int = POINTS,
    seed: int = 0,
    device: str = "auto",
    lpips: str | Path | None = None,
    progress: Progress | None = None,
    **shared_files: str | Path | None,
) -> dict[str, Any]:
    """Measure ``test`` against ``reference`` and both against ``data``; JSON-able.

    Args:
        reference, test: fields, or files that hold one (``.nfc`` or anything importable). The
            reference of an ``sdf`` may be a mesh: ``between`` then has what ``data`` would give.
        data: held-out images of a ``nerf`` (the folder: its test split) or an ``sdf``'s mesh.
        lod: take ``test`` at this level of detail, and count the bytes up to it.
        points: random points for values and occupancy, and as many near the surface.
        lpips: file of LPIPS weights; see :mod:`nfcodec.metrics.lpips`.
        shared_files: files with parts that fields leave to them, by the names of the command's
            options (:mod:`nfcodec.shared`).

    Returns:
        - ``kind``, and ``lod`` of the test (None: all);
        - ``reference`` and ``test``, each with ``path`` (None for an object), ``bytes`` (of the
          file, or the part of it that ``lod`` needs; None for a plain field that is no file), and
          on data ``psnr``, ``ssim``, ``lpips`` (with weights), or ``giou``, ``chamfer``,
          ``normal_error_deg``; and of radiance fields ``seconds``, the median time that drawing an
          image took;
        - ``ratio``: bytes of the reference over bytes of the test, None if one is not known;
        - ``between``: ``value_psnr`` at random points, ``near_value_psnr`` near the surface
          (``nerf``, ``sdf``), ``view_psnr`` of images, and for 3-D ``sdf`` ``giou``,
          ``chamfer`` and ``normal_error_deg``.

        A figure is None where it has no meaning, as the Chamfer distance to a surface that is not
        there. PSNRs are in dB, at most 144. Units and definitions: :mod:`nfcodec.metrics.values`,
        :mod:`nfcodec.metrics.field_shapes`.

    Raises:
        UsageError: a missing file or LOD, fields or data of kinds that do not go together, a
            shared file that neither field needs; and what opening the inputs raises.
    """
    if isinstance(reference, (str, os.PathLike)) and is_mesh(reference):
        return compare_with_mesh(reference, test, lod, points, seed, device)
    opened = inputs.open_field(reference), inputs.open_field(test, lod)
    shared.check_needed(shared_files, *((side.path or "the field", side.field) for side in opened))
    one, two = (
        replace(side, field=shared.put_in(side.field, shared_files, side.path or "the field"))
        for side in opened
    )
    require_comparable(one.field, two.field)
    if isinstance(data, (str, os.PathLike)):
        data = files.open_data(data, one.field.kind)
    yardstick = FieldMetrics(
        one.field, data=data, points=points, seed=seed, device=device, lpips=lpips,
        progress=progress,
    )  # fmt: skip
    module = yardstick.module_of(two.field)
    between: dict[str, float | None] = {"value_psnr": yardstick.value_psnr(module, lod)}
    if not kind_of(one.field).is_plain and one.field.dims == 3:
        between["near_value_psnr"] = yardstick.near_value_psnr(module, lod)
    if not kind_of(one.field).is_distance or one.field.dims == 3:
        between["view_psnr"] = yardstick.view_psnr(module, lod)
    if yardstick.is_shape:
        between.update(yardstick.shape(module, lod))
    sizes = one.bytes, two.bytes
    drawn: tuple[dict[str, float], ...] = ({}, {})
    if one.field.is_radiance:
        sides = ((yardstick.module, None), (module, lod))
        drawn = tuple({"seconds": yardstick.seconds_per_image(*side)} for side in sides)
    return {
        "kind": one.field.kind,
        "lod": lod,
        "reference": {
            "path": one.path,
            "bytes": one.bytes,
            **yardstick.on_data(yardstick.module),
            **drawn[0],
        },
        "test": {
            "path": two.path,
            "bytes": two.bytes,
            **yardstick.on_data(module, lod),
            **drawn[1],
        },
        "ratio": sizes[0] / sizes[1] if sizes[0] is not None and sizes[1] else None,
        "between": between,
    }

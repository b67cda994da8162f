"""A field of distances measured against the mesh that it stands for."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from nfcodec.errors import UsageError
from nfcodec.files import is_mesh
from nfcodec.metrics.fields import FieldMetrics
from nfcodec.model.kinds import kind_of
from nfcodec.rd import inputs

if TYPE_CHECKING:
    from nfcodec.rd.inputs import FieldSource

__all__ = ["compare_with_mesh", "is_mesh"]


def compare_with_mesh(
    mesh: str | os.PathLike[str], test: FieldSource, lod: int | None, points: int, seed: int,
    device: str,
) -> dict[str, Any]:  # fmt: skip
    """What :func:`nfcodec.rd.compare.compare` gives of ``test`` beside the mesh in a file.

    UsageError unless ``test`` is an ``sdf`` in 3 dimensions.
    """
    from nfcodec.data import meshes

    opened = inputs.open_field(test, lod)
    field = opened.field
    if not kind_of(field).is_distance or field.dims != 3:
        raise UsageError(
            f"{os.fspath(mesh)} is a mesh, which a {field.kind} field of {field.dims} dimensions "
            "cannot be compared with; an sdf in 3 dimensions can"
        )
    figures = FieldMetrics(
        field, data=meshes.load(os.fspath(mesh)), points=points, seed=seed, device=device
    )
    size = os.path.getsize(mesh)
    return {
        "kind": field.kind,
        "lod": lod,
        "reference": {"path": os.fspath(mesh), "bytes": size},
        "test": {"path": opened.path, "bytes": opened.bytes},
        "ratio": size / opened.bytes if opened.bytes else None,
        "between": figures.on_data(figures.module, lod),
    }

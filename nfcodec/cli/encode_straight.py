"""What ``nfcodec encode`` does with meshes, and with fields that are coded as lattices."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from nfcodec.atomic import writing
from nfcodec.cli.console import console, size
from nfcodec.errors import UsageError
from nfcodec.files import is_mesh

if TYPE_CHECKING:
    from nfcodec.encoder.lattice_request import LatticeRequest

#: The method that needs no network and learns nothing.
LATTICE = "lattice"


def lattice_request(
    path: Path, method: str | None, others: Mapping[str, object], max_error: float | None,
    target_size: int | None, resolution: int | None,
) -> LatticeRequest:  # fmt: skip
    """What is asked for. UsageError for a method or for options that do not apply."""
    if method not in (None, LATTICE):
        raise UsageError(
            f"{path} is a mesh, which is coded by method lattice; for method {method} train a "
            f"field first: nfcodec train sdf {path}"
        )
    for name, value in others.items():
        if value is not None:
            raise UsageError(f"--{name.replace('_', '-')} does not apply to method lattice")
    from nfcodec.encoder.lattice_request import LatticeRequest

    return LatticeRequest(resolution, max_error, target_size)


def encode_straight(
    path: Path, output: Path, request: LatticeRequest, overwrite: bool, as_json: bool
) -> None:
    """Code the mesh or field in ``path`` and say what was written."""
    from nfcodec.encoder.distances import encode_field, encode_mesh

    began = time.perf_counter()
    if is_mesh(path):
        from nfcodec.data import meshes

        found = encode_mesh(meshes.load(path), request)
    else:
        from nfcodec.files import require_plain

        found = encode_field(require_plain(path), request)
    with writing(output, overwrite=overwrite) as aside:
        aside.write_bytes(found.data)
    seconds = time.perf_counter() - began
    count, before, coded = len(found.data), path.stat().st_size, found.coded
    encoding = coded.metadata["encoding"]
    console.result(
        as_json,
        {"path": output, "bytes": count, "source": path, "source_bytes": before,
         "ratio": before / count, "lods": coded.num_lods, "encoding": encoding,
         "seconds": seconds},
        f"{output}: {size(count)}, 1/{before / count:.3g} of {path} ({size(before)}), lattice of "
        f"{encoding['resolution']} voxels a side, {seconds:.1f} s",
    )  # fmt: skip

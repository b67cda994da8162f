"""Volumes as arrays: the values of a field that was coded from one, in its own type and shape."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nfcodec.data.volumes import DTYPES, as_type
from nfcodec.errors import UsageError
from nfcodec.model.field import Field


def write_npy(field: Field, path: Path) -> None:
    """Write the values of a volume as a ``.npy`` file, NaN where it had NaN.

    UsageError unless the field is a volume: dense values at its last level, with the metadata that
    the encoder of volumes writes.
    """
    about = field.metadata.get("volume")
    level = field.levels[-1] if field.levels else None
    lattices = () if level is None else level.layout.lattices()
    if not (
        isinstance(about, dict)
        and about.get("dtype") in DTYPES
        and level is not None
        and len(lattices) == 1
        and lattices[0].lattice_size == level.layout.num_rows
    ):
        raise UsageError(
            f"cannot write {path}: the field was not coded from an array; .npz and .h5 with "
            "--resolution hold its values on a regular grid"
        )
    shape = lattices[0].shape[-field.dims :]
    values = as_type(level.features, np.dtype(about["dtype"]))
    cells = None if field.occupancy is None else field.occupancy.cells
    if cells is not None and cells.shape == shape and values.dtype.kind == "f":
        values[~cells.reshape(-1)] = np.nan
    found = np.moveaxis(values.reshape(*shape, -1), -1, 0)
    if about.get("axes") != 1 + len(shape):
        found = found[0]
    with path.open("wb") as file:
        np.save(file, np.ascontiguousarray(found))

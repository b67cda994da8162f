"""Volumes as arrays: the values of a field that was coded from one, in its own type and shape."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nfcodec.data.volumes import DTYPES, as_type
from nfcodec.errors import UsageError
from nfcodec.layouts import DenseLayout
from nfcodec.model.field import Field


def write_npy(field: Field, path: Path) -> None:
    """Write the values of a volume as a ``.npy`` file, NaN where it had NaN.

    UsageError unless the field is a volume: dense values at its last level, with the metadata that
    the encoder of volumes writes.
    """
    about = field.metadata.get("volume")
    level = field.levels[-1] if field.levels else None
    if not (
        isinstance(about, dict)
        and about.get("dtype") in DTYPES
        and level is not None
        and isinstance(layout := level.layout, DenseLayout)
    ):
        raise UsageError(
            f"cannot write {path}: the field was not coded from an array; .npz and .h5 with "
            "--resolution hold its values on a regular grid"
        )
    values = as_type(level.features, np.dtype(about["dtype"]))
    cells = None if field.occupancy is None else field.occupancy.cells
    if cells is not None and cells.shape == layout.shape and values.dtype.kind == "f":
        values[~cells.reshape(-1)] = np.nan
    found = np.moveaxis(values.reshape(*layout.shape, -1), -1, 0)
    if about.get("axes") != 1 + len(layout.shape):
        found = found[0]
    with path.open("wb") as file:
        np.save(file, np.ascontiguousarray(found))

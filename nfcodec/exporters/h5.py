"""Writes the tree of :mod:`nfcodec.importers.document` to HDF5, for any program that reads HDF5.

Groups, datasets and attributes carry the tree's names; levels are chunked and checksummed, so that
a part of one can be read by itself.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nfcodec.exporters.h5_file import new_file
from nfcodec.field import Field
from nfcodec.importers import document

_CHUNK_BYTES = 1 << 18
_SMALL_BYTES = 1 << 16

_ABOUT = (
    "A trained neural field (nfcodec-field, version 1). A point is normalised to [-1, 1] within "
    "bounds; each grid maps it by its transform and interpolates its levels; networks turn the "
    "features into values. Lists are groups with members 0, 1, ..."
)
_ABOUT_LAYOUT = {
    "dense": "One row of features for each lattice point, x fastest; shape is slowest axis first.",
    "octree": (
        "One row of features for each distinct corner of the occupied voxels, ordered by "
        "(z * (2^depth + 1) + y) * (2^depth + 1) + x; voxels are Morton codes, bit 3i of a code "
        "being bit i of x, 3i + 1 of y, 3i + 2 of z."
    ),
}


def write(field: Field, path: Path) -> None:
    """Write ``field`` to ``path``."""
    tree = document.from_field(field)
    metadata = tree.pop("metadata")
    with new_file(path) as (root, _):
        root.attrs["description"] = _ABOUT
        _group(root, tree)
        root.create_dataset("metadata", data=json.dumps(metadata, allow_nan=False))


def _group(group: Any, tree: document.Tree) -> None:
    for key, value in tree.items():
        if isinstance(value, np.ndarray):
            _dataset(group, key, value)
        elif key in document.LISTS:
            members = group.create_group(key)
            for i, item in enumerate(value):
                _group(members.create_group(str(i)), item)
        elif isinstance(value, dict):
            _group(group.create_group(key), value)
        elif isinstance(value, list):
            group.attrs[key] = np.array(value, np.int64)
        else:
            group.attrs[key] = value
    if tree.get("type") in _ABOUT_LAYOUT:
        group.attrs["description"] = _ABOUT_LAYOUT[tree["type"]]


def _dataset(group: Any, name: str, values: npt.NDArray[Any]) -> None:
    options: dict[str, Any] = {}
    if values.nbytes > _SMALL_BYTES:
        row = max(1, values[:1].nbytes)
        rows = min(values.shape[0], max(1, _CHUNK_BYTES // row))
        options = {"chunks": (rows, *values.shape[1:]), "fletcher32": True}
    dataset = group.create_dataset(name, data=values, track_times=False, **options)
    if name == "features":
        dataset.dims[0].label, dataset.dims[1].label = "corner", "channel"

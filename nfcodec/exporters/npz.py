"""Writes the tree of :mod:`nfcodec.importers.document` with ``numpy.savez``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nfcodec.field import Field
from nfcodec.importers import document
from nfcodec.importers.npz import SKELETON


def write(field: Field, path: Path) -> None:
    """Write ``field`` to ``path``: arrays under their path in the tree, the rest as JSON."""
    arrays: dict[str, npt.NDArray[Any]] = {}
    skeleton = _without_arrays(document.from_field(field), "", arrays)
    text = json.dumps(skeleton, indent=1, allow_nan=False)
    with open(path, "wb") as file:
        np.savez(file, **{SKELETON: np.array(text), **arrays})  # type: ignore[arg-type]


def _without_arrays(value: Any, where: str, arrays: dict[str, npt.NDArray[Any]]) -> Any:
    """``value`` without its arrays, which go to ``arrays`` under their path."""
    if isinstance(value, dict):
        kept = {}
        for key, item in value.items():
            if isinstance(item, np.ndarray):
                arrays[f"{where}{key}"] = item
            else:
                kept[key] = _without_arrays(item, f"{where}{key}/", arrays)
        return kept
    if isinstance(value, list):
        return [_without_arrays(item, f"{where}{i}/", arrays) for i, item in enumerate(value)]
    return value

"""What the importers of nerfstudio's methods share; no source of its own.

A run's folder: ``config.yml``, ``dataparser_transforms.json``, ``nerfstudio_models/step-*.ckpt``.
Of the checkpoint only ``pipeline`` matters, whose names begin with ``_model.``. The configuration
holds what no tensor says; it is read as data, and where it is missing what is assumed is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from nfcodec.arrays import is_moderate
from nfcodec.errors import InvalidFieldError
from nfcodec.importers import notes
from nfcodec.importers.about import assume, metadata
from nfcodec.importers.layers import Part
from nfcodec.importers.nerf_mlp import finest
from nfcodec.model.protocols import Array64
from nfcodec.untrusted import yaml_data
from nfcodec.untrusted.source import InputFile, read_options

#: Colors of nothing, by their names in the configuration; others depend on the image.
_BACKGROUNDS = {"white": [1.0, 1.0, 1.0], "black": [0.0, 0.0, 0.0]}
_PLACES = (("pipeline", "_model."), ("state_dict", "_model."))


def part(file: InputFile, probe: str) -> Part | None:
    """The tensors of the model, if one of them is called ``probe``."""
    return None if file.checkpoint is None else finest(file, _PLACES, probe)


def beside(file: InputFile, name: str) -> Path:
    """A file of the run's folder, which holds that of the checkpoint."""
    return file.path.resolve().parent.parent / name


def config(file: InputFile) -> dict[str, Any]:
    """``pipeline.model`` of the configuration, and its ``method_name``; {} without one."""
    path = beside(file, "config.yml")
    return dict(_config(path, path.stat().st_mtime_ns)) if notes.is_there(path) else {}


@lru_cache(maxsize=4)
def _config(path: Path, changed: int) -> dict[str, Any]:
    root = yaml_data.read(path)
    pipeline = root.get("pipeline") if isinstance(root, dict) else None
    model = pipeline.get("model") if isinstance(pipeline, dict) else None
    return {**model, "method_name": root.get("method_name")} if isinstance(model, dict) else {}


def number(file: InputFile, key: str, default: float) -> float:
    """A finite number of the configuration; InvalidFieldError if it is none."""
    value = config(file).get(key, default)
    if not is_moderate(value):
        raise InvalidFieldError(f"{beside(file, 'config.yml')}: {key} is no number")
    return float(value)


def flag(file: InputFile, key: str, default: bool) -> bool:
    """true or false of the configuration; InvalidFieldError if it is neither."""
    value = config(file).get(key, default)
    if not isinstance(value, bool):
        raise InvalidFieldError(f"{beside(file, 'config.yml')}: {key} is neither true nor false")
    return value


def assume_config(file: InputFile, what: str) -> None:
    """Say that ``what`` is assumed, if there is no configuration."""
    if not notes.is_there(beside(file, "config.yml")):
        assume(file, f"there is no config.yml in the folder above it: {what}")


def box(model: Part) -> Array64:
    """``field.aabb`` (2, 3)."""
    found = model.array("field.aabb", 2)
    if found.shape != (2, 3):
        raise InvalidFieldError(f"{model.source}: field.aabb has shape {found.shape}, not (2, 3)")
    return found


def about(file: InputFile, method: str) -> dict[str, Any]:
    """Metadata, with how the world of the data became the field's."""
    path = beside(file, "dataparser_transforms.json")
    world: dict[str, Any] = {}
    if notes.is_there(path):
        options = read_options(path)
        world = {key: options[key] for key in ("transform", "scale") if _is_plain(options.get(key))}
    background = _BACKGROUNDS.get(str(config(file).get("background_color")))
    return {
        **metadata(file, f"nerfstudio {method}", **({"world": world} if world else {})),
        **({"background": background} if background else {}),
    }


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return len(value) <= 4 and all(map(_is_plain, value))
    return is_moderate(value)


def bands(count: int, last: float) -> Sequence[float]:
    """nerfstudio's NeRFEncoding: 2 pi 2^e, e in ``count`` even steps from 0 to ``last``."""
    return [float(2.0 * np.pi * 2.0**e) for e in np.linspace(0.0, last, count)]

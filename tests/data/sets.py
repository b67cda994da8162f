"""Small image sets whose cameras look at a point, written as one transforms.json."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from nfcodec.data import images
from nfcodec.data.hull import scene_bounds
from nfcodec.data.images import PosedImages, Split
from nfcodec.model.camera import look_at

WIDTH, HEIGHT = 8, 6
LENS = {"fl_x": 9.0, "fl_y": 9.0, "cx": 4.0, "cy": 3.0, "w": WIDTH, "h": HEIGHT}


def poses(
    count: int = 10, center: Sequence[float] = (0, 0, 0), distance: float = 4.0
) -> list[npt.NDArray[np.float64]]:
    """Poses around ``center``, at several heights, that look at it."""
    found = []
    for i in range(count):
        z = -0.5 + 1.2 * (i + 0.5) / count
        ring, turn = np.sqrt(1 - z * z), 2.4 * i
        away = distance * np.array([ring * np.cos(turn), ring * np.sin(turn), z])
        found.append(look_at(np.asarray(center) + away, center))
    return found


def save(path: Path, seed: int, size: tuple[int, int] = (WIDTH, HEIGHT), bands: int = 3) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    shape = (size[1], size[0], bands)[: 2 if bands == 1 else 3]
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, shape, np.uint8)).save(path)


def write(
    folder: Path,
    views: Sequence[npt.NDArray[np.float64]] | None = None,
    name: str = "images/{:03d}.png",
    **values: Any,
) -> dict[str, Any]:
    """A set of the given poses; a value of None takes its key away. Gives what the file holds."""
    views = poses() if views is None else views
    frames: list[dict[str, Any]] = []
    for i, pose in enumerate(views):
        save(folder / name.format(i), i)
        frames.append({"file_path": name.format(i), "transform_matrix": pose.tolist()})
    content: dict[str, Any] = {**LENS, "frames": frames, **values}
    return put(folder, {key: value for key, value in content.items() if value is not None})


def put(folder: Path, content: dict[str, Any]) -> dict[str, Any]:
    (folder / "transforms.json").write_text(json.dumps(content))
    return content


def load(folder: Path, split: Split = "all") -> tuple[PosedImages, str]:
    """The set, and all that was warned of."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        posed = images.load(folder, split)
    return posed, "\n".join(str(warning.message) for warning in said)


def bounds(folder: Path) -> tuple[npt.NDArray[np.float64], str]:
    """The box of the training views, and all that was warned of on the way."""
    posed, before = load(folder, "train")
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        found = scene_bounds(posed)
    return found, before + "\n".join(str(warning.message) for warning in said)

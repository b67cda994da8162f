"""What a file does not say of itself: ``NAME.import.json`` beside it, read as data.

Some tools keep facts outside of their checkpoints: the box, the scale, which of many shapes. A
user writes them into a JSON file named after the checkpoint, as in ``model.pth.import.json``:

    {"bounds": [[-1.5, -1.5, -1.5], [1.5, 1.5, 1.5]], "code": 5}
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nfcodec.arrays import MAX_NUMBER, is_moderate
from nfcodec.errors import DamagedFileError
from nfcodec.untrusted.faults import unreadable
from nfcodec.untrusted.source import InputFile, read_options

SUFFIX = ".import.json"


def path_of(file: InputFile) -> Path:
    """Where the notes on ``file`` are, if there are any."""
    return file.path.with_name(file.path.name + SUFFIX)


def notes(file: InputFile) -> dict[str, Any]:
    """The notes on ``file``; {} without. DamagedFileError if they are no JSON object."""
    path = path_of(file)
    return read_options(path) if is_there(path) else {}


def is_there(path: Path) -> bool:
    """Whether there is a file at ``path``; NfcodecError if that cannot be told."""
    try:
        return path.is_file()
    except OSError as error:
        raise unreadable(path, error) from error


def half_side(file: InputFile, default: float) -> float:
    """Half the side of the cube around the origin that holds the box noted, or ``default``.

    A cube, so that one factor turns our position into a tool's and its frequencies stay exact.
    """
    stated = notes(file).get("bounds")
    if stated is None:
        return default
    try:
        box = np.array(stated, np.float64)
    except (TypeError, ValueError, OverflowError):
        box = np.zeros(0)
    if box.shape != (2, 3) or not (np.abs(box) <= MAX_NUMBER).all() or (box[0] >= box[1]).any():
        raise refusal(file, "bounds are not [[x, y, z], [x, y, z]], the lower corner first")
    return float(np.abs(box).max())


def cube(half: float) -> npt.NDArray[np.float64]:
    """The bounds (2, 3) of a cube around the origin."""
    return np.array([[-half] * 3, [half] * 3])


def number(file: InputFile, key: str, default: float) -> float:
    """A finite number above 0 under ``key``."""
    value = notes(file).get(key, default)
    if not is_moderate(value) or not value > 0.0:
        raise refusal(file, f"{key} is no number above 0")
    return float(value)


def choice(file: InputFile, key: str, known: tuple[str, ...], default: str) -> str:
    """One of ``known`` words under ``key``."""
    value = notes(file).get(key, default)
    if value not in known:
        raise refusal(file, f"{key} is none of {', '.join(known)}")
    return str(value)


def refusal(file: InputFile, what: str) -> DamagedFileError:
    """The error for notes that cannot be used."""
    return DamagedFileError(f"{path_of(file)}: {what}; correct it, or move the file away")

"""Values of JSON files that nobody vouches for: numbers, vectors, lists of text."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from nfcodec.errors import DamagedFileError

_LONGEST = 120


def number(
    values: Mapping[str, Any], key: str, where: str, *, positive: bool = False
) -> float | None:
    """The finite number called ``key``, None if there is none; DamagedFileError for others."""
    value = values.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise DamagedFileError(f"{where}: {key} is not a number: {value!r:.80}")
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found) or (positive and found <= 0):
        expected = "a positive number" if positive else "finite"
        raise DamagedFileError(f"{where}: {key} is {found}, expected {expected}")
    return found


def count(values: Mapping[str, Any], key: str, where: str) -> int | None:
    """The whole number called ``key``, at least 0, None if there is none."""
    found = number(values, key, where)
    if found is None:
        return None
    if found < 0 or found != math.floor(found):
        raise DamagedFileError(f"{where}: {key} is {found:g}, expected a number of frames")
    return int(found)


def array(
    values: Mapping[str, Any], key: str, where: str, *shapes: tuple[int, ...]
) -> npt.NDArray[np.float64] | None:
    """The finite numbers called ``key``, of one of ``shapes``, None if there are none."""
    value = values.get(key)
    if value is None:
        return None
    try:
        found = np.asarray(value, np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise DamagedFileError(f"{where}: {key} holds no numbers") from error
    if found.shape not in shapes:
        wanted = " or ".join(" x ".join(map(str, shape)) or "one" for shape in shapes)
        raise DamagedFileError(f"{where}: {key} is not {wanted} numbers")
    if not np.isfinite(found).all():
        raise DamagedFileError(f"{where}: {key} holds NaN or infinity")
    return found


def lists_of_text(values: Mapping[str, Any], key: str, where: str) -> list[str] | None:
    """The list of strings called ``key``, None if there is none."""
    value = values.get(key)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise DamagedFileError(f"{where}: {key} is not a list of file names")
    return value


def shortened(name: str) -> str:
    """``name`` as it can stand in a message: of one line, not too long, with its end."""
    plain = "".join(c if c.isprintable() else "?" for c in name[: 4 * _LONGEST])
    return plain if len(name) <= _LONGEST else f"{plain[:20]}...{name[20 - _LONGEST :]}"

"""Numbers in the ``options.json`` beside a checkpoint: read, or refused by their name."""

from __future__ import annotations

import math
import warnings
from typing import Any

from nfcodec.arrays import MAX_NUMBER
from nfcodec.errors import DamagedFileError
from nfcodec.untrusted.source import InputFile

_MAX_SIDE = 1 << 31
_MAX_WHOLE = 1024


def value_range(file: InputFile) -> tuple[float, float] | None:
    """The range that the network's [0, 1] stands for, if the options tell.

    DamagedFileError if it is no range.
    """
    low, high = (_number(file, key) for key in ("data_min", "data_max"))
    if low is None and high is None:
        return None
    if low is None or high is None:
        warnings.warn(
            f"{file.options_path}: states one of data_min and data_max, which is not used; values "
            "stay in the range that the network was trained in",
            stacklevel=2,
        )
        return None
    gain = high - low
    if not gain > 0.0:
        raise _refusal(file, f"data_min {low:g} is not below data_max {high:g}")
    if max(abs(low), abs(high), gain, abs(low) / gain) > MAX_NUMBER:
        raise _refusal(
            file, f"the range of data_min {low:g} to data_max {high:g} is beyond float32"
        )
    return low, high


def sides(file: InputFile, dims: int) -> list[int] | None:
    """The sizes of the volume that was learned, if the options tell."""
    stated = file.options.get("full_shape")
    if stated is None:
        return None
    found = [_whole(value) for value in stated] if isinstance(stated, list) else []
    if len(found) != dims or not all(n is not None and 1 < n < _MAX_SIDE for n in found):
        raise _refusal(file, f"full_shape is not a list of {dims} sizes above 1")
    return [n for n in found if n is not None]


def whole_number(file: InputFile, key: str) -> int | None:
    """A small number above 0 under ``key``, if the options have one."""
    value = file.options.get(key)
    if value is None:
        return None
    found = _whole(value)
    if found is None or not 0 < found <= _MAX_WHOLE:
        raise _refusal(file, f"{key} is not a whole number from 1 to {_MAX_WHOLE}")
    return found


def _number(file: InputFile, key: str) -> float | None:
    value = file.options.get(key)
    if value is None:
        return None
    try:
        # Numbers may be written as texts, as some programs do.
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise _refusal(file, f"{key} is no finite number")
    return number


def _whole(value: Any) -> int | None:
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < 16:
        return int(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < _MAX_SIDE:
        return int(value)
    return value if type(value) is int else None


def _refusal(file: InputFile, what: str) -> DamagedFileError:
    return DamagedFileError(
        f"{file.options_path}: {what}; correct it, or move the file away to do without it"
    )

"""Whether a field keeps its own rules: names, shapes, sizes, finite values.

Every way into the program (importers, training, decoding) ends here, so that the rooms above may
trust what they are given.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from nfcodec import transforms
from nfcodec.arrays import MAX_NUMBER, is_int, need_array, need_finite
from nfcodec.check.networks import check_networks
from nfcodec.combine import COMBINES
from nfcodec.container import limits
from nfcodec.errors import InvalidFieldError, LimitError
from nfcodec.model.coded import CodedField, CodedLevel
from nfcodec.model.field import Field, Grid, Level, Skeleton
from nfcodec.model.kinds import KINDS, kind_of
from nfcodec.model.protocols import Continuing

#: Nesting of values below the metadata's own map, as deep as files hold them; and their number.
MAX_METADATA_DEPTH = 39
MAX_METADATA_VALUES = limits.ITEMS


def check_field(field: Field | CodedField, source: str) -> None:
    """Raise unless ``field`` is sound; ``source`` (a path as a rule) begins every message.

    Raises InvalidFieldError for what breaks a rule of :mod:`nfcodec.model.field` or
    :mod:`nfcodec.model.coded` (shapes that disagree, unknown names, NaN or infinity: which level,
    how many) and LimitError for sizes above :mod:`nfcodec.container.limits`.
    """
    _check_space(field, source)
    if len(field.grids) > limits.GRIDS:
        raise LimitError(f"{source}: {len(field.grids)} grids; the limit is {limits.GRIDS}")
    if len(field.levels) > limits.LEVELS:
        raise LimitError(f"{source}: {len(field.levels)} levels; the limit is {limits.LEVELS}")
    values = 0
    grids: tuple[Grid[Any], ...] = field.grids
    for g, grid in enumerate(grids):
        values += _check_grid(grid, field.dims, f"{source}: grid {g}")
        if values > limits.VALUES:
            raise LimitError(f"{source}: more than {limits.VALUES} feature values")
    _check_bases(field, source)
    _check_lods(field, source)
    _check_image(field, source)
    check_networks(field, source)
    _check_occupancy(field, source)
    check_metadata(field.metadata, source)


def check_metadata(metadata: object, source: str) -> None:
    """Raise InvalidFieldError unless ``metadata`` is a mapping of JSON-able values.

    Strings, finite numbers, true, false, None, and lists, tuples and string-keyed mappings of them.
    """
    if not isinstance(metadata, Mapping):
        raise InvalidFieldError(
            f"{source}: metadata is {type(metadata).__name__}, a mapping is needed"
        )
    budget = MAX_METADATA_VALUES
    stack: list[tuple[str, object, int]] = [("metadata", metadata, 0)]
    while stack:
        where, value, depth = stack.pop()
        budget -= 1
        if budget < 0 or depth > MAX_METADATA_DEPTH:
            raise LimitError(
                f"{source}: metadata is larger than {MAX_METADATA_VALUES} values "
                f"or nested deeper than {MAX_METADATA_DEPTH}"
            )
        if isinstance(value, Mapping):
            for key, item in value.items():
                if not isinstance(key, str):
                    raise InvalidFieldError(f"{source}: {where} has a key {key!r}, not a string")
                stack.append((f"{where}[{key!r}]", item, depth + 1))
        elif isinstance(value, (list, tuple)):
            stack.extend((f"{where}[{i}]", item, depth + 1) for i, item in enumerate(value))
        elif type(value) is float:
            if not math.isfinite(value):
                raise InvalidFieldError(f"{source}: {where} is {value}, which JSON cannot express")
        elif value is not None and type(value) not in (str, int, bool):
            raise InvalidFieldError(
                f"{source}: {where} is a {type(value).__module__}.{type(value).__qualname__}, "
                "which JSON cannot express"
            )


#: A box has to be larger than this share of its coordinates, in which float32 has 24 bits.
LEAST_SHARE = 1e-6


def is_box(bounds: npt.NDArray[np.float64]) -> bool:
    """Whether ``bounds`` (2, D) are a box whose points float32 can tell apart."""
    return _is_range(bounds) and not is_far(bounds)


def is_far(bounds: npt.NDArray[np.float64]) -> bool:
    """Whether a box (2, D) is so far from the origin that float32 cannot tell its points apart."""
    extent = bounds[1] - bounds[0]
    return bool((extent <= LEAST_SHARE * np.abs(bounds).max(axis=0)).any())


def _is_range(bounds: npt.NDArray[np.float64]) -> bool:
    if not (np.abs(bounds) <= MAX_NUMBER).all():  # NaN and infinity too
        return False
    return bool((bounds[1] - bounds[0] > 1e-30).all())


def _check_space(field: Skeleton[Any], source: str) -> None:
    kind = KINDS.named(field.kind, source)
    bounds = field.bounds
    need_array(bounds, np.float64, 2, f"{source}: bounds")
    if bounds.shape not in ((2, 2), (2, 3)):
        raise InvalidFieldError(
            f"{source}: bounds have shape {bounds.shape}; (2, D) with D = 2 or 3 is needed"
        )
    if not _is_range(bounds):
        raise InvalidFieldError(
            f"{source}: bounds {bounds.tolist()} are no box: coordinates must be finite, at most "
            f"{MAX_NUMBER:g} in size, and each lower one clearly below the upper one"
        )
    if is_far(bounds):
        raise InvalidFieldError(
            f"{source}: bounds {bounds.tolist()} are no box in single precision, which cannot tell "
            "their points apart so far from the origin; move what the field shows nearer to it"
        )
    if field.dims not in kind.dims:
        wanted = " or ".join(map(str, kind.dims))
        raise InvalidFieldError(
            f"{source}: a {field.kind} field needs {wanted} dimensions, not {field.dims}"
        )


def _check_grid(grid: Grid[Any], dims: int, where: str) -> int:
    """Check one grid; the number of feature values it holds."""
    way = COMBINES.named(grid.combine, where)
    if not grid.levels:
        raise InvalidFieldError(f"{where} has no levels")
    values = 0
    for i, level in enumerate(grid.levels):
        values += check_level(level, dims, f"{where}, level {i}")
    try:
        way.width([level.num_features for level in grid.levels])
    except ValueError as error:
        raise InvalidFieldError(f"{where}: {error}") from error
    return values


def check_level(level: Level | CodedLevel, dims: int, where: str) -> int:
    """Check one level of a field in ``dims`` dimensions; the number of values it stands for."""
    if not is_int(level.lod) or level.lod < 0:
        raise InvalidFieldError(f"{where}: LOD {level.lod!r} is not a number from 0")
    level.layout.check(transforms.check(level.transform, dims, where), where)
    if isinstance(level, Level):
        need_array(level.features, np.float32, 2, f"{where}: features")
        rows, channels = level.features.shape
    else:
        level.code.check(where)
        rows, channels = level.code.num_rows, level.code.num_features
    if not 1 <= channels <= limits.FEATURES:
        raise LimitError(f"{where}: {channels} channels; 1 to {limits.FEATURES} are possible")
    corners = level.layout.num_rows
    if corners > limits.CORNERS:
        raise LimitError(f"{where}: {corners} corners; the limit is {limits.CORNERS}")
    if rows != corners:
        raise InvalidFieldError(f"{where}: {rows} vectors for a layout of {corners} corners")
    if isinstance(level, Level):
        need_finite(level.features, f"{where}: features")
    return int(rows * channels)


def _check_bases(field: Skeleton[Any], source: str) -> None:
    """A code that goes on from another one goes on from that of the level before."""
    before: CodedLevel | None = None
    for number, level in enumerate(field.levels):
        if isinstance(level, CodedLevel):
            code = level.code
            base = code.base if isinstance(code, Continuing) else None
            if base is not None and (before is None or before.code is not base):
                raise InvalidFieldError(
                    f"{source}: level {number} goes on from another code than that of the level "
                    "before"
                )
            before = level


def _check_lods(field: Skeleton[Any], source: str) -> None:
    lods = sorted({int(level.lod) for level in field.levels})
    if lods != list(range(len(lods))):
        raise InvalidFieldError(f"{source}: LODs are {lods}; they must run from 0 without a gap")
    if len(lods) > limits.LODS:
        raise LimitError(f"{source}: {len(lods)} LODs; the limit is {limits.LODS}")
    if isinstance(field, CodedField) and field.total_lods and field.total_lods < field.num_lods:
        raise InvalidFieldError(
            f"{source}: {field.num_lods} LODs are present, the file states {field.total_lods}"
        )


def _check_image(field: Skeleton[Any], source: str) -> None:
    stage, kind = field.image, kind_of(field)
    if (stage is not None) != kind.has_image_stage:
        raise InvalidFieldError(
            f"{source}: a {field.kind} field "
            + ("needs an image decoder" if stage is None else "has no use for an image decoder")
        )
    if stage is None:
        return
    kind.part("check").check_stage(field, source)


def _check_occupancy(field: Skeleton[Any], source: str) -> None:
    if field.occupancy is None:
        return
    cells = field.occupancy.cells
    need_array(cells, np.bool_, field.dims, f"{source}: occupancy")
    if cells.size == 0:
        raise InvalidFieldError(f"{source}: occupancy has shape {cells.shape}, no cells")
    if cells.size > limits.OCCUPANCY_CELLS:
        raise LimitError(
            f"{source}: occupancy of {cells.size} cells; the limit is {limits.OCCUPANCY_CELLS}"
        )
    if max(cells.shape) > limits.SIDE:
        raise LimitError(
            f"{source}: occupancy of {max(cells.shape)} cells a side; the limit is {limits.SIDE}"
        )

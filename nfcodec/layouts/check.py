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

from nfcodec.coded import CodedField, CodedLevel, Float16Code, LowRankCode, VQCode
from nfcodec.errors import InvalidFieldError, LimitError
from nfcodec.field import (
    ACTIVATIONS,
    ENCODINGS,
    KINDS,
    DenseLayout,
    Encoding,
    Field,
    Grid,
    Input,
    Layer,
    Layout,
    Level,
    Network,
    OctreeLayout,
    Skeleton,
)
from nfcodec.layouts import num_corners, octree

#: Corners of one level, and of a whole field.
MAX_CORNERS = 1 << 28
#: Values (corners times channels) of a whole field; 16 GiB in float32.
MAX_VALUES = 1 << 32
MAX_GRIDS = 4096
MAX_LEVELS = 4096
MAX_CHANNELS = 4096
MAX_NETWORKS = 16
MAX_LAYERS = 64
MAX_WIDTH = 16384
MAX_FREQUENCIES = 32
MAX_OCCUPANCY_CELLS = 1 << 30
#: Nesting and number of values of the metadata.
MAX_METADATA_DEPTH = 32
MAX_METADATA_VALUES = 1_000_000

_RESERVED_SOURCES = ("features", "position", "direction")


def check_field(field: Field | CodedField, source: str) -> None:
    """Raise unless ``field`` is sound; ``source`` (a path as a rule) begins every message.

    Raises InvalidFieldError for what breaks a rule of :mod:`nfcodec.field` or
    :mod:`nfcodec.coded` (shapes that disagree, names nobody knows, NaN or infinity: which level,
    how many) and LimitError for sizes above the limits of this module.
    """
    _check_space(field, source)
    if len(field.grids) > MAX_GRIDS:
        raise LimitError(f"{source}: {len(field.grids)} grids; the limit is {MAX_GRIDS}")
    if len(field.levels) > MAX_LEVELS:
        raise LimitError(f"{source}: {len(field.levels)} levels; the limit is {MAX_LEVELS}")
    values = 0
    for g, grid in enumerate(field.grids):
        values += _check_grid(grid, field.dims, f"{source}: grid {g}")
        if values > MAX_VALUES:
            raise LimitError(f"{source}: more than {MAX_VALUES} feature values")
    _check_lods(field, source)
    _check_networks(field, source)
    _check_occupancy(field, source)
    check_metadata(field.metadata, source)


def check_layout(layout: Layout, dims: int, where: str) -> None:
    """Raise unless ``layout`` is a sound layout in ``dims`` dimensions; see :func:`check_field`.

    Looks at sizes before anything is allocated in proportion to them.
    """
    if isinstance(layout, DenseLayout):
        shape = layout.shape
        if len(shape) != dims or any(not _is_int(n) or n < 1 for n in shape):
            raise InvalidFieldError(
                f"{where}: a dense layout needs {dims} positive sizes, got {shape}"
            )
        if math.prod(shape) > MAX_CORNERS:
            raise LimitError(
                f"{where}: {' x '.join(map(str, shape))} corners; the limit is {MAX_CORNERS}"
            )
        if layout.padding not in ("zeros", "border"):
            raise InvalidFieldError(
                f"{where}: padding {layout.padding!r} is not one of zeros, border"
            )
        return
    if not isinstance(layout, OctreeLayout):
        raise InvalidFieldError(f"{where}: unknown layout {type(layout).__name__}")
    if dims != 3:
        raise InvalidFieldError(f"{where}: an octree needs 3 dimensions, the field has {dims}")
    if not _is_int(layout.depth) or layout.depth < 0:
        raise InvalidFieldError(f"{where}: octree depth {layout.depth!r} is not a depth")
    if layout.depth > octree.MAX_OCTREE_DEPTH:
        raise LimitError(
            f"{where}: octree depth {layout.depth}; the limit is {octree.MAX_OCTREE_DEPTH}"
        )
    voxels = layout.voxels
    _need_array(voxels, np.uint64, 1, f"{where}: voxels")
    if voxels.size > MAX_CORNERS:
        raise LimitError(f"{where}: {voxels.size} voxels; the limit is {MAX_CORNERS}")
    if voxels.size and int(voxels[-1]) >> (3 * layout.depth):
        raise InvalidFieldError(
            f"{where}: voxel code {int(voxels[-1])} lies outside an octree of depth {layout.depth}"
        )
    if voxels.size > 1 and not bool((voxels[1:] > voxels[:-1]).all()):
        at = int(np.argmin(voxels[1:] > voxels[:-1]))
        raise InvalidFieldError(f"{where}: voxel codes do not increase at position {at + 1}")


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


def _check_space(field: Skeleton[Any], source: str) -> None:
    if field.kind not in KINDS:
        raise InvalidFieldError(
            f"{source}: unknown kind {field.kind!r}; known are {', '.join(KINDS)}"
        )
    bounds = field.bounds
    _need_array(bounds, np.float64, 2, f"{source}: bounds")
    if bounds.shape not in ((2, 2), (2, 3)):
        raise InvalidFieldError(
            f"{source}: bounds have shape {bounds.shape}; (2, D) with D = 2 or 3 is needed"
        )
    if not np.isfinite(bounds).all() or not (bounds[0] < bounds[1]).all():
        raise InvalidFieldError(
            f"{source}: bounds {bounds.tolist()} are no box: each lower corner must be finite and "
            "below the upper one"
        )
    if field.kind == "nerf" and field.dims != 3:
        raise InvalidFieldError(f"{source}: a nerf field needs 3 dimensions, not {field.dims}")


def _check_grid(grid: Grid[Any], dims: int, where: str) -> int:
    """Check one grid; the number of feature values it holds."""
    if grid.combine not in ("sum", "concat"):
        raise InvalidFieldError(f"{where}: combine {grid.combine!r} is not one of sum, concat")
    if not grid.levels:
        raise InvalidFieldError(f"{where} has no levels")
    if grid.transform is not None:
        _need_array(grid.transform, np.float32, 2, f"{where}: transform")
        if grid.transform.shape != (dims, dims + 1):
            raise InvalidFieldError(
                f"{where}: transform has shape {grid.transform.shape}, {(dims, dims + 1)} is needed"
            )
        _need_finite(grid.transform, f"{where}: transform")
    values = 0
    for i, level in enumerate(grid.levels):
        values += _check_level(level, dims, f"{where}, level {i}")
    widths = [level.num_features for level in grid.levels]
    if grid.combine == "sum" and len(set(widths)) != 1:
        raise InvalidFieldError(f"{where}: levels of widths {widths} cannot be summed")
    return values


def _check_level(level: Level | CodedLevel, dims: int, where: str) -> int:
    if not _is_int(level.lod) or level.lod < 0:
        raise InvalidFieldError(f"{where}: LOD {level.lod!r} is not a number from 0")
    check_layout(level.layout, dims, where)
    if isinstance(level, Level):
        _need_array(level.features, np.float32, 2, f"{where}: features")
        rows, channels = level.features.shape
    else:
        rows, channels = _check_code(level, where)
    if not 1 <= channels <= MAX_CHANNELS:
        raise LimitError(f"{where}: {channels} channels; 1 to {MAX_CHANNELS} are possible")
    corners = num_corners(level.layout)
    if corners > MAX_CORNERS:
        raise LimitError(f"{where}: {corners} corners; the limit is {MAX_CORNERS}")
    if rows != corners:
        raise InvalidFieldError(f"{where}: {rows} vectors for a layout of {corners} corners")
    if isinstance(level, Level):
        _need_finite(level.features, f"{where}: features")
    return rows * channels


def _check_code(level: CodedLevel, where: str) -> tuple[int, int]:
    """Rows and channels of a level's code, after a look at its arrays."""
    code = level.code
    if isinstance(code, Float16Code):
        _need_half(code.values, 2, f"{where}: values")
        return code.num_rows, code.num_features
    if isinstance(code, LowRankCode):
        _need_half(code.coefficients, 2, f"{where}: coefficients")
        _need_half(code.basis, 2, f"{where}: basis")
        _need_half(code.mean, 1, f"{where}: mean")
        rank, channels = code.basis.shape
        if code.coefficients.shape[1] != rank or code.mean.shape != (channels,):
            raise InvalidFieldError(
                f"{where}: low-rank factors of shapes {code.coefficients.shape}, "
                f"{code.basis.shape} and {code.mean.shape} do not fit together"
            )
        return code.num_rows, code.num_features
    if not isinstance(code, VQCode):
        raise InvalidFieldError(f"{where}: unknown code {type(code).__name__}")
    _need_half(code.codebook, 2, f"{where}: codebook")
    packed = code.indices
    if not 1 <= packed.bits <= 16 or packed.count < 0:
        raise InvalidFieldError(f"{where}: {packed.count} indices of {packed.bits} bits")
    _need_array(packed.words, np.uint32, 1, f"{where}: indices")
    if packed.words.size != (packed.count * packed.bits + 31) // 32:
        raise InvalidFieldError(
            f"{where}: {packed.words.size} words for {packed.count} indices of {packed.bits} bits"
        )
    entries = code.codebook.shape[0]
    if entries > 1 << packed.bits:
        raise InvalidFieldError(f"{where}: {entries} codewords for indices of {packed.bits} bits")
    if packed.count and int(packed.unpack().max()) >= entries:
        raise InvalidFieldError(f"{where}: an index is beyond the {entries} codewords")
    return code.num_rows, code.num_features


def _check_lods(field: Skeleton[Any], source: str) -> None:
    lods = sorted({int(level.lod) for level in field.levels})
    if lods != list(range(len(lods))):
        raise InvalidFieldError(f"{source}: LODs are {lods}; they must run from 0 without a gap")
    if isinstance(field, CodedField) and field.total_lods and field.total_lods < field.num_lods:
        raise InvalidFieldError(
            f"{source}: {field.num_lods} LODs are present, the file states {field.total_lods}"
        )


def _check_networks(field: Skeleton[Any], source: str) -> None:
    if not field.networks:
        raise InvalidFieldError(f"{source}: the field has no network")
    if len(field.networks) > MAX_NETWORKS:
        raise LimitError(f"{source}: {len(field.networks)} networks; the limit is {MAX_NETWORKS}")
    widths = {"position": field.dims, "direction": field.dims}
    if field.kind != "nerf":
        del widths["direction"]
    if field.grids:
        widths["features"] = sum(
            grid.levels[0].num_features
            if grid.combine == "sum"
            else sum(level.num_features for level in grid.levels)
            for grid in field.grids
        )
    for network in field.networks:
        where = f"{source}: network {network.name!r}"
        if not isinstance(network.name, str) or not network.name:
            raise InvalidFieldError(f"{where}: a network needs a name")
        if network.name in widths or network.name in _RESERVED_SOURCES:
            raise InvalidFieldError(f"{where}: the name is taken")
        widths[network.name] = _check_network(network, widths, field.dims, where)
    if field.kind == "nerf":
        if "density" not in widths:
            raise InvalidFieldError(f"{source}: a nerf field needs a network named 'density'")
        expected: int | None = 3
    else:
        expected = 1 if field.kind == "sdf" else None
    if expected is not None and field.num_outputs != expected:
        raise InvalidFieldError(
            f"{source}: the last network of a {field.kind} field has {expected} output(s), "
            f"this one has {field.num_outputs}"
        )


def _check_network(network: Network, widths: dict[str, int], dims: int, where: str) -> int:
    """Check one network given the widths of its possible sources; its own width."""
    if not network.inputs or not network.layers:
        raise InvalidFieldError(f"{where} has no {'layers' if network.inputs else 'inputs'}")
    if len(network.layers) > MAX_LAYERS or len(network.inputs) > MAX_LAYERS:
        raise LimitError(f"{where}: more than {MAX_LAYERS} layers or inputs")
    entering = sum(_check_input(block, widths, dims, where) for block in network.inputs)
    skips = network.skips
    if any(not _is_int(k) or not 1 <= k < len(network.layers) for k in skips) or len(
        set(skips)
    ) != len(skips):
        raise InvalidFieldError(
            f"{where}: skips {skips} must name layers 1 to {len(network.layers) - 1} once each"
        )
    width = entering
    for i, layer in enumerate(network.layers):
        if i in skips:
            width += entering
        width = _check_layer(layer, width, f"{where}, layer {i}")
    return width


def _check_input(block: Input, widths: dict[str, int], dims: int, where: str) -> int:
    if block.source not in widths:
        raise InvalidFieldError(
            f"{where}: unknown source {block.source!r}; known here are {', '.join(sorted(widths))}"
        )
    width = widths[block.source]
    if block.channels is not None:
        start, stop = block.channels
        if not (_is_int(start) and _is_int(stop) and 0 <= start < stop <= width):
            raise InvalidFieldError(
                f"{where}: channels {start} to {stop} of {block.source!r}, which has {width}"
            )
        width = stop - start
    _check_encoding(block.encoding, width, where)
    return block.encoding.width(width)


def _check_encoding(encoding: Encoding, width: int, where: str) -> None:
    if encoding.kind not in ENCODINGS:
        raise InvalidFieldError(
            f"{where}: unknown encoding {encoding.kind!r}; known are {', '.join(ENCODINGS)}"
        )
    if encoding.kind == "frequency":
        if not _is_int(encoding.frequencies) or encoding.frequencies < 0:
            raise InvalidFieldError(f"{where}: {encoding.frequencies!r} frequencies")
        if encoding.frequencies > MAX_FREQUENCIES:
            raise LimitError(
                f"{where}: {encoding.frequencies} frequencies; the limit is {MAX_FREQUENCIES}"
            )
        if not _is_finite(encoding.scale):
            raise InvalidFieldError(f"{where}: frequency scale {encoding.scale!r} is not finite")
    if encoding.kind == "spherical_harmonics" and (
        not _is_int(encoding.degree) or not 1 <= encoding.degree <= 4 or width != 3
    ):
        raise InvalidFieldError(
            f"{where}: spherical harmonics of degree {encoding.degree!r} of {width} values; "
            "degrees 1 to 4 of 3 values are known"
        )


def _check_layer(layer: Layer, entering: int, where: str) -> int:
    _need_array(layer.weight, np.float32, 2, f"{where}: weight")
    out, fan_in = layer.weight.shape
    if max(out, fan_in) > MAX_WIDTH:
        raise LimitError(f"{where}: {out} x {fan_in} weights; the limit is {MAX_WIDTH} a side")
    if fan_in != entering or out < 1:
        raise InvalidFieldError(
            f"{where}: weight has shape {layer.weight.shape}, but {entering} values enter it"
        )
    _need_finite(layer.weight, f"{where}: weight")
    if layer.bias is not None:
        _need_array(layer.bias, np.float32, 1, f"{where}: bias")
        if layer.bias.shape != (out,):
            raise InvalidFieldError(
                f"{where}: bias has shape {layer.bias.shape}, ({out},) is needed"
            )
        _need_finite(layer.bias, f"{where}: bias")
    if layer.activation not in ACTIVATIONS:
        raise InvalidFieldError(
            f"{where}: unknown activation {layer.activation!r}; known are {', '.join(ACTIVATIONS)}"
        )
    if not _is_finite(layer.gain):
        raise InvalidFieldError(f"{where}: gain {layer.gain!r} is not finite")
    return int(out)


def _check_occupancy(field: Skeleton[Any], source: str) -> None:
    if field.occupancy is None:
        return
    cells = field.occupancy.cells
    _need_array(cells, np.bool_, field.dims, f"{source}: occupancy")
    if cells.size == 0:
        raise InvalidFieldError(f"{source}: occupancy has shape {cells.shape}, no cells")
    if cells.size > MAX_OCCUPANCY_CELLS:
        raise LimitError(
            f"{source}: occupancy of {cells.size} cells; the limit is {MAX_OCCUPANCY_CELLS}"
        )


def _need_half(array: object, ndim: int, where: str) -> None:
    _need_array(array, np.float16, ndim, where)
    assert isinstance(array, np.ndarray)
    _need_finite(array, where)


def _need_array(array: object, dtype: npt.DTypeLike, ndim: int, where: str) -> None:
    if not isinstance(array, np.ndarray) or array.dtype != np.dtype(dtype) or array.ndim != ndim:
        got = (
            f"{array.dtype} of shape {array.shape}"
            if isinstance(array, np.ndarray)
            else type(array).__name__
        )
        raise InvalidFieldError(
            f"{where}: a {ndim}-D array of {np.dtype(dtype).name} is needed, not {got}"
        )


_FINITE_CHUNK = 1 << 22


def _need_finite(array: npt.NDArray[Any], where: str) -> None:
    """InvalidFieldError that counts NaN and infinity in ``array``, if there are any."""
    nans = infinities = 0
    # In pieces of the first axis: the temporary of a whole level would double its memory.
    step = max(1, _FINITE_CHUNK // max(1, array[:1].size))
    for start in range(0, array.shape[0], step):
        part = array[start : start + step]
        if not np.isfinite(part).all():
            nans += int(np.isnan(part).sum())
            infinities += int(np.isinf(part).sum())
    if nans or infinities:
        raise InvalidFieldError(
            f"{where}: {nans} NaN and {infinities} infinite among {array.size} values; "
            "the field was damaged or its training diverged"
        )


def _is_int(value: object) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, (bool, np.bool_))


def _is_finite(value: object) -> bool:
    return (
        isinstance(value, (int, float, np.floating)) and not isinstance(value, bool)
    ) and math.isfinite(value)

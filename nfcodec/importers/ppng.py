"""PPNG, types 1 to 3: factors on lattices over sines and cosines of the position, as CBOR.

Facts (leejaeyong7/ppng-viewer, and its fork of instant-ngp): keys begin with ``ppng_`` or ``qff_``.
For each of F frequencies f and for sine and cosine, ``q = (fn(pi f (p - 1/2)) + 1) / 2 (Q - 1)`` is
a place on a lattice of Q points along each axis, whose values are sums over R of products of lines
(type 1) or planes (type 2), or are stored (type 3); C features each, interpolated trilinearly.
Matrices are float32 in blocks of 4 x 4. Networks, harmonics, density and axes are instant-ngp's;
runs of the occupancy begin empty, cells [z, y, x], finest cascade first. The scale to the data's
units is not stored: 0.33 around 0.5, as for NeRF's synthetic scenes, or ``scale`` of the notes.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from nfcodec.arrays import FloatArray
from nfcodec.errors import DamagedFileError, LimitError, UnsupportedError
from nfcodec.importers import hashed, notes
from nfcodec.importers.about import metadata
from nfcodec.importers.blocks import Block, harmonics, plain
from nfcodec.importers.layers import Linear, Step, float32, network
from nfcodec.layouts import octree
from nfcodec.model.function import FieldFunction
from nfcodec.model.networks import Input
from nfcodec.untrusted.faults import unreadable
from nfcodec.untrusted.source import InputFile, Source

NAME = "PPNG"
_HEAD = re.compile(rb"[\xa0-\xb7].{0,40}?(freqs|qff_|ppng_)", re.DOTALL)
_MOST_BYTES = 1 << 27
_SCALE, _OUTPUTS = 0.33, 16
_CASCADES = 8


def recognize(file: InputFile) -> bool:
    return _HEAD.match(file.head) is not None


def function(file: InputFile) -> FieldFunction:
    tree = _read(file)
    prefix = "ppng_" if "ppng_type" in tree else "qff_"
    kind = _whole(file, tree, f"{prefix}type", 1, 3)
    f, c, q, r = (
        _whole(file, tree, key, 1, most)
        for key, most in (("n_freqs", 32), ("n_feats", 32), ("n_quants", 1024), ("rank", 64))
    )
    frequencies = np.array(_numbers(file, tree, "freqs", f), np.float32)
    shape = {
        1: (3, f, 2, q, r, c), 2: (3, f, 2, q, q, r, c), 3: (f, 2, q, q, q, c),
    }[kind]  # fmt: skip
    lattice = _array(file, tree, f"{prefix}buffer", "<f2", shape)
    width = 2 * f * c
    if width % 4:
        raise UnsupportedError(f"{file.name}: PPNG of {width} features, which are no multiple of 4")
    dense = _matrix(file, tree, f"{prefix}density_layer_0", width, _OUTPUTS)
    first = _matrix(file, tree, f"{prefix}color_layer_0", 2 * _OUTPUTS, _OUTPUTS)
    last = _matrix(file, tree, f"{prefix}color_layer_1", _OUTPUTS, 4)
    cells = _cells(file, tree)
    scale = notes.number(file, "scale", _SCALE)
    size = 2.0 ** (len(cells) - 1)
    features = Block((Input("features"),), np.eye(width), np.zeros(width))
    turned = Block((Input("direction"),), np.eye(3)[[1, 2, 0]], np.zeros(3))
    seen = harmonics()
    around = tuple(Input("turned", item.encoding) for item in seen.inputs)
    # Per unit of the data, of which instant-ngp's cube has ``scale``.
    shift = Linear(np.ones((1, 1)), np.array([np.log(scale)]), "density")
    networks = (
        network("base", (features,), [Step(dense)]),
        network("density", (plain("base", 1, channels=(0, 1)),), [Step(shift, "exp")]),
        network("turned", (turned,), [Step(Linear(np.eye(3), np.zeros(3), "turned"))]),
        network(
            "color", (plain("base", _OUTPUTS), Block(around, seen.matrix, seen.offset)),
            [Step(first, "relu"), Step(last.rows(0, 3), "sigmoid")],
        ),
    )  # fmt: skip

    def unit(points: Any) -> Any:
        return (points * np.float32(scale) + np.float32(0.5))[:, [1, 2, 0]]

    def encode(points: Any) -> Any:
        p = (unit(points) - np.float32(0.5)) / np.float32(size)  # from -1/2 to 1/2
        inside = (np.abs(p) <= 0.5).all(axis=1)
        return _features(lattice, kind, frequencies, p), inside

    def occupied(points: Any) -> Any:
        p = unit(points)
        found = np.zeros(len(p), np.bool_)
        for number, mask in enumerate(cells):
            side = len(mask)
            cell = np.floor(side * ((p - 0.5) / 2.0**number + 0.5)).astype(np.int64)
            inside = ((cell >= 0) & (cell < side)).all(axis=1)
            x, y, z = cell[inside].T
            found[inside] |= mask[z, y, x]
        return found

    half = size / 2.0 / scale
    about = {**metadata(file, NAME, type=kind, scale=scale), **_viewpoints(tree, scale)}
    return hashed.function("nerf", notes.cube(half), encode, networks, about, occupied)


def _features(
    lattice: FloatArray, kind: int, frequencies: FloatArray, p: npt.NDArray[np.float32]
) -> FloatArray:
    """(P, 2 F C) features at points from -1/2 to 1/2."""
    found = []
    for number, factor in enumerate(frequencies):
        angle = np.float32(np.pi) * factor * p
        for wave, name in enumerate((np.sin, np.cos)):
            values = lattice[number, wave] if kind == 3 else lattice[:, number, wave]
            last = values.shape[-2] - 1 if kind == 3 else values.shape[1] - 1
            place = (name(angle) + 1.0) * np.float32(0.5 * last)
            low = np.clip(np.floor(place), 0, max(last - 1, 0)).astype(np.int64)
            found.append(_interpolated(values, kind, low, float32(place - low)))
    return np.concatenate(found, axis=1)


def _interpolated(
    values: FloatArray, kind: int, low: npt.NDArray[np.int64], weight: FloatArray
) -> FloatArray:
    """(P, C): the lattice's values, themselves products, between 8 of its points."""
    if kind == 1:  # products of lines are separable
        lines = [
            values[axis, low[:, axis]] * (1.0 - weight[:, axis, None, None])
            + values[axis, low[:, axis] + 1] * weight[:, axis, None, None]
            for axis in range(3)
        ]
        return float32((lines[0] * lines[1] * lines[2]).sum(axis=1))
    found = np.zeros((len(low), values.shape[-1]), np.float32)
    for bits in itertools.product((0, 1), repeat=3):
        x, y, z = (low + np.array(bits)).T
        share = np.prod(np.where(np.array(bits) == 1, weight, 1.0 - weight), axis=1)
        if kind == 2:
            corner = (values[0, z, y] * values[1, z, x] * values[2, y, x]).sum(axis=1)
        else:
            corner = values[z, y, x]
        found += float32(share)[:, None] * corner
    return found


def _read(file: InputFile) -> Mapping[Any, Any]:
    import cbor2

    try:
        if file.path.stat().st_size > _MOST_BYTES:
            raise LimitError(f"{file.name}: a PPNG file of more than {_MOST_BYTES:,} bytes")
        data = file.path.read_bytes()
    except OSError as error:
        raise unreadable(file.name, error) from error
    try:
        found = cbor2.loads(data)
    except Exception as error:  # anything that the parser raises on damaged bytes
        said = " ".join(str(error).split())[:100] or type(error).__name__
        raise DamagedFileError(
            f"{file.name}: damaged or incomplete CBOR ({said}); get the file again"
        ) from error
    if not isinstance(found, dict):
        raise DamagedFileError(f"{file.name}: CBOR of something other than a map")
    return found


def _whole(file: InputFile, tree: Mapping[Any, Any], key: str, least: int, most: int) -> int:
    value = tree.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise DamagedFileError(f"{file.name}: {key} is no whole number from {least} to {most}")
    return value


def _numbers(file: InputFile, tree: Mapping[Any, Any], key: str, count: int) -> list[float]:
    value = tree.get(key)
    if not isinstance(value, list) or len(value) != count or not all(
        isinstance(v, (int, float)) and not isinstance(v, bool) and abs(v) < 1e6 for v in value
    ):  # fmt: skip
        raise DamagedFileError(f"{file.name}: {key} is not {count} numbers")
    return [float(v) for v in value]


def _array(
    file: InputFile, tree: Mapping[Any, Any], key: str, dtype: str, shape: tuple[int, ...]
) -> FloatArray:
    data = tree.get(key)
    count = int(np.prod(shape, dtype=np.int64))
    wanted = count * np.dtype(dtype).itemsize
    if not isinstance(data, bytes) or len(data) != wanted:
        size = f"{len(data):,} bytes" if isinstance(data, bytes) else "no bytes"
        raise DamagedFileError(f"{file.name}: {key} holds {size}, {wanted:,} are needed")
    values = np.frombuffer(data, dtype).reshape(shape).astype(np.float32)
    if not np.isfinite(values).all():
        raise DamagedFileError(f"{file.name}: {key} holds NaN or infinities")
    return values


def _matrix(file: InputFile, tree: Mapping[Any, Any], key: str, into: int, out: int) -> Linear:
    """A matrix in blocks [in / 4, out / 4] of [out][in]."""
    blocks = _array(file, tree, key, "<f4", (into // 4, out // 4, 4, 4))
    weight = blocks.transpose(1, 2, 0, 3).reshape(out, into).astype(np.float64)
    return Linear(weight, np.zeros(out), f"{file.name}: {key}")


def _cells(file: InputFile, tree: Mapping[Any, Any]) -> list[npt.NDArray[np.bool_]]:
    """The occupied cells of each cascade [z, y, x], with their neighbors."""
    side = _whole(file, tree, "grid_res", 1, 512)
    listed = tree.get("grid_rles")
    if not isinstance(listed, list) or not 1 <= len(listed) <= _CASCADES:
        raise DamagedFileError(f"{file.name}: grid_rles is not 1 to {_CASCADES} lists of runs")
    masks = []
    for runs in listed:
        sound = isinstance(runs, list) and all(type(n) is int and 0 <= n <= side**3 for n in runs)
        if not sound or sum(runs) > side**3:
            raise DamagedFileError(f"{file.name}: grid_rles has runs beyond {side}^3 cells")
        flags = np.zeros(side**3, np.bool_)
        filled = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
        flags[: len(filled)] = filled
        masks.append(octree.dilate(flags.reshape(side, side, side)))
    return masks


def _viewpoints(tree: Mapping[Any, Any], scale: float) -> dict[str, Any]:
    """The training views: instant-ngp's poses, x right, y down, z forward, in its axes."""
    try:
        poses = np.array(tree.get("poses"), np.float64)
    except (TypeError, ValueError, OverflowError):
        return {}
    if poses.ndim != 3 or poses.shape[1:] != (3, 4) or not (np.abs(poses) < 1e6).all():
        return {}
    poses = poses[np.unique(np.linspace(0, len(poses) - 1, 64).round().astype(int))]
    turned = poses[:, [2, 0, 1]]  # back to the axes of the data
    eyes = (turned[:, :, 3] - 0.5) / scale
    rows = np.concatenate([eyes, turned[:, :, 2], -turned[:, :, 1]], axis=1)
    if not (np.linalg.norm(rows[:, 3:6], axis=1) > 0.5).all():
        return {}
    seen = {"width": 200, "height": 200, "vertical_fov": 0.69, "poses": rows.round(5).tolist()}
    return {"viewpoints": seen}


SOURCE = Source(NAME, "a radiance field of factors over sines", recognize, function=function)

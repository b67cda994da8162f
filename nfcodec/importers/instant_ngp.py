"""instant-ngp's snapshots, ``.ingp`` and ``.msgpack``: radiance fields and distances.

Facts (NVlabs/instant-ngp ``src/testbed.cu``, ``nerf_network.h``, ``nerf_device.cuh``,
``nerf_loader.h``; tiny-cuda-nn ``grid.h``, ``fully_fused_mlp.h``): the map is the network's
configuration as it was loaded, and ``snapshot``. Parameters: density network, color network, grid.
The growth of the grid is computed from ``aabb_scale`` if the configuration has none. Density
``exp(o0)`` per unit of instant-ngp's cube; all 16 outputs enter the color network, then the
harmonics, then a latent of the image and ones. Our field is in the units and axes of the data:
``p = cycle(scale x + offset)``, ``cycle(x, y, z) = (y, z, x)``. Distances stay in the unit cube:
the scale of their mesh is not stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nfcodec.arrays import is_moderate
from nfcodec.errors import DamagedFileError, InvalidFieldError, UnsupportedError
from nfcodec.importers import hash_grids, hashed, morton_grid
from nfcodec.importers.about import metadata
from nfcodec.importers.blocks import Block, constant, harmonics, plain
from nfcodec.importers.flat_networks import Flat
from nfcodec.importers.hash_grids import HashGrid
from nfcodec.importers.layers import Linear, Step, float32, network, numbers
from nfcodec.importers.signatures import is_snapshot
from nfcodec.model.function import FieldFunction
from nfcodec.model.networks import Input
from nfcodec.model.protocols import Array64
from nfcodec.untrusted import msgpack_data
from nfcodec.untrusted.faults import shown
from nfcodec.untrusted.source import InputFile, Source

NAME = "instant-ngp"
_OUTPUTS = 16
_ACTIVATIONS = {
    "relu": "relu", "none": "none", "exponential": "exp", "sine": "sine", "sigmoid": "sigmoid",
    "logistic": "sigmoid", "tanh": "tanh", "silu": "silu", "leakyrelu": "leaky_relu",
    "softplus": "softplus",
}  # fmt: skip
#: tiny-cuda-nn's factor inside of softplus.
_SOFTPLUS = 10.0
_LARGEST_SCALE = 128


class _Tree:
    """A map of the file; its values are asked for by name and type."""

    def __init__(self, values: Mapping[Any, Any], where: str) -> None:
        self.values, self.where = values, where

    def tree(self, key: str) -> _Tree:
        found = self.values.get(key)
        if not isinstance(found, dict):
            raise DamagedFileError(f"{self.where}: {key} is missing or no map")
        return _Tree(found, f"{self.where}: {key}")

    def text(self, key: str, default: str) -> str:
        found = self.values.get(key, default)
        if not isinstance(found, str):
            raise DamagedFileError(f"{self.where}: {key} is no text")
        return found

    def whole(self, key: str, default: int, most: int = 1 << 20) -> int:
        found = self.values.get(key, default)
        if isinstance(found, float) and found.is_integer():
            found = int(found)
        if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found <= most:
            raise DamagedFileError(f"{self.where}: {key} is no whole number from 0 to {most}")
        return found

    def vector(self, key: str, default: list[float]) -> Array64:
        found = self.values.get(key, default)
        try:
            values = np.array(found, np.float64)
        except (TypeError, ValueError, OverflowError):
            values = np.zeros(0)
        if values.shape != np.shape(default) or not np.isfinite(values).all():
            raise DamagedFileError(f"{self.where}: {key} is not {np.size(default)} finite numbers")
        return values

    def binary(self, key: str) -> bytes:
        found = self.values.get(key, b"")
        if isinstance(found, dict) and isinstance(found.get("bytes"), list):
            try:
                return bytes(found["bytes"])
            except (TypeError, ValueError):
                pass
        if not isinstance(found, bytes):
            raise DamagedFileError(f"{self.where}: {key} holds no bytes")
        return found


def recognize(file: InputFile) -> bool:
    start = msgpack_data.front(file.head)
    return start is not None and (
        is_snapshot(start) or (len(start) < 512 and is_snapshot(_front(file)))
    )


def _front(file: InputFile) -> bytes:
    with open(file.path, "rb") as stream:
        return msgpack_data.front(stream.read(1 << 16)) or b""


def function(file: InputFile) -> FieldFunction:
    root = _Tree(msgpack_data.read(file.path, file.name), file.name)
    snapshot = root.tree("snapshot")
    if "version" not in snapshot.values:
        if "sdf_bias" in root.tree("network").values:
            raise UnsupportedError(
                f"{file.name}: a snapshot of NeuS2, whose normals enter its colors; extract a mesh "
                "there, and learn from that with `nfcodec train sdf`"
            )
        raise UnsupportedError(
            f"{file.name}: a snapshot without a version, of instant-ngp before July 2022, which "
            "instant-ngp itself refuses; train it again"
        )
    mode = snapshot.text("mode", "nerf" if "nerf" in snapshot.values else "")
    if mode == "nerf":
        return _radiance(file, root, snapshot)
    if mode == "sdf":
        return _distance(file, root, snapshot)
    raise UnsupportedError(
        f"{file.name}: an instant-ngp snapshot of mode {shown(mode)!r}, which is no field over "
        "space that can be imported; modes nerf and sdf are"
    )


def _radiance(file: InputFile, root: _Tree, snapshot: _Tree) -> FieldFunction:
    nerf = snapshot.tree("nerf")
    dataset = nerf.tree("dataset")
    scale_of_box = dataset.whole("aabb_scale", nerf.whole("aabb_scale", 1), _LARGEST_SCALE)
    if scale_of_box < 1:
        raise DamagedFileError(f"{file.name}: aabb_scale is 0")
    extra = dataset.whole("n_extra_learnable_dims", 0, 256)
    latent = _latent(nerf, extra)
    padded = -(-extra // 16) * 16 - extra
    grid_of, width = _grid(root, scale_of_box)
    values = _parameters(file, snapshot)
    first, second = root.tree("network"), root.tree("rgb_network")
    for padding in (16, 8):
        base, color = (
            _flat(first, width, first.whole("n_output_dims", _OUTPUTS), padding),
            _flat(second, _OUTPUTS + 16 + extra + padded, 3, padding),
        )
        taken = base.count + color.count
        try:
            grid = grid_of(values[taken:], file.name)
            break
        except InvalidFieldError:
            if padding == 8:
                raise
    _check_directions(root)
    own = base.layers(values[: base.count], f"{file.name}: network", ones=False)
    seen = color.layers(values[base.count : taken], f"{file.name}: rgb_network")
    blocks = [plain("base", _OUTPUTS), harmonics()]
    blocks += [constant(latent), constant(np.ones(padded))] if extra else []
    offset = dataset.vector("offset", [0.5, 0.5, 0.5])
    scale = float(dataset.values.get("scale", 0.33)) if _is_number(dataset, "scale") else 0.33
    cycles = dataset.values.get("from_mitsuba") is not True
    # Per unit of the cube, of which a unit of the data is ``scale``.
    density = Step(Linear(np.ones((1, 1)), np.array([np.log(scale)]), "density"), "exp")
    hdr = dataset.values.get("is_hdr") is True
    networks = (
        network("base", (_features(grid),), _steps(first, own, "none")),
        network("density", (plain("base", 1, channels=(0, 1)),), [density]),
        network("turned", (_turned(cycles),), [Step(Linear(np.eye(3), np.zeros(3), "turned"))]),
        network(
            "color", [_of(block, "turned") for block in blocks],
            _steps(second, seen, "exp" if hdr else "sigmoid"),
        ),
    )  # fmt: skip
    half = scale_of_box / 2.0

    def unit(points: Any) -> Any:
        q = points * np.float32(scale) + offset.astype(np.float32)
        return q[:, [1, 2, 0]] if cycles else q

    def encode(points: Any) -> Any:
        u = (unit(points) - np.float32(0.5 - half)) / np.float32(2.0 * half)
        inside = ((u >= 0.0) & (u <= 1.0)).all(axis=1)
        return grid(float32(np.clip(u, 0.0, 1.0))), inside

    middle = np.full(3, 0.5)
    box = (np.stack([middle - half, middle + half]) - offset) / scale
    drawn = morton_grid.of_instant_ngp(
        snapshot.binary("density_grid_binary"), snapshot.whole("density_grid_size", 128), file.name
    )
    occupied = None if drawn is None else (lambda points: drawn(unit(points)))
    about = metadata(
        file, NAME, aabb_scale=scale_of_box, scale=scale, offset=offset.tolist(), axes="data"
    )
    return hashed.function("nerf", box, encode, networks, about, occupied)


def _distance(file: InputFile, root: _Tree, snapshot: _Tree) -> FieldFunction:
    grid_of, width = _grid(root, 1)
    values = _parameters(file, snapshot)
    settings = root.tree("network")
    for padding in (16, 8):
        flat = _flat(settings, width, 1, padding)
        try:
            grid = grid_of(values[flat.count :], file.name)
            break
        except InvalidFieldError:
            if padding == 8:
                raise
    layers = flat.layers(values[: flat.count], f"{file.name}: network", ones=False)
    networks = (network("distance", (_features(grid),), _steps(settings, layers, "none")),)

    def encode(points: Any) -> Any:
        return grid(float32(np.clip(points, 0.0, 1.0))), np.ones(len(points), np.bool_)

    box = np.array([[0.0] * 3, [1.0] * 3])
    return hashed.function("sdf", box, encode, networks, metadata(file, NAME, axes="unit cube"))


def _features(grid: HashGrid) -> Block:
    return Block((Input("features"),), np.eye(grid.width), np.zeros(grid.width))


def _turned(cycles: bool) -> Block:
    """The direction in instant-ngp's axes."""
    turn = np.eye(3)[[1, 2, 0]] if cycles else np.eye(3)
    return Block((Input("direction"),), turn, np.zeros(3))


def _of(block: Block, source: str) -> Block:
    """``block`` with the direction taken from another source."""
    inputs = tuple(
        Input(source, item.encoding, item.channels) if item.source == "direction" else item
        for item in block.inputs
    )
    return Block(inputs, block.matrix, block.offset)


def _is_number(tree: _Tree, key: str) -> bool:
    value: Any = tree.values.get(key)
    if key in tree.values and not (is_moderate(value) and value > 0):
        raise DamagedFileError(f"{tree.where}: {key} is no number above 0")
    return key in tree.values


def _latent(nerf: _Tree, extra: int) -> Array64:
    """The latent of the first image, which inference uses."""
    if not extra:
        return np.zeros(0)
    listed = nerf.values.get("extra_dims_opt")
    if not isinstance(listed, list) or not listed or not isinstance(listed[0], dict):
        raise DamagedFileError(f"{nerf.where}: extra_dims_opt holds no latents")
    return _Tree(listed[0], f"{nerf.where}: extra_dims_opt[0]").vector("variable", [0.0] * extra)


def _parameters(file: InputFile, snapshot: _Tree) -> Array64:
    data = snapshot.binary("params_binary")
    count = snapshot.whole("n_params", 0, 1 << 31)
    kind = snapshot.values.get("params_type")
    dtype = {"__half": "<f2", "float": "<f4"}.get(str(kind)) or (
        "<f2" if len(data) == 2 * count else "<f4"
    )
    if not count or len(data) != count * np.dtype(dtype).itemsize:
        raise DamagedFileError(
            f"{file.name}: params_binary has {len(data):,} bytes, where n_params {count:,} of type "
            f"{shown(kind)} takes {count * np.dtype(dtype).itemsize:,}"
        )
    return numbers({"params_binary": np.frombuffer(data, dtype)}, "params_binary", file.name)


def _grid(root: _Tree, scale_of_box: int) -> tuple[Any, int]:
    """What makes the grid of its parameters, and its width."""
    settings = root.tree("encoding")
    kind = settings.text("otype", "HashGrid")
    hashes = (settings.text("type", "Hash"), settings.text("hash", "CoherentPrime"))
    if kind not in ("HashGrid", "Grid") or hashes != ("Hash", "CoherentPrime"):
        raise UnsupportedError(
            f"{settings.where}: {shown(kind)}, {shown(hashes)}: encodings other than HashGrid are "
            "not imported; train with configs/nerf/base.json"
        )
    features = settings.whole("n_features_per_level", 2, 64)
    fallback = settings.whole("n_features", settings.whole("n_grid_features", 16 * features))
    count = settings.whole("n_levels", fallback // max(features, 1), 64)
    log2_size = settings.whole("log2_hashmap_size", 15, 28)
    base = settings.whole("base_resolution", 0) or 1 << (log2_size // 3)
    if min(count, features, log2_size) < 1:
        raise DamagedFileError(f"{settings.where}: a hash grid of {count} levels of {features}")
    growth = settings.values.get("per_level_scale")
    if growth is None:
        spread = np.log(np.float32(2048.0 * scale_of_box) / np.float32(base))
        growth = float(np.exp(spread / np.float32(max(count - 1, 1))))
    if isinstance(growth, bool) or not isinstance(growth, (int, float)) or not 0 < growth < 1e6:
        raise DamagedFileError(f"{settings.where}: per_level_scale is no number above 0")
    smooth = settings.text("interpolation", "Linear")
    if smooth not in ("Linear", "Smoothstep"):
        raise UnsupportedError(f"{settings.where}: interpolation {shown(smooth)}")

    def make(values: Array64, source: str) -> HashGrid:
        return hash_grids.of_tiny_cuda_nn(
            float32(values), count, features, log2_size, base, float(growth), source,
            smooth == "Smoothstep",
        )  # fmt: skip

    return make, count * features


def _flat(settings: _Tree, inputs: int, outputs: int, padding: int) -> Flat:
    width = settings.whole("n_neurons", 128, 1 << 14)
    hidden = settings.whole("n_hidden_layers", 5, 32)
    return Flat(inputs, outputs, max(width, 1), hidden, padding)


def _steps(settings: _Tree, layers: list[Linear], last: str) -> list[Step]:
    name = settings.text("activation", "ReLU").lower()
    if name not in _ACTIVATIONS or settings.text("output_activation", "None").lower() != "none":
        raise UnsupportedError(f"{settings.where}: activation {shown(name)} is not imported")
    own = _ACTIVATIONS[name]
    gain = _SOFTPLUS if own == "softplus" else 1.0
    return [Step(layer, own, gain) for layer in layers[:-1]] + [Step(layers[-1], last)]


def _check_directions(root: _Tree) -> None:
    settings = root.tree("dir_encoding")
    nested = settings.values.get("nested")
    if isinstance(nested, list) and nested and isinstance(nested[0], dict):
        settings = _Tree(nested[0], f"{settings.where}: nested[0]")
    if settings.text("otype", "") != "SphericalHarmonics" or settings.whole("degree", 4) != 4:
        raise UnsupportedError(
            f"{settings.where}: directions encoded otherwise than by harmonics of degree 4"
        )


SOURCE = Source(NAME, "a radiance field or distances of a hash grid", recognize, function=function)

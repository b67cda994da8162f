"""Small random fields, the shared input of tests.

Deterministic in their arguments; a few thousand corners at most, so that every test can afford
them. The features are smooth in space, as trained ones are, plus a little noise.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from nfcodec.arrays import FloatArray
from nfcodec.codes import Float16Code, LowRankCode, VQCode
from nfcodec.combine import num_channels
from nfcodec.layouts import DenseLayout, OctreeLayout, corner_coordinates, lattice_shape, octree
from nfcodec.model.coded import CodedField, CodedLevel
from nfcodec.model.field import Field, Grid, Kind, Level, Occupancy
from nfcodec.model.networks import Encoding, Input, Layer, Network
from nfcodec.model.packed import PackedIntegers
from nfcodec.model.protocols import Code, Layout
from nfcodec.train.build import radiance_field

LayoutName = Literal["dense", "octree", "dense2d", "none", "multigrid"]
LAYOUTS: tuple[LayoutName, ...] = ("dense", "octree", "dense2d", "none", "multigrid")


def random_field(
    kind: Kind = "nerf",
    layout: LayoutName = "octree",
    seed: int = 0,
    levels: int = 3,
    features: int = 4,
) -> Field:
    """A small field of ``kind`` with ``levels`` levels (LODs) of ``features`` channels.

    - ``octree``: levels of depth 2, 3, ... around a sphere; for ``sdf`` the first one is full.
    - ``dense``, ``dense2d``: lattices of growing, unequal sides.
    - ``multigrid``: three grids of one level, each with an affine transform, concatenated.
    - ``none``: no grids; an MLP of the position.

    Network weights are ordinary float32 values, not rounded to float16.
    """
    rng = np.random.default_rng(seed)
    dims = 2 if layout == "dense2d" else 3
    grids = _grids(kind, layout, rng, levels, features)
    bounds = np.stack([np.full(dims, -1.0), np.full(dims, 1.0)])
    if kind == "scalar":
        bounds = np.stack([np.zeros(dims), 1.0 + np.arange(dims)])
    width = num_channels(grids)
    occupancy = None
    if kind == "nerf" and layout != "octree" and dims == 3:
        occupancy = Occupancy(octree.to_cells(_shell(2, rng, full=False)))
    return Field(
        kind=kind,
        bounds=bounds,
        grids=grids,
        networks=_networks(kind, rng, dims, width),
        occupancy=occupancy,
        metadata={"name": f"random {kind} {layout}", "background": [1.0, 1.0, 1.0]},
    )


def random_coded(
    kind: Kind = "nerf",
    layout: LayoutName = "octree",
    method: Literal["vq", "float16", "lowrank"] = "vq",
    bits: int = 4,
    seed: int = 0,
    levels: int = 3,
    features: int = 4,
) -> CodedField:
    """:func:`random_field` in coded form: a plain quantization, not a good one."""
    rng = np.random.default_rng(seed + 1000)
    field = random_field(kind, layout, seed, levels, features)

    def coded(level: Level) -> CodedLevel:
        return CodedLevel(
            level.layout, level.lod, _code(level.features, method, bits, rng), level.transform
        )

    grids = tuple(
        Grid(tuple(coded(level) for level in grid.levels), grid.combine) for grid in field.grids
    )
    return CodedField(
        kind=field.kind,
        bounds=field.bounds,
        grids=grids,
        networks=tuple(half_network(network) for network in field.networks),
        occupancy=field.occupancy,
        metadata=field.metadata,
    )


def planes_and_lines(seed: int = 0, features: int = 2) -> Field:
    """A 3-D scalar field of a plane times a line for each axis, and three planes multiplied.

    As in TensoRF (vector-matrix) and K-Planes; the latter two LODs, the finer one for two planes.
    """
    rng = np.random.default_rng(seed)
    axes = np.eye(3, 4, dtype=np.float32)

    def level(shape: tuple[int, ...], rows: list[int], lod: int = 0) -> Level:
        layout = DenseLayout(shape)
        values = rng.normal(size=(layout.num_rows, features)).astype(np.float32)
        return Level(layout, lod, values, np.ascontiguousarray(axes[rows]))

    pairs = [([0, 1], [2]), ([2, 0], [1]), ([1, 2], [0])]
    grids = tuple(
        Grid((level((5, 4 + i), plane), level((6,), line)), "product")
        for i, (plane, line) in enumerate(pairs)
    )
    planes = tuple(
        level((3, 3), plane, lod) for lod, (plane, _) in zip((0, 1, 1), pairs, strict=True)
    )
    field = random_field("scalar", "none")
    grids = (*grids, Grid(planes, "product"))
    return replace(field, grids=grids, networks=_networks("scalar", rng, 3, num_channels(grids)))


def placed_by(field: Field, transform: FloatArray, grid: int | None = None) -> Field:
    """``field`` with ``transform`` on the levels of one or of all grids."""
    return replace(field, grids=tuple(
        replace(g, levels=tuple(replace(level, transform=transform) for level in g.levels))
        if grid in (None, number) else g
        for number, g in enumerate(field.grids)
    ))  # fmt: skip


def opaque_field(cells: npt.NDArray[np.bool_], density: float) -> Field:
    """A nerf whose voxels ``cells`` (R, R, R) [z, y, x] have density e^``density``, others none."""
    bounds = np.array([[-1.0] * 3, [1.0] * 3])
    tree = octree.from_cells(cells)
    field = radiance_field(tree, bounds, [tree.depth - 1, tree.depth], features=2, hidden=4, seed=0)

    def filled(network: Network) -> Network:
        if network.name != "density":
            return network
        last = network.layers[-1]
        assert last.bias is not None
        return replace(
            network,
            layers=(*network.layers[:-1], replace(last, bias=np.full_like(last.bias, density))),
        )

    return replace(field, networks=tuple(map(filled, field.networks)))


def half_network(network: Network) -> Network:
    """``network`` with its arrays rounded to values that float16 can represent."""

    def half(values: FloatArray) -> FloatArray:
        return values.astype(np.float16).astype(np.float32)

    layers = tuple(
        replace(layer, weight=half(layer.weight),
                bias=None if layer.bias is None else half(layer.bias))
        for layer in network.layers
    )  # fmt: skip
    return replace(network, layers=layers)


def _grids(
    kind: Kind, layout: LayoutName, rng: np.random.Generator, levels: int, features: int
) -> tuple[Grid[Level], ...]:
    def level(layout: Layout, lod: int) -> Level:
        return Level(layout, lod, _smooth_features(layout, features, rng))

    if layout == "none":
        return ()
    if layout == "octree":
        shells = [_shell(2 + i, rng, full=kind == "sdf" and i == 0) for i in range(levels)]
        for i in reversed(range(1, levels)):  # every voxel's parent exists
            parents = octree.coarsen(shells[i], 1 + i).voxels
            shells[i - 1] = replace(shells[i - 1], voxels=np.union1d(shells[i - 1].voxels, parents))
        return (Grid(tuple(level(shell, lod) for lod, shell in enumerate(shells))),)
    if layout == "multigrid":
        shape = (5, 6, 7)
        transforms = [
            np.concatenate([np.diag(rng.uniform(1.0, 2.0, 3)), rng.uniform(-0.5, 0.5, (3, 1))], 1)
            for _ in range(3)
        ]
        return tuple(
            Grid((replace(level(DenseLayout(shape, padding="zeros"), 0), transform=t),), "concat")
            for t in np.array(transforms, np.float32)
        )
    shapes = [tuple(int(s) for s in np.array([3, 4, 5]) * 2**i) for i in range(levels)]
    if layout == "dense2d":
        shapes = [shape[1:] for shape in shapes]
    return (Grid(tuple(level(DenseLayout(shape), lod) for lod, shape in enumerate(shapes))),)


def _shell(depth: int, rng: np.random.Generator, full: bool) -> OctreeLayout:
    """The voxels that a sphere's surface passes through, or all of them."""
    side = 2**depth
    axis = (np.arange(side) + 0.5) / side * 2 - 1
    z, y, x = np.meshgrid(axis, axis, axis, indexing="ij")
    radius = np.sqrt((x - 0.1) ** 2 + (y + 0.05) ** 2 + (z - 0.02) ** 2)
    cells = np.abs(radius - 0.6) < 1.8 / side
    if full:
        cells[:] = True
    return octree.from_cells(cells)


def _smooth_features(layout: Layout, features: int, rng: np.random.Generator) -> FloatArray:
    sides = np.array(lattice_shape(layout)[::-1]) - 1
    u = corner_coordinates(layout) / sides * 2 - 1
    waves = rng.normal(size=(features, 6, layout.dims)) * 3
    phases = rng.uniform(0, 2 * np.pi, (features, 6))
    smooth = np.sin(np.einsum("nd,fkd->nfk", u, waves) + phases).sum(-1) / 6
    noise = rng.normal(size=(layout.num_rows, features)) * 0.05
    values: FloatArray = (smooth + noise).astype(np.float32)
    return values


def _networks(kind: Kind, rng: np.random.Generator, dims: int, width: int) -> tuple[Network, ...]:
    def layer(fan_out: int, fan_in: int, activation: str, gain: float = 1.0) -> Layer:
        bound = np.sqrt(6.0 / (fan_in + fan_out)) / gain
        weight = rng.uniform(-bound, bound, (fan_out, fan_in)).astype(np.float32)
        return Layer(weight, rng.normal(size=fan_out).astype(np.float32) * 0.1, activation, gain)

    frequency = Encoding("frequency", frequencies=3)
    inputs: tuple[Input, ...] = (Input("features"),)
    if not width:
        inputs = (Input("position", frequency),)
        width = frequency.width(dims)
    hidden = "sine" if kind == "sdf" else "relu"
    gain = 5.0 if hidden == "sine" else 1.0
    if kind != "nerf":
        outputs = 1 if kind == "sdf" else 2
        layers = (layer(16, width, hidden, gain), layer(outputs, 16, "none"))
        return (Network("values", inputs, layers),)
    view = Encoding("spherical_harmonics", degree=3)
    color_width = 4 + view.width(dims)
    density = (layer(16, width, "relu"), layer(5, 16, "softplus"))
    color = (
        layer(16, color_width, "relu"),
        layer(8, 16 + color_width, "leaky_relu"),
        layer(3, 8, "sigmoid"),
    )
    return (
        Network("density", inputs, density),
        Network("color", (Input("density", channels=(1, 5)), Input("direction", view)), color,
                skips=(1,)),
    )  # fmt: skip


def _code(features: FloatArray, method: str, bits: int, rng: np.random.Generator) -> Code:
    if method == "float16":
        return Float16Code(features.astype(np.float16))
    if method == "lowrank":
        mean = features.mean(0)
        u, s, v = np.linalg.svd(features - mean, full_matrices=False)
        rank = max(1, features.shape[1] // 2)
        return LowRankCode(
            (u * s)[:, :rank].astype(np.float16),
            v[:rank].astype(np.float16),
            mean.astype(np.float16),
        )
    if method != "vq":
        raise ValueError(method)
    size = min(2**bits, len(features))
    codebook = features[rng.choice(len(features), size, replace=False)]
    return VQCode(PackedIntegers.pack(_nearest(features, codebook), bits),
                  codebook.astype(np.float16))  # fmt: skip


def _nearest(rows: FloatArray, codebook: FloatArray) -> npt.NDArray[np.int64]:
    distance = (codebook**2).sum(1) - 2 * rows @ codebook.T
    nearest: npt.NDArray[np.int64] = distance.argmin(1)
    return nearest

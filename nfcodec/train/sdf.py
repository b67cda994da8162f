"""Fit a signed distance field to a mesh: a sparse octree around the surface (NGLOD, VQ-AD)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from nfcodec.container import limits
from nfcodec.data.meshes import Mesh, bounding_cube, check_place
from nfcodec.data.sdf import Sign, SurfaceDistance
from nfcodec.data.voxels import octree_from_surface
from nfcodec.errors import UsageError
from nfcodec.evaluate import FieldModule
from nfcodec.evaluate.device import pick
from nfcodec.fit.banks import distance_bank
from nfcodec.fit.checkpoint import Checkpoint, digest
from nfcodec.fit.loop import adam, fit
from nfcodec.fit.points import ValueLoss
from nfcodec.layouts import OctreeLayout, octree
from nfcodec.model.field import Field, Grid, Level
from nfcodec.model.networks import Input, Network
from nfcodec.progress import Progress
from nfcodec.train.build import (
    check_count,
    check_depths,
    check_positive,
    dense_layer,
    octree_grid,
)
from nfcodec.untrusted.faults import printable

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class SdfSettings:
    """``depths``: octree levels; the first covers the whole box, the others the surface.

    ``samples``: points that distances are computed at before training. UsageError for depths that
    do not increase or are too deep, and for numbers that are not positive.
    """

    depths: tuple[int, ...] = (4, 5, 6, 7)
    features: int = 8
    hidden: int = 64
    steps: int = 2500
    samples: int = 1 << 20
    feature_rate: float = 1e-2
    network_rate: float = 3e-3
    slope_weight: float = 0.05

    def __post_init__(self) -> None:
        check_depths(self.depths, fewest=1)
        corners = (2 ** self.depths[0] + 1) ** 3
        if corners > limits.CORNERS:
            raise UsageError(
                f"the first of depths covers the whole box: at {self.depths[0]} it has {corners:,} "
                f"vectors, and files hold {limits.CORNERS:,}; put a coarser level before it"
            )
        for name in ("features", "hidden", "steps", "samples"):
            check_count(name, getattr(self, name))
        for name in ("feature_rate", "network_rate"):
            check_positive(name, getattr(self, name))


def train_sdf(
    mesh: Mesh,
    *,
    sign: Sign = "pseudonormal",
    settings: SdfSettings | None = None,
    steps: int | None = None,
    seed: int = 0,
    device: str = "auto",
    progress: Progress | None = None,
    checkpoint: Path | None = None,
) -> Field:
    """A field of the signed distance to ``mesh``, negative inside, in the mesh's own units.

    ``sign``: "pseudonormal" refuses a mesh that is not watertight (DamagedFileError), "winding"
    takes any. ``checkpoint``: where an interrupted run keeps its state, and goes on from.
    """
    settings = settings or SdfSettings()
    if steps is not None:
        settings = replace(settings, steps=steps)
    where = pick(device)
    check_place(mesh)
    surface = SurfaceDistance(mesh, sign)
    bounds = bounding_cube(surface.mesh)
    finest = octree_from_surface(surface.mesh, bounds, settings.depths[-1])
    field = sdf_field(finest, bounds, settings, seed)
    module = FieldModule(field, where)
    voxel = float((bounds[1] - bounds[0])[0]) / 2 ** settings.depths[-1]
    objective = ValueLoss(
        module,
        distance_bank(surface, bounds, settings.samples, seed).to(where),
        norm=1,
        slope_weight=settings.slope_weight,
        reach=0.5 * voxel,
    )
    optimizer = adam(
        [
            ([*module.rows.parameters()], settings.feature_rate),
            ([*module.networks.parameters()], settings.network_rate),
        ]
    )
    kept = None
    if checkpoint is not None:
        shape = digest([mesh.vertices, mesh.faces])
        identity = {
            "work": "train sdf in the unit box", "mesh": shape, "sign": sign, "seed": seed,
        }  # fmt: skip
        kept = Checkpoint(checkpoint, {**identity, "settings": _plain(settings)})
    fit(
        module, objective, optimizer, settings.steps,
        label="train sdf", seed=seed, progress=progress, checkpoint=kept,
        state=None if kept is None else kept.load(),
    )  # fmt: skip
    return replace(
        module.to_field(),
        metadata={
            "name": printable(Path(mesh.source).stem),
            "training": {"method": "sdf", "seed": seed, "sign": sign, **_plain(settings)},
        },
    )


def sdf_field(finest: OctreeLayout, bounds: Floats, settings: SdfSettings, seed: int) -> Field:
    """An untrained ``sdf`` field whose first level is full and whose others follow ``finest``."""
    rng = np.random.default_rng(seed)
    full = octree.from_cells(np.ones((2 ** settings.depths[0],) * 3, np.bool_))
    fine = octree_grid(finest, settings.depths[1:], settings.features, rng)
    coarse = octree_grid(full, settings.depths[:1], settings.features, rng)
    levels: tuple[Level, ...] = (
        *coarse.levels,
        *(replace(level, lod=level.lod + 1) for level in fine.levels),
    )
    half = float((bounds[1] - bounds[0]).max()) / 2
    inputs = settings.features + 3
    last = dense_layer(settings.hidden, 1, "none", rng)
    network = Network(
        "distance",
        (Input("features"), Input("position")),
        # Distances in the unit box are learned; the gain converts them to the mesh's units.
        (dense_layer(inputs, settings.hidden, "relu", rng), replace(last, gain=half)),
    )
    return Field("sdf", np.asarray(bounds, np.float64), (Grid(levels),), (network,))


def _plain(settings: SdfSettings) -> dict[str, object]:
    return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(settings).items()}

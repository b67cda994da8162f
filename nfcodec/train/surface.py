"""Radiance fields whose density is a function of a signed distance: surfaces from images.

The field is an ordinary ``nerf`` with one network more: ``trunk`` -> ``distance`` -> ``density``,
and ``colour`` from the trunk and the view direction. With s the output of ``distance``, negative
inside and in the field's units, and a learned sharpness k,

    density = k sigmoid(-k s).

Along a ray that meets a plane surface head-on the transmittance is then sigmoid(k s), as in NeuS
(Wang et al. 2021, section 3.1), and the weight is greatest where s is zero; this is the density of
StyleSDF (Or-El et al. 2022, eq. 5) and that of VolSDF (Yariv et al. 2021) with a logistic in place
of a Laplace distribution. Metadata ``surface`` names the network, so that meshes can be cut where
it is zero. ``docs/decisions/0020-surface-density.md`` says what was weighed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from nfcodec.arrays import FloatArray
from nfcodec.errors import UsageError
from nfcodec.evaluate import FieldModule
from nfcodec.evaluate.networks import NetworkModule
from nfcodec.fit.loop import Loss
from nfcodec.fit.points import numerical_gradient
from nfcodec.fit.radiance import PhotometricLoss, draw_lod
from nfcodec.layouts import OctreeLayout, corner_coordinates, morton, octree
from nfcodec.model.field import Field
from nfcodec.model.networks import Input, Layer, Network
from nfcodec.train.build import dense_layer, radiance_field

#: The sharpness at first: this many transitions from outside to inside fit along the box.
_FIRST_SHARPNESS = 50.0
#: The sharpness is ``exp(_PACE v)`` of a parameter v that learns at the networks' rate.
_PACE = 10.0
#: The distance that one unit of a feature makes, in half sides of the box. Features learn in steps
#: of about a hundredth: with much more than this the surface boils.
_UNIT = 0.1
#: Points a step at which the distance's slope is looked at.
_SLOPES = 4096


@dataclass(frozen=True)
class SurfaceSettings:
    """``eikonal``: weight of the mean square of the slope's length less one. ``mask``: weight of
    the mean squared error of opacity, where there is alpha. UsageError if one is negative."""

    eikonal: float = 0.01
    mask: float = 0.1

    def __post_init__(self) -> None:
        for name in ("eikonal", "mask"):
            value = getattr(self, name)
            if not 0.0 <= value < math.inf:
                raise UsageError(f"{name} is a weight of 0 or more, got {value}")


def surface_field(
    finest: OctreeLayout,
    bounds: npt.NDArray[np.float64],
    depths: tuple[int, ...],
    *,
    features: int,
    hidden: int,
    seed: int,
) -> Field:
    """An untrained ``nerf`` whose surface is where ``finest`` begins, or a sphere in a full box.

    UsageError for a hidden layer of fewer than two.
    """
    if hidden < 2:
        raise UsageError(f"a surface needs hidden to be 2 or more, got {hidden}")
    field = radiance_field(finest, bounds, depths, features=features, hidden=hidden, seed=seed)
    rng = np.random.default_rng([seed, 1])
    trunk, _, color = field.networks
    half = float((bounds[1] - bounds[0]).max()) / 2

    # Feature 0 carries the distance, all of it on the first level; two units of the trunk take it
    # through the ReLU.
    first = octree.need_octree(field.levels[0].layout)
    values = [level.features.copy() for level in field.levels]
    for number, features_of_level in enumerate(values):
        features_of_level[:, 0] = 0.0 if number else _distances(first) / _UNIT
    first_layer = trunk.layers[0]
    into = first_layer.weight.copy()
    into[:2], into[:, 0] = 0.0, 0.0
    into[0, 0], into[1, 0] = 1.0, -1.0
    out = dense_layer(hidden, 1, "none", rng)
    out.weight[0, :2] = 1.0, -1.0

    sharpness = _FIRST_SHARPNESS / (2 * half)
    networks = (
        replace(trunk, layers=(replace(first_layer, weight=into),)),
        Network("distance", (Input("trunk"),), (replace(out, gain=_UNIT * half),)),
        Network("density", (Input("distance"),), _logistic(sharpness)),
        color,
    )
    return replace(field.with_features(values), networks=networks)


def _logistic(sharpness: float) -> tuple[Layer, Layer]:
    """``k sigmoid(-k s)``; the sharpness is in the gains, which files hold in full precision."""
    minus, plus = (np.array([[sign]], np.float32) for sign in (-1.0, 1.0))
    return Layer(minus, None, "sigmoid", sharpness), Layer(plus, None, "none", sharpness)


def _distances(layout: OctreeLayout) -> FloatArray:
    """(N,) distances at the corners of ``layout``, in half sides of the box, to begin with.

    Half a voxel within the outermost voxels the surface begins; where all of the box is occupied,
    at a sphere of half its size.
    """
    from scipy.ndimage import distance_transform_edt

    cells = octree.to_cells(layout)
    corners = corner_coordinates(layout)  # (N, 3) whole numbers x, y, z
    side = 2**layout.depth
    if cells.all():
        radii = np.linalg.norm(corners / side * 2.0 - 1.0, axis=1)
        sphere: FloatArray = (radii - 0.5).astype(np.float32)
        return sphere
    padded = np.pad(cells, 1)
    inner = np.ones((side + 1,) * 3, np.bool_)  # corners all of whose voxels are occupied
    for z, y, x in np.ndindex(2, 2, 2):
        inner &= padded[z : z + side + 1, y : y + side + 1, x : x + side + 1]
    depth = distance_transform_edt(inner)
    x, y, z = np.asarray(corners, np.int64).T
    found: FloatArray = ((0.5 - depth[z, y, x]) * 2.0 / side).astype(np.float32)
    return found


class SharpDensity(NetworkModule):
    """The network ``density`` with its sharpness as what is learned."""

    def __init__(self, network: Network) -> None:
        super().__init__(network)
        self.log_sharpness = nn.Parameter(torch.tensor(math.log(network.layers[0].gain) / _PACE))

    @property
    def sharpness(self) -> Tensor:
        """k, in 1 / the field's units."""
        return torch.exp(_PACE * self.log_sharpness)

    def forward(self, sources: dict[str, Tensor]) -> Tensor:
        k = self.sharpness
        return k * torch.sigmoid(-k * sources["distance"])

    def to_network(self) -> Network:
        layers = _logistic(float(self.sharpness.detach()))
        return Network(self.name, self.inputs, layers, self.skips)


def learn_sharpness(module: FieldModule) -> SharpDensity:
    """Let ``module``, of a :func:`surface_field`, learn its sharpness."""
    names = [str(network.name) for network in module.networks]
    index = names.index("density")
    density = SharpDensity(module.field.networks[index]).to(module.device)
    module.networks[index] = density
    return density


def distances(module: FieldModule, points: Tensor, lod: int | None = None) -> Tensor:
    """(P, 1) signed distances at (P, 3) points, in the field's units."""
    found: Tensor = module.values_of("distance", points, lod)
    return found


class SurfaceLoss(PhotometricLoss):
    """Color as :class:`PhotometricLoss`, and that of the masks and of the distance's slope.

    The slope's length should be one: the eikonal term of IGR (Gropp et al. 2020). It is measured
    by differences over half a voxel, so that it sees over the borders of cells, at random points of
    the occupied voxels.
    """

    def __init__(self, module: FieldModule, *args: Any, settings: SurfaceSettings, **options: Any):
        super().__init__(module, *args, **options)
        self.settings = settings
        self.voxels = []
        for level in module.field.levels:
            voxels = octree.need_octree(level.layout).voxels
            self.voxels.append(torch.from_numpy(morton.decode(voxels)))

    def __call__(self, step: int, generator: torch.Generator) -> Loss:
        lod = draw_lod(self.module.num_lods, self.finest_share, generator)
        index, background, seen = self.shoot(lod, generator)
        error = (seen.color - self.bank.colors(index, background)).square().mean()
        figures = {"psnr": -10.0 * math.log10(max(float(error.detach()), 1e-10))}
        loss = error
        if self.bank.has_alpha and self.settings.mask:
            wanted = self.bank.targets[index, 3].float()
            wanted = wanted / 255.0 if self.bank.targets.dtype == torch.uint8 else wanted
            loss = loss + self.settings.mask * (seen.opacity - wanted).square().mean()
        slope = self.eikonal(lod, generator)
        loss, figures = loss + slope.value, {**figures, **slope.figures}
        figures["loss"] = float(loss.detach())
        return Loss(loss, figures if lod == self.module.num_lods - 1 else {"loss": figures["loss"]})

    def eikonal(self, lod: int, generator: torch.Generator) -> Loss:
        """The term of the slopes at ``lod``, weighted, and their mean as ``slope``."""
        if not self.settings.eikonal:
            return Loss(torch.zeros((), device=self.module.device), {})
        slope = self._slopes(lod, generator)
        value = self.settings.eikonal * (slope - 1.0).square().sum() / max(len(slope), 1)
        return Loss(value, {"slope": float(slope.detach().mean()) if len(slope) else 1.0})

    def _slopes(self, lod: int, generator: torch.Generator) -> Tensor:
        """(P,) lengths of the slope at random points whose surroundings are occupied."""
        voxels = self.voxels[lod]
        chosen = torch.randint(len(voxels), (_SLOPES,), generator=generator)
        within = torch.rand((_SLOPES, 3), generator=generator)
        module = self.module
        layout = octree.need_octree(module.field.levels[lod].layout)
        voxel = (module.high - module.low) / 2**layout.depth
        points = module.low + (voxels[chosen] + within).to(module.device) * voxel
        reach = 0.5 * float(voxel.max())
        around = torch.cartesian_prod(*[torch.tensor([-reach, reach], device=module.device)] * 3)
        beside = module.normalize((points[:, None] + around).reshape(-1, 3))
        kept = module.occupancy(lod).at(beside).reshape(-1, 8).all(dim=1).nonzero()[:, 0]
        slopes = numerical_gradient(
            lambda at, lod: distances(module, at, lod), points[kept], reach, lod
        )
        lengths: Tensor = torch.linalg.vector_norm(slopes, dim=1)
        return lengths

"""Signed distances to a mesh, and the points at which a field is fitted and judged.

Distance is negative inside. Two rules give the sign:

- ``pseudonormal``: the side of the closest feature's angle-weighted normal (Baerentzen and Aanaes,
  Signed Distance Computation Using the Angle Weighted Pseudonormal, 2005), for watertight meshes.
  Exact where they do not cross themselves. The winding number is taken as well: where the two
  disagree it decides, and a warning says so.
- ``winding``: inside where the generalized winding number is above one half, and in watertight
  meshes, where it is a whole number, also where it is negative. For meshes with holes.

Parts that reach into each other are one solid: their hidden faces are no part of its surface
(:mod:`nfcodec.data.solids`). Parts of a mesh with holes that enclose nothing are left out.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from nfcodec.data import bvh, orientation, solids
from nfcodec.data.meshes import Mesh
from nfcodec.errors import DamagedFileError, UsageError

Sign: TypeAlias = Literal["pseudonormal", "winding"]
SIGNS: tuple[str, ...] = ("pseudonormal", "winding")

#: How training samples are divided: on the surface, near it at two scales, and all over the box.
_SHARES = (0.4, 0.2, 0.2, 0.2)
#: The two scales: standard deviations as fractions of half the box's longest side.
_NEAR_SCALES = (0.01, 0.05)

#: Distances, as a share of the box, below which the two rules need not agree.
_AT_SURFACE = 1e-9
#: Share of points up to which the rules may disagree by rounding, as beside edges of thin plates.
_FEW = 1e-5

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Closest:
    """The nearest surface point of each of P points.

    ``distances``: (P,) not negative. ``points``: (P, 3) on the surface. ``faces``: (P,) theirs.
    ``normals``: (P, 3) unit pseudonormals there: the face's, or on an edge or a corner, the mean
    of the faces that meet there, weighted by their angles.
    """

    distances: Floats
    points: Floats
    faces: Ints
    normals: Floats


class NearestPoints:
    """The surface points of a mesh that are nearest to others.

    Exact to float64 rounding, about 1e-15 of the mesh's coordinates (faces whose height is under
    1e-10 of their length count as their edges). The tree of 100,000 faces takes half a second to
    build.
    """

    def __init__(self, mesh: Mesh, tree: bvh.Tree | None = None) -> None:
        self._tree = bvh.build(mesh.triangles) if tree is None else tree
        self._triangles, self._pseudonormals = mesh.triangles, pseudonormals(mesh)

    def __call__(self, points: npt.ArrayLike) -> Closest:
        """Those of (P, 3) ``points``, all finite."""
        square, faces, weights, feature = bvh.closest(self._tree, _points(points))
        first = 1.0 - weights.sum(axis=1, keepdims=True)
        nearest = np.einsum(
            "pc,pcd->pd", np.concatenate([first, weights], axis=1), self._triangles[faces]
        )
        return Closest(np.sqrt(square), nearest, faces, self._pseudonormals[faces, feature])


class SurfaceDistance:
    """Signed distances to the surface of the solid that a mesh encloses.

    ``mesh``: that surface, which is the mesh given unless it has faces that bound nothing.
    ``closest``: its points nearest to others. ``sign``: the rule, ``winding`` where parts
    reach into each other. Raises DamagedFileError for the sign rule ``pseudonormal`` if the mesh
    is not watertight, for either if it encloses nothing; UsageError for an unknown rule. A
    UserWarning says what was left out.
    """

    def __init__(self, mesh: Mesh, sign: Sign = "pseudonormal") -> None:
        if sign not in SIGNS:
            raise UsageError(f"unknown sign rule {sign!r}: choose {' or '.join(SIGNS)}")
        if sign == "pseudonormal":
            mesh.require_watertight()
        self.sign = sign
        mesh = _enclosing(mesh)
        self._whole = mesh.watertight and not mesh.conflicts
        self._body = bvh.build(mesh.triangles)
        self._moments = bvh.moments(self._body)
        self.mesh = mesh
        misleading = solids.misleading_share(mesh, self.inside)
        if misleading:
            warnings.warn(
                f"{mesh.source}: {misleading:.2g} of its surface has the solid in front of it: "
                "parts reach into each other, the surface crosses itself, or an inner shell faces "
                "outwards; what is inside of any part counts as inside (the faces of a cavity have "
                "to look into it)",
                stacklevel=1,
            )
            self.sign = "winding"
            self.mesh = solids.visible(mesh, self.inside, self._whole)
        self.closest = NearestPoints(self.mesh, None if misleading else self._body)

    def signed(self, points: npt.ArrayLike) -> Floats:
        """(P,) distances of (P, 3) points, negative inside."""
        at = _points(points)
        found = self.closest(at)
        inside = self.inside(at)
        if self.sign == "pseudonormal":
            side = np.einsum("pd,pd->p", at - found.points, found.normals) < 0
            extent = float((self.mesh.bounds[1] - self.mesh.bounds[0]).max())
            differ = (side != inside) & (found.distances > _AT_SURFACE * extent)
            if differ.sum() > _FEW * len(at):
                warnings.warn(
                    f"{self.mesh.source}: the surface crosses itself, so at {int(differ.sum())} of "
                    f"{len(at)} points its normals and its winding number disagree about what is "
                    "inside; the winding number decides",
                    stacklevel=1,
                )
            inside = np.where(differ, inside, side)
        return np.where(inside, -found.distances, found.distances)

    def inside(self, points: npt.ArrayLike) -> Mask:
        """(P,) whether (P, 3) points are inside by their winding numbers."""
        number = self.winding(points)
        return np.asarray((np.abs(number) if self._whole else number) > 0.5)

    def winding(self, points: npt.ArrayLike) -> Floats:
        """(P,) generalized winding numbers, right to about 0.06: 1 inside, 0 outside."""
        return bvh.winding(self._body, self._moments, _points(points), bvh.WINDING_BETA)


def _enclosing(mesh: Mesh) -> Mesh:
    """``mesh`` without parts that enclose nothing; DamagedFileError if there are no others."""
    kept = orientation.enclosing(mesh.vertices, mesh.faces, mesh.source)
    if kept.all():
        return mesh
    if not kept.any():
        raise DamagedFileError(
            f"{mesh.source}: the mesh is a sheet that encloses no volume, so there is no inside; a "
            "signed distance needs a solid: close the surface, or give it a thickness"
        )
    warnings.warn(
        f"{mesh.source}: {int((~kept).sum())} of {len(kept)} faces are sheets that enclose no "
        "volume; they are left out",
        stacklevel=1,
    )
    return Mesh(mesh.vertices, mesh.faces[kept], mesh.source)


def _points(points: npt.ArrayLike) -> Floats:
    at = np.ascontiguousarray(points, np.float64)
    if at.ndim != 2 or at.shape[1] != 3:
        raise UsageError(f"points of shape {at.shape}: expected (P, 3)")
    if not np.isfinite(at).all():
        raise UsageError("points hold NaN or infinity")
    return at


def pseudonormals(mesh: Mesh) -> Floats:
    """(T, 7, 3) unit normals of each face's features: its corners, the edges from them, itself."""
    count = len(mesh.faces)
    out = np.empty((count, 7, 3))
    out[:, 6] = mesh.normals
    corners = mesh.triangles
    weighted = np.empty((count, 3, 3))
    edge_keys = np.empty((count, 3), np.int64)
    for i in range(3):
        j, k = (i + 1) % 3, (i + 2) % 3
        one, two = corners[:, j] - corners[:, i], corners[:, k] - corners[:, i]
        across = np.linalg.norm(np.cross(one, two), axis=1)
        angle = np.arctan2(across, np.einsum("td,td->t", one, two))
        weighted[:, i] = angle[:, None] * mesh.normals
        start, end = mesh.faces[:, i], mesh.faces[:, j]
        edge_keys[:, i] = np.minimum(start, end) * len(mesh.vertices) + np.maximum(start, end)
    _, edge = np.unique(edge_keys, return_inverse=True)
    edge = edge.reshape(count, 3)
    out[:, 0:3] = _summed(mesh.faces, weighted)[mesh.faces]
    out[:, 3:6] = _summed(edge, np.repeat(mesh.normals[:, None], 3, axis=1))[edge]
    length = np.linalg.norm(out, axis=2, keepdims=True)
    return np.asarray(out / np.where(length > 0, length, 1.0))


def _summed(keys: Ints, vectors: Floats) -> Floats:
    """(K, 3) sums of the vectors (..., 3) that have each key (...), 0 to K - 1."""
    flat = keys.ravel()
    return np.stack([np.bincount(flat, vectors[..., d].ravel()) for d in range(3)], axis=1)


@dataclass(frozen=True, eq=False)
class Samples:
    """``points`` (P, 3) and their signed ``distances`` (P,) float32.

    Points are float32, or float64 where that is too coarse: far from the origin.
    """

    points: npt.NDArray[np.floating]
    distances: npt.NDArray[np.float32]


def sample(
    surface: SurfaceDistance, bounds: Floats, count: int, seed: int, *, held_out: bool = False
) -> Samples:
    """``count`` points to fit a field to, with their distances, in random order.

    Two fifths lie on the surface, one fifth each near it with Gaussian offsets of 0.01 and of 0.05
    of half the box's longest side, and one fifth all over ``bounds`` (2, 3). ``held_out`` draws
    from another stream of the same seed: points never trained on.
    """
    rng = _rng(seed, held_out)
    bounds = np.asarray(bounds, np.float64)
    half = float((bounds[1] - bounds[0]).max()) / 2
    counts = np.diff(np.round(np.cumsum((0.0, *_SHARES)) * count).astype(int))
    on, _ = _on_surface(surface.mesh, int(counts[:3].sum()), rng)
    scale = np.repeat((0.0, *_NEAR_SCALES), counts[:3]) * half
    near = on + scale[:, None] * rng.normal(size=on.shape)
    anywhere = rng.uniform(bounds[0], bounds[1], (int(counts[3]), 3))
    points = np.concatenate([near, anywhere])
    # Offsets that leave the box would teach the field about space that it does not have.
    outside = ((points < bounds[0]) | (points > bounds[1])).any(axis=1)
    points[outside] = rng.uniform(bounds[0], bounds[1], (int(outside.sum()), 3))
    rng.shuffle(points)
    rounded = in_precision(points, bounds)
    return Samples(rounded, surface.signed(rounded).astype(np.float32))


def in_precision(points: Floats, bounds: Floats) -> npt.NDArray[np.floating]:
    """``points`` in float32 if that tells apart a millionth of the box (2, D), else as given."""
    spacing = float(np.abs(bounds).max()) * float(np.finfo(np.float32).eps)
    enough = spacing <= 1e-6 * float((bounds[1] - bounds[0]).max())
    return points.astype(np.float32) if enough else points


def sample_surface(
    mesh: Mesh, count: int, seed: int, *, held_out: bool = False
) -> tuple[Floats, Ints]:
    """(P, 3) points spread evenly over the surface by area, and (P,) the faces they lie on."""
    return _on_surface(mesh, count, _rng(seed, held_out))


def sample_uniform(bounds: Floats, count: int, seed: int, *, held_out: bool = False) -> Floats:
    """(P, 3) points spread evenly over ``bounds`` (2, 3)."""
    box = np.asarray(bounds, np.float64)
    return _rng(seed, held_out).uniform(box[0], box[1], (count, 3))


def _on_surface(mesh: Mesh, count: int, rng: np.random.Generator) -> tuple[Floats, Ints]:
    total = np.cumsum(mesh.areas)
    faces = np.searchsorted(total, rng.uniform(0, total[-1], count), side="right")
    faces = np.minimum(faces, len(total) - 1)
    u, v = rng.uniform(size=(2, count, 1))
    root = np.sqrt(u)
    a, b, c = (mesh.triangles[faces, i] for i in range(3))
    return (1 - root) * a + root * (1 - v) * b + root * v * c, faces


def _rng(seed: int, held_out: bool) -> np.random.Generator:
    return np.random.default_rng([seed, int(held_out)])

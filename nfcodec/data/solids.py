"""The solid that a mesh encloses, where the mesh is more than its surface.

A model put together from parts has faces within the solid, where parts reach into each other. They
bound nothing, so they must not count when distances are taken or surfaces compared.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from nfcodec.data.meshes import Mesh
from nfcodec.data.orientation import clearance

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Inside = Callable[[Floats], Mask]

#: Places on the whole surface that tell whether any of it misleads.
_TRIALS = 8192
#: Pieces are cut until their sides are below the first share of the box, and on the border of what
#: is hidden below the second.
_LONGEST, _FINEST = 1 / 12, 1 / 256
#: Pieces above which no more are cut.
_MOST = 1 << 21


def misleading_share(mesh: Mesh, inside: Inside) -> float:
    """The share of the surface, by area, that has the solid in front of it.

    It is hidden within the solid, or looks into it.
    """
    rng = np.random.default_rng(0)
    total = np.cumsum(mesh.areas)
    faces = np.searchsorted(total, rng.uniform(0, total[-1], _TRIALS), side="right")
    faces = np.minimum(faces, len(total) - 1)
    weights = rng.dirichlet(np.ones(3), _TRIALS)
    points = np.einsum("pc,pcd->pd", weights, mesh.triangles[faces])
    offset = clearance(mesh.bounds)
    return float(inside(points + offset * mesh.normals[faces]).mean())


def visible(mesh: Mesh, inside: Inside, whole: bool) -> Mesh:
    """``mesh`` without the faces that have the solid on both sides, the others looking outwards.

    ``whole``: it has no holes; then faces that have the solid on neither side bound nothing either.
    Faces of which a part is hidden are cut into pieces; along the border of what is hidden they are
    as fine as 1/256 of the box, and the surface that is given is right to about so much.
    """
    offset = clearance(mesh.bounds)
    extent = float((mesh.bounds[1] - mesh.bounds[0]).max())
    pieces = mesh.triangles[mesh.areas > 0]
    while len(pieces) < _MOST and (long := _longest(pieces) > _LONGEST * extent).any():
        pieces = np.concatenate([pieces[~long], _quarters(pieces[long])])
    done = []
    while len(pieces):
        a, b, c = (pieces[:, i] for i in range(3))
        cross = np.cross(b - a, c - a)
        normals = cross / np.maximum(np.linalg.norm(cross, axis=1, keepdims=True), 1e-300)
        middle = pieces.mean(axis=1, keepdims=True)
        places = np.concatenate([middle, 0.98 * pieces + 0.02 * middle], axis=1)
        front, back = (
            found.reshape(-1, 4)
            for found in _sides(
                places.reshape(-1, 3), np.repeat(normals, 4, axis=0), inside, offset
            )
        )
        hidden = front == back if whole else front & back
        mixed = hidden.any(axis=1) & ~hidden.all(axis=1)
        mixed &= _longest(pieces) > _FINEST * extent
        if len(pieces) > _MOST:
            mixed[:] = False
        shown = ~mixed & ~hidden[:, 0]
        turned = front[shown, 0] & ~back[shown, 0]
        kept = pieces[shown]
        done.append(np.where(turned[:, None, None], kept[:, ::-1], kept))
        pieces = _quarters(pieces[mixed])
    corners = np.concatenate(done).reshape(-1, 3)
    faces = np.arange(len(corners), dtype=np.int64).reshape(-1, 3)
    return Mesh(corners, faces, mesh.source)


def _sides(points: Floats, normals: Floats, inside: Inside, offset: float) -> tuple[Mask, Mask]:
    """Whether the solid is just in front of, and just behind, points on faces."""
    found = inside(np.concatenate([points + offset * normals, points - offset * normals]))
    return found[: len(points)], found[len(points) :]


def _longest(pieces: Floats) -> Floats:
    """(T,) the longest side of each."""
    return np.asarray(np.linalg.norm(pieces - np.roll(pieces, 1, axis=1), axis=2).max(axis=1))


def _quarters(pieces: Floats) -> Floats:
    """(4 T, 3, 3) each cut at the middles of its sides."""
    a, b, c = (pieces[:, i] for i in range(3))
    ab, bc, ca = (a + b) / 2, (b + c) / 2, (c + a) / 2
    corners = ((a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca))
    return np.concatenate([np.stack(three, axis=1) for three in corners])

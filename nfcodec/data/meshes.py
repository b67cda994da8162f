"""Triangle meshes: read, cleaned and checked, in their own units.

:mod:`nfcodec.data.mesh_files` gives what a file says; what is done to a mesh is done here: vertices
at exactly the same place become one (which closes the seams of texture charts and the triangle soup
of STL), faces that use a vertex twice go, and faces that turn against their neighbours are turned.
Nothing else is moved, filled or removed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from nfcodec.data import mesh_files
from nfcodec.data.mesh_files import MAX_FACES
from nfcodec.errors import DamagedFileError, LimitError

_MAX_COORDINATE = 1e60  # its fourth power, as areas squared need it, is still finite

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles with shared vertices.

    ``vertices``: (V, 3) float64, all finite. ``faces``: (T, 3) int64, T > 0, three different
    vertices each, counter-clockwise seen from outside. ``source`` names the mesh in messages.
    """

    vertices: Floats
    faces: Ints
    source: str = "mesh"

    @cached_property
    def triangles(self) -> Floats:
        """(T, 3, 3) the faces' corners."""
        return self.vertices[self.faces]

    @cached_property
    def crosses(self) -> Floats:
        """(T, 3) outward normals as long as twice the faces' areas."""
        a, b, c = (self.triangles[:, i] for i in range(3))
        return np.cross(b - a, c - a)

    @cached_property
    def areas(self) -> Floats:
        """(T,) in squared units."""
        return np.asarray(0.5 * np.linalg.norm(self.crosses, axis=1))

    @cached_property
    def normals(self) -> Floats:
        """(T, 3) outward unit normals; zero for faces without area."""
        lengths = np.linalg.norm(self.crosses, axis=1, keepdims=True)
        return np.asarray(self.crosses / np.where(lengths > 0, lengths, 1.0))

    @property
    def bounds(self) -> Floats:
        """(2, 3) lower and upper corner."""
        used = self.vertices[np.unique(self.faces)]
        return np.stack([used.min(axis=0), used.max(axis=0)])

    @cached_property
    def boundary_edges(self) -> Ints:
        """(B, 2) the edges that an odd number of faces share; none on a watertight mesh."""
        keys, counts = np.unique(
            _edge_keys(_edges(self.faces), len(self.vertices)), return_counts=True
        )
        odd = keys[counts % 2 == 1]
        return np.stack(np.divmod(odd, len(self.vertices)), axis=1)

    @cached_property
    def holes(self) -> int:
        """The number of connected pieces that the boundary edges form."""
        return _pieces(self.boundary_edges)

    @property
    def watertight(self) -> bool:
        return len(self.boundary_edges) == 0

    def require_watertight(self) -> None:
        """DamagedFileError, with the number of holes, unless the mesh is watertight."""
        if self.watertight:
            return
        holes, edges = self.holes, len(self.boundary_edges)
        raise DamagedFileError(
            f"{self.source}: the mesh is not watertight: {holes} hole{'s' * (holes != 1)} with "
            f"{edges} boundary edges, so inside and outside are not defined; close it, or use "
            "--sign winding to tell them apart by the generalised winding number"
        )


def load(path: str | Path) -> Mesh:
    """Read a mesh file. A mesh with holes loads; :meth:`Mesh.require_watertight` refuses it.

    Raises UsageError if there is no such file, UnsupportedError for another suffix,
    DamagedFileError for a file that cannot be parsed, without faces, with NaN or infinity, or not
    orientable, and LimitError above the limits of :mod:`nfcodec.data.mesh_files`.
    """
    path = Path(path)
    vertices, faces = mesh_files.read(path)
    return clean(vertices, faces, str(path))


def clean(vertices: npt.ArrayLike, faces: npt.ArrayLike, source: str = "mesh") -> Mesh:
    """A :class:`Mesh` from (V, 3) vertices and (T, 3) faces; raises as :func:`load` does."""
    v = np.asarray(vertices, np.float64).reshape(-1, 3)
    f = np.asarray(faces, np.int64).reshape(-1, 3)
    if len(f) == 0:
        raise DamagedFileError(f"{source}: the mesh has no faces; a surface is needed, not points")
    if len(f) > MAX_FACES:
        raise LimitError(f"{source}: {len(f)} faces, more than {MAX_FACES}; simplify the mesh")
    if f.min() < 0 or f.max() >= len(v):
        raise DamagedFileError(f"{source}: faces use vertex {f.max()} of {len(v)}")
    used = np.zeros(len(v), np.bool_)
    used[f] = True  # scans keep places without a measurement as NaN that no face uses
    bad = used & ~(np.abs(v) < _MAX_COORDINATE).all(axis=1)
    if bad.any():
        raise DamagedFileError(
            f"{source}: {int(bad.sum())} of {len(v)} vertices hold NaN, infinity or "
            f"numbers beyond {_MAX_COORDINATE:g} (the first: vertex {int(bad.argmax())})"
        )
    v, f = _merge(v, f)
    distinct = (f[:, 0] != f[:, 1]) & (f[:, 1] != f[:, 2]) & (f[:, 2] != f[:, 0])
    f = f[distinct]
    mesh = Mesh(v, f, source)
    if len(f) == 0 or not (mesh.areas > 0).any():
        raise DamagedFileError(f"{source}: all faces of the mesh are degenerate (no area)")
    return _oriented(mesh)


def bounding_cube(mesh: Mesh, margin: float = 0.05) -> Floats:
    """(2, 3) a cube around the mesh's box whose half side is the box's times ``1 + margin``.

    In the mesh's own units: the normalisation to [-1, 1]^3 is the field's (docs/conventions.md).
    """
    lower, upper = mesh.bounds
    centre, half = (lower + upper) / 2, float((upper - lower).max()) / 2 * (1.0 + margin)
    return np.stack([centre - half, centre + half])


def _merge(vertices: Floats, faces: Ints) -> tuple[Floats, Ints]:
    """Vertices at exactly one place become one; unused ones go."""
    used = np.zeros(len(vertices), np.bool_)
    used[faces] = True
    vertices = vertices[used] + 0.0  # -0.0 and 0.0 are one place
    faces = (np.cumsum(used) - 1)[faces]
    order = np.lexsort(vertices.T)
    ordered = vertices[order]
    first = np.ones(len(vertices), np.bool_)
    first[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    place = np.empty(len(vertices), np.int64)
    place[order] = np.cumsum(first) - 1
    return ordered[first], place[faces]


def _edges(faces: Ints) -> Ints:
    """(3 T, 2) directed edges: all first edges, then all second, then all third ones."""
    return np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])


def _edge_keys(edges: Ints, vertices: int) -> Ints:
    """One number for each undirected edge; V stays below 2^26, so they fit."""
    return np.asarray(edges.min(axis=1) * vertices + edges.max(axis=1))


def _pieces(edges: Ints) -> int:
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    if len(edges) == 0:
        return 0
    nodes, inverse = np.unique(edges, return_inverse=True)
    a, b = inverse.reshape(edges.shape).T
    graph = coo_matrix((np.ones(len(a), np.int8), (a, b)), shape=(len(nodes),) * 2)
    return int(connected_components(graph, directed=False)[0])


def _oriented(mesh: Mesh) -> Mesh:
    """Faces that turn against their neighbours turned, and a closed mesh's volume made positive."""
    faces = _consistent(mesh)
    volume = np.einsum(
        "ij,ij->i",
        mesh.vertices[faces[:, 0]],
        np.cross(mesh.vertices[faces[:, 1]], mesh.vertices[faces[:, 2]]),
    ).sum()
    if mesh.watertight and volume < 0:
        faces = faces[:, ::-1]
    return Mesh(mesh.vertices, np.ascontiguousarray(faces), mesh.source)


def _consistent(mesh: Mesh) -> Ints:
    """The faces with each component turned one way, that of most of its faces.

    Every face is two nodes of a graph, as given and turned; edges shared by exactly two faces join
    the states that agree. A face whose two states are joined lies on a one-sided surface.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    count = len(mesh.faces)
    directed = _edges(mesh.faces)
    face = np.tile(np.arange(count), 3)
    key = _edge_keys(directed, len(mesh.vertices))
    order = np.argsort(key, kind="stable")
    key = key[order]
    starts = np.flatnonzero(np.r_[True, key[1:] != key[:-1]])
    pairs = starts[np.diff(np.r_[starts, len(key)]) == 2]
    one, two = order[pairs], order[pairs + 1]
    against = directed[one, 0] == directed[two, 0]  # both run the edge the same way
    if not against.any():
        return mesh.faces
    f, g = face[one], face[two]
    rows = np.concatenate([f, f + count])
    columns = np.concatenate([g + count * against, g + count * ~against])
    graph = coo_matrix((np.ones(len(rows), np.int8), (rows, columns)), shape=(2 * count,) * 2)
    _, label = connected_components(graph, directed=False)
    given, turned = label[:count], label[count:]
    if (given == turned).any():
        raise DamagedFileError(
            f"{mesh.source}: the surface has one side only (like a Moebius strip), so there is no "
            "inside; a signed distance needs an orientable mesh"
        )
    # A component and its mirror image carry two labels: take the one with more faces as given.
    component = np.minimum(given, turned)
    votes = np.bincount(component, np.where(given < turned, 1, -1), minlength=2 * count)
    flip = (given < turned) != (votes[component] >= 0)
    return np.where(flip[:, None], mesh.faces[:, ::-1], mesh.faces)

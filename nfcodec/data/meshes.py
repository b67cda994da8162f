"""Triangle meshes: read, cleaned and checked, in their own units.

:mod:`nfcodec.data.mesh_files` gives what a file says; what is done to a mesh is done here: vertices
at exactly the same place become one (which closes the seams of texture charts and the triangle soup
of STL), those that rounding has set apart are joined where that closes the surface
(:mod:`nfcodec.data.welding`), faces that use a vertex twice go, of faces at one place one stays
(:mod:`nfcodec.data.twins`), and what faces the wrong way is turned
(:mod:`nfcodec.data.orientation`). A warning says what was joined, left out or turned. Nothing else
is moved, filled or removed.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from nfcodec.check.field import is_far
from nfcodec.data import edges, mesh_files, orientation, twins, welding
from nfcodec.data.mesh_files import MAX_FACES
from nfcodec.errors import DamagedFileError, LimitError

#: Spacing of single-precision numbers, as a share of a mesh's size, that is worth a warning.
_VISIBLE = 2e-5

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

    @cached_property
    def bounds(self) -> Floats:
        """(2, 3) lower and upper corner."""
        named = np.zeros(len(self.vertices), np.bool_)
        named[self.faces] = True
        used = self.vertices[named]
        return np.stack([used.min(axis=0), used.max(axis=0)])

    @cached_property
    def boundary_edges(self) -> Ints:
        """(B, 2) the edges that an odd number of faces share; none on a watertight mesh."""
        keys = edges.keys(edges.directed(self.faces), len(self.vertices))
        keys, counts = np.unique(keys, return_counts=True)
        odd = keys[counts % 2 == 1]
        return np.stack(np.divmod(odd, len(self.vertices)), axis=1)

    @cached_property
    def conflicts(self) -> int:
        """The number of edges that faces run more often one way than the other, the boundary's
        aside: there they disagree about what is inside."""
        run = edges.directed(self.faces)
        number, count = edges.numbered(self.faces, len(self.vertices))
        surplus = np.bincount(number, np.where(run[:, 0] < run[:, 1], 1, -1), minlength=count)
        return int(np.count_nonzero(surplus)) - int((surplus % 2 != 0).sum())

    @cached_property
    def holes(self) -> int:
        """The number of connected pieces that the boundary edges form."""
        return edges.pieces(self.boundary_edges)

    @property
    def watertight(self) -> bool:
        return len(self.boundary_edges) == 0

    def require_watertight(self) -> None:
        """DamagedFileError, with the number of holes, unless the mesh is watertight and its faces
        agree about its inside."""
        if self.watertight and self.conflicts:
            raise DamagedFileError(
                f"{self.source}: more than two faces meet at {self.conflicts} edges and disagree "
                "about what is inside; mend it, or use --sign winding to tell inside from outside "
                "by the generalized winding number"
            )
        if self.watertight:
            return
        holes, edges = self.holes, len(self.boundary_edges)
        raise DamagedFileError(
            f"{self.source}: the mesh is not watertight: {holes} hole{'s' * (holes != 1)} with "
            f"{edges} boundary edges, so inside and outside are not defined; close it, or use "
            "--sign winding to tell them apart by the generalized winding number"
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
    """A :class:`Mesh` from (V, 3) vertices and (T, 3) faces; raises as :func:`load` does.

    A UserWarning says which faces were turned or left out.
    """
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
    _need_area(Mesh(v, f, source))
    f, count = welding.welded(v, f)
    if count:
        v, f = _merge(v, f)
    f, notes = _repaired(v, f, source)
    if count:
        notes.insert(0, f"{count} vertices lie next to others but for rounding and were joined")
    mesh = Mesh(v, f, source)
    _need_area(mesh)  # all that had any may have been twins
    if notes:
        warnings.warn(f"{source}: {'; '.join(notes)}", stacklevel=2)
    return mesh


def _need_area(mesh: Mesh) -> None:
    if len(mesh.faces) == 0 or not (mesh.areas > 0).any():
        raise DamagedFileError(f"{mesh.source}: all faces of the mesh are degenerate (no area)")


def bounding_cube(mesh: Mesh, margin: float = 0.05) -> Floats:
    """(2, 3) a cube around the mesh's box whose half side is the box's times ``1 + margin``.

    In the mesh's own units: the normalization to [-1, 1]^3 is the field's (docs/conventions.md).
    """
    lower, upper = mesh.bounds
    center, half = (lower + upper) / 2, float((upper - lower).max()) / 2 * (1.0 + margin)
    return np.stack([center - half, center + half])


def check_place(mesh: Mesh) -> None:
    """Say so if ``mesh`` is far from the origin; LimitError if it is too far to become a field.

    A field keeps its box in double precision, but what draws it calculates in single precision.
    """
    cube = bounding_cube(mesh)
    size, far = float((cube[1] - cube[0]).max()), float(np.abs(cube).max())
    spacing = far * float(np.finfo(np.float32).eps)
    if not is_far(cube) and spacing <= _VISIBLE * size:
        return
    digits = max(0, int(np.floor(np.log10(size))))
    offset = ",".join(f"{np.round(c, -digits):.10g}" for c in cube.mean(axis=0))
    place = f"{mesh.source}: a size of {size:.4g} at coordinates of {far:.4g}"
    advice = f"subtract an offset from its vertices, such as {offset}, and note it"
    if is_far(cube):
        raise LimitError(
            f"{place} is too far from the origin: single precision, in which fields are drawn, "
            f"cannot tell its points apart; {advice}"
        )
    warnings.warn(
        f"{place} is far from the origin: viewers and renderers, which calculate in single "
        f"precision, see its points {spacing:.2g} apart; {advice}",
        stacklevel=2,
    )


def _repaired(v: Floats, given: Ints, source: str) -> tuple[Ints, list[str]]:
    """The faces, one at each place and turned the right way, and what was done to them."""
    notes = []
    f, patch = orientation.consistent(v, given, source)
    sorted_out = twins.distinct(v, f, patch)
    if sorted_out.copies:
        notes.append(f"{sorted_out.copies} faces are there more than once and kept once")
    if sorted_out.backs:
        notes.append(f"{sorted_out.backs} faces are there twice, once for each side, and kept once")
    if not sorted_out.kept.all():
        given = given[sorted_out.kept]
        f, patch = orientation.consistent(v, given, source)
    f, part = orientation.outward(v, f, patch)
    turned = (f != given).any(axis=1)
    if turned.any() and not sorted_out.backs:
        bodies = len(np.unique(part[turned]))
        notes.append(
            f"{turned.sum()} of {len(f)} faces, in {bodies} of {part.max() + 1} parts, faced the "
            "wrong way and were turned"
        )
    return np.ascontiguousarray(f), notes


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

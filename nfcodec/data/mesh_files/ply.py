"""PLY, the Stanford polygon format: text, and binary of both byte orders (Turk, 1994).

The shape is in ``vertex`` (x y z) and in the polygons of ``face`` or the strips of ``tristrips``
(``vertex_indices``, or ``vertex_index``). Other elements and properties are stepped over.
"""

from __future__ import annotations

import codecs

import numpy as np

from nfcodec.data.mesh_files import ply_binary, ply_text
from nfcodec.data.mesh_files.ply_header import CORNERS, Element, Header, parse
from nfcodec.data.mesh_files.polygons import triangulate
from nfcodec.data.mesh_files.source import (
    MAX_FACES,
    Ints,
    MeshFile,
    MeshFormat,
    Triangles,
)
from nfcodec.data.mesh_files.text import Table
from nfcodec.errors import LimitError


def read(file: MeshFile) -> Triangles:
    """The faces of a PLY file as triangles; the sizes that the header names are checked first."""
    header = parse(file)
    elements = {element.name: element for element in header.elements}
    if "vertex" not in elements:
        names = ", ".join(elements)[:80] or "none"
        raise file.unsupported(f"the header has no element 'vertex'; its elements are {names}")
    wanted: dict[str, tuple[str, ...]] = {"vertex": _places(file, elements["vertex"])}
    for name in ("face", "tristrips"):
        if name in elements and elements[name].rows:
            wanted[name] = _corners(file, elements[name])
            if elements[name].rows > MAX_FACES:
                raise LimitError(
                    f"{file.path}: line {elements[name].line}: {elements[name].rows} rows of "
                    f"{name}, more than {MAX_FACES}; simplify the mesh"
                )
    body = (ply_binary if header.order else ply_text).read(file, header, wanted)
    vertices = np.stack([body.columns[name] for name in wanted["vertex"]], axis=1)
    faces = [_checked(file, t, "face", len(vertices), 0) for t in body.lists.get("face", [])]
    strips = [
        _checked(file, t, "tristrips", len(vertices), -1) for t in body.lists.get("tristrips", [])
    ]
    file.check_faces(sum(table.values.size for table in strips))
    polygons = [table.values for table in faces] + [_strips(table.values) for table in strips]
    _say_what_was_left_out(file, header, faces, bool(polygons))
    return vertices, triangulate(file, vertices, polygons)


def _places(file: MeshFile, element: Element) -> tuple[str, ...]:
    plain = {p.name for p in element.properties if not p.count}
    if not {"x", "y", "z"} <= plain:
        raise file.unsupported(
            f"line {element.line}: vertices have no x, y and z; their properties are "
            f"{element.names()[:200]}"
        )
    return ("x", "y", "z")


def _corners(file: MeshFile, element: Element) -> tuple[str, ...]:
    for p in element.properties:
        if p.name in CORNERS and p.count and not p.kind.startswith("f"):
            return (p.name,)
    raise file.unsupported(
        f"line {element.line}: {element.name} has no list of whole numbers named "
        f"{' or '.join(CORNERS)}; its properties are {element.names()[:200]}"
    )


def _checked(file: MeshFile, table: Table, name: str, count: int, least: int) -> Table:
    """``table``, whose numbers of vertices are all there."""
    bad = (table.values < least) | (table.values >= count)
    if bad.any():
        at = np.unravel_index(int(bad.argmax()), bad.shape)
        raise file.damaged(
            f"{name} {table.rows[at[0]]} (from 0) uses vertex {table.values[at]}, but the file has "
            f"{count}, numbered from 0"
        )
    return table


def _strips(rows: Ints) -> Ints:
    """(T, 3) the triangles of (R, n) strips, in which -1 begins a new one; every other one is
    turned."""
    numbers = np.pad(rows, ((0, 0), (0, 2)), constant_values=-1).ravel()
    at = np.arange(len(numbers))
    start = np.maximum.accumulate(np.where(numbers < 0, at + 1, 0))
    triangles = np.stack([numbers[:-2], numbers[1:-1], numbers[2:]], axis=1)
    odd = (at - start)[:-2, None] % 2 == 1
    triangles = np.where(odd, triangles[:, [1, 0, 2]], triangles)
    return triangles[(triangles >= 0).all(axis=1)]


def _say_what_was_left_out(
    file: MeshFile, header: Header, faces: list[Table], any_polygons: bool
) -> None:
    short = [table for table in faces if table.values.shape[1] < 3 and len(table.rows)]
    if short:
        file.warn(
            f"left out {sum(len(t.rows) for t in short)} faces with fewer than three corners (the "
            f"first: face {min(int(t.rows.min()) for t in short)}, from 0)"
        )
    for element in header.elements:
        if element.name in ("face", "tristrips") or not element.rows:
            continue
        if any(p.name in CORNERS and p.count for p in element.properties):
            what = f"line {element.line}: the element {element.name[:40]}, which uses vertices"
            if not any_polygons:
                raise file.unsupported(f"{what}, is not read; triangulate the shape into faces")
            file.warn(f"{what}, is left out; read are face and tristrips")


def _begins(head: bytes, size: int) -> bool:
    return head.removeprefix(codecs.BOM_UTF8).startswith((b"ply\n", b"ply\r"))


FORMAT = MeshFormat("PLY", (".ply",), _begins, read)

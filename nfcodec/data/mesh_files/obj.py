"""Wavefront OBJ: vertices and polygons (Advanced Visualizer manual, appendix B1).

Read are ``v`` and ``f`` (``fo`` of older files); names, groups, normals, texture coordinates,
materials, points, lines and curves have no say in the shape of a solid.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from nfcodec.data.mesh_files.polygons import triangulate
from nfcodec.data.mesh_files.source import Floats, Ints, MeshFile, MeshFormat, Triangles, quoted
from nfcodec.data.mesh_files.text import blocks, plain, tables

#: Statements that are read over. Those of free-form surfaces are in _SURFACES.
_KNOWN = frozenset(
    b"vt vn vp cstype deg bmat step p l curv curv2 parm trim hole scrv sp end con g s mg o bevel"
    b" c_interp d_interp lod usemtl usemap mtllib maplib shadow_obj trace_obj ctech stech"
    b" cdc cdp".split()
)
_SURFACES = frozenset((b"surf", b"bsp", b"bzp", b"res"))
_INCLUDES = frozenset((b"call", b"csh"))

#: A corner whose vertex is followed by a texture coordinate or normal: v/t, v//n or v/t/n.
_EXTRAS = re.compile(rb"(?<!\S)(-?[0-9]+)/-?[0-9]*(?:/-?[0-9]*)?(?!\S)")


def read(file: MeshFile) -> Triangles:
    """The polygons of an OBJ file as triangles.

    A fourth number of a vertex is its weight w: the place is (x/w, y/w, z/w). Six numbers or more
    are a place and a color. Negative numbers of vertices count back from the face's own line.
    """
    text = plain(file, file.data)
    if b"#" in text:
        text = re.sub(rb"#[^\n]*", b"", text)
    reader = _Reader(file)
    for first, lines in blocks(text):
        reader.read(first, lines)
    return reader.finish()


class _Reader:
    """What was read so far."""

    def __init__(self, file: MeshFile) -> None:
        self.file = file
        self.vertices: list[Floats] = [np.zeros((0, 3))]
        self.count = 0
        #: (P, n) numbers of vertices from 0 on, and the lines (P,) they stand in.
        self.polygons: list[tuple[Ints, Ints]] = []
        self.triangles = 0
        self.short: list[int] = []
        self.surfaces: list[int] = []
        self.includes: list[int] = []
        self.unknown: list[tuple[int, bytes]] = []
        self.unfinished: tuple[int, list[bytes]] | None = None

    def read(self, first: int, lines: list[bytes]) -> None:
        vertices: list[bytes] = []
        vertex_lines: list[int] = []
        faces: list[bytes] = []
        face_lines: list[int] = []
        before: list[int] = []
        for number, line in self._statements(first, lines):
            words = line.split(None, 1)
            if not words:
                continue
            word = words[0]
            if word == b"v":
                vertices.append(words[1] if len(words) > 1 else b"")
                vertex_lines.append(number)
            elif word in (b"f", b"fo"):
                faces.append(words[1] if len(words) > 1 else b"")
                face_lines.append(number)
                before.append(self.count + len(vertices))
            elif word not in _KNOWN:
                self._other(word, number)
        if vertices:
            self._vertices(vertices, vertex_lines)
        if faces:
            self._faces(faces, face_lines, np.array(before))

    def finish(self) -> Triangles:
        if self.unfinished is not None:
            raise self.file.damaged(
                f"line {self.unfinished[0]}: the file ends in a line that is to be continued; it "
                "is cut short"
            )
        vertices = np.concatenate(self.vertices)
        for group, lines in self.polygons:
            beyond = group >= len(vertices)
            if beyond.any():
                at = np.unravel_index(int(beyond.argmax()), beyond.shape)
                raise self.file.damaged(
                    f"line {lines[at[0]]}: a face uses vertex {group[at] + 1}, but the file has "
                    f"{len(vertices)}"
                )
        if self.surfaces and not self.polygons:
            raise self.file.unsupported(
                f"line {self.surfaces[0]}: the shape is made of free-form surfaces, which are not "
                "read; export it as polygons"
            )
        self._say_what_was_left_out()
        return vertices, triangulate(self.file, vertices, (group for group, _ in self.polygons))

    def _statements(self, first: int, lines: list[bytes]) -> Iterator[tuple[int, bytes]]:
        """Lines with their numbers; lines that end in a backslash joined with the next."""
        if self.unfinished is None and not any(_continues(line) for line in lines):
            yield from enumerate(lines, first)
            return
        number, parts = self.unfinished or (first, [])
        self.unfinished = None
        for at, line in enumerate(lines, first):
            if not parts:
                number = at
            if _continues(line):
                parts.append(line.rstrip()[:-1])
                continue
            yield number, b" ".join([*parts, line])
            parts = []
        if parts:
            self.unfinished = number, parts

    def _other(self, word: bytes, number: int) -> None:
        if word in _SURFACES:
            self.surfaces.append(number)
        elif word in _INCLUDES:
            self.includes.append(number)
        else:
            self.unknown.append((number, word))

    def _vertices(self, rows: Sequence[bytes], lines: Sequence[int]) -> None:
        found = np.empty((len(rows), 3))
        for table in tables(self.file, rows, lines, np.float64):
            width = table.values.shape[1]
            if width < 3 or width == 5:
                raise self.file.damaged(
                    f"line {lines[table.rows[0]]}: a vertex has {width} numbers; it has x y z, "
                    "then its weight or a color of three or four numbers"
                )
            places = table.values[:, :3]
            if width == 4:
                weights = table.values[:, 3:]
                none = weights[:, 0] == 0
                if none.any():
                    line = lines[table.rows[int(none.argmax())]]
                    raise self.file.damaged(
                        f"line {line}: the weight (fourth number) of a vertex is 0, so that it "
                        "lies at infinity"
                    )
                places = places / weights
            found[table.rows] = places
        self.vertices.append(found)
        self.count += len(found)

    def _faces(self, rows: list[bytes], lines: Sequence[int], before: Ints) -> None:
        if any(b"/" in row for row in rows):
            rows = _EXTRAS.sub(rb"\1", b"\n".join(rows)).split(b"\n")
        for table in tables(self.file, rows, lines, np.int64):
            group = table.values
            where = np.asarray(lines)[table.rows]
            bad = (group == 0) | (group < -before[table.rows, None])
            if bad.any():
                at = np.unravel_index(int(bad.argmax()), bad.shape)
                number, known = int(group[at]), int(before[table.rows[at[0]]])
                why = (
                    "numbers of vertices begin with 1"
                    if number == 0
                    else f"only {known} vertices stand before it"
                )
                raise self.file.damaged(
                    f"line {where[at[0]]}: a face uses vertex {number}, but {why}"
                )
            if group.shape[1] < 3:
                self.short.extend(where.tolist())
                continue
            group = np.where(group < 0, group + before[table.rows, None], group - 1)
            self.polygons.append((group, where))
            self.triangles += len(group) * (group.shape[1] - 2)
        self.file.check_faces(self.triangles)

    def _say_what_was_left_out(self) -> None:
        for lines, what in (
            (self.short, "faces with fewer than three corners"),
            (self.surfaces, "free-form surfaces; export them as polygons"),
            (self.includes, "statements that read other files"),
        ):
            if lines:
                self.file.warn(f"left out {len(lines)} {what} (the first: line {min(lines)})")
        if self.unknown:
            number, word = self.unknown[0]
            self.file.warn(
                f"left out {len(self.unknown)} statements that OBJ does not have (the first: "
                f"{quoted(word)} in line {number})"
            )


def _continues(line: bytes) -> bool:
    """Whether a line goes on in the next; editors leave blanks after the backslash."""
    return b"\\" in line and line.rstrip().endswith(b"\\")


def _begins(head: bytes, size: int) -> bool:
    words = [line.split() for line in head.split(b"\n")[:-1]]
    statements = [line for line in words if line and not line[0].startswith(b"#")]
    return len(statements) > 1 and all(
        line[0] in _KNOWN or (line[0] in (b"v", b"f") and len(line) > 3) for line in statements
    )


FORMAT = MeshFormat("OBJ", (".obj",), _begins, read)

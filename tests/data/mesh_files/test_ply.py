"""PLY files, rule by rule, as text and in both byte orders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from nfcodec.data import mesh_files, meshes
from nfcodec.errors import DamagedFileError, LimitError, UnsupportedError
from tests.data.mesh_files.solids import BOX, FACES, QUADS, check

FORMATS = {"ascii": "", "binary_little_endian": "<", "binary_big_endian": ">"}
CODES = {
    "char": "i1", "uchar": "u1", "short": "i2", "ushort": "u2", "int": "i4", "uint": "u4",
    "float": "f4", "double": "f8", "int8": "i1", "uint8": "u1", "int16": "i2", "uint16": "u2",
    "int32": "i4", "uint32": "u4", "float32": "f4", "float64": "f8",
}  # fmt: skip
XYZ = ("float x", "float y", "float z")
INDICES = ("list uchar int vertex_indices",)

Element = tuple[str, Sequence[str], Sequence[Sequence[object]]]


def vertex(kind: str = "float") -> Element:
    return ("vertex", [p.replace("float", kind) for p in XYZ], BOX.tolist())


def face(rows: Sequence[Sequence[int]] = QUADS.tolist(), kind: str = INDICES[0]) -> Element:  # type: ignore[assignment]
    return ("face", [kind], [[[int(i) for i in row]] for row in rows])


def ply(form: str, *elements: Element, head: Sequence[str] = (), end: str = "\n") -> bytes:
    """A PLY file. A row has one entry for each property, a list for those that are lists."""
    lines, body = ["ply", f"format {form} 1.0", *head], b""
    order = FORMATS[form]
    for name, properties, rows in elements:
        lines += [f"element {name} {len(rows)}", *(f"property {p}" for p in properties)]
        for row in rows:
            words = []
            for text, value in zip(properties, row, strict=True):
                kinds = text.split()[:-1]
                numbers = value if isinstance(value, (list, tuple)) else [value]
                if kinds[0] == "list":
                    words.append((CODES[kinds[1]], [len(numbers)]))
                    kinds = kinds[2:]
                words.append((CODES[kinds[0]], list(numbers)))
            if order:
                body += b"".join(np.array(v, order + k).tobytes() for k, v in words)
            else:
                body += " ".join(f"{n:.17g}" for _, v in words for n in v).encode() + end.encode()
    return (end.join([*lines, "end_header"]) + end).encode("latin1") + body


def put(folder: Path, data: bytes) -> Path:
    path = folder / "box.ply"
    path.write_bytes(data)
    return path


@pytest.fixture(params=FORMATS)
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


OTHER: Element = ("material", ["list uchar float weights", "int id"],
                  [[[1.0] * n, n] for n in (2, 1, 0, 300 % 256)])  # fmt: skip
BOXES: dict[str, list[Element]] = {
    "quads": [vertex(), face()],
    "triangles": [vertex(), face(FACES.tolist())],
    "both": [vertex(), face([*FACES[:3].tolist(), *FACES[6:9].tolist(), *QUADS[3:].tolist()])],
    "one by one": [vertex(), face([r for q in range(6) for r in (
        [FACES[q].tolist(), FACES[q + 6].tolist()] if q % 2 else [QUADS[q].tolist()])])],
    "faces first": [face(), vertex()],
    "other elements": [OTHER, vertex(), ("second", *OTHER[1:]), face(),
                       ("edge", ["int vertex1", "int vertex2"], [[0, 1]])],
    "empty element": [("nothing", [], []), vertex(), face(), ("lists", ["list int int a"], [])],
    "vertex_index": [vertex(), face(kind="list uchar int vertex_index")],
    "double, short": [vertex("double"), face(kind="list ushort short vertex_indices")],
    "int8, uint": [vertex("char"), face(kind="list int uint vertex_indices")],
    "float64, uint8": [vertex("float64"), face(kind="list uint8 uint8 vertex_indices")],
    "more properties": [
        ("vertex", ["uchar red", *XYZ, "list uchar int tags", "double quality"],
         [[7, *p, [1] * n, 0.5] for n, p in enumerate(BOX.tolist())]),
        ("face", ["float q", *INDICES, "list uchar float texcoord", "uchar red"],
         [[0.5, q, [0.25] * (8 if n % 2 else 0), 9] for n, q in enumerate(QUADS.tolist())]),
    ],
    "strips": [vertex(), ("tristrips", INDICES, [[[i for q in QUADS.tolist() for i in (
        q[0], q[1], q[3], q[2], -1)]]])],
    "strips, one by one": [vertex(), ("tristrips", INDICES, [
        [[q[0], q[1], q[3], q[2]]] for q in QUADS.tolist()])],
}  # fmt: skip


@pytest.mark.parametrize("name", BOXES)
def test_the_box(tmp_path: Path, form: str, name: str) -> None:
    check(put(tmp_path, ply(form, *BOXES[name])))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(tmp_path: Path, form: str, end: str) -> None:
    """Data that begin with the byte of a line end are data."""
    for first in (10.0, 13.0):
        data = ply(form, ("a", ["uchar b"], [[first]]), vertex(), face(), end=end)
        check(put(tmp_path, data))


def test_line_ends_that_differ(tmp_path: Path, form: str) -> None:
    data = ply(form, vertex(), face()).replace(b"end_header\n", b"end_header \r\n")
    check(put(tmp_path, data.replace(b"float y\n", b"float  y\r\n")))


def test_strips_turn_every_other_triangle_and_begin_again(tmp_path: Path, form: str) -> None:
    rows = [[[0, 1, 2, 3, 4, -1, 5, 6, 7]], [[7, 6, 5, 4]], [[1, 2]], [[-1, -1, 3, 4, -1]], [[]]]
    path = put(tmp_path, ply(form, vertex(), ("tristrips", INDICES, rows)))
    wanted = [[0, 1, 2], [2, 1, 3], [2, 3, 4], [5, 6, 7], [7, 6, 5], [5, 6, 4]]
    assert sorted(mesh_files.read(path)[1].tolist()) == sorted(wanted)


def test_comments_hold_any_bytes(tmp_path: Path, form: str) -> None:
    head = ("comment gescannt für das Büro", "obj_info element vertex 9", "comment", "comment \r x",
            "comment end_header", "comment \x00\xff")  # fmt: skip
    check(put(tmp_path, ply(form, vertex(), face(), head=head)))


def test_a_byte_order_mark(tmp_path: Path, form: str) -> None:
    check(put(tmp_path, b"\xef\xbb\xbf" + ply(form, vertex(), face())))


def test_properties_that_are_there_twice(tmp_path: Path, form: str) -> None:
    """Such as colors; places and corners are not (see the errors below)."""
    rows = [[*p, n, n] for n, p in enumerate(BOX.tolist())]
    colored = ("vertex", [*XYZ, "uchar red", "uchar red"], rows)
    check(put(tmp_path, ply(form, colored, face())))


def test_blank_lines_and_spaces(tmp_path: Path) -> None:
    head, mark, body = ply("ascii", *BOXES["more properties"]).partition(b"end_header\n")
    body = body.replace(b"\n", b"  \n\n").replace(b" ", b" \t")
    check(put(tmp_path, head + mark + body.rstrip()))


def test_bytes_after_the_last_element(tmp_path: Path, form: str) -> None:
    with pytest.warns(UserWarning, match=r"after the last element|from line 24 on"):
        check(put(tmp_path, ply(form, vertex(), face()) + b"written by a scanner"))


def test_large_coordinates_keep_their_digits(tmp_path: Path, form: str) -> None:
    places = BOX / 64 + [4587123.0625, 0, 0]
    data = ply(form, ("vertex", ["double x", "double y", "double z"], places.tolist()), face())
    mesh = meshes.load(put(tmp_path, data))
    np.testing.assert_array_equal(mesh.bounds, [places.min(axis=0), places.max(axis=0)])


def test_concave_polygons(tmp_path: Path, form: str) -> None:
    outline = [(-1, -1), (1, -1), (1, 1), (0.5, 1), (0.5, -0.5), (-0.5, -0.5), (-0.5, 1), (-1, 1)]
    places = [[x, y, z] for z in (-0.2, 0.2) for x, y in outline]
    sides = [[i, (i + 1) % 8, 8 + (i + 1) % 8, 8 + i] for i in range(8)]
    rows = [[*range(8, 16)], [*range(7, -1, -1)], *sides]
    data = ply(form, ("vertex", XYZ, places), face(rows))
    check(put(tmp_path, data), 2.5 * 0.4, (-1, -1, -0.2), (1, 1, 0.2))


def test_places_without_a_measurement(tmp_path: Path, form: str) -> None:
    places = [*BOX.tolist(), [float("nan")] * 3]
    check(put(tmp_path, ply(form, ("vertex", XYZ, places), face())))


def test_faces_of_two_corners_are_left_out(tmp_path: Path, form: str) -> None:
    with pytest.warns(UserWarning, match=r"left out 2 faces .*the first: face 6, from 0"):
        check(put(tmp_path, ply(form, vertex(), face([*QUADS.tolist(), [0, 1], []]))))


def test_wrong_numbers_of_vertices(tmp_path: Path, form: str) -> None:
    for row, message in (([0, 1, 8], "vertex 8"), ([0, 1, -1], "vertex -1")):
        with pytest.raises(DamagedFileError, match=rf"face 6 \(from 0\) uses {message}, .* has 8"):
            meshes.load(put(tmp_path, ply(form, vertex(), face([*QUADS.tolist(), row]))))


def test_every_cut_is_noticed(tmp_path: Path, form: str) -> None:
    """The header's counts tell that a file ends too early, wherever it does."""
    data = ply(form, *BOXES["both"]).rstrip(b"\n")
    for end in range(len(data)):
        with pytest.raises(DamagedFileError, match=r"box\.ply: "):
            meshes.load(put(tmp_path, data[:end]))


@pytest.mark.parametrize("rows", [2**31 - 1, 10**12, 10**18])
@pytest.mark.parametrize("what", ["vertex", "face", "tristrips", "other"])
def test_counts_beyond_the_file(tmp_path: Path, form: str, what: str, rows: int) -> None:
    """Refused before anything of that size is allocated."""
    data = ply(
        form, ("other", ["list uchar int a"], []), vertex(), face(), ("tristrips", INDICES, [])
    )
    name = what.encode()
    for count in (b" 0\n", b" 6\n", b" 8\n"):
        data = data.replace(b"element " + name + count, b"element %s %d\n" % (name, rows))
    with pytest.raises((DamagedFileError, LimitError), match=what):
        meshes.load(put(tmp_path, data))


def test_lengths_of_lists_beyond_the_file(tmp_path: Path) -> None:
    for form in ("binary_little_endian", "binary_big_endian"):
        good = ply(form, vertex(), face(kind="list uint int vertex_indices"))
        for length in (2**31 - 1, 2**32 - 1):
            for at in (1, 6):  # the first row, and the last
                start = len(good) - at * 20
                bad = np.array(length, FORMATS[form] + "u4").tobytes()
                path = put(tmp_path, good[:start] + bad + good[start + 4 :])
                with pytest.raises(DamagedFileError, match=rf"face {6 - at} \(from 0\) of 6 would"):
                    meshes.load(path)
        good = ply(form, vertex(), face(kind="list char int vertex_indices"))
        path = put(tmp_path, good[:-17] + b"\xff" + good[-16:])
        with pytest.raises(DamagedFileError, match=r"face 5 .* has the length -1"):
            meshes.load(path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("format ascii 1.0", "format text 1.0", r"line 2: 'format text 1\.0' is no format of PLY"),
        ("format ascii 1.0\n", "", "no format line"),
        ("element vertex 8", "element vertex", "line 3: .* should be 'element NAME COUNT'"),
        ("element vertex 8", "element vertex -8", "line 3: .* a count from 0 on"),
        ("element vertex 8", "element vertex 8e0", "line 3: .* a count from 0 on"),
        ("element vertex 8", "elements vertex 8", "line 3: .* is no statement of a PLY header"),
        ("element face 6", "element vertex 6", "line 7: a second element named vertex"),
        ("float z", "float x", "line 6: a second property named x"),
        ("float z", "half z", "line 6: 'property half z' should be"),
        ("list uchar int", "list float int", "line 8: .* the length of a list is a whole number"),
        ("list uchar int", "list uchar", "line 8: .* should be"),
        ("element vertex 8\n", "", "line 3: a property before the first element"),
        ("end_header\n", "", "is no statement of a PLY header"),
        ("\n1 1 1\n", "\n1 1\n", "line 17: a row of vertex has 2 numbers"),
        ("\n1 1 1\n", "\n1 1 1 1\n", "line 17: a row of vertex has 4 numbers"),
        ("\n1 1 1\n", "\n1 1 1,5\n", "line 17: '1,5' is not a number"),
        ("4 0 1 3 2\n", "5 0 1 3 2\n", "line 18: a row of face has 5 numbers"),
        ("4 0 1 3 2\n", "3 0 1 3 2\n", "line 18: a row of face has 5 numbers"),
        ("4 0 1 3 2\n", "4 0 1 3 2.5\n", "line 18: a row of face has a fraction"),
        ("4 0 1 3 2\n", "-1 0 1 3 2\n", "line 18: a row of face has a list"),
        ("4 0 1 3 2\n", "4 0 1 3 nan\n", "line 18: a row of face has a fraction"),
    ],
)
def test_errors_name_the_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = ply("ascii", vertex(), face()).decode()
    assert old in text
    with pytest.raises(DamagedFileError, match=rf"box\.ply: .*{message}"):
        mesh_files.read(put(tmp_path, text.replace(old, new, 1).encode()))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("ascii 1.0", "ascii 2.0", "line 2: version 2.0 of PLY"),
        ("float z", "float w", "line 3: vertices have no x, y and z; their properties are x, y, w"),
        ("vertex_indices", "corners", "line 7: face has no list .* named vertex_indices"),
        ("element vertex", "element vertices", "no element 'vertex'; its elements are vertices"),
    ],
)
def test_what_is_not_supported(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = ply("ascii", vertex(), face()).decode()
    with pytest.raises(UnsupportedError, match=message):
        mesh_files.read(put(tmp_path, text.replace(old, new, 1).encode()))


def test_no_faces(tmp_path: Path, form: str) -> None:
    for more in ([], [face([])]):
        with pytest.raises(DamagedFileError, match=r"8 vertices but no faces; .* not points"):
            meshes.load(put(tmp_path, ply(form, vertex(), *more)))
    grid: Element = ("range_grid", INDICES, [[[0]], [[]]])
    with pytest.raises(UnsupportedError, match=r"line 7: the element range_grid, .* is not read"):
        meshes.load(put(tmp_path, ply(form, vertex(), grid)))
    with pytest.warns(UserWarning, match="line 7: the element range_grid, .* is left out"):
        check(put(tmp_path, ply(form, vertex(), grid, face())))


def test_limits(tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from nfcodec.data.mesh_files import ply as reader
    from nfcodec.data.mesh_files import ply_header, source

    path = put(tmp_path, ply(form, vertex(), face()))
    monkeypatch.setattr(reader, "MAX_FACES", 5)
    with pytest.raises(LimitError, match="line 7: 6 rows of face, more than 5"):
        meshes.load(path)
    monkeypatch.setattr(reader, "MAX_FACES", 6)
    monkeypatch.setattr(source, "MAX_FACES", 11)
    with pytest.raises(LimitError, match="12 triangles, more than 11"):
        meshes.load(path)
    monkeypatch.setattr(ply_header, "_MOST", 3)
    with pytest.raises(LimitError, match="line 9: over 3 elements or properties"):
        meshes.load(path)

"""OBJ files, rule by rule."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nfcodec.data import mesh_files, meshes
from nfcodec.errors import DamagedFileError, LimitError, UnsupportedError
from tests.data.mesh_files.solids import BOX, FACES, QUADS, check

V = "".join(f"v {x:g} {y:g} {z:g}\n" for x, y, z in BOX)
F = "".join("f " + " ".join(str(i + 1) for i in q) + "\n" for q in QUADS)


def put(folder: Path, text: str | bytes) -> Path:
    path = folder / "box.obj"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def corners(form: str) -> str:
    """The box's faces with corners as ``form`` writes the numbers of a vertex."""
    return "".join("f " + " ".join(form.format(i + 1) for i in q) + "\n" for q in QUADS)


@pytest.mark.parametrize(
    "text",
    [
        V + F,
        F + V,  # numbers from 1 on may name what comes later
        (V + F).replace(" ", "\t"),
        (V + F).replace(" ", " \t  ").replace("\n", "  \n\n"),
        (V + F).replace("\n", "\r\n"),
        (V + F).replace("\n", "\r"),
        (V + F).removesuffix("\n"),
        "  " + (V + F).replace("\n", "\n  "),
        (V + F).replace("\n", " # as drawn\n"),
        "# made by \x0c hand \\\n" + V + "#v 1 2 3\n" + F,
        V + "vt 0 0\nvn 0 0 1\n" + corners("{}/1"),
        V + "vt 0 0\nvn 0 0 1\n" + corners("{}//1"),
        V + "vt 0 0\nvn 0 0 1\n" + corners("{}/1/1"),
        V + "vt 0 0\nvn 0 0 1\n" + corners("{}/-1/-1"),
        V + corners("{}").replace("f 1 2 4 3", "f 1/1 2 4/1/1 3//1"),
        V.replace("v 1 ", "v \\\n1 ") + F.replace("f 1 2 ", "f 1 2 \\\n\\\n"),
        F.replace("f 1 2 ", "f 1 2 \\ \t\n") + V,
        V.replace("v 1 1 1\n", "v +1.0E+0 1e0 .1e1\n") + F,
        V.replace("\n", " 0.5 0.5 0.5\n") + F,  # colors
        V.replace("\n", " 0.5 0.5 0.5 1\n") + F,
        V.replace("\n", " 1 0.5 0.5 0.5\n", 3) + F,  # colors of some
        V + F.replace("f ", "fo "),
        "mtllib gone.mtl\no box\ng a b\ns off\nusemtl red\n" + V + "l 1 2 3\np 1\n" + F,
        V + "v nan 0 0\n" + F,  # a place that no face uses
        "v 1e30 0 0\n" + V + corners("{}").translate({ord(str(i)): str(i + 1) for i in range(9)}),
    ],
)  # fmt: skip
def test_the_box(tmp_path: Path, text: str) -> None:
    check(put(tmp_path, text))


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + (V + F).encode(),
        "# Büro\no Körper\n".encode("latin1") + (V + F).encode(),
        "# 箱\no 箱\n".encode() + (V + F).encode(),
        (V + F).encode("utf-16"),
        b"\xfe\xff" + ("# 箱\n" + V + F).encode("utf-16-be"),
        (V + F).encode("utf-16-le"),
        (V + F).encode("utf-16-be"),
    ],
)
def test_encodings(tmp_path: Path, data: bytes) -> None:
    check(put(tmp_path, data))


def test_blocks_make_no_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nfcodec.data.mesh_files import text

    wanted = meshes.load(put(tmp_path, V + F))
    broken = V.replace("v 1 ", "v \\\n1 ") + F.replace("f 1 2 ", "f \\\n1 2 \\\n")
    for size in (1, 7, 40):
        monkeypatch.setattr(text, "_BLOCK", size)
        found = check(put(tmp_path, broken))
        np.testing.assert_array_equal(found.triangles, wanted.triangles)


def test_negative_numbers_count_back_from_where_they_stand(tmp_path: Path) -> None:
    text = ""
    for shift in (-2.0, 0.0, 2.0):
        text += "".join(f"v {x + shift:g} {y:g} {z:g}\n" for x, y, z in BOX * 0.5)
        text += "".join("f " + " ".join(str(i - 8) for i in q) + "\n" for q in QUADS)
    check(put(tmp_path, text), 3.0, (-2.5, -0.5, -0.5), (2.5, 0.5, 0.5))


def test_weights(tmp_path: Path) -> None:
    text = "".join(f"v {2 * x:g} {4 * y:g} {z:g} 2\n" for x, y, z in BOX) + F
    mesh = meshes.load(put(tmp_path, text))
    np.testing.assert_allclose(mesh.bounds, [[-1, -2, -0.5], [1, 2, 0.5]])
    with pytest.raises(DamagedFileError, match=r"line 2: the weight .* is 0"):
        meshes.load(put(tmp_path, "v 0 0 0 1\nv 1 0 0 0\n"))


def test_large_coordinates_keep_their_digits(tmp_path: Path) -> None:
    text = "".join(f"v {4587123.0625 + x / 64:.17g} {y:g} {z:g}\n" for x, y, z in BOX) + F
    mesh = meshes.load(put(tmp_path, text))
    np.testing.assert_array_equal(mesh.bounds[:, 0], 4587123.0625 + np.array([-1, 1]) / 64)


@pytest.mark.filterwarnings("ignore:.*faced the wrong way:UserWarning")
@pytest.mark.parametrize("turned", [False, True])
def test_concave_polygons(tmp_path: Path, turned: bool) -> None:
    """A U of 0.4 x 2 x 2 with a notch of 1 x 1.5, whose ends are polygons of eight corners."""
    outline = [(-1, -1), (1, -1), (1, 1), (0.5, 1), (0.5, -0.5), (-0.5, -0.5), (-0.5, 1), (-1, 1)]
    for first in range(8):
        ring = outline[first:] + outline[:first]
        text = "".join(f"v {x:g} {y:g} {z:g}\n" for z in (-0.2, 0.2) for x, y in ring)
        ends = [[*range(8, 16)], [*range(7, -1, -1)]]
        sides = [[i, (i + 1) % 8, 8 + (i + 1) % 8, 8 + i] for i in range(8)]
        for polygon in ends + sides:
            order = polygon[::-1] if turned else polygon
            text += "f " + " ".join(str(i + 1) for i in order) + "\n"
        check(put(tmp_path, text), (4 - 1.5) * 0.4, (-1, -1, -0.2), (1, 1, 0.2))


def test_mixed_sizes_of_polygons(tmp_path: Path) -> None:
    faces = [*FACES[:3], *FACES[6:9], *QUADS[3:]]
    text = "".join("f " + " ".join(str(i + 1) for i in q) + "\n" for q in faces)
    check(put(tmp_path, V + text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (V + F + "f 0 1 2\n", "line 15: a face uses vertex 0, but numbers of vertices begin with"),
        (V + F + "f 1 2 9\n", "line 15: a face uses vertex 9, but the file has 8"),
        ("v 0 0 0\nf -1 -2 -3\n" + V, "line 2: a face uses vertex -2, but only 1 vertices stand"),
        (V + "f 1 2 99999999999999999999\n", "line 9: '99999999999999999999' is not a whole numb"),
        (V + "f 1 2 3.5\n", "line 9: '3.5' is not a whole number"),
        (V + "f 1/x 2 3\n", "line 9: '1/x' is not a whole number"),
        (V + "f 1/2/3/4 2 3\n", "line 9: '1/2/3/4' is not"),
        (V + "v 1,5 2,0 3,0\n", "line 9: '1,5' is not a number; decimals are written with a point"),
        (V + "v 1 2\n", "line 9: a vertex has 2 numbers"),
        (V + "v\n", "line 9: a vertex has 0 numbers"),
        (V + "v 1 2 3 4 5\n", "line 9: a vertex has 5 numbers"),
        (V + "v 1 2 0x10\n", "line 9: '0x10' is not a number"),
        (V + "v 1 2 1_0\n", "line 9: '1_0' is not a number"),
        (V + "v 1 2 \\", "line 9: the file ends in a line that is to be continued"),
        (V.replace("v 1 ", "v \\\n1 ") + "f 1 2 \\\n 9\n", "line 13: a face uses vertex 9"),
        (
            "".join(f"v {i} 0 0\n" for i in range(3)),
            "the mesh has 3 vertices but no faces; .* not points",
        ),
        ("hello world\n" * 20, "holds neither vertices nor faces"),
        ("", "no OBJ file but an empty file"),
    ],
)
def test_errors_name_the_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DamagedFileError, match=rf"box\.obj: {message}"):
        mesh_files.read(put(tmp_path, text))


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("f 1 2\nf 3\nf\n", r"left out 3 faces with fewer .* \(the first: line 15\)"),
        ("\nsurf 0 1 0 1 1 2 3\n", r"left out 1 free-form surfaces; .* \(the first: line 16\)"),
        ("call other.obj\n", "left out 1 statements that read other files"),
        ("v1 2 3\nvx 3\n", "left out 2 statements that OBJ does not have .*'v1' in line 15"),
    ],
)  # fmt: skip
def test_what_is_left_out_is_said(tmp_path: Path, more: str, message: str) -> None:
    with pytest.warns(UserWarning, match=message):
        check(put(tmp_path, V + F + more))


def test_free_form_surfaces_alone(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match=r"line 9: .*free-form surfaces"):
        meshes.load(put(tmp_path, V + "surf 0 1 0 1 1 2 3\n"))


def test_too_many_faces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nfcodec.data.mesh_files import source

    monkeypatch.setattr(source, "MAX_FACES", 11)
    with pytest.raises(LimitError, match="12 triangles, more than 11"):
        meshes.load(put(tmp_path, V + F))

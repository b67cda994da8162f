"""STL files, rule by rule."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from nfcodec.data import mesh_files, meshes
from nfcodec.errors import DamagedFileError, LimitError
from tests.data.mesh_files.solids import BOX, FACES, check


def text(
    vertices: npt.NDArray[np.float64] = BOX, faces: npt.NDArray[np.int64] = FACES, name: str = "box"
) -> str:
    facets = "".join(
        "facet normal 0 0 0\n  outer loop\n"
        + "".join("    vertex {:.9g} {:.9g} {:.9g}\n".format(*vertices[i]) for i in f)
        + "  endloop\nendfacet\n"
        for f in faces
    )
    return f"solid {name}\n{facets}endsolid {name}\n"


def binary(
    header: bytes = b"", count: int | None = None, tail: bytes = b"", attribute: int = 0,
    normal: float = 0.0, facets: int = 12,
) -> bytes:  # fmt: skip
    rows = b"".join(
        struct.pack("<12fH", 0, 0, normal, *BOX[f].ravel(), attribute) for f in FACES[:facets]
    )
    count = facets if count is None else count
    return header.ljust(80, b"\0")[:80] + struct.pack("<I", count) + rows + tail


def put(folder: Path, data: str | bytes) -> Path:
    path = folder / "box.stl"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


@pytest.mark.parametrize(
    "data",
    [
        text(),
        text(name=""),
        text(name="vertex 1 2 3 facet endsolid"),
        text().replace("\n", "\r\n"),
        text().replace("\n", "\r"),
        text().replace(" ", "\t"),
        text().replace("\n", " \n\n").removesuffix("\n"),
        text().upper(),
        text().replace("endsolid", "end solid"),
        text().replace("endloop", "end loop").replace("endfacet", "end facet"),
        text().replace("endsolid box", "endsolid"),
        text().replace("facet normal 0 0 0", "facet normal nan -nan(ind) 1.#QNAN"),
        text().replace("facet normal 0 0 0", "facet"),
        text().replace("\n  ", " ").replace("\nend", " end").replace(" endsolid", "\nendsolid"),
        text(faces=FACES[:5]) + text(faces=FACES[:0]) + text(faces=FACES[5:]),
        text().replace(" 1 1 1\n", " +1.0e+00 1E0 .1e1\n"),
        b"\xef\xbb\xbf" + text().encode(),
        text().encode("utf-16"),
        text().encode("utf-16-le"),
        text(name="Büro").encode("latin1"),
        "\n  " + text(),
        text().removeprefix("solid box\n"),
    ],
)
def test_text(tmp_path: Path, data: str | bytes) -> None:
    check(put(tmp_path, data))


@pytest.mark.parametrize(
    "data",
    [
        binary(),
        binary(header=b"solid box"),
        binary(header=b"solid" + b" " * 75),
        binary(header=b"solid facet normal endsolid"),
        binary(header=b"COLOR=\x01\x02\x03\xff", attribute=0x8421),
        binary(header=b"v 1 2 3\nf 1 2 3\n"),
        binary(normal=float("nan")),
        binary(normal=1.0),
    ],
)
def test_binary(tmp_path: Path, data: bytes) -> None:
    check(put(tmp_path, data))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (binary(tail=b"checksum 1b2c3d4e and padding"), "29 bytes after the last of 12 facets"),
        (binary(header=b"solid box", tail=b"checksum"), "8 bytes after the last of 12 facets"),
        (binary(tail=b"written by a scanner " * 20), "420 bytes after the last of 12 facets"),
        (binary(tail=bytes(2048)), "2048 bytes after the last of 12 facets"),
        (binary(count=0), "count says 0 facets, the file has room for 12; all 12 are read"),
        (binary(count=2**32 - 1), "count says 4294967295 facets, .* 12; all 12 are read"),
        (binary(count=6), "count says 6 facets, the file has room for 12; all 12 are read"),
        (binary(count=6, normal=1.0), "count says 6 facets, .* 12; all 12 are read"),
        (text().removesuffix("endsolid box\n"), "ends without endsolid"),
        (text().replace("\nendsolid", "\ncolor 1 2\n; x\nendsolid"), "left out 2 lines .* 86"),
    ],
)  # fmt: skip
def test_with_a_warning(tmp_path: Path, data: str | bytes, message: str) -> None:
    with pytest.warns(UserWarning, match=message):
        check(put(tmp_path, data))


def test_loops_of_four_corners(tmp_path: Path) -> None:
    from tests.data.mesh_files.solids import QUADS

    check(put(tmp_path, text(faces=QUADS)))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (binary(count=13), "byte 80: the count says 13 facets, .* room for 12; .* cut short"),
        (binary()[:-1], "byte 80: the count says 12 facets, .* room for 11; .* cut short"),
        (binary()[:90], "the count says 12 facets, the file has room for 0"),
        (binary()[:60], "60 bytes"),
        (binary(count=6, tail=b"\xff" * 50), "count says 6 facets, .* 13, and facets go on after"),
        (binary(count=0, facets=0), "holds neither vertices nor faces"),
        (bytes(range(256)) * 3, "no STL file"),
        (text(faces=FACES[:0]), "holds neither vertices nor faces"),
        (text().replace("1 1 1\n", "1 1\n", 1), r"line \d+: a vertex has three numbers"),
        (text().replace("1 1 1\n", "1 1 1,0\n", 1), r"line \d+: '1,0' is not a number"),
        (text().replace("endloop\n", "endloop\nvertex 1 2 3\n", 1), "line 8: 'vertex' after a"),
        (text().replace("  endloop\n", "", 1), "line 7: 'endfacet' in a loop"),
        (text().replace("    vertex -1 -1 -1\n", "", 1), "line 6: a facet with 2 corners"),
        (text().rpartition("    vertex")[0], "line .*: the text ends in a loop; .*cut short"),
        (text(faces=FACES[:1]).replace("endfacet\n", ""), "line 8: a solid ends after a loop"),
    ],
)  # fmt: skip
def test_errors_name_the_place(tmp_path: Path, data: str | bytes, message: str) -> None:
    with pytest.raises(DamagedFileError, match=rf"box\.stl: .*{message}"):
        mesh_files.read(put(tmp_path, data))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("# box\nv 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n" * 9, r"format OBJ \(\.obj\)"),
        ("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n", "format OBJ"),
        ("ply\nformat ascii 1.0\nend_header\n", "format PLY"),
        (b"glTF" + bytes(100), "format glTF"),
        (b"PK\x03\x04" + bytes(100), "a zip archive"),
        (b"<!DOCTYPE html><html>" + b" " * 100, "a web page"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer; `git lfs pull`"),
        (b"", "an empty file"),
    ],
)
def test_other_files_are_told_apart(tmp_path: Path, data: str | bytes, message: str) -> None:
    with pytest.raises(DamagedFileError, match=rf"box\.stl: no STL file but .*{message}"):
        mesh_files.read(put(tmp_path, data))


def test_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nfcodec.data.mesh_files import source

    monkeypatch.setattr(source, "MAX_FACES", 11)
    for data in (binary(), binary(count=0), text()):
        with pytest.raises(LimitError, match="12 triangles, more than 11"):
            meshes.load(put(tmp_path, data))

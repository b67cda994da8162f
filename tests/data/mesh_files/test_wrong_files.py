"""Paths that are no mesh files, and meshes where a field is needed: what the message says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nfcodec import importers
from nfcodec.data import mesh_files
from nfcodec.errors import DamagedFileError, UnsupportedError, UsageError
from tests.data.mesh_files import test_gltf, test_obj, test_ply, test_stl

MESHES = {
    ".obj": (test_obj.V + test_obj.F).encode(),
    ".ply": test_ply.ply("binary_little_endian", test_ply.vertex(), test_ply.face()),
    ".stl": test_stl.binary(),
}


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.obj: no such file"):
        mesh_files.read(tmp_path / "none.obj")
    (tmp_path / "folder.obj").mkdir()
    with pytest.raises(UsageError, match="is a folder, where a mesh file is needed"):
        mesh_files.read(tmp_path / "folder.obj")
    os.mkfifo(tmp_path / "pipe.obj")
    with pytest.raises(UsageError, match="is a pipe or a device"):
        mesh_files.read(tmp_path / "pipe.obj")
    (tmp_path / "mesh.fbx").write_bytes(b"Kaydara FBX Binary")
    with pytest.raises(UnsupportedError, match=r"from .*\.gltf, not \.fbx"):
        mesh_files.read(tmp_path / "mesh.fbx")


@pytest.mark.parametrize("suffix", mesh_files.SUFFIXES)
def test_a_mesh_is_not_a_field(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"mesh{suffix}"
    if suffix in (".glb", ".gltf"):
        test_gltf.Gltf().glb(path)
    else:
        path.write_bytes(MESHES[suffix])
    with pytest.raises(
        UnsupportedError, match=r"this is a mesh .*: learn a field .* `nfcodec train sdf`"
    ):
        importers.load(path)


def test_a_mesh_is_known_by_its_content(tmp_path: Path) -> None:
    for suffix, name in ((".ply", "PLY"), (".stl", "STL"), (".obj", "OBJ")):
        (tmp_path / "field.pt").write_bytes(MESHES[suffix])
        with pytest.raises(UnsupportedError, match=rf"this is a mesh \({name}\)"):
            importers.load(tmp_path / "field.pt")
    (tmp_path / "field.pt").write_bytes(MESHES[".stl"] + b"1")
    with pytest.raises(DamagedFileError, match="begins with"):
        importers.load(tmp_path / "field.pt")


@pytest.mark.parametrize("content", [".obj", ".ply", ".stl", ".glb", "random"])
@pytest.mark.parametrize("suffix", mesh_files.SUFFIXES)
def test_a_mesh_under_a_wrong_suffix(tmp_path: Path, content: str, suffix: str) -> None:
    """Never "a surface is needed, not points"."""
    path = tmp_path / f"mesh{suffix}"
    if content == suffix or {content, suffix} == {".glb", ".gltf"}:
        return
    if content == ".glb":
        test_gltf.Gltf().glb(path)
    else:
        path.write_bytes(MESHES.get(content, bytes((i * i * 7 + i) % 251 for i in range(999))))
    name = {".obj": "OBJ", ".ply": "PLY", ".stl": "STL", ".glb": "glTF"}.get(content)
    message = f"but a mesh of the format {name}" if name else r"mesh\.\w+: (?!the mesh has)"
    with pytest.raises(DamagedFileError, match=message):
        mesh_files.read(path)


def test_messages_are_one_line_of_printable_text(tmp_path: Path) -> None:
    """What a file holds in place of names does not reach the terminal as it is."""
    (tmp_path / "a.obj").write_bytes(b"v 1 2 \x1b[31m\xff\n")
    (tmp_path / "a.ply").write_bytes(
        b"ply\nformat ascii 1.0\nelement vertex 1\nproperty float \x1b[31m\xe9\nend_header\n0\n"
    )
    (tmp_path / "a.gltf").write_bytes(
        b'{"asset": {"version": "2.0"}, "extensionsRequired": ["\\ud800\\n\\u001b[31m"]}'
    )
    for suffix in (".obj", ".ply", ".gltf"):
        with pytest.raises((DamagedFileError, UnsupportedError), match=r"\\x1b\[31m") as caught:
            mesh_files.read(tmp_path / f"a{suffix}")
        assert str(caught.value).isprintable()

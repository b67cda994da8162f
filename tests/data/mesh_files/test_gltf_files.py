"""What glTF files are made of: JSON, buffers, extensions; and what is wrong with some."""

from __future__ import annotations

import base64
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nfcodec.data import mesh_files, meshes
from nfcodec.errors import DamagedFileError, LimitError, UnsupportedError
from tests.data.mesh_files.gltf import Gltf
from tests.data.mesh_files.solids import FACES, check


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "box.glb"


def test_gltf_with_data_inside_and_beside(tmp_path: Path) -> None:
    path = tmp_path / "box.gltf"
    g = Gltf()
    check(g.gltf(path))
    check(g.gltf(path, "DATA:;BASE64," + base64.b64encode(g.data).decode()))
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    check(path)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/my side.bin").write_bytes(g.data)
    check(g.gltf(path, "sub/my%20side.bin"))
    check(g.gltf(path, "./sub/../sub/my side.bin"))
    with pytest.raises(DamagedFileError, match=r"buffers\[0\]: there is no file 'gone.bin' in the"):
        meshes.load(g.gltf(path, "gone.bin"))
    with pytest.raises(DamagedFileError, match="there is no file"):
        meshes.load(g.gltf(path, "x" * 5000))
    for uri in ("SUB/My%20Side.BIN", "sub\\my side.bin", ".\\no\\..\\sub\\my%20side.bin"):
        check(g.gltf(path, uri))
    (tmp_path / "sub/my side.bin.png").write_bytes(g.data)
    (tmp_path / "sub/my side.bin").unlink()
    with pytest.raises(DamagedFileError, match="there is no file"):  # no suffix is made up
        meshes.load(path)
    (tmp_path / "short.bin").write_bytes(g.data[:-1])
    with pytest.raises(DamagedFileError, match=r"buffers\[0\]: should have 168 bytes and has 167"):
        meshes.load(g.gltf(path, "short.bin"))


@pytest.mark.parametrize(
    "uri",
    ["../box.bin", "sub/../../box.bin", "%2e%2e/box.bin", "/etc/passwd", "http://x.org/box.bin",
     "file:///etc/passwd", "C:\\box.bin", "..\\box.bin", "..", "sub\\..\\..\\box.bin", "\0"],
)  # fmt: skip
def test_no_file_elsewhere_is_opened(tmp_path: Path, uri: str) -> None:
    (tmp_path / "scene").mkdir()
    g = Gltf()
    (tmp_path / "box.bin").write_bytes(g.data)
    with pytest.raises(UnsupportedError, match=r"buffers\[0\]: the file .* is not in the mesh's"):
        meshes.load(g.gltf(tmp_path / "scene/box.gltf", uri))


@pytest.mark.parametrize(
    "uri", ["data:,abc", "data:x;base64", "data:x;base64,a", "data:x;base64,*"]
)
def test_data_that_is_no_base64(tmp_path: Path, uri: str) -> None:
    with pytest.raises(DamagedFileError, match=r"buffers\[0\]: 'uri' is"):
        meshes.load(Gltf().gltf(tmp_path / "box.gltf", uri))


@pytest.mark.parametrize(
    "name", ["KHR_draco_mesh_compression", "EXT_meshopt_compression", "KHR_meshopt_compression",
             "CESIUM_RTC", "XX_made_up"],
)  # fmt: skip
def test_required_extensions_that_are_not_supported(path: Path, name: str) -> None:
    with pytest.raises(UnsupportedError, match=rf"extensionsRequired: .*{name}.*; export it"):
        meshes.load(Gltf().uses(name).glb(path))


@pytest.mark.parametrize(
    "name", ["KHR_materials_unlit", "KHR_texture_basisu", "EXT_texture_webp", "MSFT_texture_dds",
             "KHR_lights_punctual", "KHR_animation_pointer", "EXT_mesh_features",
             "FB_ngon_encoding", "VRM", "VRMC_vrm", "MSFT_lod", "KHR_physics_rigid_bodies",
             "AGI_articulations"],
)  # fmt: skip
def test_required_extensions_that_do_not_change_the_shape(path: Path, name: str) -> None:
    check(Gltf().uses(name).glb(path))


def test_packed_parts_without_a_plain_copy(path: Path) -> None:
    """A file may use an extension without requiring it if a plain copy is there."""
    g = Gltf()
    packed = {"bufferView": 0, "attributes": {"POSITION": 0}}
    g.primitives[0]["extensions"] = {"KHR_draco_mesh_compression": packed}
    check(g.glb(path))
    del g.json["accessors"][0]["bufferView"]
    with pytest.raises(UnsupportedError, match=r"meshes\[0\]\.primitives\[0\]: .*KHR_draco"):
        meshes.load(g.glb(path))
    g = Gltf()
    for view in g.json["bufferViews"]:
        view["extensions"] = {"EXT_meshopt_compression": {"buffer": 0}}
    check(g.glb(path))
    for view in g.json["bufferViews"]:
        view["buffer"] = 1
    g.json["buffers"].append({"byteLength": len(g.data)})
    with pytest.raises(UnsupportedError, match=r"bufferViews\[1\]: .*EXT_meshopt"):
        meshes.load(g.glb(path))


def test_with_a_warning(path: Path) -> None:
    with pytest.warns(UserWarning, match="11 bytes after the end"):
        check(Gltf().glb(path, tail=b"and padding"))
    check(Gltf().glb(path, extra=struct.pack("<I4s", 4, b"XTRA") + b"abcd"))
    g = Gltf()
    g.primitives.append({"attributes": {"NORMAL": 0}})
    with pytest.warns(UserWarning, match=r"1 primitives have no POSITION .*primitives\[1\]"):
        check(g.glb(path))
    g = Gltf()
    g.primitives[0]["indices"] = g.accessor([*FACES.ravel(), 0], np.uint8)
    with pytest.warns(UserWarning, match=r"1 primitives have corners left over"):
        check(g.glb(path))


def test_json_filled_up_with_zeros(path: Path) -> None:
    data = Gltf().glb(path).read_bytes()
    size = int.from_bytes(data[12:16], "little")
    text = data[20 : 20 + size] + bytes(8)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text + data[20 + size :]
    path.write_bytes(struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks)
    check(path)


def test_animations_are_said_to_be_left_out(path: Path) -> None:
    g = Gltf()
    g.json["animations"] = [{"channels": [], "samplers": []}]
    with pytest.warns(UserWarning, match="left out 1 animations; read is the pose at rest"):
        check(g.glb(path))


def _set(json_: dict[str, Any], where: str, value: object) -> None:
    *parents, last = [int(k) if k.isdigit() else k for k in where.split(".")]
    found: Any = json_
    for key in parents:
        found = found[key]
    found[last] = value


HUGE = 2**52
P0, N0, A0, A1 = "meshes.0.primitives.0", "nodes.0", "accessors.0", "accessors.1"


@pytest.mark.parametrize(
    ("where", "value", "message"),
    [
        (f"{A0}.count", 9, r"accessors\[0\]: 9 values end at byte 108 of a bufferView of 96"),
        (f"{A0}.count", HUGE, r"accessors\[0\]: .* of a bufferView of 96"),
        (f"{A0}.count", -1, r"accessors\[0\]: 'count' is -1"),
        (f"{A0}.count", "8", r"accessors\[0\]: 'count' is 8, where a number"),
        (f"{A0}.count", None, r"accessors\[0\]: 'count' is None"),
        (f"{A0}.byteOffset", 1, r"accessors\[0\]: 8 values end at byte 97"),
        (f"{A0}.byteOffset", -4, r"accessors\[0\]: 'byteOffset' is -4"),
        (f"{A0}.type", "VEC2", r"accessors\[0\]: is of type VEC2, where VEC3 belongs"),
        (f"{A0}.type", ["VEC3"], r"accessors\[0\]: is of type"),
        (f"{A0}.componentType", 5124, r"accessors\[0\]: componentType 5124 is none of"),
        (f"{A0}.bufferView", 7, r"accessors\[0\]: bufferViews\[7\] is none of the 2"),
        (f"{A0}.bufferView", True, r"accessors\[0\]: bufferViews\[True\] is none of"),
        (f"{A0}.sparse", [], r"accessors\[0\]: 'sparse' is no object"),
        (f"{A0}", 3, r"accessors\[0\]: is no object"),
        (f"{A1}.componentType", 5122, r"accessors\[1\]: .* needs unsigned integers, not int16"),
        ("bufferViews.0.byteLength", 95, r"accessors\[0\]: 8 values end at byte 96"),
        ("bufferViews.0.byteLength", HUGE, r"bufferViews\[0\]: ends at byte .* a buffer of 168"),
        ("bufferViews.0.byteOffset", HUGE, r"bufferViews\[0\]: ends at byte"),
        ("bufferViews.0.byteStride", 8, r"accessors\[0\]: .*byteStride 8 is below 12"),
        ("bufferViews.0.byteStride", HUGE, r"accessors\[0\]: 8 values end at byte"),
        ("bufferViews.0.buffer", 1, r"bufferViews\[0\]: buffers\[1\] is none of the 1"),
        ("buffers.0.byteLength", 169, r"buffers\[0\]: should have 169 bytes and has 168"),
        ("buffers.0.uri", 5, r"buffers\[0\]: 'uri' is no text"),
        (f"{P0}.mode", 7, r"meshes\[0\]\.primitives\[0\]: mode 7 is none of 0 to 6"),
        (f"{P0}.indices", 9, r"primitives\[0\]: accessors\[9\] is none"),
        (f"{P0}.indices", 0, r"accessors\[0\]: is of type VEC3, where SCALAR belongs"),
        (f"{P0}.attributes", [], r"primitives\[0\]: 'attributes' is no object"),
        (f"{P0}.attributes.POSITION", "0", r"primitives\[0\]: accessors\[0\] is none"),
        (P0, None, r"meshes\[0\]\.primitives\[0\]: is no object"),
        ("meshes", {}, "the file: 'meshes' is no list"),
        (f"{N0}.mesh", 1, r"nodes\[0\]: meshes\[1\] is none of the 1"),
        (f"{N0}.children", [0], r"nodes\[0\]: is its own descendant"),
        (f"{N0}.children", [1], r"nodes\[0\]: nodes\[1\] is none of the 1"),
        (f"{N0}.matrix", [1] * 15, r"nodes\[0\]: 'matrix' should be 16 numbers"),
        (f"{N0}.matrix", [1] * 16, r"nodes\[0\]: the last row of its matrix"),
        (f"{N0}.rotation", [0] * 4, r"nodes\[0\]: a rotation is no quaternion"),
        (f"{N0}.scale", ["1"] * 3, r"nodes\[0\]: 'scale' should be 3 numbers"),
        (f"{N0}.skin", 0, r"nodes\[0\]: skins\[0\] is none of the 0"),
        (f"{N0}.extensions", {"EXT_mesh_gpu_instancing": {}}, r"nodes\[0\]: .* has none of TRANSL"),
        ("scene", 4, r"scenes\[4\] is none of the 1"),
        ("scenes.0.nodes", [None], r"scenes\[0\]: nodes\[None\] is none"),
        ("asset", 2, "the file: 'asset' is no object"),
    ],
)
def test_errors_name_the_object(path: Path, where: str, value: object, message: str) -> None:
    g = Gltf()
    g.json["buffers"][0]["byteLength"] = len(g.data)
    _set(g.json, where, value)
    with pytest.raises(DamagedFileError, match=rf"box\.glb: .*{message}"):
        mesh_files.read(g.glb(path))


def test_indices_beyond_the_vertices(path: Path) -> None:
    g = Gltf()
    g.primitives[0]["indices"] = g.accessor([0, 1, 8], np.uint8)
    with pytest.raises(
        DamagedFileError, match=r"primitives\[0\]: its indices go up to 8, .* 8 vert"
    ):
        meshes.load(g.glb(path))


def test_nodes_with_two_parents(path: Path) -> None:
    g = Gltf()
    g.json["nodes"] = [{"children": [2]}, {"children": [2]}, {"mesh": 0}]
    with pytest.raises(DamagedFileError, match=r"nodes\[2\]: is a child of nodes 0 and 1"):
        meshes.load(g.glb(path))


@pytest.mark.parametrize(
    ("sparse", "message"),
    [
        ({"count": 9}, "9 values end at byte"),
        ({"count": HUGE}, "values end at byte"),
        ({"indices": {"bufferView": 3, "componentType": 5121}}, "indices are not all below 8"),
        ({"indices": {"bufferView": 2, "componentType": 5120}}, "indices are not all below 8"),
        ({"indices": 5}, "'indices' is no object"),
        ({"values": {}}, r"bufferViews\[None\] is none"),
    ],
)
def test_sparse_that_is_wrong(path: Path, sparse: dict[str, Any], message: str) -> None:
    g = Gltf()
    good = {
        "count": 1,
        "indices": {"bufferView": g.view(b"\0"), "componentType": 5121},
        "values": {"bufferView": g.view(b"\xff" * 12)},
    }
    g.json["accessors"][0]["sparse"] = {**good, **sparse}
    with pytest.raises(DamagedFileError, match=rf"accessors\[0\].*{message}"):
        meshes.load(g.glb(path))


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (b"glTF", DamagedFileError, "4 bytes"),
        (b"glTF" + struct.pack("<II", 1, 20) + bytes(8), UnsupportedError, "GLB version 1"),
        (b"glTF" + struct.pack("<II", 2, 99) + bytes(8), DamagedFileError, "byte 8: .* cut short"),
        (b"glTF" + struct.pack("<III", 2, 20, 1) + b"JSON", DamagedFileError, "byte 12: a chunk"),
        (b"glTF" + struct.pack("<III", 2, 20, 0) + b"BIN\0", DamagedFileError, "not JSON"),
        (b"glTF" + struct.pack("<III", 2, 20, 0) + b"JSON", DamagedFileError, "cannot be read as"),
        (b"[" * 100000, DamagedFileError, "nested too deeply|cannot be read"),
        (b"[]", DamagedFileError, "no object"),
        (b'{"asset": {"version": NaN}}', DamagedFileError, "NaN"),
        (b'{"asset": {"version": "1.0"}}', UnsupportedError, "version 1.0"),
        (b'{"asset": {"version": "2.0"}}', DamagedFileError, "neither vertices nor faces"),
        (b"\xff\xfe{}", DamagedFileError, "cannot be read as glTF"),
    ],
)  # fmt: skip
def test_containers(path: Path, data: bytes, error: type[Exception], message: str) -> None:
    path.write_bytes(data)
    with pytest.raises(error, match=rf"box\.glb: .*({message})"):
        meshes.load(path)


def test_small_files_do_not_grow_large(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Zeros without bytes in the file, instances of instances, nodes that share a mesh."""
    from nfcodec.data.mesh_files import gltf, gltf_scene, source

    g = Gltf()
    g.json["accessors"][0] = {"count": 10**9, "componentType": 5126, "type": "VEC3"}
    with pytest.raises(DamagedFileError, match=r"accessors\[0\]: .* without a bufferView"):
        meshes.load(g.glb(path))
    g = Gltf()
    g.primitives[0] = {**g.primitives[0], "mode": 5}
    del g.primitives[0]["indices"]
    g.json["accessors"][0]["count"] = 2**40
    with pytest.raises(LimitError, match="triangles, more than"):
        meshes.load(g.glb(path))
    g = Gltf()
    g.json["nodes"] = [{"mesh": 0}] * 10
    g.json["scenes"] = [{"nodes": list(range(10))}]
    monkeypatch.setattr(source, "MAX_FACES", 119)
    with pytest.raises(LimitError, match="120 triangles"):
        meshes.load(g.glb(path))
    monkeypatch.setattr(source, "MAX_FACES", 120)
    monkeypatch.setattr(gltf, "MAX_PARTS", 9)
    with pytest.raises(LimitError, match="10 primitives"):
        meshes.load(g.glb(path))
    monkeypatch.setattr(gltf_scene, "MAX_PARTS", 9)
    with pytest.raises(LimitError, match=r"nodes\[9\]: over 9"):
        meshes.load(g.glb(path))


def test_numbers_that_are_no_places(path: Path) -> None:
    g = Gltf()
    g.node["translation"] = [1e59, 0, 0]
    g.node["scale"] = [1e59, 1, 1]
    g.json["nodes"].append({"children": [0], "scale": [1e59, 1, 1]})
    g.json["scenes"] = [{"nodes": [1]}]
    with pytest.raises(DamagedFileError, match="NaN, infinity"):
        meshes.load(g.glb(path))

"""glTF files, rule by rule; sections are those of the specification of glTF 2.0."""

from __future__ import annotations

import base64
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from nfcodec.data import mesh_files, meshes
from nfcodec.errors import DamagedFileError, LimitError, UnsupportedError
from tests.data.mesh_files.solids import BOX, FACES, QUADS, check, volume

CODES = {"int8": 5120, "uint8": 5121, "int16": 5122, "uint16": 5123, "uint32": 5125,
         "float32": 5126}  # fmt: skip
TURN = [0.0, np.sqrt(0.5), 0.0, np.sqrt(0.5)]  # a quarter around y: x to -z, z to x


class Gltf:
    """A document with one buffer, and the box's mesh unless told otherwise."""

    def __init__(self, **primitive: Any) -> None:
        self.data = b""
        self.json: dict[str, Any] = {
            "asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}],
            "nodes": [{"mesh": 0}], "meshes": [{"primitives": []}], "accessors": [],
            "bufferViews": [], "buffers": [{}],
        }  # fmt: skip
        if not primitive:
            primitive = {
                "attributes": {"POSITION": self.accessor(BOX)},
                "indices": self.accessor(FACES.ravel(), np.uint16),
            }
        self.primitives.append(primitive)

    @property
    def primitives(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.json["meshes"][0]["primitives"]
        return found

    @property
    def node(self) -> dict[str, Any]:
        found: dict[str, Any] = self.json["nodes"][0]
        return found

    def view(self, data: bytes, **more: Any) -> int:
        self.data += b"\0" * (-len(self.data) % 4)
        view = {"buffer": 0, "byteOffset": len(self.data), "byteLength": len(data), **more}
        self.json["bufferViews"].append(view)
        self.data += data
        return len(self.json["bufferViews"]) - 1

    def accessor(self, values: npt.ArrayLike, kind: Any = np.float32, **more: Any) -> int:
        array = np.asarray(values, kind)
        entry = {
            "bufferView": self.view(array.tobytes()), "componentType": CODES[array.dtype.name],
            "count": len(array), "type": "SCALAR" if array.ndim == 1 else f"VEC{array.shape[1]}",
            **more,
        }  # fmt: skip
        self.json["accessors"].append({k: v for k, v in entry.items() if v is not None})
        return len(self.json["accessors"]) - 1

    def uses(self, *names: str) -> Gltf:
        self.json["extensionsUsed"] = self.json["extensionsRequired"] = list(names)
        return self

    def glb(self, path: Path, tail: bytes = b"", extra: bytes = b"") -> Path:
        self.json["buffers"][0].setdefault("byteLength", len(self.data))
        text = json.dumps(self.json).encode()
        text += b" " * (-len(text) % 4)
        data = self.data + b"\0" * (-len(self.data) % 4)
        chunks = struct.pack("<I4s", len(text), b"JSON") + text
        chunks += struct.pack("<I4s", len(data), b"BIN\0") + data + extra
        path.write_bytes(struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks + tail)
        return path

    def gltf(self, path: Path, uri: str | None = None) -> Path:
        if uri is None:
            uri = "data:application/octet-stream;base64," + base64.b64encode(self.data).decode()
        self.json["buffers"][0] = {"byteLength": len(self.data), "uri": uri}
        path.write_text(json.dumps(self.json))
        return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "box.glb"


def test_glb(path: Path) -> None:
    check(Gltf().glb(path))


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.uint32, None])
def test_indices(path: Path, kind: Any) -> None:
    g = Gltf()
    if kind is None:
        g.primitives[0] = {"attributes": {"POSITION": g.accessor(BOX[FACES.ravel()])}}
    else:
        g.primitives[0]["indices"] = g.accessor(FACES.ravel(), kind)
    check(g.glb(path))


@pytest.mark.parametrize("indexed", [True, False])
@pytest.mark.parametrize("mode", [5, 6])
def test_strips_and_fans(path: Path, mode: int, indexed: bool) -> None:
    g = Gltf()
    places = g.primitives[0]["attributes"]["POSITION"]
    g.primitives.clear()
    for q in QUADS:
        order = q[[0, 1, 3, 2]] if mode == 5 else q
        primitive: dict[str, Any] = {"mode": mode, "attributes": {"POSITION": places}}
        if indexed:
            primitive["indices"] = g.accessor(order, np.uint8)
        else:
            primitive["attributes"] = {"POSITION": g.accessor(BOX[order])}
        g.primitives.append(primitive)
    mesh = check(g.glb(path))
    assert ((mesh.normals * mesh.triangles.mean(axis=1)).sum(axis=1) > 0).all()


def test_a_long_strip_turns_every_other_triangle(path: Path) -> None:
    """Section 3.7.2.1, on an open tube, which no later step turns."""
    ring = [[np.cos(a), h, -np.sin(a)] for a in np.arange(13) * np.pi / 6 for h in (-1.0, 1.0)]
    g = Gltf()
    g.primitives[0] = {"attributes": {"POSITION": g.accessor(ring)}, "mode": 5}
    vertices, faces = mesh_files.read(g.glb(path))
    a, b, c = (vertices[faces[:, i]] for i in range(3))
    normals, middle = np.cross(b - a, c - a), (a + b + c) / 3
    assert faces.shape == (24, 3)
    assert len(np.unique(np.sign((normals * middle * [1, 0, 1]).sum(axis=1)))) == 1


def test_points_and_lines_are_stepped_over(path: Path) -> None:
    g = Gltf()
    for mode in range(4):
        g.primitives.append({**g.primitives[0], "mode": mode})
    check(g.glb(path))
    del g.primitives[0]
    with pytest.raises(DamagedFileError, match="4 primitives of points or lines, but no triangles"):
        meshes.load(g.glb(path))
    g.json["scenes"] = [{}]
    with pytest.raises(DamagedFileError, match="no node of the default scene has a mesh"):
        meshes.load(g.glb(path))


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int16, np.uint16])
@pytest.mark.parametrize("normalized", [True, False])
def test_quantised_places(path: Path, kind: Any, normalized: bool) -> None:
    """KHR_mesh_quantization, with rows at multiples of four bytes."""
    low = 0 if np.dtype(kind).kind == "u" else -100
    rows = np.zeros((8, 4), kind)
    rows[:, :3] = np.where(BOX > 0, 100, low)
    g = Gltf()
    g.json["accessors"][0] = {
        "bufferView": g.view(rows.tobytes(), byteStride=rows.strides[0]), "count": 8,
        "componentType": CODES[rows.dtype.name], "type": "VEC3", "normalized": normalized,
    }  # fmt: skip
    unit = np.iinfo(kind).max if normalized else 1
    g.node["scale"] = [2 * unit / (100 - low)] * 3
    g.node["translation"] = [-(100 + low) / (100 - low)] * 3
    check(g.uses("KHR_mesh_quantization").glb(path))


def test_the_lowest_normalised_number_is_minus_one(path: Path) -> None:
    g = Gltf()
    places = np.where(BOX > 0, 127, -128)
    g.json["accessors"][0] = {
        "bufferView": g.view(np.pad(places, ((0, 0), (0, 1))).astype(np.int8).tobytes(),
                             byteStride=4),
        "count": 8, "componentType": 5120, "type": "VEC3", "normalized": True,
    }  # fmt: skip
    check(g.glb(path))


def test_interleaved_and_offset(path: Path) -> None:
    rows = np.zeros((9, 5), np.float32)
    rows[1:, 1:4] = BOX
    g = Gltf()
    g.json["accessors"][0] = {
        "bufferView": g.view(rows.tobytes()[:-4], byteStride=20), "byteOffset": 24, "count": 8,
        "componentType": 5126, "type": "VEC3",
    }  # fmt: skip
    check(g.glb(path))


@pytest.mark.parametrize("base", [True, False])
def test_sparse(path: Path, base: bool) -> None:
    """Section 3.6.2.3: with values below, and without (zeros)."""
    g = Gltf()
    which = np.array([0, 7] if base else range(8), np.uint8)
    wrong = BOX.copy()
    wrong[which] = 9
    g.json["accessors"][0] = {
        **({"bufferView": g.view(wrong.astype("<f4").tobytes())} if base else {}),
        "count": 8, "componentType": 5126, "type": "VEC3",
        "sparse": {
            "count": len(which),
            "indices": {"bufferView": g.view(which.tobytes()), "componentType": 5121},
            "values": {"bufferView": g.view(BOX[which].astype("<f4").tobytes())},
        },
    }  # fmt: skip
    check(g.glb(path))


def test_nodes(path: Path) -> None:
    """Matrices (by column) and T R S one below the other; the mesh twice, once mirrored."""
    g = Gltf()
    moved = np.eye(4)
    moved[:3, 3] = [4, 0, 0]
    g.json["nodes"] = [
        {"children": [1, 2], "matrix": moved.T.ravel().tolist()},
        {"mesh": 0, "translation": [-4, 0, 0], "rotation": TURN, "scale": [2, 1, 0.5]},
        {"children": [3], "scale": [-1, 1, 1]},
        {"mesh": 0, "translation": [-4, 0, 0]},
    ]
    mesh = check(g.glb(path), 8 + 8, (-0.5, -1, -2), (9, 1, 2))
    assert ((mesh.normals[:, 1] > 0.5) == (mesh.triangles[:, :, 1] > 0.5).all(axis=1)).all()


def test_scenes(path: Path) -> None:
    """The default scene, with a word; nodes outside of it do not count; without scenes all do."""
    g = Gltf()
    g.json["nodes"] = [{"mesh": 0, "translation": [9, 0, 0]}, {"mesh": 0}, {"mesh": 0}]
    g.json["scenes"] = [{"nodes": [0]}, {"nodes": [1]}]
    g.json["scene"] = 1
    with pytest.warns(UserWarning, match=r"read is scene 1 \(from 0\) of 2"):
        check(g.glb(path))
    g.json["scenes"], g.json["scene"] = [{"nodes": [1]}], 0
    check(g.glb(path))
    del g.json["scene"]
    check(g.glb(path))
    del g.json["scenes"]
    g.json["nodes"].pop()
    check(g.glb(path), 16, (-1, -1, -1), (10, 1, 1))
    del g.json["nodes"]
    check(g.glb(path))


def test_nodes_that_are_hidden(path: Path) -> None:
    g = Gltf().uses("KHR_node_visibility")
    g.json["nodes"] = [
        {"mesh": 0, "children": [1]},
        {"children": [2], "extensions": {"KHR_node_visibility": {"visible": False}}},
        {"mesh": 0, "translation": [9, 0, 0]},
    ]
    check(g.glb(path))


def test_instances(path: Path) -> None:
    """EXT_mesh_gpu_instancing under the node's transform; normalised rotations, too."""
    g = Gltf().uses("EXT_mesh_gpu_instancing")
    g.node["extensions"] = {
        "EXT_mesh_gpu_instancing": {
            "attributes": {
                "TRANSLATION": g.accessor([[-1, 0, 0], [1, 0, 0]]),
                "ROTATION": g.accessor(
                    np.rint(np.array([TURN, [0, 0, 0, 1]]) * 32767), np.int16, normalized=True
                ),
                "SCALE": g.accessor([[0.5, 0.5, 0.25], [0.25, 0.5, 0.5]]),
            }
        }
    }
    g.node["scale"] = [2, 2, 2]
    mesh = meshes.load(g.glb(path))
    np.testing.assert_allclose(mesh.bounds, [[-2.5, -1, -1], [2.5, 1, 1]], atol=1e-4)
    assert volume(mesh) == pytest.approx(2 * (1 * 2 * 2), rel=1e-4)


@pytest.mark.parametrize("where", ["mesh", "node"])
def test_morph_targets(path: Path, where: str) -> None:
    """Default weights; those of the node come first."""
    g = Gltf()
    g.json["accessors"][0]["bufferView"] = g.view((0.5 * BOX).astype("<f4").tobytes())
    g.primitives[0]["targets"] = [
        {"POSITION": g.accessor(BOX)},
        {"NORMAL": 0},
        {"POSITION": g.accessor(BOX * [9, 9, 9])},
    ]
    g.json["meshes"][0]["weights"] = [0.5, 1.0, 0.0] if where == "mesh" else [0.0, 0.0, 1.0]
    if where == "node":
        g.node["weights"] = [0.5]
    check(g.glb(path))
    g.primitives[0]["targets"][0]["POSITION"] = 1
    with pytest.raises(DamagedFileError, match=r"targets\[0\]: moves 36 of 8 vertices"):
        meshes.load(g.glb(path))


def test_skins(path: Path) -> None:
    """Section 3.7.3.3: the joints' places at rest count, the node's own do not."""
    g = Gltf()
    unbind = np.eye(4)
    unbind[0, 3] = -5
    g.json["nodes"] = [
        {"mesh": 0, "skin": 0, "translation": [100, 0, 0]},
        {"translation": [5, 0, 0], "scale": [2, 2, 2]},
        {"translation": [7, 0, 0]},
    ]
    g.json["scenes"] = [{"nodes": [0, 1, 2]}]
    inverse = g.accessor(np.array([unbind.T.ravel()] * 2))
    g.json["accessors"][inverse]["type"] = "MAT4"
    g.json["skins"] = [{"joints": [1, 2], "inverseBindMatrices": inverse}]
    # Places move from the bind pose around x = 5; the left half follows joint 1, the right 2.
    g.json["accessors"][0]["bufferView"] = g.view(
        (BOX + np.array([5, 0, 0])).astype("<f4").tobytes()
    )
    joints = np.where(BOX[:, :1] < 0, [[0, 9, 9, 9]], [[1, 9, 9, 9]])
    g.primitives[0]["attributes"]["JOINTS_0"] = g.accessor(joints, np.uint8)
    g.primitives[0]["attributes"]["WEIGHTS_0"] = g.accessor(
        np.array([[255, 0, 0, 0]] * 8), np.uint8, normalized=True
    )
    mesh = meshes.load(g.glb(path))
    np.testing.assert_allclose(mesh.bounds, [[3, -2, -2], [8, 2, 2]])


def test_shared_places_are_read_by_each_primitive(path: Path) -> None:
    g = Gltf()
    g.primitives.append({**g.primitives[0], "indices": g.accessor(FACES[6:].ravel(), np.uint8)})
    g.primitives[0]["indices"] = g.accessor(FACES[:6].ravel(), np.uint8)
    check(g.glb(path))


def test_gltf_with_data_inside_and_beside(tmp_path: Path) -> None:
    path = tmp_path / "box.gltf"
    g = Gltf()
    check(g.gltf(path))
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
    (tmp_path / "short.bin").write_bytes(g.data[:-1])
    with pytest.raises(DamagedFileError, match=r"buffers\[0\]: should have 168 bytes and has 167"):
        meshes.load(g.gltf(path, "short.bin"))


@pytest.mark.parametrize(
    "uri",
    ["../box.bin", "sub/../../box.bin", "%2e%2e/box.bin", "/etc/passwd", "http://x.org/box.bin",
     "file:///etc/passwd", "C:\\box.bin", "..\\box.bin", "..", "sub\\..\\box.bin", "\0"],
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
             "KHR_lights_punctual", "KHR_animation_pointer", "EXT_mesh_features"],
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
    g.json["bufferViews"][0]["extensions"] = {"EXT_meshopt_compression": {}}
    with pytest.raises(UnsupportedError, match=r"bufferViews\[0\]: .*EXT_meshopt"):
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

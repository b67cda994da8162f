"""Meshes of glTF files, rule by rule; sections are those of the specification of glTF 2.0."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nfcodec.data import mesh_files, meshes
from nfcodec.errors import DamagedFileError
from tests.data.mesh_files.gltf import CODES, Gltf
from tests.data.mesh_files.solids import BOX, FACES, QUADS, check, volume

TURN = [0.0, np.sqrt(0.5), 0.0, np.sqrt(0.5)]  # a quarter around y: x to -z, z to x


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
def test_quantized_places(path: Path, kind: Any, normalized: bool) -> None:
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


def test_the_lowest_normalized_number_is_minus_one(path: Path) -> None:
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
    """EXT_mesh_gpu_instancing under the node's transform; normalized rotations, too."""
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

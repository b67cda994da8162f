"""Nodes of glTF 2.0: which meshes stand where (section 3.5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nfcodec.data.mesh_files.gltf_accessors import Accessors
from nfcodec.data.mesh_files.gltf_document import Document, Json
from nfcodec.data.mesh_files.source import Floats
from nfcodec.errors import LimitError

#: Placed meshes and primitives, counted once per placement.
MAX_PARTS = 1 << 20


@dataclass(frozen=True)
class Placement:
    """A mesh at one or more places.

    ``transforms``: (I, 4, 4) from the mesh's space to the scene's. ``joints``: (J, 4, 4) of its
    skin, which replace them, or None. ``weights``: the node's, of the morph targets.
    """

    where: str
    mesh: int
    transforms: Floats
    joints: Floats | None
    weights: list[Any] | None


def placements(document: Document, accessors: Accessors) -> list[Placement]:
    """The meshes of the default scene, or of the first one if no scene is named as default."""
    if "nodes" not in document.json and "scenes" not in document.json:
        meshes = range(len(document.array(document.json, "meshes", "the file")))
        return [Placement("the file", i, np.eye(4)[None], None, None) for i in meshes]
    world = _world(document)
    found: list[Placement] = []
    instances = 0
    for index in _in_scene(document):
        node, where = document.item("nodes", index, "the scene"), f"nodes[{index}]"
        if "mesh" not in node:
            continue
        transforms = world[index] @ _instances(document, accessors, node, where)
        instances += len(transforms)
        if instances > MAX_PARTS:
            raise LimitError(f"{document.file.path}: {where}: over {MAX_PARTS} instances")
        joints = _joints(document, accessors, node, world, where) if "skin" in node else None
        weights = document.array(node, "weights", where) if "weights" in node else None
        mesh = document.whole(node, "mesh", where)
        found.append(Placement(where, mesh, transforms, joints, weights))
    return found


def _in_scene(document: Document) -> list[int]:
    """The nodes of the scene; without any scene, all nodes."""
    scenes = document.array(document.json, "scenes", "the file")
    nodes = document.array(document.json, "nodes", "the file")
    if not scenes:
        return list(range(len(nodes)))
    default = document.whole(document.json, "scene", "the file", 0)
    if len(scenes) > 1:
        document.file.warn(f"read is scene {default} (from 0) of {len(scenes)}, the default one")
    scene = document.item("scenes", default, "scene")
    found: list[int] = []
    seen: set[int] = set()
    stack = document.array(scene, "nodes", f"scenes[{default}]")[::-1]
    while stack:
        index = stack.pop()
        node = document.item("nodes", index, f"scenes[{default}]")
        if index in seen:
            continue  # a root that is also a child; children with two parents are refused
        seen.add(index)
        visible = document.extension(node, "KHR_node_visibility", f"nodes[{index}]")
        if visible is not None and visible.get("visible") is False:
            continue
        found.append(index)
        stack += document.array(node, "children", f"nodes[{index}]")[::-1]
    return found


def _world(document: Document) -> dict[int, Floats]:
    """By node: (4, 4) from its space to the scene's. DamagedFileError unless nodes form trees."""
    nodes = document.array(document.json, "nodes", "the file")
    parents: dict[int, int] = {}
    for index in range(len(nodes)):
        node, where = document.item("nodes", index, "the file"), f"nodes[{index}]"
        for child in document.array(node, "children", where):
            document.item("nodes", child, where)
            if child in parents:
                document.fail(
                    f"nodes[{child}]", f"is a child of nodes {parents[child]} and {index}"
                )
            parents[child] = index
    found: dict[int, Floats] = {}
    todo = [index for index in range(len(nodes)) if index not in parents]
    while todo:
        index = todo.pop()
        node = nodes[index]
        own = _local(document, node, f"nodes[{index}]")
        found[index] = found[parents[index]] @ own if index in parents else own
        todo += document.array(node, "children", f"nodes[{index}]")
    if len(found) < len(nodes):
        lost = next(index for index in range(len(nodes)) if index not in found)
        document.fail(f"nodes[{lost}]", "is its own descendant")
    return found


def _local(document: Document, node: Json, where: str) -> Floats:
    """(4, 4) a node's own transform: its matrix, or T R S (section 3.5.3)."""
    if "matrix" in node:
        matrix = _floats(document, node, "matrix", 16, where).reshape(4, 4).T  # column by column
        if not np.allclose(matrix[3], [0, 0, 0, 1]):
            document.fail(where, "the last row of its matrix is not 0 0 0 1")
        return np.ascontiguousarray(matrix)
    defaults = {"translation": [0.0] * 3, "rotation": [0.0, 0.0, 0.0, 1.0], "scale": [1.0] * 3}
    t, r, s = (
        _floats(document, node, key, len(value), where) if key in node else np.array(value)
        for key, value in defaults.items()
    )
    return np.asarray(_composed(document, t[None], r[None], s[None], where)[0])


def _instances(document: Document, accessors: Accessors, node: Json, where: str) -> Floats:
    """(I, 4, 4) where EXT_mesh_gpu_instancing puts the mesh in the node's space; else one."""
    extension = document.extension(node, "EXT_mesh_gpu_instancing", where)
    if extension is None:
        return np.eye(4)[None]
    attributes = document.child(extension, "attributes", where)
    names = ("TRANSLATION", "ROTATION", "SCALE")
    given = {n: accessors.count(attributes[n], where) for n in names if n in attributes}
    if len(set(given.values())) > 1:
        document.fail(where, f"its instances' attributes differ in number: {given}")
    if not given:
        document.fail(where, f"EXT_mesh_gpu_instancing has none of {', '.join(names)}")
    count = next(iter(given.values()))
    if count > MAX_PARTS:
        raise LimitError(f"{document.file.path}: {where}: {count} instances")
    still = np.zeros((count, 4))
    still[:, 3] = 1.0
    t, r, s = (
        accessors.places(attributes[name], kind, where) if name in given else default
        for name, (kind, default) in {
            "TRANSLATION": ("VEC3", still[:, :3]),
            "ROTATION": ("VEC4", still),
            "SCALE": ("VEC3", np.ones((count, 3))),
        }.items()
    )
    return _composed(document, t, r, s, where)


def _composed(document: Document, t: Floats, r: Floats, s: Floats, where: str) -> Floats:
    """(I, 4, 4) from translations (I, 3), unit quaternions x y z w (I, 4) and scales (I, 3)."""
    lengths = np.linalg.norm(r, axis=1, keepdims=True)
    if not (lengths > 1e-6).all():
        document.fail(where, "a rotation is no quaternion: its length is 0")
    x, y, z, w = (r / lengths).T
    rotation = np.array([
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]).transpose(2, 0, 1)  # fmt: skip
    found = np.zeros((len(t), 4, 4))
    found[:, :3, :3] = rotation * s[:, None, :]
    found[:, :3, 3] = t
    found[:, 3, 3] = 1.0
    return found


def _joints(
    document: Document, accessors: Accessors, node: Json, world: dict[int, Floats], where: str
) -> Floats:
    """(J, 4, 4) what each joint of the node's skin does to vertices (section 3.7.3)."""
    skin, at = document.item("skins", node["skin"], where), f"skins[{node['skin']}]"
    joints = document.array(skin, "joints", at)
    for joint in joints:
        document.item("nodes", joint, at)
    found = np.array([world[joint] for joint in joints]).reshape(-1, 4, 4)
    if "inverseBindMatrices" in skin:
        inverse = accessors.places(skin["inverseBindMatrices"], "MAT4", at)
        if len(inverse) < len(joints):
            document.fail(at, f"{len(joints)} joints, but {len(inverse)} inverseBindMatrices")
        found = found @ inverse[: len(joints)].reshape(-1, 4, 4).transpose(0, 2, 1)
    return found


def _floats(document: Document, node: Json, key: str, count: int, where: str) -> Floats:
    values = document.array(node, key, where)
    good = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values)
    if len(values) != count or not good or not all(abs(v) < 1e60 for v in values):
        document.fail(where, f"'{key}' should be {count} numbers")
    return np.array(values, np.float64)

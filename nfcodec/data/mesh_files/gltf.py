"""glTF 2.0, ``.glb`` and ``.gltf``: the triangles of the default scene, placed as viewers do."""

from __future__ import annotations

import numpy as np

from nfcodec.data.mesh_files.gltf_accessors import Accessors
from nfcodec.data.mesh_files.gltf_document import MAGIC, Document
from nfcodec.data.mesh_files.gltf_primitives import Primitives
from nfcodec.data.mesh_files.gltf_scene import MAX_PARTS, placements
from nfcodec.data.mesh_files.source import MeshFile, MeshFormat, Triangles
from nfcodec.errors import LimitError


def read(file: MeshFile) -> Triangles:
    """The meshes of the default scene under their nodes' transforms, in its y-up axes.

    Instances, morph targets with their default weights and skins in their pose at rest are there;
    animations, points and lines are not.
    """
    document = Document(file)
    accessors = Accessors(document)
    primitives = Primitives(document, accessors)
    placed = placements(document, accessors)
    sizes = [primitives.size(p.mesh, p.where) for p in placed]
    file.check_faces(
        sum(len(p.transforms) * size[1] for p, size in zip(placed, sizes, strict=True))
    )
    parts = sum(len(p.transforms) * size[0] for p, size in zip(placed, sizes, strict=True))
    if parts > MAX_PARTS:
        raise LimitError(f"{file.path}: {parts} primitives are placed, more than {MAX_PARTS}")
    vertices, triangles, start = [np.zeros((0, 3))], [np.zeros((0, 3), np.int64)], 0
    for place in placed:
        for corners, faces in primitives.of(place):
            vertices.append(corners)
            triangles.append(faces + start)
            start += len(corners)
    primitives.say_what_was_left_out()
    animations = document.array(document.json, "animations", "the file")
    if animations:
        file.warn(f"left out {len(animations)} animations; read is the pose at rest")
    if start == 0 and primitives.points_or_lines:
        raise file.damaged(
            f"the scene has {len(primitives.points_or_lines)} primitives of points or lines, but "
            "no triangles; a surface is needed"
        )
    if not placed and "meshes" in document.json:
        raise file.damaged(
            "no node of the default scene has a mesh, although the file has meshes; choose another "
            "scene, and export it again"
        )
    return np.concatenate(vertices), np.concatenate(triangles)


def _begins(head: bytes, size: int) -> bool:
    return head.startswith(MAGIC) or (head.lstrip()[:1] == b"{" and b'"asset"' in head)


FORMAT = MeshFormat("glTF", (".glb", ".gltf"), _begins, read)

"""Meshes of glTF 2.0: primitives, morph targets and skins to triangles (section 3.7)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from nfcodec.data.mesh_files.gltf_accessors import Accessors
from nfcodec.data.mesh_files.gltf_document import Document, Json
from nfcodec.data.mesh_files.gltf_scene import Placement
from nfcodec.data.mesh_files.source import Floats, Ints, Triangles

_TRIANGLES, _STRIP, _FAN = 4, 5, 6


class Primitives:
    """Reads the primitives of meshes."""

    def __init__(self, document: Document, accessors: Accessors) -> None:
        self._document, self._accessors = document, accessors
        self._without_places: list[str] = []
        self._left_over: list[str] = []
        self._sizes: dict[int, tuple[int, int]] = {}
        #: The primitives without triangles.
        self.points_or_lines: set[str] = set()

    def size(self, mesh: int, where: str) -> tuple[int, int]:
        """How many primitives and triangles a mesh has, by the counts of its accessors."""
        if mesh not in self._sizes:
            parts, total = 0, 0
            for primitive, at in self._surfaces(mesh, where):
                source = primitive.get("indices", self._places_of(primitive, at))
                count = self._accessors.count(source, at)
                triangles = self._mode(primitive, at) == _TRIANGLES
                total += count // 3 if triangles else max(count - 2, 0)
                parts += 1
            self._sizes[mesh] = parts, total
        return self._sizes[mesh]

    def of(self, place: Placement) -> Iterator[Triangles]:
        """Vertices and triangles of each primitive and instance, in the scene's space."""
        document = self._document
        mesh = document.item("meshes", place.mesh, place.where)
        weights = place.weights
        if weights is None:
            weights = document.array(mesh, "weights", f"meshes[{place.mesh}]")
        for primitive, at in self._surfaces(place.mesh, place.where):
            used, faces = self._faces(primitive, at)
            if not len(faces):
                continue
            corners = self._morphed(primitive, used, weights, at)
            transforms = place.transforms
            if place.joints is not None:
                corners, turned = self._skinned(primitive, used, corners, place.joints, at)
                faces = np.where(turned[faces[:, :1]], faces[:, ::-1], faces)
                transforms = np.eye(4)[None]
            for transform in transforms:
                mirrored = float(np.linalg.det(transform[:3, :3])) < 0  # section 3.7.4
                placed = corners @ transform[:3, :3].T + transform[:3, 3]
                yield placed, faces[:, ::-1] if mirrored else faces

    def say_what_was_left_out(self) -> None:
        for where, what in (
            (self._without_places, "have no POSITION and were left out"),
            (self._left_over, "have corners left over that make no triangle"),
        ):
            if where:
                self._document.file.warn(
                    f"{len(set(where))} primitives {what} (the first: {where[0]})"
                )

    def _surfaces(self, mesh: int, where: str) -> Iterator[tuple[Json, str]]:
        """The primitives of a mesh that are made of triangles."""
        document = self._document
        primitives = document.array(document.item("meshes", mesh, where), "primitives", where)
        for number, primitive in enumerate(primitives):
            at = f"meshes[{mesh}].primitives[{number}]"
            if not isinstance(primitive, dict):
                document.fail(at, "is no object")
            if self._mode(primitive, at) < _TRIANGLES:
                self.points_or_lines.add(at)  # they have no inside
                continue
            if self._places_of(primitive, at) is None:
                self._without_places.append(at)
                continue
            yield primitive, at

    def _mode(self, primitive: Json, where: str) -> int:
        mode = self._document.whole(primitive, "mode", where, _TRIANGLES)
        if mode > _FAN:
            self._document.fail(where, f"mode {mode} is none of 0 to {_FAN}")
        return mode

    def _places_of(self, primitive: Json, where: str) -> object:
        """The accessor of the places; UnsupportedError if they are there in a packed form alone."""
        document = self._document
        index: object = document.child(primitive, "attributes", where).get("POSITION")
        packed = document.extension(primitive, "KHR_draco_mesh_compression", where)
        if packed is not None and (
            index is None or "bufferView" not in document.item("accessors", index, where)
        ):
            raise document.not_supported("KHR_draco_mesh_compression", where)
        return index

    def _faces(self, primitive: Json, where: str) -> tuple[Ints, Ints]:
        """The vertices that are used (V,), and triangles (T, 3) as numbers among these."""
        count = self._accessors.count(self._places_of(primitive, where), where)
        if "indices" in primitive:
            corners = self._accessors.numbers(primitive["indices"], "SCALAR", where)[:, 0]
            if len(corners) and int(corners.max()) >= count:
                self._document.fail(
                    where, f"its indices go up to {corners.max()}, but there are {count} vertices"
                )
        else:
            corners = np.arange(count)
        mode = self._mode(primitive, where)
        if mode == _TRIANGLES:
            if len(corners) % 3:
                self._left_over.append(where)
            triangles = corners[: len(corners) // 3 * 3].reshape(-1, 3)
        elif len(corners) < 3:
            triangles = np.zeros((0, 3), np.int64)
        elif mode == _STRIP:
            triangles = np.stack([corners[:-2], corners[1:-1], corners[2:]], axis=1)
            triangles[1::2] = triangles[1::2, [0, 2, 1]]
        else:
            first = np.broadcast_to(corners[0], len(corners) - 2)
            triangles = np.stack([corners[1:-1], corners[2:], first], axis=1)
        used, faces = np.unique(triangles, return_inverse=True)
        return used, faces.reshape(-1, 3)

    def _morphed(self, primitive: Json, used: Ints, weights: list[object], where: str) -> Floats:
        """(V, 3) places of the ``used`` vertices with the morph targets added (section 3.7.2.2)."""
        document = self._document
        index = self._places_of(primitive, where)
        corners = self._accessors.places(index, "VEC3", where, used)
        count = self._accessors.count(index, where)
        targets = document.array(primitive, "targets", where)
        for number, target in enumerate(targets):
            weight = weights[number] if number < len(weights) else 0.0
            if not isinstance(weight, (int, float)) or not abs(weight) < 1e60:
                document.fail(where, f"weight {number} of its morph targets is no number")
            at = f"{where}.targets[{number}]"
            if not isinstance(target, dict):
                document.fail(at, "is no object")
            if weight == 0 or "POSITION" not in target:
                continue
            moved = self._accessors.count(target["POSITION"], at)
            if moved != count:
                document.fail(at, f"moves {moved} of {count} vertices")
            moves = self._accessors.places(target["POSITION"], "VEC3", at, used)
            corners = corners + float(weight) * moves
        return corners

    def _skinned(
        self, primitive: Json, used: Ints, corners: Floats, joints: Floats, where: str
    ) -> tuple[Floats, npt.NDArray[np.bool_]]:
        """(V, 3) places in the pose at rest, and which vertices (V,) their joints mirror."""
        document = self._document
        attributes = document.child(primitive, "attributes", where)
        matrices = np.zeros((len(used), 4, 4))
        total = np.zeros(len(used))
        group = 0
        while f"JOINTS_{group}" in attributes:
            which = self._accessors.numbers(attributes[f"JOINTS_{group}"], "VEC4", where, used)
            shares = self._accessors.places(attributes.get(f"WEIGHTS_{group}"), "VEC4", where, used)
            if (which[shares != 0] >= len(joints)).any():
                document.fail(where, f"uses a joint beyond the {len(joints)} of its skin")
            which = np.where(shares != 0, which, 0)
            for k in range(4):
                matrices += shares[:, k, None, None] * joints[which[:, k]]
            total += shares.sum(axis=1)
            group += 1
        if not group or not (total > 0).all():
            document.fail(where, "has vertices that no joint of its skin moves")
        matrices /= total[:, None, None]
        placed = np.einsum("vij,vj->vi", matrices[:, :3, :3], corners) + matrices[:, :3, 3]
        return placed, np.asarray(np.linalg.det(matrices[:, :3, :3]) < 0)

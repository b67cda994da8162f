"""glTF documents of a box, to be changed and written."""

from __future__ import annotations

import base64
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.data.mesh_files.solids import BOX, FACES

CODES = {"int8": 5120, "uint8": 5121, "int16": 5122, "uint16": 5123, "uint32": 5125,
         "float32": 5126}  # fmt: skip


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

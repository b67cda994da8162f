"""Mesh files: OBJ, PLY, STL, GLB and glTF as JSON."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Callable
from functools import cache
from random import Random
from typing import Any

import numpy as np

from nfcodec.data import meshes
from tests.fuzz import edits, scratch
from tests.fuzz.target import Target

_POINTS = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float32)
_FACES = np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]], np.uint32)


def obj_seeds() -> dict[str, bytes]:
    vertices = "".join(f"v {x:g} {y:g} {z:g}\n" for x, y, z in _POINTS)
    plain = vertices + "".join(f"f {a + 1} {b + 1} {c + 1}\n" for a, b, c in _FACES)
    rich = (
        "# all that a line may be\nmtllib none.mtl\no part\nv 0 0 0 1 0 0\nv 1 0 0 1\nv 1 1 0\n"
        "v 0 1 0\nv 0 0 1\nv 1 0 1\nv 1 1 1\nv 0 1 1\nvt 0 0\nvt 0.5 0.5\nvn 0 0 1\ng a b\n"
        "usemtl x\ns 1\nf 1/1/1 4/1/1 3/2/1 2/2/1\nf 5//1 6//1 7//1 8//1\nf 1/1 2/1 6/1 5/1\n"
        "f -7 -6 -2 -3\nf 3 4 8 \\\n7\nl 1 2\np 1\nf 4 1 5 8\n"
    )
    return {"plain": plain.encode(), "rich": rich.encode()}


_OBJ_WORDS = (
    b"v", b"vt", b"vn", b"vp", b"f", b"l", b"p", b"o", b"g", b"s", b"usemtl", b"mtllib", b"#",
    b"\\", b"1/1", b"1/1/1", b"1//1", b"-1//-1", b"/1", b"1/", b"9/9/9", b"1/2/3/4", b"f 1 2 3",
    b"v 0 0 0 0", b"\xef\xbb\xbf", b"curv", b"end", b"call x", b"f 1 2 3 4 5 6 7 8 1 2 3 4 5 6",
)  # fmt: skip

_PLY_HEADER = (
    b"ply\nformat %s 1.0\ncomment a seed\nelement vertex 4\nproperty float x\nproperty float y\n"
    b"property float z\nproperty uchar red\nelement edge 1\nproperty list uchar int ends\n"
    b"element face 4\nproperty list uchar int vertex_indices\nend_header\n"
)
_PLY_WORDS = (
    b"element", b"property", b"list", b"float", b"double", b"uchar", b"char", b"short",
    b"ushort", b"int", b"uint", b"int8", b"uint8", b"float32", b"float64", b"int64", b"vertex",
    b"face", b"x", b"y", b"vertex_index", b"tristrips", b"comment", b"obj_info", b"end_header",
    b"format ascii 1.0", b"format binary_little_endian 1.0", b"format binary_big_endian 1.0",
    b"property list float int q", b"element vertex 1000000000", b"element face 0",
    b"property list uchar uchar vertex_indices",
)  # fmt: skip


@cache
def ply_seeds() -> dict[str, bytes]:
    text = [b"%g %g %g 255" % tuple(point) for point in _POINTS.tolist()] + [b"2 0 1"]
    text += [b"3 %d %d %d" % tuple(face) for face in _FACES.tolist()]
    found = {"ascii": _PLY_HEADER % b"ascii" + b"\n".join(text) + b"\n"}
    for name, order in (("binary_little_endian", "<"), ("binary_big_endian", ">")):
        body = b"".join(struct.pack(order + "3fB", *point, 255) for point in _POINTS.tolist())
        body += struct.pack(order + "B2i", 2, 0, 1)
        body += b"".join(struct.pack(order + "B3i", 3, *face) for face in _FACES.tolist())
        found[name] = _PLY_HEADER % name.encode() + body
    return found


def ply_mutant(rng: Random) -> bytes:
    name, data = rng.choice(list(ply_seeds().items()))
    end = data.index(b"end_header\n") + 11
    kind = rng.randrange(10)
    if kind <= 4:
        return edits.text(data[:end], rng, _PLY_WORDS) + data[end:]
    if kind <= 8:
        body = data[end:]
        text = name == "ascii" and kind <= 7
        return data[:end] + (edits.text(body, rng, ()) if text else edits.mutated(body, rng))
    return edits.mutated(data, rng, list(ply_seeds().values()))


_STL_WORDS = (
    b"solid", b"endsolid", b"end solid", b"facet", b"normal", b"outer", b"loop", b"vertex",
    b"endloop", b"endfacet", b"facet normal 0 0 1", b"outer loop", b"SOLID", b"color",
    b"vertex 0 0 0",
)  # fmt: skip


@cache
def stl_seeds() -> dict[str, bytes]:
    corners = _POINTS[_FACES]
    lines, body = ["solid seed"], b""
    for triangle in corners.tolist():
        lines += ["facet normal 0 0 0", "outer loop"]
        lines += [f"vertex {x:g} {y:g} {z:g}" for x, y, z in triangle]
        lines += ["endloop", "endfacet"]
        body += struct.pack("<12fH", 0, 0, 0, *(x for point in triangle for x in point), 0)
    text = "\n".join([*lines, "endsolid seed", ""]).encode()
    return {"ascii": text, "binary": b"seed".ljust(80) + struct.pack("<I", 4) + body}


def stl_mutant(rng: Random) -> bytes:
    seeds = stl_seeds()
    if rng.random() < 0.5:
        return edits.text(seeds["ascii"], rng, _STL_WORDS)
    data = seeds["binary"]
    if rng.random() < 0.3:
        new = bytearray(data)
        edits.put_number(new, 80, rng)
        return bytes(new)
    return edits.mutated(data, rng, list(seeds.values()))


@cache
def _gltf() -> tuple[dict[str, Any], bytes]:
    """A glTF tree with most of what readers look at, and its buffer."""
    positions, indices = _POINTS.tobytes(), _FACES.astype(np.uint16).tobytes()
    sparse = struct.pack("<HH", 3, 0) + np.array([0, 0, 1], np.float32).tobytes()
    matrix = [2.0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 5, 0, 0, 1]
    tree: dict[str, Any] = {
        "asset": {"version": "2.0", "generator": "seed"}, "scene": 0,
        "scenes": [{"nodes": [0, 2]}],
        "nodes": [
            {"mesh": 0, "children": [1], "translation": [1.0, 0, 0], "scale": [1.0, 1, 1]},
            {"mesh": 0, "matrix": matrix}, {"mesh": 1, "rotation": [0.0, 0, 0, 1.0], "name": "b"},
        ],
        "meshes": [
            {"primitives": [{"attributes": {"POSITION": 0}, "indices": 1, "mode": 4}]},
            {"primitives": [{"attributes": {"POSITION": 2}, "indices": 1,
                             "targets": [{"POSITION": 0}]}], "weights": [0.0]},
        ],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC3",
             "min": [0.0, 0, 0], "max": [1.0, 1, 1]},
            {"bufferView": 1, "componentType": 5123, "count": 12, "type": "SCALAR"},
            {"bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC3",
             "normalized": False,
             "sparse": {"count": 1, "indices": {"bufferView": 2, "componentType": 5123},
                        "values": {"bufferView": 2, "byteOffset": 4}}},
        ],
        "bufferViews": [
            {"buffer": 0, "byteOffset": 0, "byteLength": len(positions), "byteStride": 12},
            {"buffer": 0, "byteOffset": len(positions), "byteLength": len(indices)},
            {"buffer": 0, "byteOffset": len(positions) + len(indices), "byteLength": len(sparse)},
        ],
        "buffers": [{"byteLength": len(positions) + len(indices) + len(sparse)}],
        "extensionsUsed": ["KHR_mesh_quantization"],
    }  # fmt: skip
    return tree, positions + indices + sparse


def _glb(text: bytes, buffer: bytes, version: int = 2) -> bytes:
    text += b" " * (-len(text) % 4)
    buffer += b"\0" * (-len(buffer) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text
    chunks += struct.pack("<I4s", len(buffer), b"BIN\0") + buffer
    return struct.pack("<4sII", b"glTF", version, 12 + len(chunks)) + chunks


def glb_seeds() -> dict[str, bytes]:
    tree, buffer = _gltf()
    return {"all": _glb(json.dumps(tree).encode(), buffer)}


def glb_mutant(rng: Random) -> bytes:
    tree, buffer = _gltf()
    kind = rng.randrange(10)
    text = json.dumps(tree).encode()
    if kind <= 6:
        text = json.dumps(edits.tree(tree, rng)).encode("utf-8", "surrogatepass")
    elif kind == 7:
        text = edits.mutated(text, rng)
    elif kind == 8:
        buffer = edits.mutated(buffer, rng)
    else:
        return edits.mutated(_glb(text, buffer, rng.choice((2, 2, 1, 3))), rng)
    return _glb(text, buffer)


_SIDE = "side.bin"
_URIS = (
    "",
    _SIDE,
    f"./{_SIDE}",
    f"no/../{_SIDE}",
    "%73ide.bin",
    "../side.bin",
    "/dev/zero",
    "file:///etc/hostname",
    "https://example.org/side.bin",
    "C:\\side.bin",
    "side.bin\0",
    "%2e%2e/x",
    "%ff",
    ".",
    "input.gltf",
    "a" * 300,
    "data:,",
    "data:;base64,",
    "data:;base64,AAAA",
    "data:application/octet-stream;base64,A",
    "data:text/plain,0000",
    "DATA:;base64,AAAA",
)


def _with_buffer(tree: dict[str, Any], uri: str) -> dict[str, Any]:
    return {**tree, "buffers": [{**tree["buffers"][0], "uri": uri}]}


def _inline(buffer: bytes, kind: str = "application/octet-stream") -> str:
    return f"data:{kind};base64,{base64.b64encode(buffer).decode()}"


def gltf_seeds() -> dict[str, bytes]:
    tree, buffer = _gltf()
    uris = {"inline": _inline(buffer), "beside": _SIDE}
    return {name: json.dumps(_with_buffer(tree, uri)).encode() for name, uri in uris.items()}


def gltf_mutant(rng: Random) -> bytes:
    tree, buffer = _gltf()
    kind = rng.randrange(10)
    if kind == 0:
        return edits.mutated(rng.choice(list(gltf_seeds().values())), rng)
    uri = rng.choice((_SIDE, _inline(buffer)))
    if kind <= 2:
        uri = rng.choice((rng.choice(_URIS), edits.mutated(uri.encode(), rng).decode("latin1")))
    elif kind == 3:
        uri = _inline(edits.mutated(buffer, rng))
    whole = _with_buffer(tree, uri)
    if kind >= 3:
        whole = edits.tree(whole, rng)
    return json.dumps(whole).encode("utf-8", "surrogatepass")


def _reader(suffix: str) -> Callable[[bytes], meshes.Mesh]:
    path = scratch.folder(suffix[1:]) / f"input{suffix}"
    if suffix == ".gltf":
        (path.parent / _SIDE).write_bytes(_gltf()[1])

    def read(data: bytes) -> meshes.Mesh:
        path.write_bytes(data)
        return meshes.load(path)

    return read


def check(mesh: meshes.Mesh) -> None:
    """A mesh is what its class promises."""
    assert mesh.vertices.ndim == 2
    assert mesh.vertices.shape[1] == 3
    assert np.isfinite(mesh.vertices).all(), "a vertex is not finite"
    assert len(mesh.faces), "no faces"
    assert mesh.faces.min() >= 0, "a face names a vertex below 0"
    assert mesh.faces.max() < len(mesh.vertices), "a face names a vertex that is not there"
    assert np.isfinite(mesh.areas).all(), "an area is not finite"
    assert (mesh.areas > 0).any(), "all faces are degenerate"
    assert mesh.holes >= 0


def targets() -> list[Target]:
    def obj_mutant(rng: Random) -> bytes:
        data = rng.choice(list(obj_seeds().values()))
        return edits.text(data, rng, _OBJ_WORDS)

    made = [
        ("obj", obj_seeds(), obj_mutant), ("ply", ply_seeds(), ply_mutant),
        ("stl", stl_seeds(), stl_mutant), ("glb", glb_seeds(), glb_mutant),
        ("gltf", gltf_seeds(), gltf_mutant),
    ]  # fmt: skip
    return [Target(name, seeds, mutant, _reader(f".{name}"), check) for name, seeds, mutant in made]

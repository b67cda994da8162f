"""Triangle meshes to files, by suffix.

Positions are written in single precision, which is what most programs read, unless the surface lies
so far from the origin that this would show: then PLY holds doubles, a GLB's node moves vertices
that are stored relative to the middle of the surface, and STL, which has nothing but single
precision, is refused.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nfcodec.errors import UsageError
from nfcodec.exporters.bricks import Surface

#: The mesh formats that can be written: PLY and STL in their binary forms, GLB (glTF 2.0).
MESH_SUFFIXES: tuple[str, ...] = (".ply", ".glb", ".stl")

#: The color of a surface that has none of its own.
_CLAY = (0.8, 0.78, 0.75)
#: Errors of positions, as shares of the surface's longest side: above the first, single precision
#: is not enough; above the second, an STL is not worth writing.
_PRECISE, _ROUGH = 1e-6, 1e-4

Floats = npt.NDArray[np.float64]


def write(surface: Surface, path: Path, up: Floats | None = None) -> None:
    """Write ``surface`` to ``path`` in the format of its suffix, one of :data:`MESH_SUFFIXES`.

    ``up``: (3,) the unit vector that points upwards, y by default. A GLB is turned to have it along
    y, as glTF wants it (2.0, section 3.4); PLY and STL know no up and keep the field's axes.
    UsageError for an STL of a surface too far from the origin.
    """
    suffix = path.suffix.lower()
    colors = surface.colors
    if colors is None:
        # Viewers make a mesh without colors anything from black to glossy.
        colors = np.broadcast_to(np.array(_CLAY, np.float32), surface.vertices.shape)
    if suffix == ".ply":
        _write_ply(surface, colors, path)
    elif suffix == ".glb":
        _write_glb(surface, colors, path, np.array([0.0, 1.0, 0.0]) if up is None else up)
    else:
        _write_stl(surface, path)


def rounding(vertices: Floats) -> float:
    """The error of single precision, as a share of the longest side of what it places."""
    extent = float(np.ptp(vertices, axis=0).max())
    error = float(np.abs(vertices).max()) * float(np.finfo(np.float32).eps) / 2
    return error / max(extent, 1e-300)


def to_y_up(up: Floats) -> Floats:
    """(3, 3) the least rotation that takes the unit vector ``up`` to y."""
    y = np.array([0.0, 1.0, 0.0])
    axis, cosine = np.cross(up, y), float(up @ y)
    if cosine < -1 + 1e-9:
        return np.diag([1.0, -1.0, -1.0])
    x, y_, z = axis
    across = np.array([[0.0, -z, y_], [z, 0.0, -x], [-y_, x, 0.0]])
    return np.asarray(np.eye(3) + across + across @ across / (1.0 + cosine))


def _write_ply(surface: Surface, colors: npt.NDArray[np.float32], path: Path) -> None:
    precise = rounding(surface.vertices) > _PRECISE
    kind, name = ("<f8", "double") if precise else ("<f4", "float")
    vertices = np.empty(
        len(surface.vertices), [("place", kind, 3), ("colour", "u1", 3), ("alpha", "u1")]
    )
    vertices["place"] = surface.vertices
    vertices["colour"] = np.rint(colors * 255.0)
    vertices["alpha"] = 255
    faces = np.empty(len(surface.faces), [("count", "u1"), ("corners", "<i4", 3)])
    faces["count"], faces["corners"] = 3, surface.faces
    lines = [
        "ply", "format binary_little_endian 1.0", "comment nfcodec",
        f"element vertex {len(vertices)}",
        *(f"property {name} {axis}" for axis in "xyz"),
        *(f"property uchar {channel}" for channel in ("red", "green", "blue", "alpha")),
        f"element face {len(faces)}", "property list uchar int vertex_indices", "end_header",
    ]  # fmt: skip
    with open(path, "wb") as file:
        file.write(("\n".join(lines) + "\n").encode("ascii"))
        file.write(vertices.data)
        file.write(faces.data)


def _write_stl(surface: Surface, path: Path) -> None:
    import trimesh

    if rounding(surface.vertices) > _ROUGH:
        size, far = np.ptp(surface.vertices, axis=0).max(), np.abs(surface.vertices).max()
        raise UsageError(
            f"cannot write {path.name}: STL holds single precision, too little for a surface of "
            f"size {size:.4g} at coordinates of {far:.4g}; write a .ply or a .glb"
        )
    mesh = trimesh.Trimesh(surface.vertices, surface.faces, process=False)
    mesh.export(path, file_type="stl")


def _write_glb(surface: Surface, colors: npt.NDArray[np.float32], path: Path, up: Floats) -> None:
    import trimesh
    from trimesh.exchange import gltf

    places = surface.vertices @ to_y_up(up).T
    middle = np.zeros(3)
    if rounding(places) > _PRECISE:
        middle = (places.min(axis=0) + places.max(axis=0)) / 2
    linear = np.ones((len(places), 4))  # glTF 2.0, section 3.7.2.1: COLOR_0 is linear
    linear[:, :3] = _linear(colors)
    mesh = trimesh.Trimesh(
        places - middle, surface.faces, process=False,
        # Eight bits of linear light leave dark colors a few steps; sixteen are enough.
        vertex_attributes={"_COLOR": np.rint(linear * 65535.0).astype(np.uint16)},
    )  # fmt: skip
    moved = np.eye(4)
    moved[:3, 3] = middle
    scene = trimesh.Scene()
    scene.add_geometry(mesh, transform=moved)
    data = gltf.export_glb(  # type: ignore[no-untyped-call]
        scene, include_normals=True, tree_postprocessor=_finish_tree
    )
    path.write_bytes(data)


def _finish_tree(tree: dict[str, Any]) -> None:
    """Name a glTF tree's colors, and give its meshes a material: the one by default is metal,
    black in many viewers."""
    rough = {"metallicFactor": 0.0, "roughnessFactor": 1.0}
    tree["materials"] = [{"name": "matt", "pbrMetallicRoughness": rough}]
    for mesh in tree["meshes"]:
        for primitive in mesh["primitives"]:
            primitive["material"] = 0
            colors = primitive["attributes"].pop("_COLOR")
            primitive["attributes"]["COLOR_0"] = colors
            tree["accessors"][colors]["normalized"] = True


def _linear(colors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Display-referred (sRGB) values to linear ones, IEC 61966-2-1."""
    low, high = colors / 12.92, ((colors + 0.055) / 1.055) ** 2.4
    return np.where(colors <= 0.04045, low, high).astype(np.float32)

"""Triangle meshes to files, by suffix."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nfcodec.exporters.surface import Surface

#: The mesh formats that can be written: PLY and STL in their binary forms, GLB (glTF 2.0).
MESH_SUFFIXES: tuple[str, ...] = (".ply", ".glb", ".stl")

#: The colour of a surface that has none of its own.
_CLAY = (0.8, 0.78, 0.75)


def write(surface: Surface, path: Path) -> None:
    """Write ``surface`` to ``path`` in the format of its suffix, one of :data:`MESH_SUFFIXES`."""
    import trimesh

    suffix = path.suffix.lower()
    colours = surface.colours
    if colours is None:
        # Viewers make a mesh without colours anything from black to glossy.
        colours = np.broadcast_to(np.array(_CLAY, np.float32), surface.vertices.shape)
    if suffix == ".glb":
        colours = _linear(colours)  # glTF 2.0, section 3.7.2.1: COLOR_0 is linear
    mesh = trimesh.Trimesh(
        surface.vertices, surface.faces, process=False,
        vertex_colors=None if suffix == ".stl" else np.rint(colours * 255.0).astype(np.uint8),
    )  # fmt: skip
    if suffix == ".glb":
        mesh.export(
            path, file_type="glb", include_normals=True, tree_postprocessor=_with_matt_material
        )
    else:
        mesh.export(path, file_type=suffix.removeprefix("."))


def _with_matt_material(tree: dict[str, Any]) -> None:
    """Give a glTF tree's meshes a material: the one by default is metal, black in many viewers."""
    rough = {"metallicFactor": 0.0, "roughnessFactor": 1.0}
    tree["materials"] = [{"name": "matt", "pbrMetallicRoughness": rough}]
    for mesh in tree["meshes"]:
        for primitive in mesh["primitives"]:
            primitive["material"] = 0


def _linear(colours: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Display-referred (sRGB) values to linear ones, IEC 61966-2-1."""
    low, high = colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4
    return np.where(colours <= 0.04045, low, high).astype(np.float32)

"""Make the example SDF scene: a watertight mesh with thin parts and fine engraving.

    python examples/scenes/ornament.py ornament.ply

A ball in a shell that a gyroid has eaten through, a belt with letters cut into it, a knotted ring
around it all, and needles through the middle. It is one implicit function, sampled on a lattice
and turned into triangles by marching cubes; about half a minute on one core.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt

from nfcodec.atomic import writing

Array = npt.NDArray[np.float32]

GLYPHS = {  # 5 x 7 bits, top row first
    "N": (17, 25, 25, 21, 19, 19, 17),
    "F": (31, 16, 16, 30, 16, 16, 16),
    "C": (14, 17, 16, 16, 16, 17, 14),
    "O": (14, 17, 17, 17, 17, 17, 14),
    "D": (30, 17, 17, 17, 17, 17, 30),
    "E": (31, 16, 16, 30, 16, 16, 31),
    "*": (0, 4, 14, 31, 14, 4, 0),
}


def banner(text: str) -> npt.NDArray[np.bool_]:
    """(7, 6 len) bitmap of a line of text."""
    columns = []
    for letter in text:
        rows = GLYPHS[letter]
        columns += [[row >> bit & 1 for row in rows] for bit in (4, 3, 2, 1, 0)] + [[0] * 7]
    return np.array(columns, np.bool_).T


def signed_distance(x: Array, y: Array, z: Array) -> Array:
    """Roughly the signed distance, negative inside; exact enough near the surface."""
    radius = np.sqrt(x * x + y * y + z * z)
    flat = np.hypot(x, y)
    angle = np.arctan2(y, x)

    wave = 12.0
    gyroid = (
        np.sin(wave * x) * np.cos(wave * y)
        + np.sin(wave * y) * np.cos(wave * z)
        + np.sin(wave * z) * np.cos(wave * x)
    )
    shell = np.maximum(np.abs(radius - 0.62) - 0.03, (np.abs(gyroid) - 0.7) / (1.6 * wave))

    bumps = 0.012 * np.sin(14 * angle) * np.sin(22 * z)
    core = radius - 0.34 + bumps

    belt = np.maximum(np.abs(flat - 0.68) - 0.05, np.abs(z) - 0.13)
    text = banner("NFCODEC*" * 2)
    column = np.floor(angle / (2 * np.pi) * text.shape[1]).astype(np.int64) % text.shape[1]
    row = np.floor((0.1 - z) / 0.2 * 7).astype(np.int64)
    letter = (row >= 0) & (row < 7) & text[np.clip(row, 0, 6), column]
    belt = np.maximum(belt, np.where(letter, flat - 0.708, np.float32(-1)))

    knot = np.full_like(x, 9.0)  # a (2, 7) torus knot standing off the belt
    for turn in range(2):
        phase = (angle + 2 * np.pi * turn) * 3.5
        ring = flat - 0.82 - 0.05 * np.cos(phase)
        knot = np.minimum(knot, np.hypot(ring, z - 0.24 * np.sin(phase)) - 0.024)

    solid = np.minimum(np.minimum(shell, core), np.minimum(belt, knot))
    for axis in ((1, 0, 1.2), (-0.5, 0.87, 1.2), (-0.5, -0.87, 1.2), (0, 0, 1)):
        unit = np.array(axis) / np.linalg.norm(axis)
        along = x * np.float32(unit[0]) + y * np.float32(unit[1]) + z * np.float32(unit[2])
        off = np.sqrt(np.maximum(radius**2 - along**2, 0))
        needle = np.maximum(off - 0.015, np.abs(along) - 0.86)
        knob = np.sqrt(off**2 + (np.abs(along) - 0.86) ** 2) - 0.04
        solid = np.minimum(solid, np.minimum(needle, knob))
    return solid.astype(np.float32)


def make(out: Path, *, resolution: int = 192, overwrite: bool = False) -> int:
    """Write the mesh to ``out`` (PLY, OBJ, STL or GLB by suffix); the number of its triangles."""
    import trimesh
    from skimage.measure import marching_cubes

    axis = np.linspace(-0.96, 0.96, resolution, dtype=np.float32)
    values = np.empty((resolution,) * 3, np.float32)
    for index, z in enumerate(axis):
        y, x = np.meshgrid(axis, axis, indexing="ij")
        values[index] = signed_distance(x, y, np.full_like(x, z))
    zyx, faces, _, _ = marching_cubes(values, 0.0)
    x, y, z = zyx.T[::-1] * (axis[1] - axis[0]) + axis[0]
    points = np.stack([x, z, -y], axis=1)  # meshes have y up
    mesh = trimesh.Trimesh(points, faces[:, ::-1] if _inside_out(points, faces) else faces)
    bodies = trimesh.graph.connected_components(mesh.face_adjacency, min_len=500)
    mesh.update_faces(np.sort(np.concatenate(bodies)))  # leave out specks of a few triangles
    mesh.remove_unreferenced_vertices()
    with writing(out, overwrite) as aside:
        mesh.export(aside)
    return len(mesh.faces)


def _inside_out(points: Array, faces: npt.NDArray[np.integer]) -> bool:
    a, b, c = (points[faces[:, k]] for k in range(3))
    return bool(np.einsum("ij,ij->", a, np.cross(b, c)) < 0)


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the example SDF scene.")
    parser.add_argument("out", type=Path, help="mesh file to write: .ply, .obj, .stl or .glb")
    parser.add_argument("--resolution", type=int, default=192, help="lattice points per axis")
    parser.add_argument("--overwrite", action="store_true", help="replace an existing file")
    options = parser.parse_args()
    count = make(options.out, resolution=options.resolution, overwrite=options.overwrite)
    print(f"wrote {count} triangles to {options.out}")


if __name__ == "__main__":
    main()

"""Simplified meshes by Draco, and coded distances: overlap and normals at their bytes.

    pip install fast_simplification DracoPy
    NFCODEC_DATA=... python benchmarks/shapes.py [--mesh spot,bob] [--coded spot=spot.nfc ...]

A mesh is simplified by quadric edge collapse, coded by Draco (compression level 10, positions of 9,
11 or 14 bits, no normals) and judged as ``nfcodec compare`` judges a field: gIoU at random points
of the mesh's cube, Chamfer distance in units of [-1, 1]^3, mean angle of normals at points of the
surface. A mesh has the better of its face normals and its interpolated vertex normals. ``--coded``
measures .nfc files of a mesh beside them, with the same points.
"""

from __future__ import annotations

import argparse
import math
from importlib import metadata
from pathlib import Path
from typing import Any

import DracoPy
import fast_simplification
import numpy as np
import numpy.typing as npt
import volume_data
from common import RESULTS, write

from nfcodec import files, metrics
from nfcodec.data import meshes
from nfcodec.data.meshes import Mesh
from nfcodec.data.sdf import NearestPoints, pseudonormals, sample_surface, sample_uniform
from nfcodec.metrics.field_shapes import SURFACE_POINTS, field_normals, field_shape, solid_of

Floats = npt.NDArray[np.float64]
#: Shares of the triangles that stay, and bits of a position.
SHARES = (1, 0.5, 0.25, 0.12, 0.06, 0.03, 0.015, 0.007)
BITS = (9, 11, 14)
POINTS, NORMALS = 100_000, 20_000
#: Of marching cubes, for the Chamfer distance of a field.
RESOLUTION = 256
SEED = 1


class Truth:
    """A mesh and the points at which others are judged against it."""

    def __init__(self, mesh: Mesh) -> None:
        self.mesh, self.solid = mesh, solid_of(mesh)
        self.bounds = meshes.bounding_cube(mesh)
        self.scale = float((self.bounds[1] - self.bounds[0]).max()) / 2
        self.points = sample_uniform(self.bounds, POINTS, SEED, held_out=True)
        self.distances = self.solid.signed(self.points)
        self.surface, faces = sample_surface(self.solid.mesh, SURFACE_POINTS, SEED, held_out=True)
        self.normals = self.solid.mesh.normals[faces]

    def judge_mesh(self, mesh: Mesh) -> dict[str, float]:
        """What a coded ``mesh`` comes to."""
        inside = np.where(solid_of(mesh).inside(self.points), -1.0, 1.0)
        surface, _ = sample_surface(mesh, SURFACE_POINTS, SEED, held_out=True)
        asked = self.surface[:NORMALS]
        nearest = NearestPoints(mesh)(asked)
        smooth = _smooth_normals(mesh, nearest.points, nearest.faces)
        angles = [
            metrics.normal_error_deg(self.normals[:NORMALS], normals)
            for normals in (mesh.normals[nearest.faces], smooth)
        ]
        return self._figures(inside, surface, min(angles))

    def judge_coded(self, path: str) -> dict[str, float]:
        """What the field in the ``.nfc`` file at ``path`` comes to."""
        module = files.open(path).to("cpu")
        values = module(_tensor(self.points)).detach().numpy().reshape(-1)
        shape = field_shape(module, None, RESOLUTION, "cpu", SEED)
        normals = field_normals(module, self.surface[:NORMALS], None)
        angle = metrics.normal_error_deg(self.normals[:NORMALS], normals)
        return self._figures(values, shape.points, angle)

    def _figures(self, values: Floats, surface: Floats, angle: float) -> dict[str, float]:
        return {
            "giou": round(metrics.giou(self.distances, values), 4),
            "chamfer": float(f"{metrics.chamfer(self.surface, surface, self.scale):.4g}"),
            "normal_error_deg": round(angle, 2),
        }


def _tensor(points: Floats) -> Any:
    import torch

    return torch.from_numpy(points.astype(np.float32))


def _smooth_normals(mesh: Mesh, points: Floats, faces: npt.NDArray[np.int64]) -> Floats:
    """Vertex normals interpolated at ``points`` (P, 3) on ``faces`` (P,)."""
    corners = mesh.triangles[faces]
    one, two = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    at = points - corners[:, 0]
    a, b, c = (np.einsum("pd,pd->p", *pair) for pair in ((one, one), (one, two), (two, two)))
    d, e = np.einsum("pd,pd->p", at, one), np.einsum("pd,pd->p", at, two)
    size = np.maximum(a * c - b * b, 1e-300)
    second, third = (c * d - b * e) / size, (a * e - b * d) / size
    weights = np.stack([1 - second - third, second, third], axis=1).clip(0, 1)
    return np.einsum("pc,pcd->pd", weights, pseudonormals(mesh)[faces, :3])


def draco(truth: Truth) -> list[dict[str, Any]]:
    """Simplified and coded meshes, the largest file first."""
    found = []
    mesh = truth.mesh
    for share in SHARES:
        vertices, faces = mesh.vertices.astype(np.float32), mesh.faces.astype(np.int32)
        if share < 1:
            vertices, faces = fast_simplification.simplify(vertices, faces, 1 - share)
        for bits in BITS:
            data = DracoPy.encode(
                vertices, faces.astype(np.uint32), quantization_bits=bits, compression_level=10
            )
            decoded = DracoPy.decode(data)
            coded = meshes.clean(decoded.points, decoded.faces, "a mesh by Draco")
            point = {"vertices": len(vertices), "bits": bits, "bytes": len(data)}
            found.append({**point, **truth.judge_mesh(coded)})
    return sorted(found, key=lambda point: -point["bytes"])


def hull(points: list[dict[str, Any]], key: str, sign: int) -> list[tuple[float, float]]:
    """(log bytes, figure) of the ``points`` that no smaller one equals; ``sign`` 1: more is better.

    Ascending in bytes.
    """
    best, found = -math.inf, []
    for point in sorted(points, key=lambda point: point["bytes"]):
        if sign * point[key] > best:
            best = sign * point[key]
            found.append((math.log(point["bytes"]), point[key]))
    return found


def at_bytes(points: list[dict[str, Any]], size: int) -> dict[str, float | None]:
    """The best figures that ``points`` have at ``size`` bytes, interpolated; None outside."""
    figures: dict[str, float | None] = {}
    for key, sign in (("giou", 1), ("chamfer", -1), ("normal_error_deg", -1)):
        line = hull(points, key, sign)
        x, y = [p[0] for p in line], [p[1] for p in line]
        there = x[0] <= math.log(size) <= math.log(max(p["bytes"] for p in points))
        figures[key] = float(np.interp(math.log(size), x, y)) if there else None
    return figures


def table(results: dict[str, Any]) -> str:
    """Markdown of all points."""
    text = ["# Simplified meshes by Draco, and coded distances", ""]
    text += [*(__doc__ or "").splitlines()[5:], ""]
    for name, found in results.items():
        text += [
            f"## {name}",
            "",
            "| | bytes | gIoU | Chamfer | normals |",
            "| --- |" + " --- |" * 4,
        ]
        for point in found["draco"]:
            text.append(f"| {point['vertices']:,} vertices, {point['bits']} bits {_cells(point)}")
        for point in found["coded"]:
            text.append(f"| **{point['name']}** {_cells(point)}")
            beside = {"bytes": point["bytes"], **point["draco"]}
            text.append(f"| Draco at its bytes {_cells(beside)}")
        text.append("")
    return "\n".join(text)


def _cells(point: dict[str, Any]) -> str:
    giou, chamfer, angle = (point[key] for key in ("giou", "chamfer", "normal_error_deg"))
    cells = [
        f"{point['bytes']:,}",
        "-" if giou is None else f"{giou:.4f}",
        "-" if chamfer is None else f"{chamfer:.5f}",
        "-" if angle is None else f"{angle:.1f}°",
    ]
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--mesh", default="spot,bob,armadillo", help="names or files, by commas")
    parser.add_argument(
        "--coded", action="append", default=[], metavar="MESH=FILE", help="a .nfc file of a mesh"
    )
    options = parser.parse_args()
    coded = [entry.partition("=")[::2] for entry in options.coded]
    results: dict[str, Any] = {}
    for name in options.mesh.split(","):
        path = Path(name)
        if not path.suffix:
            path = volume_data.folder() / "meshes" / f"{name}.obj"
        truth = Truth(meshes.load(path))
        points = draco(truth)
        found = []
        for mesh, file in coded:
            if mesh == path.stem:
                size = Path(file).stat().st_size
                point = {"name": Path(file).name, "bytes": size, **truth.judge_coded(file)}
                found.append({**point, "draco": at_bytes(points, size)})
        results[path.stem] = {"draco": points, "coded": found}
    versions = {name: metadata.version(name) for name in ("fast_simplification", "DracoPy")}
    settings = {"versions": versions, "points": POINTS, "normals": NORMALS, "seed": SEED}
    write("shapes", settings, results)
    (RESULTS / "shapes.md").write_text(table(results))


if __name__ == "__main__":
    main()

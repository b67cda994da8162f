"""Signed distance fields as solids and surfaces: IoU, Chamfer distance, normals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from nfcodec import metrics
from nfcodec.data.meshes import Mesh
from nfcodec.data.sdf import SurfaceDistance, sample_surface
from nfcodec.errors import UsageError
from nfcodec.evaluate import FieldModule
from nfcodec.exporters.surface import extract
from nfcodec.render import surface as tracing

Floats = npt.NDArray[np.float64]

#: Points on each surface that the Chamfer distance is measured between.
SURFACE_POINTS = 100_000


@dataclass(frozen=True, eq=False)
class Shape:
    """A surface as evenly spread ``points`` (P, 3) with unit ``normals`` (P, 3); P may be 0."""

    points: Floats
    normals: Floats


def solid_of(mesh: Mesh) -> SurfaceDistance:
    """The solid that fields are measured on, by the winding number.

    It is the same however a field was trained: fields learned by different rules are comparable,
    and none is measured by the rule that misled it.
    """
    return SurfaceDistance(mesh, "winding")


def mesh_shape(solid: SurfaceDistance, seed: int) -> Shape:
    """Points of a solid's surface with the normals of the faces they lie on."""
    points, faces = sample_surface(solid.mesh, SURFACE_POINTS, seed, held_out=True)
    return Shape(points, solid.mesh.normals[faces])


def field_shape(
    module: FieldModule, lod: int | None, resolution: int, device: str, seed: int
) -> Shape:
    """Points of the zero set of an ``sdf`` field with the field's normals there.

    ``resolution``: of the marching cubes, along the longest side. Without a surface, no points.
    """
    try:
        found = extract(module.field, lod=lod, resolution=resolution, device=device)
    except UsageError:  # no surface: what coarse codes may do to a thin shape
        return Shape(np.zeros((0, 3)), np.zeros((0, 3)))
    mesh = Mesh(found.vertices, found.faces)
    points, _ = sample_surface(mesh, SURFACE_POINTS, seed, held_out=True)
    return Shape(points, field_normals(module, points, lod))


@torch.no_grad()
def field_normals(module: FieldModule, points: Floats, lod: int | None) -> Floats:
    """(P, 3) unit gradients of an ``sdf`` field, by differences over half a voxel each way."""
    low, high = module.box
    gradients = tracing.gradients(
        tracing.distance_of(module, lod),
        torch.from_numpy(points).to(module.device),
        low,
        high,
        tracing.NORMAL_STEP_VOXELS * tracing.voxel_size(module, lod),
    )
    vectors = gradients.double().cpu().numpy()
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-30))


def overlap(reference: npt.ArrayLike, test: npt.ArrayLike) -> float | None:
    """gIoU from distances at the same points; None if nothing is inside of either."""
    found = metrics.giou(reference, test)
    return None if np.isnan(found) else float(found)


def shape_metrics(
    reference: Shape, test: Shape, test_module: FieldModule, lod: int | None, scale: float
) -> dict[str, float | None]:
    """``chamfer``, in units of the cube [-1, 1]^3 (``scale``: half the longest side of the
    bounds), and ``normal_error_deg``: the mean angle between the reference's normals and the
    test field's at the reference's points. None where there is no surface.
    """
    chamfer = metrics.chamfer(reference.points, test.points, scale)
    error: float | None = None
    if len(reference.points):
        normals = field_normals(test_module, reference.points, lod)
        error = metrics.normal_error_deg(reference.normals, normals)
    return {"chamfer": chamfer if np.isfinite(chamfer) else None, "normal_error_deg": error}

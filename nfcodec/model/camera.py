"""Pinhole cameras as plain data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

_NEWTON_STEPS = 8


@dataclass(frozen=True, eq=False)
class Camera:
    """A pinhole camera, with OpenCV lens distortion if ``distortion`` is given.

    ``pose``: (4, 4) float64 camera-to-world, OpenGL axes (x right, y up, looking along -z).
    ``fx, fy, cx, cy`` in pixels; pixel (0, 0) is the top left one and its center is (0.5, 0.5).
    ``distortion``: k1, k2, p1, p2.
    """

    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float
    pose: npt.NDArray[np.float64]
    distortion: tuple[float, float, float, float] | None = None

    def resized(self, width: int, height: int) -> Camera:
        """The same view at another size in pixels."""
        sx, sy = width / self.width, height / self.height
        return replace(
            self, width=width, height=height,
            fx=self.fx * sx, fy=self.fy * sy, cx=self.cx * sx, cy=self.cy * sy,
        )  # fmt: skip

    def numbers(self) -> npt.NDArray[np.float64]:
        """(26,) all that tells this camera from another: size, lens, distortion, pose."""
        lens = [self.width, self.height, self.fx, self.fy, self.cx, self.cy]
        bent = (0.0,) * 4 if self.distortion is None else self.distortion
        return np.array([*lens, *bent, *self.pose.ravel()])

    def rays(
        self, pixels: npt.NDArray[np.float64] | None = None
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Origins and unit directions, each (P, 3) float32, in world units.

        ``pixels``: (P, 2) float64 image positions x, y; by default the centers of all pixels, row
        by row.
        """
        if pixels is None:
            y, x = np.mgrid[0 : self.height, 0 : self.width]
            pixels = np.stack([x.ravel() + 0.5, y.ravel() + 0.5], axis=1)
        plane = (pixels - [self.cx, self.cy]) / [self.fx, self.fy]
        if self.distortion is not None:
            plane = _undistort(plane, self.distortion)
        local = np.stack([plane[:, 0], -plane[:, 1], -np.ones(len(plane))], axis=1)
        directions = local @ self.pose[:3, :3].T
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        origins = np.broadcast_to(self.pose[:3, 3], directions.shape)
        return origins.astype(np.float32), directions.astype(np.float32)

    def project(
        self, points: npt.NDArray[np.float64]
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Where (P, 3) world points appear: (P, 2) image positions x, y and (P,) depths.

        The inverse of :meth:`rays`. Depth is the distance along the optical axis in world units;
        where it is not positive the point is behind the eye and its position is NaN.
        """
        local = (points - self.pose[:3, 3]) @ self.pose[:3, :3]
        depth = -local[:, 2]
        front = np.where(depth > 0, depth, np.nan)[:, None]
        plane = local[:, :2] * [1.0, -1.0] / front
        if self.distortion is not None:
            plane = _distort(plane, self.distortion)
        return plane * [self.fx, self.fy] + [self.cx, self.cy], depth


def look_at(
    eye: npt.ArrayLike, target: npt.ArrayLike, up: npt.ArrayLike = (0.0, 0.0, 1.0)
) -> npt.NDArray[np.float64]:
    """(4, 4) camera-to-world pose of an eye that looks at ``target``."""
    position = np.asarray(eye, np.float64)
    back = position - np.asarray(target, np.float64)
    back /= np.linalg.norm(back)
    right = np.cross(np.asarray(up, np.float64), back)
    if np.linalg.norm(right) < 1e-9:  # looking along `up`: any right-hand side will do
        right = np.cross([0.0, 1.0, 0.0] if abs(back[1]) < 0.9 else [1.0, 0.0, 0.0], back)
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3, :4] = np.stack([right, np.cross(back, right), back, position], axis=1)
    return pose


def perspective(
    width: int, height: int, vertical_fov: float, pose: npt.NDArray[np.float64]
) -> Camera:
    """A distortion-free camera; ``vertical_fov`` in radians."""
    focal = 0.5 * height / np.tan(0.5 * vertical_fov)
    return Camera(width, height, focal, focal, width / 2, height / 2, pose)


def _distort(
    plane: npt.NDArray[np.float64], coefficients: tuple[float, float, float, float]
) -> npt.NDArray[np.float64]:
    """OpenCV's k1, k2, p1, p2 model on (P, 2) image-plane points."""
    k1, k2, p1, p2 = coefficients
    return np.stack(_bend(plane[:, 0], plane[:, 1], k1, k2, p1, p2), axis=1)


def _undistort(
    distorted: npt.NDArray[np.float64], coefficients: tuple[float, float, float, float]
) -> npt.NDArray[np.float64]:
    """The inverse of :func:`_distort`; see :func:`undistort`."""
    k1, k2, p1, p2 = coefficients
    x, y = distorted[:, 0], distorted[:, 1]
    return np.stack(undistort(x, y, k1, k2, p1, p2, np), axis=1)


def _bend(x: Any, y: Any, k1: Any, k2: Any, p1: Any, p2: Any) -> tuple[Any, Any]:
    r2 = x * x + y * y
    radial = 1.0 + r2 * (k1 + r2 * k2)
    xd = x * radial + 2.0 * p1 * x * y + p2 * (r2 + 2.0 * x * x)
    yd = y * radial + p1 * (r2 + 2.0 * y * y) + 2.0 * p2 * x * y
    return xd, yd


def undistort(
    xd: Any, yd: Any, k1: Any, k2: Any, p1: Any, p2: Any, xp: ModuleType
) -> tuple[Any, Any]:
    """Image-plane points (P,) without the distortion k1, k2, p1, p2, numbers or (P,) each.

    By Newton's method, begun at the distorted points: it converges to rounding error wherever the
    lens does not fold the image over; the cap on the steps keeps points outside that region finite.
    ``xp``: numpy or torch, whose float64 arrays these are; both give the same bits.
    """
    x, y = xd, yd
    for _ in range(_NEWTON_STEPS):
        bent_x, bent_y = _bend(x, y, k1, k2, p1, p2)
        excess_x, excess_y = bent_x - xd, bent_y - yd
        r2 = x * x + y * y
        radial = 1.0 + r2 * (k1 + r2 * k2)
        slope = 2.0 * k1 + 4.0 * k2 * r2  # d radial / d x = slope * x
        dxx = radial + slope * x * x + 2.0 * p1 * y + 6.0 * p2 * x
        dyy = radial + slope * y * y + 6.0 * p1 * y + 2.0 * p2 * x
        dxy = slope * x * y + 2.0 * p1 * x + 2.0 * p2 * y  # the Jacobian is symmetric
        det = dxx * dyy - dxy * dxy
        det = xp.where(abs(det) < 1e-12, 1e-12, det)
        step_x = (dyy * excess_x - dxy * excess_y) / det
        step_y = (dxx * excess_y - dxy * excess_x) / det
        x = x - xp.clip(step_x, -1.0, 1.0)
        y = y - xp.clip(step_y, -1.0, 1.0)
    return x, y

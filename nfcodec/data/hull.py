"""Where a scene can be: its box, and the cells that the images' alpha leaves possible.

The visual hull is carved coarse to fine: a cell goes as soon as one view shows nothing but
transparent pixels throughout the cell's footprint, and only the cells that are left are divided.
The footprint is a rectangle that surely contains the cell's projection, and the question "is any
pixel in it set?" is four look-ups in the mask's summed-area table, so a cell that holds surface is
never lost.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import prange

from nfcodec.data.posed import PosedImages
from nfcodec.data.scene_space import Space
from nfcodec.data.viewed import check_seen, look
from nfcodec.errors import DamagedFileError, UsageError
from nfcodec.jit import parallel
from nfcodec.model.camera import Camera

_COARSEST = 16
_MARGIN_CELLS = 1.0


def scene_bounds(posed: PosedImages) -> npt.NDArray[np.float64]:
    """(2, 3) lower and upper corner of a cube that holds the scene, in world units.

    - With a stated sphere or cube: the cube around it.
    - With ``aabb_scale`` alone, and without alpha: instant-ngp's cube, whose sides are
      ``aabb_scale / 0.33`` around the origin.
    - Otherwise: the cube around the point that the views look at, up to the farthest camera.
    - With alpha: within that, the smallest cube around the visual hull, as far as 64 cells a side
      show it, and a margin of one such cell. Give the training views: the hull of few views is
      large.

    Warns where the views make the box doubtful. Raises DamagedFileError if the masks of the views
    share no space, which means wrong poses.
    """
    stated = posed.sphere or posed.cube
    if stated is None and not posed.has_alpha:
        stated = Space(aabb_scale=posed.aabb_scale).default_cube
    if stated is None:
        focus, reach = look(posed.cameras, posed.names, posed.path)
    else:
        focus, reach = np.array(stated[:3]), stated[3]
        check_seen(posed.cameras, np.stack([focus - reach, focus + reach]), posed.path)
    if not posed.has_alpha:
        return np.stack([focus - reach, focus + reach])
    bounds = np.stack([focus - reach, focus + reach])
    for _ in range(4):  # every round sees the hull more finely; the first ones shrink the box most
        cells = visual_hull(posed, bounds, 64)
        if not cells.any():
            raise DamagedFileError(
                f"{posed.path}: no point of space is inside the alpha masks of all views; "
                "the poses or the masks are wrong"
            )
        step = (bounds[1] - bounds[0]) / 64
        zyx = np.argwhere(cells)
        lower = bounds[0] + (zyx.min(axis=0)[::-1] - _MARGIN_CELLS) * step
        upper = bounds[0] + (zyx.max(axis=0)[::-1] + 1 + _MARGIN_CELLS) * step
        center, half = (lower + upper) / 2, float((upper - lower).max()) / 2
        settled = half > 0.95 * float(bounds[1, 0] - bounds[0, 0]) / 2
        bounds = np.stack([center - half, center + half])
        if settled:
            break
    return bounds


def visual_hull(
    posed: PosedImages,
    bounds: npt.NDArray[np.float64],
    resolution: int,
    *,
    dilate: float = 1.0,
    threshold: int = 0,
) -> npt.NDArray[np.bool_]:
    """(R, R, R) bool [z, y, x]: the cells of ``bounds`` that may hold something visible.

    A cell is kept if at least one view sees it and, in every view, its footprint grown by
    ``dilate`` pixels meets a pixel whose alpha (0..255) is above ``threshold`` or reaches beyond
    the frame. Of a view whose frame has a wholly transparent border, what lies beyond the frame is
    taken to be empty too: such images show the whole object. Conservative: no cell with visible
    surface is dropped. Memory holds the result and one summed-area table per view (4 bytes
    a pixel).

    Raises UsageError if the images have no alpha or the resolution is not positive.
    """
    if not posed.has_alpha:
        raise UsageError(f"{posed.path}: the images have no alpha, so they have no visual hull")
    if resolution < 1:
        raise UsageError(f"resolution {resolution}: expected at least 1")
    views = [
        _pinhole(camera, _shown(posed, view, threshold))
        for view, camera in enumerate(posed.cameras)
    ]
    tables = [_summed_area(mask) for _, mask, _ in views]
    width = max(t.shape[1] for t in tables)
    height = max(t.shape[0] for t in tables)
    sums = np.zeros((len(views), height, width), np.int32)
    for v, table in enumerate(tables):
        sums[v, : table.shape[0], : table.shape[1]] = table
    sizes = np.array([(c.width, c.height) for c, _, _ in views], np.int64)
    eyes = np.stack([c.pose[:3, 3] for c, _, _ in views])
    axes = np.stack([np.ascontiguousarray(c.pose[:3, :3].T) for c, _, _ in views])
    lenses = np.array([(c.fx, c.fy, c.cx, c.cy) for c, _, _ in views])
    whole = np.array([clear for _, _, clear in views])

    side = resolution
    while side % 2 == 0 and side > _COARSEST:
        side //= 2
    cells = np.stack(np.meshgrid(*[np.arange(side)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    eight = np.stack(np.meshgrid(*[np.arange(2)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    while True:
        step = (bounds[1] - bounds[0]) / side
        centers = bounds[0] + (cells + 0.5) * step
        keep = _possible(centers, step / 2, eyes, axes, lenses, sizes, sums, whole, float(dilate))
        cells = cells[keep]
        if side == resolution:
            break
        cells = (2 * cells[:, None] + eight).reshape(-1, 3)
        side *= 2
    hull = np.zeros((resolution,) * 3, np.bool_)
    hull[cells[:, 2], cells[:, 1], cells[:, 0]] = True
    return hull


@parallel
def _possible(
    centers: Any, half: Any, eyes: Any, axes: Any, lenses: Any, sizes: Any, sums: Any, whole: Any,
    dilate: float,
) -> Any:  # fmt: skip
    """(M,) bool: whether no view rules out the box ``center +- half``; see the module docstring."""
    keep = np.zeros(centers.shape[0], np.bool_)
    for i in prange(centers.shape[0]):
        seen = False
        possible = True
        for v in range(eyes.shape[0]):
            dx = centers[i, 0] - eyes[v, 0]
            dy = centers[i, 1] - eyes[v, 1]
            dz = centers[i, 2] - eyes[v, 2]
            a = axes[v]
            # half the box's extent along the camera's axes
            hx = abs(a[0, 0]) * half[0] + abs(a[0, 1]) * half[1] + abs(a[0, 2]) * half[2]
            hy = abs(a[1, 0]) * half[0] + abs(a[1, 1]) * half[1] + abs(a[1, 2]) * half[2]
            hz = abs(a[2, 0]) * half[0] + abs(a[2, 1]) * half[1] + abs(a[2, 2]) * half[2]
            depth = -(a[2, 0] * dx + a[2, 1] * dy + a[2, 2] * dz)
            if depth <= -hz:
                continue  # behind the eye
            if depth <= hz * 1.0001:
                seen = True  # around the eye: cannot tell
                continue
            px = (a[0, 0] * dx + a[0, 1] * dy + a[0, 2] * dz) / depth
            py = -(a[1, 0] * dx + a[1, 1] * dy + a[1, 2] * dz) / depth
            # |(x + ex) / (d + ez) - x / d| = |ex - (x / d) ez| / (d + ez), at most this:
            rx = lenses[v, 0] * (hx + abs(px) * hz) / (depth - hz) + dilate
            ry = lenses[v, 1] * (hy + abs(py) * hz) / (depth - hz) + dilate
            u = px * lenses[v, 0] + lenses[v, 2]
            w = py * lenses[v, 1] + lenses[v, 3]
            width, height = sizes[v, 0], sizes[v, 1]
            inside = u - rx >= 0 and w - ry >= 0 and u + rx <= width and w + ry <= height
            x0 = int(np.floor(max(0.0, min(width, u - rx))))
            y0 = int(np.floor(max(0.0, min(height, w - ry))))
            x1 = int(np.ceil(max(0.0, min(width, u + rx))))
            y1 = int(np.ceil(max(0.0, min(height, w + ry))))
            s = sums[v]
            if s[y1, x1] - s[y0, x1] - s[y1, x0] + s[y0, x0] > 0:
                seen = True
            elif inside or whole[v]:
                possible = False
                break
        keep[i] = possible and seen
    return keep


def _shown(posed: PosedImages, view: int, threshold: int) -> npt.NDArray[np.bool_]:
    """(h, w) bool: the pixels of a view that show something, or do not count and so may."""
    shown: npt.NDArray[np.bool_] = posed.image(view)[..., 3] > threshold
    counts = posed.counts(view)
    return shown if counts is None else shown | ~counts


def _summed_area(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.int32]:
    table = np.zeros((mask.shape[0] + 1, mask.shape[1] + 1), np.int32)
    np.cumsum(mask, axis=0, out=table[1:, 1:], dtype=np.int32)
    np.cumsum(table[1:, 1:], axis=1, out=table[1:, 1:])
    return table


def _pinhole(
    camera: Camera, mask: npt.NDArray[np.bool_]
) -> tuple[Camera, npt.NDArray[np.bool_], bool]:
    """A distortion-free camera, its mask, and whether nothing lies beyond the frame.

    With lens distortion the mask is resampled, without loss, to an undistorted frame that holds
    the whole image (or as much as twice its size can): a pixel there is set if any of the 3 x 3
    around its place in the image is, or if these reach beyond an image that is not `whole`.
    """
    border = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    whole = not border.any()
    if camera.distortion is None:
        return camera, mask, whole
    w, h = camera.width, camera.height
    along_x, along_y = np.arange(w + 1.0), np.arange(h + 1.0)
    edges = [np.stack([along_x, np.full(w + 1, y)], axis=1) for y in (0.0, h)]
    edges += [np.stack([np.full(h + 1, x), along_y], axis=1) for x in (0.0, w)]
    plain = replace(camera, distortion=None)
    edge, _ = plain.project(_one_ahead(camera, np.concatenate(edges)))
    lower = np.floor(edge.min(axis=0))
    upper = np.ceil(edge.max(axis=0))
    size = np.array([w, h])
    if (lower < -size / 2).any() or (upper > size * 1.5).any():
        whole = False
        lower, upper = np.maximum(lower, -(size // 2)), np.minimum(upper, size + size // 2)
    width, height = (int(n) for n in upper - lower)
    plain = replace(
        plain, width=width, height=height, cx=camera.cx - lower[0], cy=camera.cy - lower[1]
    )
    y, x = np.mgrid[0:height, 0:width]
    at, _ = camera.project(_one_ahead(plain, np.stack([x.ravel(), y.ravel()], axis=1) + 0.5))
    padded = np.pad(mask, 2, constant_values=not whole)
    grown = np.zeros_like(padded)
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            grown |= np.roll(padded, (dy, dx), axis=(0, 1))
    column = np.clip(np.floor(at[:, 0]).astype(np.int64) + 2, 0, w + 3)
    row = np.clip(np.floor(at[:, 1]).astype(np.int64) + 2, 0, h + 3)
    return plain, grown[row, column].reshape(height, width), whole


def _one_ahead(camera: Camera, pixels: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    origins, directions = camera.rays(pixels)
    return origins.astype(np.float64) + directions

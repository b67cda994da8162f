"""Images and values of a field, computed on a GPU from its packed codes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from nfcodec.errors import UsageError
from nfcodec.model.camera import Camera
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.model.kinds import kind_of
from nfcodec.progress import Progress, Silent
from nfcodec.render import scalar, settings, surface
from nfcodec.render.gpu.programs import PARAMS, PIXEL_BYTES, Programs
from nfcodec.render.gpu.tables import tag

FLAG_DISTORTED, FLAG_EXACT_DISTANCE = tag("FLAG", "distorted"), tag("FLAG", "exact_distance")
GROUP = 64
POINTS_PER_DISPATCH = 1 << 16
#: Pixels of a side of a dispatch: 65,535 workgroups of 8 (WebGPU, "Limits").
MAX_TILE_SIDE = 65_535 * 8
#: A dispatch is given as many rays as lately took this long, so that no watchdog of a GPU's
#: driver (two seconds on Windows) ends it, and a frame can be interrupted between dispatches.
SECONDS_PER_DISPATCH = 0.2
FIRST_RAYS, LEAST_RAYS = 1 << 12, 1 << 8


class Renderer:
    """A field on a GPU: the counterpart of :class:`nfcodec.evaluate.FieldModule`.

    Codes stay packed; nothing is expanded (``docs/renderer.md``). ``device``: a
    ``wgpu.GPUDevice`` to share, else one of the fastest adapter. Raises UsageError without wgpu or
    an adapter, LimitError for a field too large for it, and UnsupportedError for networks that are
    too wide for a GPU program.
    """

    def __init__(self, field: Field | CodedField, device: Any = None) -> None:
        self.field = field
        self.kind, self.dims, self.num_lods = field.kind, field.dims, field.num_lods
        self.programs = Programs(field, device)
        self._rays_per_second = FIRST_RAYS / SECONDS_PER_DISPATCH
        self._slopes: dict[tuple[int, float, int], float] = {}
        self._ranges: dict[tuple[int, int], tuple[float, float]] = {}

    @property
    def nbytes(self) -> int:
        """Bytes of all GPU buffers: the field's, and those of the last image."""
        return self.programs.nbytes

    @property
    def field_bytes(self) -> int:
        """Bytes of the GPU buffers that hold the field."""
        return self.programs.plan.nbytes

    def evaluate(
        self,
        points: npt.ArrayLike,
        directions: npt.ArrayLike | None = None,
        lod: int | None = None,
    ) -> npt.NDArray[np.float32]:
        """Values at (P, D) points: as :func:`nfcodec.evaluate.reference.evaluate`, float32."""
        low, high = self.field.bounds
        u = (np.asarray(points, np.float64) - low) / (high - low) * 2.0 - 1.0
        packed = np.zeros((len(u), 2, 4), np.float32)
        packed[:, 0, : self.dims] = u
        if directions is not None:
            packed[:, 1, :3] = directions
        channels = self.field.num_outputs + int(kind_of(self).has_color)
        out = np.empty((len(u), channels), np.float32)
        params = self._params(lod)
        for first in range(0, len(u), POINTS_PER_DISPATCH):
            part = packed[first : first + POINTS_PER_DISPATCH]
            self.programs.reserve("points", part.nbytes)
            self.programs.reserve("output", len(part) * channels * 4)
            params["chosen"][3] = len(part)
            self.programs.write("points", part)
            self.programs.write("params", params)
            self.programs.run("points", (-(-len(part) // GROUP), 1))
            raw = self.programs.read(len(part) * channels * 4)
            out[first : first + len(part)] = np.frombuffer(raw, "<f4").reshape(len(part), channels)
        return out

    def value_range(self, lod: int | None = None, channel: int = 0) -> tuple[float, float]:
        """As :func:`nfcodec.render.scalar.value_range`."""
        stated = scalar.stated_range(self.field.metadata) if channel == 0 else None
        if stated is not None:
            return stated
        lod = self.num_lods - 1 if lod is None else lod
        if (lod, channel) not in self._ranges:
            side = scalar.RANGE_POINTS_PER_AXIS[self.dims]
            params = self._params(lod, channel)
            params["cells"][:3] = (side, side, side if self.dims == 3 else 1)
            low, high = self._measure("range", params, side**self.dims, 2)
            self._ranges[lod, channel] = low, high
        return self._ranges[lod, channel]

    def _slope(self, lod: int, iso: float, channel: int) -> float:
        key = lod, iso, channel
        if key not in self._slopes:
            params = self._params(lod, channel)
            params["surface"][1:] = settings.voxel_size(self.field, lod), *self._distance(iso)
            params["chosen"][2] = FLAG_EXACT_DISTANCE if kind_of(self).is_distance else 0
            (found,) = self._measure("slope", params, surface.SLOPE_POINTS, 1)
            if kind_of(self).is_distance:
                found = max(found, settings.stated_slope(self.field.metadata))
            self._slopes[key] = found
        return self._slopes[key]

    def _distance(self, iso: float) -> tuple[float, float]:
        """Offset and factor that turn the field's values into distances, negative inside."""
        return (0.0, 1.0) if kind_of(self).is_distance else (iso, -1.0)

    def _measure(self, program: str, params: Any, points: int, words: int) -> list[float]:
        params["chosen"][3] = points
        self.programs.reserve("output", 4 * points)
        self.programs.write("params", params)
        self.programs.run(program, (-(-points // GROUP), 1))
        self.programs.run(program, (1, 1), "reduce")
        return [float(x) for x in np.frombuffer(self.programs.read(4 * words), "<f4")]

    def _params(self, lod: int | None, channel: int = 0) -> Any:
        """What all programs need; the rest is zero."""
        lod = self.num_lods - 1 if lod is None else lod
        params = np.zeros((), PARAMS)
        low, high = self.field.bounds
        params["scale"][: self.dims] = 2.0 / (high - low)
        params["chosen"][:2] = lod, channel
        plan = self.programs.plan
        if plan.occupancies:
            occupancy = plan.occupancies[plan.occupancy_of_lod[lod]]
            params["cells"] = (*occupancy.shape, occupancy.cells.offset)
            params["blocks"][0] = occupancy.blocks.offset
        return params

    def draw(
        self,
        camera: Camera,
        *,
        lod: int | None,
        mode: str,
        background: npt.NDArray[np.float32],
        antialias: int,
        level: float | None,
        channel: int,
        value_range: tuple[float, float] | None,
        table: npt.NDArray[np.float32] | None,
        opacity: float,
        progress: Progress | None,
    ) -> npt.NDArray[np.float32]:
        """(H, W, 3) float32 in [0, 1]: :func:`nfcodec.render.render` without its checks.

        ``table``: (256, 3) colors of a scalar field, over ``value_range``.
        """
        if 8 * camera.width * camera.height > self.programs.output_limit:
            raise UsageError(
                f"an image of {camera.width} x {camera.height} pixels is too large for this GPU "
                "adapter; use --device cpu"
            )
        used = self.num_lods - 1 if lod is None else lod
        params = self._params(used, channel)
        params["background"][:3] = background
        params["image"] = (camera.width, camera.height, antialias, tag("MODE", mode))
        if table is not None and value_range is not None:
            params["transfer"][:2] = value_range
            padded = np.zeros((256, 4), np.float32)
            padded[:, :3] = table
            self.programs.write("table", padded)
        if self.dims == 2:
            self._place_plane(params, camera)
            return self._draw("plane", params, camera, antialias, progress)
        self._place_camera(params, camera)
        step = settings.radiance_step(self.field, used)
        program = "radiance"
        if kind_of(self).is_plain and mode == "shaded":
            program = "volume"
            step = settings.scalar_step(self.field, used)
            diagonal = float(np.linalg.norm(self.field.bounds[1] - self.field.bounds[0]))
            params["transfer"][2] = opacity * scalar.FULL_DEPTH / diagonal * step
        elif not kind_of(self).has_color:
            program = "surface"
            iso = 0.0
            if kind_of(self).is_plain:
                assert value_range is not None
                iso = 0.5 * sum(value_range) if level is None else level
            voxel = settings.voxel_size(self.field, used)
            shortest = settings.shortest_step(self.field, voxel)
            normal = surface.NORMAL_STEP_VOXELS * voxel
            params["surface"] = shortest, normal, *self._distance(iso)
            params["march"][3] = self._slope(used, iso, channel)
        params["march"][:3] = (step, *settings.depth_range(self.field, camera.pose[:3, 3]))
        return self._draw(program, params, camera, antialias, progress)

    def _place_camera(self, params: Any, camera: Camera) -> None:
        low, high = self.field.bounds
        params["eye"][:3] = (camera.pose[:3, 3] - low) / (high - low) * 2.0 - 1.0
        for column, name in enumerate(("right", "up", "back")):
            params[name][:3] = camera.pose[:3, column]
        params["lens"] = camera.fx, camera.fy, camera.cx, camera.cy
        if camera.distortion is not None:
            params["distortion"] = camera.distortion
            params["chosen"][2] = FLAG_DISTORTED

    def _place_plane(self, params: Any, camera: Camera) -> None:
        extent = self.field.bounds[1] - self.field.bounds[0]
        per_pixel = float((extent / [camera.width, camera.height]).max())
        params["lens"][:2] = per_pixel * 2.0 / extent

    def _draw(
        self, program: str, params: Any, camera: Camera, antialias: int, progress: Progress | None
    ) -> npt.NDArray[np.float32]:
        width, height = camera.width, camera.height
        self.programs.reserve("output", width * height * PIXEL_BYTES)
        report = progress or Silent()
        report.start("render", width * height)
        done = 0
        try:
            for tile in self._tiles(width, height, antialias):
                params["tile"] = tile
                self.programs.write("params", params)
                began = time.perf_counter()
                self.programs.run(program, (-(-tile[2] // 8), -(-tile[3] // 8)))
                self._learn(tile[2] * tile[3] * antialias**2, time.perf_counter() - began)
                done += tile[2] * tile[3]
                report.update(done)
        finally:
            report.finish()
        raw = self.programs.read(width * height * PIXEL_BYTES)
        halves = np.frombuffer(raw, "<f2").reshape(height, width, 4)
        return halves[..., :3].astype(np.float32)

    def _learn(self, rays: int, seconds: float) -> None:
        """Note how fast rays were, to choose the size of the next dispatch; slow rays count."""
        now = rays / max(seconds, 1e-4)
        self._rays_per_second = min(now, 4.0 * self._rays_per_second)

    def _tiles(
        self, width: int, height: int, antialias: int
    ) -> Iterator[tuple[int, int, int, int]]:
        """Left, top, width and height of parts of an image: bands of rows, or parts of bands."""
        top = 0
        while top < height:
            rays = max(LEAST_RAYS, int(self._rays_per_second * SECONDS_PER_DISPATCH))
            pixels = max(64, rays // antialias**2)
            rows = min(max(8, pixels // width // 8 * 8), height - top, MAX_TILE_SIDE)
            across = min(max(8, pixels // rows // 8 * 8), width, MAX_TILE_SIDE)
            for left in range(0, width, across):
                yield left, top, min(across, width - left), rows
            top += rows

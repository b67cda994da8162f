"""Images of neural fields, plain or coded: ``(H, W, 3)`` float32 arrays in [0, 1].

Colors are display-referred (sRGB), ready to be shown or saved:

- ``nerf``: what the field gives, as it was trained on display-referred images; composited as is.
- ``sdf``: shaded in linear light, then encoded as sRGB.
- ``scalar``: the color map's own colors, composited without conversion.
- a kind with an image stage: what the kind's "drawing" makes of the field, over the background
  that it was trained with.

Coded fields are drawn from their packed indices; nothing is expanded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from nfcodec.errors import UsageError
from nfcodec.evaluate import FieldModule
from nfcodec.model.camera import Camera
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.model.kinds import kind_of
from nfcodec.progress import Progress, Silent
from nfcodec.render import scalar, settings, surface, volume

if TYPE_CHECKING:
    from nfcodec.render.gpu import Renderer

Image: TypeAlias = npt.NDArray[np.float32]
#: (R, 3) origins and directions to (R, 3) display-referred colors.
Shader: TypeAlias = Callable[[Tensor, Tensor], Tensor]

#: Rays drawn at a time; a scalar field's ray has hundreds of samples.
RAYS_PER_CHUNK = {"sdf": 1 << 16, "scalar": 1 << 13}
#: The same for other kinds.
DENSITY_RAYS_PER_CHUNK = 1 << 15
#: Of one image: 0.8 GB as it is drawn, and three times that while it is saved.
MAX_PIXELS = 1 << 26
MAX_ANTIALIAS = 8


class Drawing(Protocol):
    """The part "drawing" of a kind with an image stage."""

    def check(
        self, field: Field | CodedField, antialias: int, background: npt.ArrayLike,
        own: npt.ArrayLike,
    ) -> None:  # fmt: skip
        """UsageError for an image that cannot be made; ``own``: :func:`background_of`."""

    def image(
        self, module: FieldModule, camera: Camera, lod: int | None, progress: Progress | None
    ) -> Image:
        """(H, W, 3) float32 in [0, 1]."""


def as_module(
    field: Field | CodedField | FieldModule | Renderer, device: str = "auto"
) -> FieldModule | Renderer:
    """What draws a field; build it once to draw many images. A module is kept as it is.

    ``device``: ``auto``, ``cpu``, ``cuda`` or ``cuda:N`` for PyTorch, or ``wgpu`` for any GPU that
    Vulkan, Metal or Direct3D 12 reaches. Raises UsageError for one that is not there.
    """
    if not isinstance(field, (Field, CodedField)):
        return field
    if device == "wgpu":
        if kind_of(field).has_image_stage:
            raise UsageError(
                f"a {field.kind} field is drawn by PyTorch alone, whose networks make its images: "
                "take --device cpu or cuda instead of wgpu"
            )
        from nfcodec.render.gpu import Renderer

        return Renderer(field)
    return FieldModule(field, device)


def background_of(field: Field | CodedField) -> tuple[float, float, float]:
    """The display-referred color behind a field: metadata ``background``, else white."""
    stated = field.metadata.get("background")
    if isinstance(stated, (list, tuple)) and len(stated) == 3:
        values = [float(v) if isinstance(v, (int, float)) else np.nan for v in stated]
        if np.isfinite(values).all():
            red, green, blue = np.clip(values, 0.0, 1.0).tolist()
            return red, green, blue
    return 1.0, 1.0, 1.0


@torch.no_grad()
def render(
    field: Field | CodedField | FieldModule | Renderer,
    camera: Camera,
    *,
    lod: int | None = None,
    device: str = "auto",
    mode: str = "shaded",
    background: npt.ArrayLike | None = None,
    antialias: int = 1,
    level: float | None = None,
    channel: int = 0,
    value_range: tuple[float, float] | None = None,
    colormap: str = "viridis",
    opacity: float = 1.0,
    color_bar: bool = False,
    progress: Progress | None = None,
) -> Image:
    """Draw a field.

    Args:
        field: plain or coded, or what :func:`as_module` made of one (``device`` is then its own).
        camera: the view, in the field's units. A 2-D field is fitted into the camera's size
            (x to the right, y up) and its pose is not used.
        lod: level of detail, all by default.
        mode: one of the kind's ``modes``: ``shaded``; ``matcap``, terracotta in
            a studio that turns with the camera; ``normals`` (world axes, -1..1 as 0..1); ``depth``
            (distance to the eye over the box, near is bright); ``iso``, the surface of a 3-D scalar
            field at ``level``.
        background: (3,) display-referred color; :func:`background_of` by default.
        antialias: n for n x n rays per pixel.
        level: the value of an iso-surface, values above it are inside; the middle of the range by
            default.
        channel, value_range, colormap, opacity: which output of a scalar field is drawn, the
            values that the colors cover (:func:`nfcodec.render.scalar.value_range` by default),
            a name known to matplotlib, and a factor on how dense a volume looks.
        color_bar: put a color bar to the right of a scalar field; the image gets wider by it.
        progress: told about each chunk of pixels.

    Returns:
        (H, W, 3) float32 in [0, 1], display-referred.

    Raises:
        UsageError: for a mode, LOD, channel, color map, range or size that is not possible.
    """
    module = as_module(field, device)
    _check(module, camera, lod, mode, channel, value_range, antialias, color_bar)
    chosen = background_of(module.field) if background is None else background
    color = np.asarray(chosen, np.float32)
    if color.shape != (3,) or not np.isfinite(color).all():
        raise UsageError(f"a background is three numbers, red, green and blue; got {background!r}")
    color = np.clip(color, 0.0, 1.0)
    if kind_of(module).has_image_stage and mode == "shaded":
        assert isinstance(module, FieldModule)
        drawing: Drawing = kind_of(module).part("drawing")
        drawing.check(module.field, antialias, color, background_of(module.field))
        return drawing.image(module, camera, lod, progress)
    table = None
    if kind_of(module).is_plain:
        table = scalar.color_table(colormap)
        value_range = value_range or _value_range(module, lod, channel)
    if not isinstance(module, FieldModule):
        image = module.draw(
            camera, lod=lod, mode=mode, background=color, antialias=antialias, level=level,
            channel=channel, value_range=value_range, table=table, opacity=opacity,
            progress=progress,
        )  # fmt: skip
    else:
        device_of = module.low.device
        behind = torch.from_numpy(color).to(device_of)
        transfer = None
        if table is not None and value_range is not None:
            colors = torch.from_numpy(table).to(device_of)
            transfer = scalar.Transfer(colors, *value_range, opacity)
        if module.dims == 2:
            assert transfer is not None
            image = _draw_plane(module, camera, transfer, lod, channel, behind, antialias, progress)
        else:
            shader = _shader(module, camera, mode, lod, behind, transfer, channel, level)
            image = _draw(shader, camera, module, antialias, progress)
    if color_bar and table is not None and value_range is not None:
        bar = scalar.color_bar(camera.height, *value_range, table, color)
        image = np.concatenate([image, bar], axis=1)
    return image


def _value_range(
    module: FieldModule | Renderer, lod: int | None, channel: int
) -> tuple[float, float]:
    if isinstance(module, FieldModule):
        return scalar.value_range(module, lod, channel)
    return module.value_range(lod, channel)


def render_frames(
    field: Field | CodedField | FieldModule | Renderer,
    cameras: Iterable[Camera],
    *,
    device: str = "auto",
    progress: Progress | None = None,
    **options: Any,
) -> Iterator[Image]:
    """Draw one image per camera, lazily; ``options`` as for :func:`render`.

    The field is built, and the range of its values measured, once.
    """
    module = as_module(field, device)
    views = tuple(cameras)
    if kind_of(module).is_plain and options.get("value_range") is None:
        lod, channel = options.get("lod"), options.get("channel", 0)
        _check_lod(module, lod)
        _check_channel(module, channel)
        options["value_range"] = _value_range(module, lod, channel)
    report = progress or Silent()
    report.start("render", len(views))
    try:
        for done, camera in enumerate(views):
            yield render(module, camera, **options)
            report.update(done + 1)
    finally:
        report.finish()


def _check(
    module: FieldModule | Renderer,
    camera: Camera,
    lod: int | None,
    mode: str,
    channel: int,
    value_range: tuple[float, float] | None,
    antialias: int,
    color_bar: bool,
) -> None:
    if module.dims == 2 and not kind_of(module).is_plain:
        raise UsageError(
            f"a 2-D {module.kind} field has no image; `nfcodec decode --resolution` to .npz or "
            ".h5 writes its values"
        )
    modes = kind_of(module).modes[: 1 if module.dims == 2 else None]
    if mode not in modes:
        what = "2-D scalar" if module.dims == 2 else module.kind
        raise UsageError(f"mode {mode!r} is not possible for a {what} field: {', '.join(modes)}")
    if camera.width < 1 or camera.height < 1 or camera.width * camera.height > MAX_PIXELS:
        raise UsageError(
            f"an image of {camera.width} x {camera.height} pixels is not possible; "
            f"the limit is {MAX_PIXELS:,} in all"
        )
    if not 1 <= antialias <= MAX_ANTIALIAS:
        raise UsageError(f"antialias is {antialias}; 1 to {MAX_ANTIALIAS} are possible")
    _check_lod(module, lod)
    _check_channel(module, channel)
    if value_range is not None and not value_range[0] < value_range[1]:
        raise UsageError(f"a value range is low and high, low below high; got {value_range}")
    if color_bar and (not kind_of(module).is_plain or mode == "iso"):
        raise UsageError("a color bar goes with a scalar field drawn through a color map")


def _check_lod(module: FieldModule | Renderer, lod: int | None) -> None:
    if lod is not None and not 0 <= lod < module.num_lods:
        raise UsageError(f"LOD {lod} is not there: the field has 0 to {module.num_lods - 1}")


def _check_channel(module: FieldModule | Renderer, channel: int) -> None:
    outputs = module.field.num_outputs
    if kind_of(module).is_plain and not 0 <= channel < outputs:
        raise UsageError(f"channel {channel} is not there: the field has 0 to {outputs - 1}")


def _shader(
    module: FieldModule,
    camera: Camera,
    mode: str,
    lod: int | None,
    background: Tensor,
    transfer: scalar.Transfer | None,
    channel: int,
    level: float | None,
) -> Shader:
    """What turns rays into colors for this field and mode."""
    if transfer is not None and mode == "shaded":
        step = scalar.sample_step(module, lod)
        return lambda origins, directions: scalar.volume_colors(
            module, origins, directions, transfer,
            lod=lod, channel=channel, background=background, step=step,
        )  # fmt: skip
    depth_colors = _depth_colors(module, camera, background)
    if module.field.is_radiance:

        def radiance(origins: Tensor, directions: Tensor) -> Tensor:
            behind = background.new_zeros(module.field.num_outputs)
            behind = background if mode == "shaded" else behind
            seen = volume.render_rays(module, origins, directions, lod=lod, background=behind)
            if mode == "depth":
                return depth_colors(seen.depth, seen.opacity)
            return seen.color

        return radiance
    distance = surface.distance_of(module, lod)
    if transfer is not None:
        value = 0.5 * (transfer.low + transfer.high) if level is None else level
        distance = lambda points: value - surface.values_of(module, points, lod)[:, channel]  # noqa: E731
    return _surface_shader(module, camera, distance, mode, lod, background, depth_colors)


def _surface_shader(
    module: FieldModule,
    camera: Camera,
    distance: surface.Distance,
    mode: str,
    lod: int | None,
    background: Tensor,
    depth_colors: Callable[[Tensor, Tensor], Tensor],
) -> Shader:
    low, high = module.low, module.high
    voxel = surface.voxel_size(module, lod)
    bound = surface.slope_bound(distance, low, high, voxel, exact=kind_of(module).is_distance)
    if kind_of(module).is_distance:
        bound = max(bound, settings.stated_slope(module.field.metadata))
    axes = torch.from_numpy(np.asarray(camera.pose[:3, :3], np.float32)).to(low.device)

    def surface_colors(origins: Tensor, directions: Tensor) -> Tensor:
        t, capped = surface.trace(
            distance, origins, directions, low, high,
            slope=bound, min_step=settings.shortest_step(module.field, voxel),
        )  # fmt: skip
        hit = torch.isfinite(t)
        if mode == "depth":
            return depth_colors(t.masked_fill(~hit, 0.0), hit.float())
        colors = background.repeat(len(origins), 1)
        facing = directions[hit]
        points = origins[hit] + facing * t[hit, None]
        normal = surface.normals(
            distance, points, facing, capped[hit], low, high, surface.NORMAL_STEP_VOXELS * voxel
        )
        if mode == "normals":
            colors[hit] = 0.5 + 0.5 * normal
        elif mode == "matcap":
            colors[hit] = surface.matcap(normal, axes)
        else:
            colors[hit] = surface.shade(normal, facing, axes)
        return colors

    return surface_colors


def _depth_colors(
    module: FieldModule, camera: Camera, background: Tensor
) -> Callable[[Tensor, Tensor], Tensor]:
    """Distances and opacities to gray: white at the near end of the box, black at the far end."""
    nearest, farthest = settings.depth_range(module.field, camera.pose[:3, 3])

    def gray(depth: Tensor, opacity: Tensor) -> Tensor:
        shade = 1.0 - ((depth - nearest) / (farthest - nearest)).clamp(0.0, 1.0)
        return opacity[:, None] * shade[:, None] + (1.0 - opacity[:, None]) * background

    return gray


def _draw(
    shader: Shader, camera: Camera, module: FieldModule, antialias: int, progress: Progress | None
) -> Image:
    def colors(pixels: npt.NDArray[np.float64]) -> Tensor:
        origins, directions = camera.rays(pixels)
        device = module.low.device
        return shader(
            torch.from_numpy(np.ascontiguousarray(origins)).to(device),
            torch.from_numpy(np.ascontiguousarray(directions)).to(device),
        )

    return _fill(
        colors, camera, RAYS_PER_CHUNK.get(module.kind, DENSITY_RAYS_PER_CHUNK), antialias, progress
    )


def _draw_plane(
    module: FieldModule,
    camera: Camera,
    transfer: scalar.Transfer,
    lod: int | None,
    channel: int,
    background: Tensor,
    antialias: int,
    progress: Progress | None,
) -> Image:
    low, high = module.field.bounds
    size = np.array([camera.width, camera.height], np.float64)
    per_pixel = float(((high - low) / size).max())

    def colors(pixels: npt.NDArray[np.float64]) -> Tensor:
        from_center = (pixels - 0.5 * size) * [per_pixel, -per_pixel]
        points = torch.from_numpy((0.5 * (low + high) + from_center).astype(np.float32))
        return scalar.plane_colors(
            module, points.to(module.low.device), transfer,
            lod=lod, channel=channel, background=background,
        )  # fmt: skip

    return _fill(colors, camera, 1 << 18, antialias, progress)


def _fill(
    colors: Callable[[npt.NDArray[np.float64]], Tensor],
    camera: Camera,
    rays_per_chunk: int,
    antialias: int,
    progress: Progress | None,
) -> Image:
    """Call ``colors`` with the image positions of one chunk of pixels after the other."""
    total = camera.width * camera.height
    offsets = (np.arange(antialias) + 0.5) / antialias
    within = np.stack(np.meshgrid(offsets, offsets), axis=-1).reshape(1, -1, 2)
    chunk = max(1, rays_per_chunk // within.shape[1])
    out = np.empty((total, 3), np.float32)
    report = progress or Silent()
    report.start("render", total)
    try:
        for first in range(0, total, chunk):
            index = np.arange(first, min(first + chunk, total))
            corner = np.stack([index % camera.width, index // camera.width], axis=1)
            seen = colors((corner[:, None] + within).reshape(-1, 2))
            mean = seen.reshape(len(index), -1, 3).mean(dim=1)
            out[index] = mean.clamp(0.0, 1.0).cpu().numpy()
            report.update(int(index[-1]) + 1)
    finally:
        report.finish()
    return out.reshape(camera.height, camera.width, 3)


__all__ = ["Image", "as_module", "background_of", "render", "render_frames"]


def __getattr__(name: str) -> Any:
    """``views`` and ``images`` are there without being imported by name."""
    if name in ("images", "views"):
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""Scalar fields: volume rendering through a color map, images of 2-D fields, a color bar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from nfcodec.errors import UsageError
from nfcodec.evaluate import FieldModule
from nfcodec.render import headless, settings
from nfcodec.render.constants import count, number
from nfcodec.render.march import Samples, march, rays_at_once
from nfcodec.render.surface import values_of
from nfcodec.render.volume import MIN_TRANSMITTANCE, composite

FULL_DEPTH = number("FULL_DEPTH")
#: Extinction is this power of the value's place in its range, so that low values are clear.
RAMP = 2.0
RANGE_POINTS_PER_AXIS = {2: count("RANGE_POINTS_2D"), 3: count("RANGE_POINTS_3D")}
#: Samples of a ray evaluated before transmittance is looked at.
SAMPLES_PER_ROUND = 32


@dataclass(frozen=True, eq=False)
class Transfer:
    """What values look like: ``table`` (256, 3) display-referred colors over ``low``..``high``."""

    table: Tensor
    low: float
    high: float
    opacity: float = 1.0

    def place(self, values: Tensor) -> Tensor:
        """(P,) values to their place in the range, [0, 1]."""
        return ((values - self.low) / (self.high - self.low)).clamp(0.0, 1.0)

    def colors(self, place: Tensor) -> Tensor:
        """(P,) places to (P, 3) colors, interpolated in the table."""
        at = place * (len(self.table) - 1)
        below = at.long().clamp_max(len(self.table) - 2)
        return torch.lerp(self.table[below], self.table[below + 1], (at - below)[:, None])

    def extinction(self, place: Tensor, diagonal: float) -> Tensor:
        """(P,) places to extinction per unit of length in a box of the given diagonal."""
        return place**RAMP * (self.opacity * FULL_DEPTH / diagonal)


def color_table(name: str) -> npt.NDArray[np.float32]:
    """(256, 3) colors of matplotlib's color map ``name``; UsageError if there is none."""
    matplotlib = headless.matplotlib()
    if name not in matplotlib.colormaps:
        raise UsageError(
            f"unknown color map {name!r}; try viridis, magma, cividis, coolwarm or turbo "
            "(any name that matplotlib knows)"
        )
    table: npt.NDArray[np.float32] = matplotlib.colormaps[name](np.linspace(0.0, 1.0, 256))
    return table[:, :3].astype(np.float32)


def value_range(
    module: FieldModule, lod: int | None = None, channel: int = 0
) -> tuple[float, float]:
    """The range of values that a color map covers: metadata ``value_range``, else as sampled.

    Pass the same range to every image that is to be compared. The metadata's range is that of
    channel 0.
    """
    stated = stated_range(module.field.metadata) if channel == 0 else None
    if stated is not None:
        return stated
    count = RANGE_POINTS_PER_AXIS[module.dims]
    axis = (torch.arange(count, device=module.low.device) + 0.5) / count
    share = torch.stack(torch.meshgrid(*[axis] * module.dims, indexing="ij"), dim=-1)
    points = module.low + (module.high - module.low) * share.reshape(-1, module.dims)
    with torch.no_grad():
        values = values_of(module, points, lod)[:, channel]
    low, high = float(values.min()), float(values.max())
    constant = high - low <= 1e-5 * max(abs(low), abs(high))  # but for rounding
    return (low - 0.5, high + 0.5) if constant else (low, high)


def stated_range(metadata: Mapping[str, Any]) -> tuple[float, float] | None:
    """The metadata's ``value_range``, if it is there and makes sense."""
    stated = metadata.get("value_range")
    if not isinstance(stated, (list, tuple)) or len(stated) != 2:
        return None
    if not all(isinstance(v, (int, float)) and np.isfinite(v) for v in stated):
        return None
    low, high = float(stated[0]), float(stated[1])
    return (low, high) if low < high else None


def sample_step(module: FieldModule, lod: int | None = None) -> float:
    """The distance between samples: :func:`nfcodec.render.settings.scalar_step`."""
    return settings.scalar_step(module.field, lod)


@torch.no_grad()
def volume_colors(
    module: FieldModule,
    origins: Tensor,
    directions: Tensor,
    transfer: Transfer,
    *,
    lod: int | None,
    channel: int,
    background: Tensor,
    step: float,
) -> Tensor:
    """(R, 3) display-referred colors of rays through a 3-D scalar field.

    Emission and absorption, composited in display-referred colors so that the color bar holds;
    cells that the field declares empty are skipped.
    """
    rays = rays_at_once(module.low, module.high, step, max(len(origins), 1))
    parts = [
        _chunk_colors(module, o, d, transfer, lod, channel, background, step)
        for o, d in zip(torch.split(origins, rays), torch.split(directions, rays), strict=True)
    ]
    return parts[0] if len(parts) == 1 else torch.cat(parts)


def _chunk_colors(
    module: FieldModule, origins: Tensor, directions: Tensor, transfer: Transfer, lod: int | None,
    channel: int, background: Tensor, step: float,
) -> Tensor:  # fmt: skip
    """:func:`volume_colors` of rays whose samples are held together."""
    count = len(origins)
    cells = module.occupancy(lod)
    samples = march(origins, directions, module.low, module.high, cells, step)
    diagonal = float((module.high - module.low).norm())
    position = torch.arange(len(samples.ray), device=origins.device) - samples.offsets[samples.ray]
    transmittance = torch.ones(count, device=origins.device)
    color = torch.zeros((count, 3), device=origins.device)
    longest = int((samples.offsets[1:] - samples.offsets[:-1]).max()) if count else 0
    for start in range(0, longest, SAMPLES_PER_ROUND):
        chosen = (position >= start) & (position < start + SAMPLES_PER_ROUND)
        chosen &= transmittance[samples.ray] > MIN_TRANSMITTANCE
        ray = samples.ray[chosen]
        counts = torch.bincount(ray, minlength=count)
        offsets = torch.cat([counts.new_zeros(1), torch.cumsum(counts, dim=0)])
        part = Samples(ray, samples.t[chosen], offsets, step)
        points = origins[ray] + directions[ray] * part.t[:, None]
        place = transfer.place(values_of(module, points, lod)[:, channel])
        weights = composite(transfer.extinction(place, diagonal) * step, part)
        weighted = weights[:, None] * transfer.colors(place) * transmittance[ray][:, None]
        color.index_add_(0, ray, weighted)
        passed = torch.zeros(count, device=origins.device).index_add_(0, ray, weights)
        transmittance = transmittance * (1.0 - passed)
    return color + transmittance[:, None] * background


@torch.no_grad()
def plane_colors(
    module: FieldModule,
    points: Tensor,
    transfer: Transfer,
    *,
    lod: int | None,
    channel: int,
    background: Tensor,
) -> Tensor:
    """(P, 3) colors of a 2-D field at (P, 2) points; the background outside its box."""
    inside = ((points >= module.low) & (points <= module.high)).all(dim=1)
    color = background.expand(len(points), 3).clone()
    if bool(inside.any()):
        place = transfer.place(values_of(module, points[inside], lod)[:, channel])
        color[inside] = transfer.colors(place)
    return color


def color_bar(
    height: int,
    low: float,
    high: float,
    table: npt.NDArray[np.float32],
    background: npt.ArrayLike,
    label: str = "",
) -> npt.NDArray[np.float32]:
    """A strip of ``height`` pixels with the colors and numbers of a range: (height, W, 3).

    Text is black or white, whichever is seen better on ``background``.
    """
    headless.matplotlib()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.colorbar import ColorbarBase
    from matplotlib.colors import ListedColormap, Normalize
    from matplotlib.figure import Figure

    rgb = np.asarray(background, np.float64)
    ink = "black" if float(rgb @ [0.2126, 0.7152, 0.0722]) > 0.4 else "white"
    # Text grows with the image, slowly, between sizes that stay legible and modest.
    font = float(np.clip(height / 36.0, 9.0, 26.0))
    width = round(font * (8.5 if label else 7.0))
    figure = Figure(figsize=(width / 72, height / 72), dpi=72, facecolor=tuple(rgb))
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((font * 1.2 / width, 0.06, font * 1.2 / width, 0.88))
    bar = ColorbarBase(axes, cmap=ListedColormap(table.tolist()), norm=Normalize(low, high))
    bar.outline.set_edgecolor(ink)  # type: ignore[operator]
    bar.outline.set_linewidth(0.6)  # type: ignore[operator]
    axes.tick_params(labelsize=font, colors=ink, length=font * 0.3, width=0.8)
    axes.yaxis.get_offset_text().set(color=ink, size=font * 0.9)
    if label:
        bar.set_label(label, color=ink, size=font)
    canvas.draw()  # type: ignore[no-untyped-call]
    rgba = np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]
    return np.asarray(rgba[..., :3] / 255.0, np.float32)

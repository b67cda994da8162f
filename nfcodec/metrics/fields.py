"""A reference, prepared once, that any number of test fields are measured against."""

from __future__ import annotations

import math
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from nfcodec.data.images import PosedImages
from nfcodec.data.meshes import Mesh
from nfcodec.data.sdf import SurfaceDistance
from nfcodec.errors import UsageError
from nfcodec.evaluate import FieldModule
from nfcodec.exporters.surface import default_resolution
from nfcodec.metrics import field_shapes, values, views
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.model.kinds import kind_of
from nfcodec.progress import Progress

if TYPE_CHECKING:
    from nfcodec.data import FieldData

#: Random points at which values are compared by default, and as many near the surface.
POINTS = 1 << 17
#: How far off the surface near points lie: standard deviation, in half sides of the bounds.
NEAR_SPREAD = 0.01


class FieldMetrics:
    """Measures fields against ``reference`` and, where there is some, against ``data``.

    ``data``: held-out posed images for ``nerf``, a mesh for ``sdf``. What the reference gives
    (values, images, surface) is computed when first asked for and kept.
    """

    def __init__(
        self,
        reference: Field | CodedField,
        *,
        data: FieldData | None = None,
        points: int = POINTS,
        seed: int = 0,
        device: str = "auto",
        lpips: str | Path | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.module = FieldModule(reference, device)
        self.images = data if isinstance(data, PosedImages) else None
        self.mesh = data if isinstance(data, Mesh) else None
        self.count, self.seed, self.device, self.progress = points, seed, device, progress
        self.is_shape = kind_of(reference).is_distance and reference.dims == 3
        self._lpips = views.load_lpips(lpips, device)
        self._drawn: WeakKeyDictionary[FieldModule, dict[int | None, list[views.Image]]]
        self._drawn = WeakKeyDictionary()
        self._seconds: WeakKeyDictionary[FieldModule, dict[int | None, list[float]]]
        self._seconds = WeakKeyDictionary()
        low, high = reference.bounds
        self._half = float((high - low).max()) / 2
        self._step = values.sample_length(self.module)

    def module_of(self, test: Field | CodedField) -> FieldModule:
        """The evaluator of a field to be measured; UsageError if it cannot be compared."""
        require_comparable(self.module.field, test)
        return FieldModule(test, self.device)

    def value_psnr(self, test: FieldModule, lod: int | None = None) -> float | None:
        """PSNR in dB of values at random points; None if both fields are empty there, one has
        features and no colors, or one has values that are not finite."""
        points = values.random_points(self.module, test, self.count, self.seed)
        return self._psnr_at(points, test, lod)

    def near_value_psnr(self, test: FieldModule, lod: int | None = None) -> float | None:
        """The same near the reference's surface; None if it has none.

        Of an ``sdf`` the zero set; of a ``nerf`` what is seen in its views; a ``scalar`` field
        has no surface.
        """
        return None if self._near is None else self._psnr_at(self._near, test, lod)

    def view_psnr(self, test: FieldModule, lod: int | None = None) -> float:
        """Mean PSNR in dB of ``test``'s images against the reference's."""
        return views.view_psnr(self._images(self.module, None), self._images(test, lod))

    def shape(self, test: FieldModule, lod: int | None = None) -> dict[str, float | None]:
        """``giou``, ``chamfer`` and ``normal_error_deg`` of an ``sdf`` against the reference."""
        points = values.random_points(self.module, test, self.count, self.seed)
        signs = (
            values.evaluate(m, points, at, 1.0) for m, at in ((self.module, None), (test, lod))
        )
        one, two = (distances[:, 0] for distances in signs)
        found = field_shapes.shape_metrics(
            self._shape, self._shape_of(test, lod), test, lod, self._half
        )
        return {"giou": field_shapes.overlap(one, two), **found}

    def on_data(self, test: FieldModule, lod: int | None = None) -> dict[str, float | None]:
        """``test`` on the data: ``psnr``, ``ssim`` (and ``lpips``) over the images' views, or
        ``giou``, ``chamfer`` and ``normal_error_deg`` against the mesh; nothing without data.
        """
        if self.images is not None:
            return {**views.image_metrics(self.images, self._images(test, lod), self._lpips)}
        if self.mesh is None or not self.is_shape:
            return {}
        points = values.random_points(self.module, test, self.count, self.seed)
        distances = values.evaluate(test, points, lod, 1.0)[:, 0]
        found = field_shapes.shape_metrics(
            self._mesh_shape, self._shape_of(test, lod), test, lod, self._half
        )
        return {"giou": field_shapes.overlap(self._mesh_distances, distances), **found}

    def _psnr_at(self, points: values.Points, test: FieldModule, lod: int | None) -> float | None:
        if not len(points) or not (self._has_values(self.module) and self._has_values(test)):
            return None
        ours = values.evaluate(self.module, points, None, self._step)
        theirs = values.evaluate(test, points, lod, self._step)
        found = values.value_psnr(ours, theirs, self.module.kind)
        return found if math.isfinite(found) else None

    def seconds_per_image(self, test: FieldModule, lod: int | None = None) -> float:
        """The median time that one of ``test``'s images took to draw."""
        self._images(test, lod)
        return float(np.median(self._seconds[test][lod]))

    @staticmethod
    def _has_values(module: FieldModule) -> bool:
        return not kind_of(module).has_image_stage or module.has_color

    def _images(self, module: FieldModule, lod: int | None) -> list[views.Image]:
        drawn = self._drawn.setdefault(module, {})
        if lod not in drawn:
            label = "draw reference" if module is self.module else "draw test"
            times = self._seconds.setdefault(module, {}).setdefault(lod, [])
            drawn[lod] = self._gallery.draw(module, lod, label, self.progress, times)
        return drawn[lod]

    def _shape_of(self, module: FieldModule, lod: int | None) -> field_shapes.Shape:
        return field_shapes.field_shape(module, lod, self._resolution, self.device, self.seed)

    @cached_property
    def _gallery(self) -> views.Gallery:
        return views.Gallery.of(self.module, self.images)

    @cached_property
    def _resolution(self) -> int:
        return default_resolution(self.module.field)

    @cached_property
    def _shape(self) -> field_shapes.Shape:
        return self._shape_of(self.module, None)

    @cached_property
    def _mesh_shape(self) -> field_shapes.Shape:
        return field_shapes.mesh_shape(self._solid, self.seed)

    @cached_property
    def _mesh_distances(self) -> Any:
        points = values.random_points(self.module, self.module, self.count, self.seed)
        return self._solid.signed(points.positions)

    @cached_property
    def _solid(self) -> SurfaceDistance:
        assert self.mesh is not None
        return field_shapes.solid_of(self.mesh)

    @cached_property
    def _near(self) -> values.Points | None:
        bounds = self.module.field.bounds
        if self.is_shape:
            surface, spread = self._shape.points, NEAR_SPREAD * self._half
            rng = np.random.default_rng([self.seed, 3])
            surface = (
                surface[rng.integers(len(surface), size=self.count)] if len(surface) else surface
            )
        elif self.module.field.is_radiance:
            surface, spread = (
                self._gallery.seen_points(self.module, self.count, self.seed),
                self._step,
            )
        else:
            return None
        if not len(surface):
            return None
        return values.near_points(surface, bounds, spread, self.seed)


def require_comparable(reference: Field | CodedField, test: Field | CodedField) -> None:
    """UsageError unless the two fields give the same kind of values, or of images, over as many
    dimensions."""
    if reference.is_radiance and test.is_radiance:
        return
    for what in ("kind", "dims", "num_outputs"):
        one, two = getattr(reference, what), getattr(test, what)
        if one != two:
            name = {"kind": "kind", "dims": "dimensions", "num_outputs": "outputs"}[what]
            raise UsageError(f"the fields cannot be compared: their {name} differ, {one} and {two}")

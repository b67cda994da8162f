"""How good a decoded field is, on what it was not trained on; measured once for equal fields."""

from __future__ import annotations

import hashlib
import json
import os
from functools import cached_property
from pathlib import Path

import numpy as np

from nfcodec import files
from nfcodec.atomic import writing
from nfcodec.data.images import PosedImages
from nfcodec.layouts import OctreeLayout
from nfcodec.metrics.fields import FieldMetrics
from nfcodec.model.field import Field
from nfcodec.rd import inputs

Quality = dict[str, float | None]

#: What a kind of field is judged by, and whether more of it is better. The first is plotted.
METRICS: dict[str, dict[str, int]] = {
    "nerf": {"psnr": 1},
    "sdf": {"giou": 1, "normal_error_deg": -1},
    "scalar": {"value_psnr": 1},
}
LABELS = {
    "psnr": "PSNR on held-out views (dB)",
    "giou": "gIoU with the mesh",
    "normal_error_deg": "normal error (degrees)",
    "value_psnr": "PSNR of values (dB)",
}


class Ruler:
    """Measures fields against held-out views, a mesh, or, without either, the field itself.

    ``views``: every how-manieth of the held-out views is looked at. ``folder``: where figures are
    kept, by what a field holds.
    """

    def __init__(
        self, field: Field, data: str | None, folder: Path, views: int = 1, device: str = "cpu"
    ) -> None:
        self.field, self._data, self._folder = field, data, folder
        self._views, self._device = views, device

    @property
    def metrics(self) -> dict[str, int]:
        """The metrics of this kind of field, and 1 or -1: whether more or less is better."""
        return METRICS[self.field.kind]

    @cached_property
    def count(self) -> int | None:
        """How many views are looked at; None for what is no radiance field."""
        images = self._yardstick.images
        return None if images is None else len(images)

    def measure(self, field: Field) -> Quality:
        """The metrics of ``field``."""
        path = self._folder / f"{self._digest(field)}.json"
        if path.is_file():
            found: Quality = json.loads(path.read_text("utf-8"))
            return found
        module = self._yardstick.module_of(field)
        quality: Quality = dict(self._yardstick.on_data(module))
        if self.field.kind == "scalar":
            quality["value_psnr"] = self._yardstick.value_psnr(module)
        with writing(path, overwrite=True) as aside:
            aside.write_text(json.dumps(quality), "utf-8")
        return quality

    @cached_property
    def _yardstick(self) -> FieldMetrics:
        data = None
        if self.field.kind != "scalar":
            if self._data is None:
                raise SystemExit("--data is needed: held-out views for a nerf, a mesh for an sdf")
            data = files.open_data(self._data, self.field.kind)
            if isinstance(data, PosedImages):
                data = data.subset(range(0, len(data), self._views))
        return FieldMetrics(self.field, data=data, device=self._device)

    @cached_property
    def _conditions(self) -> str:
        data = None if self._data is None else inputs.digest(self._data)
        return json.dumps([_digest(self.field).hex(), data, self._views])

    def _digest(self, field: Field) -> str:
        found = hashlib.sha256(self._conditions.encode())
        found.update(_digest(field))
        return found.hexdigest()[:32]


def _digest(field: Field) -> bytes:
    """Of everything that a field's values depend on and that coding changes."""
    found = hashlib.sha256()
    for level in field.levels:
        if isinstance(level.layout, OctreeLayout):
            found.update(level.layout.voxels.tobytes())
        found.update(np.ascontiguousarray(level.features, np.float32))
    if field.occupancy is not None:
        found.update(np.packbits(field.occupancy.cells))
    for network in field.networks:
        for layer in network.layers:
            for array in (layer.weight, layer.bias):
                if array is not None:
                    found.update(np.ascontiguousarray(array, np.float32))
    return found.digest()


def threads() -> dict[str, str | None]:
    """What limits the threads of all processes."""
    return {name: os.environ.get(name) for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS")}

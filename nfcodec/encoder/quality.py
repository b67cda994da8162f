"""How good codes are: what a target quality is measured on, and what files say of it."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from nfcodec.errors import UsageError
from nfcodec.metrics.fields import FieldMetrics
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.model.kinds import kind_of

if TYPE_CHECKING:
    from nfcodec.data import FieldData

#: Stands in for a figure until it is measured; no number takes more bytes.
_ANY = 0.1


def measure_of(field: Field, test_data: FieldData | None) -> str:
    """What a target quality is measured on, by its name in :func:`nfcodec.rd.compare.compare`.

    ``psnr`` on the views of ``test_data``; without them, of a ``nerf``, ``view_psnr``: its
    images from a turn around it; of a 3-D ``sdf``, ``near_value_psnr``: distances near its
    surface; of others ``value_psnr``: values at random points. None of these places was learned
    from as such.
    """
    if field.is_radiance:
        return "view_psnr" if test_data is None else "psnr"
    return "near_value_psnr" if kind_of(field).is_distance and field.dims == 3 else "value_psnr"


class CodeQuality:
    """The quality of codes of ``field``, measured against it or on held-out ``test_data``."""

    def __init__(
        self, field: Field, test_data: FieldData | None = None, seed: int = 0, device: str = "auto"
    ) -> None:
        self.field = field
        self._metrics = FieldMetrics(field, data=test_data, seed=seed, device=device)

    @cached_property
    def name(self) -> str:
        """What :meth:`psnr` is; a distance without a surface is measured everywhere."""
        name = measure_of(self.field, self._metrics.images)
        metrics = self._metrics
        if name == "near_value_psnr" and metrics.near_value_psnr(metrics.module) is None:
            return "value_psnr"
        return name

    def psnr(self, coded: CodedField) -> float:
        """In dB. UsageError if there is nothing in the field to measure."""
        module = self._metrics.module_of(coded)
        found: float | None
        if self.name == "psnr":
            found = self._metrics.on_data(module)["psnr"]
        else:
            found = getattr(self._metrics, self.name)(module)
        if found is None or not math.isfinite(found):
            raise UsageError("the field is empty: there is no PSNR to code it to")
        return float(found)

    def stated(self, coded: CodedField) -> CodedField:
        """``coded`` with what coding cost, the PSNR of its values, as metadata ``metrics``."""
        psnr = self._metrics.value_psnr(self._metrics.module_of(coded))
        if psnr is None or not math.isfinite(psnr):
            return coded
        return with_metrics(coded, round(float(psnr), 3))


def with_metrics(coded: CodedField, value_psnr: float = _ANY) -> CodedField:
    """``coded`` with a figure as metadata ``metrics``: until it is measured, one that takes as many
    bytes as any."""
    return replace(coded, metadata={**coded.metadata, "metrics": {"value_psnr": value_psnr}})

"""The contract every quantizer keeps: a frozen, JSON-able configuration that codes a field.

A method is one module with one subclass of :class:`Quantizer` and of its options. To add a method,
state its options in :mod:`nfcodec.methods` and write the module;
``tests/quantize/test_contract.py`` then tests it with the others.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from nfcodec.arrays import HalfArray
from nfcodec.errors import UsageError
from nfcodec.methods import MethodOptions
from nfcodec.model.coded import CodedField, CodedLevel
from nfcodec.model.field import Field, Level, map_levels
from nfcodec.model.kinds import ImageStage
from nfcodec.model.networks import Network
from nfcodec.model.protocols import Code
from nfcodec.progress import Progress, Silent

if TYPE_CHECKING:
    from nfcodec.data import FieldData
    from nfcodec.quantize.steering import RateModel, Steering

#: The largest number that float16 holds.
HALF_MAX = float(np.finfo(np.float16).max)


@dataclass(frozen=True)
class Context:
    """What a method may use besides the field.

    ``data``: what the field was trained on, or None. ``device``: "auto", "cpu" or "cuda".
    ``seed``: source of every random choice. ``resume``: where a method that learns keeps its
    state, so that interrupted work goes on from there; None keeps none. ``rates``: what
    a file takes beside its codes. ``steering``: the target that the result is to meet.
    """

    data: FieldData | None = None
    device: str = "auto"
    seed: int = 0
    progress: Progress = field(default_factory=Silent)
    resume: Path | None = None
    rates: RateModel | None = None
    steering: Steering | None = None


class Quantizer(MethodOptions, ABC):
    """A way to code a field: a method's options, with what they do."""

    @abstractmethod
    def quantize(self, field: Field, context: Context) -> CodedField:
        """``field`` in coded form: the same skeleton, with networks of float16 values.

        ``field`` is valid, finite and in float16's range, and :meth:`check` has accepted it. The
        same seed on the same machine gives the same result. No array of corners x 2^bits may be
        made.
        """

    def check(self, field: Field) -> None:
        """Raise UsageError if the options do not suit ``field``; by default any will do."""


def to_half(values: npt.NDArray[np.floating[Any]] | np.float32, what: str) -> HalfArray:
    """``values`` rounded to float16; UsageError naming ``what`` if one is too large for it."""
    with np.errstate(over="ignore"):
        half = np.asarray(values).astype(np.float16)
    if not np.isfinite(half).all():
        largest = float(np.abs(values).max())
        raise UsageError(
            f"{what} holds {largest:g}, but files store float16, which ends at {HALF_MAX:g}; "
            "scale the field's values down"
        )
    return half


def check_range(field: Field) -> None:
    """Raise UsageError naming the first level, layer or part of an image stage with a value
    beyond float16's range."""
    for number, level in enumerate(field.levels):
        if level.features.size:
            largest = np.float32(max(level.features.max(), -level.features.min()))
            to_half(largest, f"level {number} of the field")
    half_networks(field)
    half_image(field.image)


def half_networks(field: Field) -> tuple[Network, ...]:
    """The field's networks with weights and biases rounded to float16, held as float32.

    UsageError names the first layer with a value beyond float16's range.
    """
    networks = []
    for network in field.networks:
        layers = []
        for number, layer in enumerate(network.layers):
            where = f"layer {number} of network {network.name!r}"
            weight = to_half(layer.weight, f"the weight of {where}").astype(np.float32)
            bias = layer.bias
            if bias is not None:
                bias = to_half(bias, f"the bias of {where}").astype(np.float32)
            layers.append(replace(layer, weight=weight, bias=bias))
        networks.append(replace(network, layers=tuple(layers)))
    return tuple(networks)


def half_image(stage: ImageStage | None) -> ImageStage | None:
    """``stage`` with everything in it rounded to float16, held as float32.

    UsageError names the first part with a value beyond float16's range.
    """
    if stage is None:
        return None
    return stage.with_arrays(
        to_half(array, name).astype(np.float32) for name, array in stage.arrays()
    )


def with_codes(field: Field, codes: Sequence[Code]) -> CodedField:
    """The coded field with ``field``'s skeleton and ``codes``, all else rounded to float16.

    ``codes``: one per level, in ``field.levels`` order. UsageError as for :func:`half_networks`.
    """
    rest = iter(codes)

    def coded(level: Level) -> CodedLevel:
        return CodedLevel(level.layout, level.lod, next(rest), level.transform)

    return CodedField(
        kind=field.kind,
        bounds=field.bounds,
        grids=map_levels(field.grids, coded),
        networks=half_networks(field),
        occupancy=field.occupancy,
        metadata=field.metadata,
        image=half_image(field.image),
    )

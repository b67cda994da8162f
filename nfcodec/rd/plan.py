"""What a sweep measures: every method at every setting of its own rate option."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from nfcodec.errors import UsageError
from nfcodec.methods import configure, options_of
from nfcodec.model.field import Field
from nfcodec.quantize import quantizer_for

#: The method that is drawn as the uncompressed reference.
UNCOMPRESSED = "float16"
#: The weights of the rate that curves of rate-constrained methods go along.
RATE_WEIGHTS = (0.03, 0.1, 0.3, 1.0)
#: Points that a Bjontegaard rate needs on each curve; ranks by default are at least as many.
CURVE_POINTS = 4


@dataclass(frozen=True)
class Setting:
    """One way of coding the field: a method and its rate, ``bits``, ``rank`` or ``rate_weight``."""

    method: str
    bits: int | None = None
    rank: int | None = None
    rate_weight: float | None = None

    @property
    def name(self) -> str:
        """For file names: ``vqad-b4``, ``lra-r2``, ``ecq-l0.1``, ``float16``."""
        rates = (("b", self.bits), ("r", self.rank), ("l", self.rate_weight))
        return "-".join([self.method, *(f"{k}{v!r}" for k, v in rates if v is not None)])

    @property
    def label(self) -> str:
        """For figures: the rate alone."""
        rates = (self.bits, self.rank, self.rate_weight)
        return next((f"{v:g}" for v in rates if v is not None), "")

    def rates(self) -> dict[str, int | float | None]:
        """The options of the method, those that are not set as None."""
        return {"bits": self.bits, "rank": self.rank, "rate_weight": self.rate_weight}

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def settings(
    field: Field, methods: Sequence[str], bits: Sequence[int], ranks: Sequence[int] | None,
    rate_weights: Sequence[float] = RATE_WEIGHTS,
) -> list[Setting]:  # fmt: skip
    """Every setting of ``methods``, and the uncompressed one, which comes first.

    ``ranks``: by default as :func:`default_ranks` says. UsageError for unknown methods and values
    out of range, before anything is worked on.
    """
    if not methods:
        raise UsageError("name at least one method")
    found = [Setting(UNCOMPRESSED)]
    for method in dict.fromkeys(methods):
        rate = options_of(method).rate
        if rate == "bits":
            found += [Setting(method, bits=b) for b in sorted(set(bits))]
        elif rate == "rank":
            chosen = default_ranks(field) if ranks is None else ranks
            found += [Setting(method, rank=r) for r in sorted(set(chosen))]
        elif rate == "rate_weight":
            falling = sorted(set(rate_weights), reverse=True)
            found += [Setting(method, rate_weight=w) for w in falling]
        elif method != UNCOMPRESSED:
            found.append(Setting(method))
    for setting in found:
        quantizer_for(configure(setting.method, **setting.rates())).check(field)
    return found


def default_ranks(field: Field) -> list[int]:
    """1, 2, 4, 8 for more than 8 features; for fewer, four ranks spread below their number.

    Four or fewer features give all ranks, the full one too.
    """
    features = max((level.num_features for level in field.levels), default=1)
    if features > 8:
        return [1, 2, 4, 8]
    highest = max(features - 1, min(features, CURVE_POINTS))
    return sorted({round(float(r)) for r in np.geomspace(1, highest, CURVE_POINTS)})


def default_jobs(field: Field, device: str, count: int) -> int:
    """How many settings to work on at once: one per core as memory allows; one on CUDA.

    A worker takes some 0.8 GB for its libraries and about 24 bytes for each value of the field
    (the field, its evaluator, and what training keeps).
    """
    if device.startswith("cuda"):
        return 1
    if device == "auto":
        import torch

        if torch.cuda.is_available():
            return 1
    values = sum(level.features.size for level in field.levels)
    need = 800_000_000 + 24 * values
    return max(1, min(count, os.cpu_count() or 1, int(0.8 * _free_memory() / need)))


def _free_memory() -> int:
    """Bytes that may be taken; a modest guess where the system does not tell."""
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):
        return 2_000_000_000

"""Entropy-constrained quantization: learned codes where a bit is spent only if it shows.

Vector quantization won over uniform steps per channel when both were given the same work
(docs/decisions/0014-entropy-constrained.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from nfcodec.quantize.vqad import VQAD


@dataclass(frozen=True)
class ECQ(VQAD):
    """VQ-AD with at most ``2^bits`` codes per level, of which the rate leaves what pays.

    ``rate_weight`` sets the rate, as for :class:`VQAD`.
    """

    name: ClassVar[str] = "ecq"
    summary: ClassVar[str] = "entropy-constrained learned vector quantization"
    rate: ClassVar[str] = "rate_weight"

    bits: int = 6
    rate_weight: float | None = 0.1

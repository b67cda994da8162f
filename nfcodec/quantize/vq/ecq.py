"""Entropy-constrained quantization: learned codes where a bit is spent only if it shows.

Vector quantization won over uniform steps per channel when both were given the same work
(docs/decisions/0014-entropy-constrained.md).
"""

from __future__ import annotations

from nfcodec.methods import ECQOptions
from nfcodec.quantize.vq.vqad import VQAD


class ECQ(ECQOptions, VQAD):
    """Codes fields by :class:`nfcodec.methods.ECQOptions`."""

"""Values rounded to multiples of a power of two, which files store in few bits (``nfc-v1.md`` §6).

A step of a sixteenth of the values' deviation is an error 35 dB below them; on networks and
codebooks of trained fields it costs some 0.03 dB (docs/decisions/0014-entropy-constrained.md).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nfcodec.field import FloatArray, Network
from nfcodec.stream.halves import BIAS, MAX_EXPONENT, MOST

#: Steps in one standard deviation, at least.
_STEPS = 16


def in_steps(values: FloatArray) -> FloatArray:
    """``values`` in multiples of one step, a power of two; as float16 can hold them.

    Values that are all alike, or too far apart for :data:`~nfcodec.stream.halves.MOST` steps, get
    the finest step that reaches the largest of them. Files have no step that reaches above 32,768:
    then the values stay as they are.
    """
    largest = float(np.abs(values).max(initial=0.0))
    if not np.isfinite(largest):
        return values  # for the caller to name
    if largest == 0.0:
        return np.zeros_like(values)
    spread = float(values.std()) / _STEPS
    least = np.ceil(np.log2(largest / MOST))
    if least > MAX_EXPONENT - BIAS:
        return values
    wanted = least if spread == 0.0 else np.floor(np.log2(spread))
    exponent = int(np.clip(max(wanted, least), -BIAS, MAX_EXPONENT - BIAS))
    # No negative zeros: steps have none.
    rounded: FloatArray = (np.rint(values / 2.0**exponent) * 2.0**exponent + 0.0).astype(np.float32)
    return rounded


def network_in_steps(network: Network) -> Network:
    """``network`` with each weight and bias array :func:`in_steps`."""
    layers = tuple(
        replace(
            layer,
            weight=in_steps(layer.weight),
            bias=None if layer.bias is None else in_steps(layer.bias),
        )
        for layer in network.layers
    )
    return replace(network, layers=layers)

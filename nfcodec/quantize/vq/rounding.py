"""Values rounded to multiples of a power of two, which files store in few bits (``nfc-v1.md`` §6).

A step of a sixteenth of the values' deviation is an error 35 dB below them; on networks and
codebooks of trained radiance fields it costs some 0.03 dB
(docs/decisions/0014-entropy-constrained.md). Where learning goes on with values so rounded, an
eighth costs nothing that can be seen. Where a field is to be closer than that, as distances are
near a surface, the price of a bit says how fine steps have to be
(docs/decisions/0024-steps-and-distances.md).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nfcodec.arrays import FloatArray
from nfcodec.entropy.float16 import BIAS, MAX_EXPONENT, MOST
from nfcodec.model.networks import Network

#: Steps in one standard deviation, at least: of values that stay as they are, of those of networks
#: and of codebooks that are learned in steps.
_STEPS, LEARNED_NETWORK, LEARNED_CODES = 16, 8, 12
#: How much coarser steps may be than pays, as what is learned in them makes up for most of it.
_LEARNED = 4.0


def step_for(values: FloatArray, parts: int = _STEPS, most: float = math.inf) -> float:
    """The power of two of which ``values`` are to be multiples; 0 if files have no such step.

    At least ``parts`` of them make one standard deviation, and none is more than ``most``. Values
    that are all alike, or too far apart for :data:`~nfcodec.entropy.float16.MOST` steps, get the
    finest step that reaches the largest of them; that of values beyond 32,768 would be too large.
    """
    largest = float(np.abs(values).max(initial=0.0))
    if largest == 0.0 or not np.isfinite(largest):
        return 0.0
    spread = min(float(values.std()) / parts, most)
    least = np.ceil(np.log2(largest / MOST))
    if least > MAX_EXPONENT - BIAS:
        return 0.0
    wanted = least if spread == 0.0 else np.floor(np.log2(spread))
    return float(2.0 ** int(np.clip(max(wanted, least), -BIAS, MAX_EXPONENT - BIAS)))


def worthwhile_step(cost: float, price: float) -> float:
    """The largest step worth learning in; infinite for values whose errors cost nothing.

    ``cost``: of an error of one in a value, in the units of ``price``, that of a bit. Rounding
    costs ``cost step^2 / 12``, and halving the step costs one bit: beyond the step where these
    slopes are alike, finer ones do not pay.
    """
    if cost <= 0.0:
        return math.inf
    return _LEARNED * math.sqrt(6.0 * price / (math.log(2.0) * cost))


def in_steps(values: FloatArray) -> FloatArray:
    """``values`` in multiples of :func:`step_for` them; as they are if there is no such step."""
    step = step_for(values)
    if step > 0.0:
        values = (np.rint(values / step) * step).astype(np.float32)
    rounded: FloatArray = values + np.float32(0.0)  # no negative zeros: steps have none
    return rounded


def network_in_steps(
    network: Network, steps: Sequence[tuple[float, float]] | None = None
) -> Network:
    """``network`` with each weight and bias array :func:`in_steps`.

    ``steps``: of each layer's weights and biases, which are in these already where they are not 0.
    """
    layers = tuple(
        replace(
            layer,
            weight=layer.weight if weight else in_steps(layer.weight),
            bias=layer.bias if bias or layer.bias is None else in_steps(layer.bias),
        )
        for layer, (weight, bias) in zip(
            network.layers, steps or [(0.0, 0.0)] * len(network.layers), strict=True
        )
    )
    return replace(network, layers=layers)

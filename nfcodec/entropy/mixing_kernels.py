"""The arithmetic of mixed counts and of the range coder, compiled: one code for both directions.

Whatever the bytes hold, every index stays inside its array: slots and nodes follow from contexts
and trees that were checked, and bytes after the last one are read as zeros and counted.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nfcodec.entropy.mixing import (
    ANCHOR_BITS,
    ANCHOR_STEP,
    ANCHORS,
    CORRECTION_RATE,
    COUNT_BITS,
    INPUTS,
    MAX_COUNT,
    MAX_LOGIT,
    MAX_WEIGHT,
    MID_LOGIT,
    MIN_CHANCE,
    NUM_KINDS,
    SLOT_BITS,
    WEIGHT_BITS,
    WEIGHT_RATE,
    Mixer,
)
from nfcodec.entropy.range_coder import DONE, FULL_RANGE, MIN_RANGE, NEXT, RANGE, VALUE, Coder
from nfcodec.jit import Array, inline, merged, serial

_MAX_CHANCE = 65536 - MIN_CHANCE
_COUNT = (1 << COUNT_BITS) - 1
#: Where a decision of 1 draws a slot's probability and a correction.
_SLOT_TARGET, _CORRECTION_TARGET = (1 << SLOT_BITS) - 1, 65535


class Inputs(NamedTuple):
    """Space for one decision: by input, its ``slot``, its ``logit`` and its ``weight``'s place."""

    slot: Array
    logit: Array
    weight: Array


@inline
def new_inputs() -> Inputs:
    """Space that :func:`decide` works in."""
    return Inputs(
        np.zeros(INPUTS, np.uint32), np.zeros(INPUTS, np.int32), np.zeros(INPUTS, np.uint32)
    )


@merged
def decide(
    bit: int, coder: Coder, mixer: Mixer, inputs: Inputs, weight_set: int, decision: int
) -> int:
    """Code one decision and learn from it; the bit, which is read if ``coder`` decodes.

    ``inputs.slot`` says which slots it is looked at in. ``weight_set``: which weights mix them;
    ``decision``: its kind, which has corrections of its own.
    """
    slots, weights, corrections = mixer.slots, mixer.weights, mixer.corrections
    total = np.int64(0)
    for i in range(INPUTS):
        slot = slots[inputs.slot[i]]
        # The slot's 12 highest bits; their logit is 0 for a slot that has not been seen.
        inputs.logit[i] = mixer.stretch[slot >> 16]
        inputs.weight[i] = (weight_set * INPUTS + i) * NUM_KINDS + mixer.kind[slot & _COUNT]
        total += weights[inputs.weight[i]] * inputs.logit[i]
    mean = min(max(total >> WEIGHT_BITS, -MAX_LOGIT), MAX_LOGIT) + MID_LOGIT
    mixed = np.int64(mixer.squash[mean])
    anchor, part = decision * ANCHORS + (mean >> ANCHOR_BITS), mean & (ANCHOR_STEP - 1)
    corrected = corrections[anchor] * (ANCHOR_STEP - part) + corrections[anchor + 1] * part
    chance = (mixed + (corrected >> ANCHOR_BITS) + 1) >> 1
    chance = min(max(chance, MIN_CHANCE), _MAX_CHANCE)
    if coder.decoding:
        value, size = coder.state[VALUE], coder.state[RANGE]
        bound = (size >> 16) * chance
        if value < bound:
            bit = 1
            size = bound
        else:
            bit = 0
            value -= bound
            size -= bound
        while size < MIN_RANGE:
            size <<= 8
            value <<= 8
            if coder.state[NEXT] < coder.data.size:
                value |= coder.data[coder.state[NEXT]]
            coder.state[NEXT] += 1
        coder.state[VALUE], coder.state[RANGE] = value, size
    else:
        done = coder.state[DONE]
        coder.chances[done], coder.bits[done] = chance, bit
        coder.state[DONE] = done + 1

    anchor += part >> (ANCHOR_BITS - 1)  # the nearer one learns
    corrections[anchor] += (_CORRECTION_TARGET * bit - corrections[anchor]) >> CORRECTION_RATE
    error = (bit << 16) - mixed
    for i in range(INPUTS):
        weight = inputs.weight[i]
        change = (inputs.logit[i] * error + (1 << (WEIGHT_RATE - 1))) >> WEIGHT_RATE
        weights[weight] = min(max(weights[weight] + change, -MAX_WEIGHT), MAX_WEIGHT)
        slot = slots[inputs.slot[i]]
        count, old = slot & _COUNT, slot >> COUNT_BITS
        new = old + (((_SLOT_TARGET * bit - old) * mixer.rate[count]) >> 11)
        slots[inputs.slot[i]] = new << COUNT_BITS | min(count + 1, MAX_COUNT)
    return bit


@serial
def encode(chances: Array, bits: Array) -> Array:
    """The bytes of a range coder for ``bits`` whose chance of being 1 is ``chances`` / 65536."""
    data = np.empty(2 * bits.size + 16, np.uint8)
    low, size = np.int64(0), np.int64(FULL_RANGE)
    # The first byte to come out would always be 0: it is not written.
    at, held, more = np.int64(-1), np.int64(0), np.int64(0)
    for i in range(bits.size + 1):
        if i < bits.size:
            bound = (size >> 16) * chances[i]
            if bits[i]:
                size = bound
            else:
                low += bound
                size -= bound
        else:
            size = np.int64(0)  # the end: all that is held back
        shifts = 0
        while size < MIN_RANGE and shifts < 5:
            shifts += 1
            size <<= 8
            if low < 0xFF000000 or low > FULL_RANGE:  # no later carry changes what is held
                carry = low >> 32
                if at >= 0:
                    data[at] = held + carry
                at += 1
                while more > 0:
                    data[at] = 255 + carry
                    at += 1
                    more -= 1
                held = low >> 24 & 255
            else:
                more += 1
            low = (low & 0xFFFFFF) << 8
    return data[:at]

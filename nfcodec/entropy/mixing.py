"""The model of yes-no decisions: a mixture of adaptive counts (``nfc-v1.md`` §8).

Each decision is looked at in several contexts, the inputs. Every context keeps a slot: how probable
a 1 is there, and how often it has been seen. The logits of these probabilities are summed with
weights that follow what has been right so far; the sum's probability, corrected by how such sums
have turned out, drives a range coder. Everything is learned while coding, in integers of 32 bits,
so that no table is in the file and every machine computes the same.

The arithmetic is in :mod:`nfcodec.entropy.mixing_kernels`.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

#: 65536 / (1 + exp(-x)) at x = -8, -7.5 ... 8, rounded: frozen in the specification.
LOGISTIC = (
    22, 36, 60, 98, 162, 267, 439, 720, 1179, 1921, 3108, 4971, 7812, 11955, 17625, 24743, 32768,
    40793, 47911, 53581, 57724, 60565, 62428, 63615, 64357, 64816, 65097, 65269, 65374, 65438,
    65476, 65500, 65514,
)  # fmt: skip
ANCHORS = len(LOGISTIC)
#: Logits are in -MAX_LOGIT..MAX_LOGIT, where 256 stands for a factor of e in the odds; MID_LOGIT is
#: added to make an index. Anchors of the logistic lie 2^ANCHOR_BITS apart.
MAX_LOGIT, MID_LOGIT, ANCHOR_BITS = 2047, 2048, 7
ANCHOR_STEP = 1 << ANCHOR_BITS
#: Bits of a slot's probability; its count lies below them, in COUNT_BITS, and stops at MAX_COUNT:
#: a slot then follows its last 80 decisions or so.
SLOT_BITS, COUNT_BITS, MAX_COUNT = 20, 8, 80
UNSEEN = 1 << (SLOT_BITS - 1) << COUNT_BITS
#: Weights have WEIGHT_BITS after the point: they start at 1/4 and stay below 8 in size.
WEIGHT_BITS, FIRST_WEIGHT, MAX_WEIGHT = 14, 1 << 12, (1 << 17) - 1
#: How fast weights and corrections learn: shifts of the error.
WEIGHT_RATE, CORRECTION_RATE = 17, 6
#: Chances of 65536 that the coder is given stay this far from certain.
MIN_CHANCE = 16
#: Contexts in which every decision is looked at.
INPUTS = 6
#: Kinds of counts that have weights of their own, by the least count of each.
KINDS = (0, 1, 2, 3, 5, 10, 25, 80)
NUM_KINDS = len(KINDS)

Ints = npt.NDArray[np.int32]


class Mixer(NamedTuple):
    """What has been learned so far, flat and updated in place, and the tables that all share.

    ``slots`` of all contexts; ``weights`` by set, input and kind of count; ``corrections`` by kind
    of decision and anchor. ``squash`` (4096,): probability of 65536 by logit + 2048. ``stretch``
    (4096,): logit by probability of 4096. ``rate``, ``kind`` (256,): by a slot's count.
    """

    slots: npt.NDArray[np.uint32]
    weights: Ints
    corrections: Ints
    squash: Ints
    stretch: Ints
    rate: Ints
    kind: Ints


def new_mixer(slots: int, sets: int, decisions: int) -> Mixer:
    """A model that has learned nothing; ``decisions``: kinds that have corrections of their own."""
    return Mixer(
        np.full(slots, UNSEEN, np.uint32),
        np.full(sets * INPUTS * NUM_KINDS, FIRST_WEIGHT, np.int32),
        np.tile(np.array(LOGISTIC, np.int32), decisions),
        *_tables(),
    )


@functools.cache
def _tables() -> tuple[Ints, Ints, Ints, Ints]:
    """Squash, stretch, rate and kind, of which all models take the same."""
    anchors = np.array(LOGISTIC)
    at = np.arange(2 * MID_LOGIT)
    low, part = at >> ANCHOR_BITS, at & (ANCHOR_STEP - 1)
    squash = anchors[low] * (ANCHOR_STEP - part) + anchors[low + 1] * part
    squash = (squash + ANCHOR_STEP // 2) >> ANCHOR_BITS
    # The least logit whose probability is not below.
    reached = squash[1:] >> 4  # of logits from -MAX_LOGIT on
    stretch = np.minimum(np.searchsorted(reached, at) - MAX_LOGIT, MAX_LOGIT)
    count = np.arange(1 << COUNT_BITS)
    rate = 20480 // (10 * count + 16)
    kind = np.searchsorted(np.array(KINDS), count, side="right") - 1
    return (
        squash.astype(np.int32),
        stretch.astype(np.int32),
        rate.astype(np.int32),
        kind.astype(np.int32),
    )

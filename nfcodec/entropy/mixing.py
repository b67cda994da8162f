"""Yes-no decisions under a mixture of adaptive counts (``nfc-v1.md`` §11).

Each decision is looked at in several contexts. Every context keeps a slot: how probable a 1 is
there, and how often it has been seen. The logits of these probabilities are summed with weights
that follow what has been right so far; the sum's probability, corrected by how such sums have
turned out, drives a range coder. Everything is learned while coding, in integers of 32 bits, so
that no table is in the file and every machine computes the same.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nfcodec.container import Builder, Cursor
from nfcodec.errors import DamagedFileError

Bytes = npt.NDArray[np.uint8]

#: 65536 / (1 + exp(-x)) at x = -8, -7.5 ... 8, rounded: frozen in the specification.
LOGISTIC = (
    22, 36, 60, 98, 162, 267, 439, 720, 1179, 1921, 3108, 4971, 7812, 11955, 17625, 24743, 32768,
    40793, 47911, 53581, 57724, 60565, 62428, 63615, 64357, 64816, 65097, 65269, 65374, 65438,
    65476, 65500, 65514,
)  # fmt: skip
#: A logit of 1 in the integers that stand for logits, which are in -TOP_LOGIT..TOP_LOGIT.
UNIT, TOP_LOGIT = 256, 2047
#: Bits of a slot's probability; its count is below them, in 8 bits, and stops at MOST_SEEN.
SLOT_BITS, MOST_SEEN = 20, 80
UNSEEN = 1 << (SLOT_BITS - 1) << 8
#: What weights start from; 16384 stands for 1.
FIRST_WEIGHT = 4096
#: Contexts in which every decision is looked at.
INPUTS = 6
#: Kinds of counts that have weights of their own, by the least count of each.
KINDS = (0, 1, 2, 3, 5, 10, 25, 80)


@dataclass(frozen=True, eq=False)
class Constants:
    """The tables that all models share, as int32 arrays for the kernels.

    ``squash`` (4096,): probability of 65536 by logit + 2048. ``stretch`` (4096,): logit by
    probability of 4096. ``rate``, ``kind`` (256,): by a slot's count.
    """

    squash: npt.NDArray[np.int32]
    stretch: npt.NDArray[np.int32]
    rate: npt.NDArray[np.int32]
    kind: npt.NDArray[np.int32]


@functools.cache
def constants() -> Constants:
    anchors = np.array(LOGISTIC)
    at = np.arange(4096)
    low, part = at >> 7, at & 127
    squash = (anchors[low] * (128 - part) + anchors[low + 1] * part + 64) >> 7
    # The least logit whose probability is not below.
    logits = np.arange(-TOP_LOGIT, TOP_LOGIT + 1)
    reached = squash[logits + 2048] >> 4
    first = np.searchsorted(reached, np.arange(4096))
    stretch = np.minimum(first - TOP_LOGIT, TOP_LOGIT)
    seen = np.arange(256)
    rate = 20480 // (10 * seen + 16)
    kind = np.searchsorted(np.array(KINDS), seen, side="right") - 1
    return Constants(*(table.astype(np.int32) for table in (squash, stretch, rate, kind)))


@dataclass(frozen=True, eq=False)
class Model:
    """What has been learned so far, flat and updated in place.

    ``slots`` of all contexts, ``weights`` by set, input and kind of count, ``correction`` by kind
    of decision and 33 logits.
    """

    slots: npt.NDArray[np.uint32]
    weights: npt.NDArray[np.int32]
    correction: npt.NDArray[np.int32]

    @staticmethod
    def new(slots: int, sets: int, decisions: int) -> Model:
        """``decisions``: how many kinds there are, each with a correction of its own."""
        return Model(
            np.full(slots, UNSEEN, np.uint32),
            np.full(sets * INPUTS * len(KINDS), FIRST_WEIGHT, np.int32),
            np.tile(np.array(LOGISTIC, np.int32), decisions),
        )


@dataclass(frozen=True, eq=False)
class Encoder:
    """Collects decisions: their ``bits``, and their ``chances`` of 65536 of being 1.

    ``data`` and ``state`` (4,) are what the kernels need of a decoder; the last of ``state`` counts
    the decisions.
    """

    chances: npt.NDArray[np.uint16]
    bits: npt.NDArray[np.uint8]
    data: Bytes
    state: npt.NDArray[np.int64]

    @staticmethod
    def of(decisions: int) -> Encoder:
        """One for at most so many decisions."""
        chances, bits = np.empty(decisions, np.uint16), np.empty(decisions, np.uint8)
        return Encoder(chances, bits, np.zeros(0, np.uint8), np.zeros(4, np.int64))

    def finish(self) -> Bytes:
        """The bytes of all decisions; a decoder that has read them has 0 left."""
        from nfcodec.entropy import mixing_kernels

        done = int(self.state[3])
        data: Bytes = mixing_kernels.encode(self.chances[:done], self.bits[:done]).copy()
        return data


class Decoder:
    """The inverse of :class:`Encoder`. DamagedFileError if ``data`` cannot be a coder's bytes.

    ``state``: the coder's value, the size of its range, and the next byte to be read.
    """

    def __init__(self, data: Bytes) -> None:
        value = int.from_bytes(data[:4].tobytes(), "big")
        if data.size < 4 or value == (1 << 32) - 1:
            raise DamagedFileError("bytes of a range coder cannot begin like this")
        self.data = data.copy()  # writable, as all arguments: one compiled version
        self.state = np.array([value, (1 << 32) - 1, 4, 0], np.int64)
        self.chances, self.bits = np.zeros(0, np.uint16), np.zeros(0, np.uint8)

    def finish(self) -> None:
        """DamagedFileError unless exactly all bytes have been used up."""
        if self.state[0] or int(self.state[2]) != self.data.size:
            raise DamagedFileError("bytes of a range coder are damaged (they do not end in zero)")


Coder = Encoder | Decoder


_Ints = npt.NDArray[np.int32]


def arguments(
    coder: Coder, model: Model
) -> tuple[
    tuple[bool, Bytes, npt.NDArray[np.int64], npt.NDArray[np.uint16], npt.NDArray[np.uint8]],
    tuple[npt.NDArray[np.uint32], _Ints, _Ints, _Ints, _Ints, _Ints, _Ints],
]:
    """What kernels are given first, and last."""
    shared = constants()
    return (
        (isinstance(coder, Decoder), coder.data, coder.state, coder.chances, coder.bits),
        (
            model.slots, model.weights, model.correction,
            shared.squash, shared.stretch, shared.rate, shared.kind,
        ),
    )  # fmt: skip


def write_bytes(section: Builder, data: Bytes) -> None:
    """Append a range coder's bytes."""
    section.fields("I", data.size)
    section.array(data)


def read_bytes(cursor: Cursor) -> Bytes:
    """The inverse of :func:`write_bytes`."""
    (size,) = cursor.fields("I")
    return cursor.octets(size)

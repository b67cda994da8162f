"""A field's arrays as the words that GPU buffers hold (``docs/renderer.md``).

Codes stay packed: indices word by word, float16 values two to a word. What is added is
the index of an octree's corners, for lookups from a lattice site.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from nfcodec.model.coded import CodedField, CodedLevel
from nfcodec.model.field import Field, Level
from nfcodec.render.constants import count
from nfcodec.render.gpu import codes, layouts
from nfcodec.render.gpu.networks import weight_words
from nfcodec.render.gpu.plan import OccupancyParts, Part, Plan
from nfcodec.render.gpu.tables import Words


def contents(plan: Plan, subject: Field | CodedField) -> Iterator[tuple[Part, Words]]:
    """What to write where, for all that a field has."""
    levels: Sequence[Level | CodedLevel] = subject.levels
    for parts, level in zip(plan.levels, levels, strict=True):
        if "sites" in parts:
            yield parts["sites"], layouts.part_of(level.layout).blocks()
        for name, words in codes.part_of(level).words().items():
            yield parts[name], words
    for network, planned in zip(subject.networks, plan.networks.layers, strict=True):
        for layer, own in zip(network.layers, planned, strict=True):
            part = Part("weights", own.weights, own.length)
            yield part, weight_words(layer, own.lanes)
    for occupancy in plan.occupancies:
        yield from occupancy_contents(occupancy, subject)


def occupancy_contents(
    parts: OccupancyParts, subject: Field | CodedField
) -> Iterator[tuple[Part, Words]]:
    """The bitmaps of occupied cells and of blocks of cells."""
    if parts.level is not None:
        cells = subject.levels[parts.level].layout.occupied()
    elif subject.occupancy is not None:
        cells = subject.occupancy.cells
    else:
        cells = np.ones((1, 1, 1), np.bool_)
    side = 1 << count("BLOCK_SHIFT")
    padded = np.pad(cells, [(0, -n % side) for n in cells.shape])
    z, y, x = (n // side for n in padded.shape)
    blocks = padded.reshape(z, side, y, side, x, side).any(axis=(1, 3, 5))
    yield parts.cells, bit_words(cells)
    yield parts.blocks, bit_words(np.asarray(blocks))


def bit_words(mask: npt.NDArray[np.bool_]) -> Words:
    """A mask, in C order, as bits of words, the first in the lowest bit."""
    raw = np.packbits(mask.reshape(-1), bitorder="little")
    return np.pad(raw, (0, -raw.size % 4)).view("<u4")

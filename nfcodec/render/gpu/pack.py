"""A field's arrays as the words that GPU buffers hold (``docs/renderer.md``).

Codes stay as they are: packed indices word by word, float16 values two to a word. What is added is
the index of an octree's corners, for lookups from a lattice site.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from nfcodec.codes import Float16Code, LowRankCode, VQCode
from nfcodec.errors import UnsupportedError
from nfcodec.layouts import OctreeLayout
from nfcodec.layouts import octree as octrees
from nfcodec.layouts.bitmap import popcount
from nfcodec.layouts.corners import corner_bitmap
from nfcodec.model.coded import CodedField, CodedLevel
from nfcodec.model.field import Field, Level
from nfcodec.model.networks import Layer
from nfcodec.render.gpu.plan import (
    BLOCK_WORDS,
    COARSER,
    SITES_PER_BLOCK,
    LevelParts,
    OccupancyParts,
    Part,
    Plan,
)

Words = npt.NDArray[np.uint32]


def contents(plan: Plan, subject: Field | CodedField) -> Iterator[tuple[Part, Words]]:
    """What to write where, for all that a field has."""
    levels: Sequence[Level | CodedLevel] = subject.levels
    for parts, level in zip(plan.levels, levels, strict=True):
        yield from level_contents(parts, level)
    for network, layers in zip(subject.networks, plan.layers, strict=True):
        for layer, part in zip(network.layers, layers, strict=True):
            yield part, weight_words(layer)
    for occupancy in plan.occupancies:
        yield from occupancy_contents(occupancy, subject)


def level_contents(parts: LevelParts, level: Level | CodedLevel) -> Iterator[tuple[Part, Words]]:
    """What to write where for one level."""
    if isinstance(level.layout, OctreeLayout):
        assert parts.sites is not None
        yield parts.sites, site_blocks(level.layout)
    if isinstance(level, Level):
        odd = level.num_features % 2
        yield parts.vectors, np.pad(level.features, ((0, 0), (0, odd))).reshape(-1).view(np.uint32)
        return
    code = level.code
    if isinstance(code, Float16Code):
        yield parts.vectors, half_words(code.values)
    elif isinstance(code, VQCode):
        assert parts.codes is not None
        words = code.indices.words
        yield parts.codes, np.pad(words, (0, parts.codes.length - len(words)))
        yield parts.vectors, half_words(code.codebook)
    elif isinstance(code, LowRankCode):
        assert parts.basis is not None
        yield parts.vectors, half_words(code.coefficients)
        yield parts.basis, half_words(np.concatenate([code.mean[None], code.basis]))
    else:
        raise UnsupportedError(f"the GPU does not draw levels of code {code.name!r}")


def half_words(rows: npt.NDArray[np.float16]) -> Words:
    """(N, F) float16 as words of two, each row from a new word on: (N * ceil(F / 2),)."""
    padded = np.pad(rows, ((0, 0), (0, rows.shape[1] % 2)))
    return np.ascontiguousarray(padded).reshape(-1).astype("<f2", copy=False).view("<u4")


def site_blocks(layout: OctreeLayout) -> Words:
    """The corner index: for every 96 lattice sites the number of corners before them, and 96
    bits."""
    sites = (2**layout.depth + 1) ** 3
    words = corner_bitmap(layout).words
    blocks = np.zeros((-(-sites // SITES_PER_BLOCK), BLOCK_WORDS), np.uint32)
    bits = np.zeros(len(blocks) * (BLOCK_WORDS - 1), np.uint32)
    bits[: min(len(words), len(bits))] = words[: len(bits)]
    blocks[:, 1:] = bits.reshape(len(blocks), -1)
    counts = popcount(blocks[:, 1:]).sum(axis=1, dtype=np.uint32)
    blocks[1:, 0] = np.cumsum(counts[:-1], dtype=np.uint32)
    return blocks.reshape(-1)


def weight_words(layer: Layer) -> Words:
    """A layer in blocks of four outputs: their biases, then for each input their four weights."""
    outputs, inputs = layer.weight.shape
    blocks = np.zeros((-(-outputs // 4) * 4, 1 + inputs), np.float32)
    if layer.bias is not None:
        blocks[:outputs, 0] = layer.bias
    blocks[:outputs, 1:] = layer.weight
    ordered = blocks.reshape(-1, 4, 1 + inputs).transpose(0, 2, 1)
    return np.ascontiguousarray(ordered).reshape(-1).view(np.uint32)


def occupancy_contents(
    parts: OccupancyParts, subject: Field | CodedField
) -> Iterator[tuple[Part, Words]]:
    """The bitmaps of occupied cells and of blocks of cells."""
    if parts.level is not None:
        layout = subject.levels[parts.level].layout
        assert isinstance(layout, OctreeLayout)
        cells = octrees.to_cells(layout)
    elif subject.occupancy is not None:
        cells = subject.occupancy.cells
    else:
        cells = np.ones((1, 1, 1), np.bool_)
    side = 1 << COARSER
    padded = np.pad(cells, [(0, -n % side) for n in cells.shape])
    z, y, x = (n // side for n in padded.shape)
    blocks = padded.reshape(z, side, y, side, x, side).any(axis=(1, 3, 5))
    yield parts.cells, bit_words(cells)
    yield parts.blocks, bit_words(np.asarray(blocks))


def bit_words(mask: npt.NDArray[np.bool_]) -> Words:
    """A mask, in C order, as bits of words, the first in the lowest bit."""
    raw = np.packbits(mask.reshape(-1), bitorder="little")
    return np.pad(raw, (0, -raw.size % 4)).view("<u4")

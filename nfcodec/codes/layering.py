"""Indices in layers: a coarse codebook first, then finer ones (``nfc-v1.md`` §8.2).

A coarse code is the mean of a group of finer ones, so that a reader of the first layer has each
vector as near as its group tells. What this costs in bytes beside coding the indices at once is
measured in docs/decisions/0016-quality-layers.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nfcodec.arrays import HalfArray
from nfcodec.container import Section
from nfcodec.entropy import clustering, float16, neighbors, symbols
from nfcodec.entropy.symbols import Symbols
from nfcodec.model.sites import SiteSet

#: By default: the number of layers, and the share of a level's codes that they may cost.
USUAL, MOST_COST = 2, 0.025
#: Means are rounded to steps of at most this share of their root mean square.
_STEP = 1 / 16
#: The greatest value of float16.
_MOST = float(np.finfo(np.float16).max)


@dataclass(frozen=True)
class Layers:
    """A codebook taken apart.

    ``codebooks``: (K_r, F) each, the coarsest first; the last one is the level's own.
    ``group_of``: for all but the first, (K_r,) the codes of the one before that theirs belong to.
    """

    codebooks: list[HalfArray]
    group_of: list[npt.NDArray[np.uint16]]

    @property
    def sizes(self) -> tuple[int, ...]:
        return tuple(len(codebook) for codebook in self.codebooks)

    def indices(self, finest: Symbols) -> list[Symbols]:
        """(N,) indices into each of the codebooks, from those into the last one."""
        found = [finest]
        for group_of in reversed(self.group_of):
            found.insert(0, group_of[found[0]])
        return found


def split(codebook: HalfArray, use: npt.NDArray[np.int64], count: int) -> Layers | None:
    """``codebook`` in up to ``count`` layers, each of which tells more codes apart.

    ``use``: (K,) how often each code occurs. None if there are too few codes for two layers, or
    more than the format allows.
    """
    used = np.flatnonzero(use)
    if len(codebook) > neighbors.MAX_ALPHABET:
        return None
    codebooks = [codebook]
    chain: list[npt.NDArray[np.uint16]] = []
    vectors, mass = codebook[used].astype(np.float64), use[used]
    # The first step is a little shorter than the others: few groups take the fewest bytes more.
    wanted = {round(used.size ** (i / (count + 0.5))) for i in range(1, count)}
    for groups in sorted(wanted, reverse=True):
        if not 2 <= groups < len(vectors):
            continue
        there, found = np.unique(_groups(vectors, mass, groups), return_inverse=True)
        if not 2 <= there.size < len(vectors):
            continue
        group_of = np.zeros(len(codebooks[0]), np.uint16)
        group_of[used if codebooks[0] is codebook else slice(None)] = found
        vectors = clustering.group_means(vectors, mass, found, there.size)
        mass = np.bincount(found, mass, there.size).astype(np.int64)
        codebooks.insert(0, _rounded(vectors))
        chain.insert(0, group_of)
    return Layers(codebooks, chain) if chain else None


def _groups(
    vectors: npt.NDArray[np.float64], mass: npt.NDArray[np.int64], groups: int
) -> npt.NDArray[np.integer]:
    """(K,) group of each vector. One that most sites have is alone: they need no refinement."""
    top = int(mass.argmax())
    if 3 * mass[top] < mass.sum():
        return clustering.group_vectors(vectors, mass, groups)
    others = np.delete(np.arange(len(vectors)), top)
    found = np.full(len(vectors), groups - 1)
    found[others] = clustering.group_vectors(vectors[others], mass[others], groups - 1)
    return found


def _rounded(vectors: npt.NDArray[np.float64]) -> HalfArray:
    """Multiples of a power of two that is small beside ``vectors``: they are cheap to code."""
    size = math.sqrt(float((vectors**2).mean()))
    step = 2.0 ** max(math.floor(math.log2(size * _STEP)), -float16.BIAS) if size else 1.0
    near = np.round(vectors / step) * step + 0.0
    # The nearest multiple to the greatest values of float16 may be one that it does not have.
    rounded: HalfArray = near.clip(-_MOST, _MOST).astype(np.float16)
    return rounded


@dataclass(frozen=True)
class Layered:
    """Indices in layers: ``sections``, the coarsest's first and then each refinement's, without
    the codebooks."""

    layers: Layers
    sections: tuple[Section, ...]

    @property
    def size(self) -> int:
        """Bytes of the codebooks but the last, which any code has, and of all else."""
        means = sum(float16.encode(codebook).size for codebook in self.layers.codebooks[:-1])
        return means + sum(section.size for section in self.sections)


def write(indices: Symbols, layers: Layers, sites: SiteSet) -> Layered:
    """(N,) ``indices`` into the last codebook of ``layers``, at these ``sites``."""
    sizes, known = layers.sizes, layers.indices(indices)
    first = min(
        symbols.encode(known[0], sizes[0]),
        neighbors.write(known[0], sizes[0], sites),
        key=lambda section: section.size,
    )
    finer = (
        neighbors.write(known[r], sizes[r], sites, layers.group_of[r - 1], sizes[r - 1])
        for r in range(1, len(sizes))
    )
    return Layered(layers, (first, *finer))

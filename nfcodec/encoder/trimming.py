"""Learned codes exchanged for ones that take fewer bits, where that costs least."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import torch

from nfcodec.arrays import FloatArray
from nfcodec.codes import VQCode
from nfcodec.codes.vq import vq_or_none
from nfcodec.evaluate import FieldModule
from nfcodec.evaluate.storage import FloatRows
from nfcodec.model.coded import CodedField
from nfcodec.model.packed import PackedIntegers
from nfcodec.progress import Progress
from nfcodec.quantize.learning.supervision import Objective
from nfcodec.quantize.vq.kmeans import drop_unused, sort_codebook
from nfcodec.quantize.vq.sensitivity import ROUND, cheapest, measure, rounded

#: Rounds of counting codes and choosing them again.
_ROUNDS = 3
#: Batches that sensitivities are estimated from.
_BATCHES = 32
#: Factor by which a price is raised or lowered until the wanted one is between two.
_STRIDE = 4.0
#: Factor between two prices at which they are as good as one.
_CLOSE = 1.05
#: Prices that are tried at most: enough for _STRIDE and then halvings down to _CLOSE.
_PRICES = 24
#: Mixtures of two codings that are tried at most: 2^-16 of the corners is less than one of most.
_MIXTURES = 16

Indices: TypeAlias = npt.NDArray[np.uint16]


class Trimming:
    """What ``coded``'s vector-quantized levels become where bits have a price.

    ``matrices``: of each level, what errors in its vectors cost, as
    :func:`nfcodec.quantize.vq.sensitivity.measure` gives them. Codebooks and networks stay.
    """

    def __init__(
        self, coded: CodedField, matrices: Sequence[FloatArray], value_bits: float
    ) -> None:
        self._coded = coded
        self._codes = [code for level in coded.levels if (code := vq_or_none(level.code))]
        self._books = [code.codebook.astype(np.float32) for code in self._codes]
        self._matrices = [
            rounded(found, code.num_features, ROUND)
            for found, code in zip(matrices, self._codes, strict=True)
        ]
        self._value_bits = value_bits
        self.whole = [code.indices.unpack() for code in self._codes]

    def at(self, price: float) -> list[Indices]:
        """Each level's indices where a bit costs ``price``, in the units of the matrices.

        Bits are those of zero order, and a code's own place in the file is shared by the corners
        that take it. At price 0 all corners keep their codes.
        """
        return [self._level(n, price) for n in range(len(self._codes))]

    def _level(self, number: int, price: float) -> Indices:
        index, book = self.whole[number], self._books[number]
        if len(book) < 2 or not len(index):
            return index
        vectors = book[index]
        place = self._value_bits * book.shape[1]
        for _ in range(_ROUNDS):
            counts = np.bincount(index, minlength=len(book))
            # A code that nobody takes any more stays out of reach.
            share = np.maximum(counts, 1e-3)
            surcharge = (price * (np.log2(counts.sum() / share) + place / share)).astype(np.float32)
            chosen, _ = cheapest(vectors, book, self._matrices[number], 1, surcharge)
            index = chosen[:, 0].astype(np.uint16)
        return index

    def field(self, indices: Sequence[Indices]) -> CodedField:
        """The coded field with other ``indices``; codes that none of them takes are left out."""
        codes = []
        for book, index in zip(self._books, indices, strict=True):
            kept = index
            if len(index):
                book, kept = drop_unused(*sort_codebook(book, index))
            bits = max(1, (len(book) - 1).bit_length())
            codes.append(VQCode(PackedIntegers.pack(kept, bits), book.astype(np.float16)))
        rest = iter(codes)
        grids = tuple(
            replace(grid, levels=tuple(
                replace(level, code=next(rest)) if vq_or_none(level.code) else level
                for level in grid.levels
            ))
            for grid in self._coded.grids
        )  # fmt: skip
        return replace(self._coded, grids=grids)

    def search(
        self, distance: Callable[[CodedField], float], low: float, high: float, price: float,
        progress: Progress,
    ) -> tuple[CodedField, float]:  # fmt: skip
        """The coded field whose ``distance`` from the target is in [``low``, ``high``].

        If none is, the one nearest below, or the least of all that were tried. Distances fall as
        bits get dearer; that of :attr:`whole` is above ``high``. ``price``: where to begin.
        """
        search = _Search(self, distance, low, high, progress)
        progress.start("trimming", _PRICES + _MIXTURES)
        above, below = self.whole, None
        over, under = 0.0, 0.0
        lowest = price / _STRIDE**6
        for _ in range(_PRICES):
            trial = self.at(price)
            found = search.look(trial)
            if low <= found <= high:
                break
            if found > high:
                above, over = trial, price
            else:
                below, under = trial, price
            if below is None:
                if not any(index.any() for index in self.zeroed(trial)):
                    break
                price *= _STRIDE
            elif over == 0.0:
                if price < lowest:
                    break
                price /= _STRIDE
            elif under < _CLOSE * over:
                break
            else:
                price = math.sqrt(over * under)
        if below is not None and not low <= search.distance <= high:
            search.between(above, below)
        progress.finish()
        return search.found, search.distance

    @staticmethod
    def zeroed(indices: Sequence[Indices]) -> list[Indices]:
        """``indices`` with each level's first code as number 0: all zero if there is one code."""
        return [index ^ index[:1] for index in indices]


class _Search:
    """Keeps the best of what was tried: the nearest at or below ``high``, else the least."""

    def __init__(
        self, trimming: Trimming, distance: Callable[[CodedField], float], low: float, high: float,
        progress: Progress,
    ) -> None:  # fmt: skip
        self.trimming, self.measure, self.low, self.high = trimming, distance, low, high
        self.progress, self.looks = progress, 0
        self.distance = math.inf
        self.found: CodedField

    def look(self, indices: Sequence[Indices]) -> float:
        field = self.trimming.field(indices)
        distance = self.measure(field)
        if self._is_better(distance):
            self.found, self.distance = field, distance
        self.looks += 1
        self.progress.update(self.looks)
        return distance

    def _is_better(self, distance: float) -> bool:
        if self.distance > self.high:
            return distance < self.distance
        return self.distance < distance <= self.high

    def between(self, above: Sequence[Indices], below: Sequence[Indices]) -> None:
        """Look at mixtures: a part of the corners as in ``above``, the others as in ``below``."""
        rng = np.random.default_rng(0)
        draws = [rng.random(len(index)) for index in above]
        least, most = 0.0, 1.0
        for _ in range(_MIXTURES):
            share = 0.5 * (least + most)
            mixed = [
                np.where(draw < share, two, one)
                for draw, one, two in zip(draws, above, below, strict=True)
            ]
            found = self.look(mixed)
            if self.low <= found <= self.high:
                break
            least, most = (share, most) if found > self.high else (least, share)


def sensitivities(
    module: FieldModule, objective: Objective, coded: CodedField, seed: int
) -> list[FloatArray]:
    """What errors in the vectors of ``coded``'s vector-quantized levels cost, for a trimming.

    ``module``, which ``objective`` evaluates, is left as it was. Its levels are ``coded``'s.
    """
    before = list(module.rows)
    features = []
    for position, level in enumerate(coded.levels):
        if vq_or_none(level.code):
            rows = FloatRows(torch.from_numpy(level.code.decode_rows())).to(module.device)
            module.rows[position] = rows
            features.append(rows.features)
    try:
        finest = module.num_lods - 1
        return measure(features, lambda g: objective.outputs(finest, g)[0], _BATCHES, seed)
    finally:
        for position, held in enumerate(before):
            module.rows[position] = held

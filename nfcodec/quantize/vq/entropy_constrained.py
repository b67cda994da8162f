"""Codes chosen by what their errors cost and by what writing them costs.

Entropy-constrained vector quantization (Chou, Lookabaugh and Gray, IEEE TASSP 1989) with the costs
of :mod:`nfcodec.quantize.vq.sensitivity`: corners that hardly matter take codes that many others
take.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from nfcodec.arrays import FloatArray
from nfcodec.entropy.tables import entropy
from nfcodec.quantize.vq.kmeans import drop_unused, fit_codebook
from nfcodec.quantize.vq.sensitivity import (
    ROUND,
    SAMPLE,
    cheapest,
    move_to_centroids,
    rounded,
    some_corners,
)

#: Corners of a trial: its bits are within a few per cent of those of all corners.
_TRIAL_SAMPLE = 1 << 14
#: Rounds of fitting in a trial.
_TRIAL_ROUNDS = 5
#: Trials until the price of a bit agrees with the errors that it leads to.
_TRIALS = 8
#: The mean of the sizes of normally distributed errors over the root of their mean square.
_MEAN_OF_ROOT = 0.8


def fit_priced_codes(
    vectors: FloatArray, codebook: FloatArray, matrices: FloatArray, price: float,
    code_bits: float, rounds: int, seed: int = 0,
) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    """``codebook`` fitted to what errors cost and to what writing the codes costs.

    Entropy-constrained vector quantization (Chou, Lookabaugh and Gray 1989) with the costs of
    :func:`fit_codes`. ``price``: of one bit, in the units of ``d H d`` over all corners.
    ``code_bits``: what a code takes in the file, shared by the corners that take it. Returns the
    codes that corners take (K', F), and the surcharge of each (K',), for :func:`cheapest`.
    """
    every = len(vectors)
    vectors, matrices = some_corners(vectors, matrices, SAMPLE, seed)
    share = every / max(len(vectors), 1)
    codebook = np.array(codebook, np.float32)
    surcharge = None
    for _ in range(rounds):
        index, _ = cheapest(vectors, codebook, matrices, 1, surcharge)
        counts = np.bincount(index[:, 0], minlength=len(codebook))
        move_to_centroids(codebook, vectors, matrices, index[:, 0])
        codebook, counts = codebook[counts > 0], counts[counts > 0]
        bits = np.log2(counts.sum() / counts) + code_bits / (share * counts)
        surcharge = (price * bits).astype(np.float32)
    assert surcharge is not None
    return codebook, surcharge


class RateTrial:
    """The errors that coding a level's ``vectors`` (N, F) at a price would make, by a sample.

    ``matrices``: what errors cost, as :func:`nfcodec.quantize.vq.sensitivity.measure` gives them.
    ``bits``: of indices; ``value_bits``: that a value of a code takes.
    """

    def __init__(
        self, vectors: FloatArray, matrices: FloatArray, bits: int, value_bits: float, seed: int
    ) -> None:
        width = vectors.shape[1]
        self._share = max(len(vectors), 1) / max(min(len(vectors), _TRIAL_SAMPLE), 1)
        self._vectors, matrices = some_corners(vectors, matrices, _TRIAL_SAMPLE, seed)
        self._matrices = rounded(matrices, width, ROUND)
        # Of a sample each code is shared by fewer corners than of all.
        self._code_bits = value_bits * width / self._share
        self._seed = seed
        #: The cost of the errors that one code for all makes.
        self.spread = 0.0
        if len(vectors):
            self._codebook, _ = fit_codebook(self._vectors, 2**bits, seed, fast=True)
            mean = self._vectors.mean(axis=0, keepdims=True)
            _, cost = cheapest(self._vectors, mean, self._matrices, 1)
            self.spread = self._share * float(cost.sum(dtype=np.float64))

    def at(self, price: float) -> RateDistortion:
        """What comes of all corners where a bit costs ``price``."""
        if not len(self._vectors):
            return RateDistortion(0.0, 0.0)
        codebook, surcharge = self._codes(price)
        index, cost = cheapest(self._vectors, codebook, self._matrices, 1, surcharge)
        counts = np.bincount(index[:, 0], minlength=len(codebook))
        bits = entropy(counts) * len(index) + self._code_bits * np.count_nonzero(counts)
        # Small differences of large numbers: not below zero, nor above what one code makes.
        error = self._share * float((cost - surcharge[index]).sum(dtype=np.float64))
        error = self.spread if len(codebook) == 1 else min(max(error, 0.0), self.spread)
        return RateDistortion(float(error), float(self._share * bits))

    def code(
        self, vectors: FloatArray, matrices: FloatArray, price: float
    ) -> tuple[FloatArray, npt.NDArray[np.uint16]]:
        """Codes (K, F) for the price, and which of them each of all ``vectors`` (N, F) takes.

        Codes that none takes are left out.
        """
        codebook, surcharge = self._codes(price)
        matrices = rounded(matrices, vectors.shape[1], ROUND)
        index, _ = cheapest(vectors, codebook, matrices, 1, surcharge)
        return drop_unused(codebook, index[:, 0].astype(np.uint16))

    def _codes(self, price: float) -> tuple[FloatArray, FloatArray]:
        return fit_priced_codes(
            self._vectors, self._codebook, self._matrices, price, self._code_bits, _TRIAL_ROUNDS,
            self._seed,
        )  # fmt: skip


class RateDistortion(NamedTuple):
    """``error`` in the units of ``d H d``; ``bits`` of indices, at zero order, and of codes."""

    error: float
    bits: float


@dataclass(frozen=True)
class InitialRates:
    """What is known of a field's rates before anything is coded: a trial of each level.

    ``present``: the cost of the errors that the field has as it is. ``outputs``: how many values
    these are errors of; ``norm``: of the loss, 1 or 2. ``corners``: of all levels. ``factors``:
    how much dearer a bit is in each level; nothing says that it is.
    """

    trials: Sequence[RateTrial]
    present: float
    outputs: int
    norm: int
    corners: int
    factors: Sequence[float] = ()

    @property
    def unit(self) -> float:
        """What a bit of one corner may cost at weight 1, as a share of the cost of all errors."""
        # A share of a mean absolute error is twice that share of the squares.
        return 2.0 / self.norm / max(self.corners, 1)

    @property
    def spread(self) -> float:
        """The cost of the errors that one code for each level makes."""
        return sum(trial.spread for trial in self.trials)

    def at(self, price: float) -> RateDistortion:
        """What comes of all levels, besides the errors that are there anyway."""
        factors = self.factors or [1.0] * len(self.trials)
        found = [
            trial.at(price * factor) for trial, factor in zip(self.trials, factors, strict=True)
        ]
        return RateDistortion(
            self.present + sum(one.error for one in found), sum(one.bits for one in found)
        )

    def loss(self, price: float) -> float:
        """The loss that coding at ``price`` leads to, before learning."""
        mean = self.at(price).error / max(self.outputs, 1)
        return mean if self.norm == 2 else _MEAN_OF_ROOT * math.sqrt(mean)

    def price(self, weight: float) -> float:
        """The price of a bit that is ``weight`` of all errors that coding at that price makes."""
        price = weight * self.unit * self.at(0.0).error
        for _ in range(_TRIALS):
            price = weight * self.unit * self.at(price).error
        return price

"""Low-rank approximation: a truncated SVD of each level's mean-centered feature matrix."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from nfcodec.arrays import FloatArray, HalfArray
from nfcodec.codes import LowRankCode
from nfcodec.errors import UsageError
from nfcodec.methods import LowRankOptions
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.quantize.contract import Context, Quantizer, to_half, with_codes

DoubleArray: TypeAlias = npt.NDArray[np.float64]


class LowRank(LowRankOptions, Quantizer):
    """Codes fields by :class:`nfcodec.methods.LowRankOptions`."""

    def check(self, field: Field) -> None:
        widest = max((level.num_features for level in field.levels), default=None)
        if self.rank is not None and widest is not None and self.rank > widest:
            raise UsageError(
                f"rank must be from 1 to the field's {widest} features per corner, got {self.rank}"
            )

    def quantize(self, field: Field, context: Context) -> CodedField:
        codes = []
        context.progress.start("low rank", len(field.levels))
        for number, level in enumerate(field.levels):
            rank = max(1, level.num_features // 2) if self.rank is None else self.rank
            codes.append(factorize(level.features, rank))
            context.progress.update(number + 1)
        context.progress.finish()
        return with_codes(field, codes)


def factorize(features: FloatArray, rank: int) -> LowRankCode:
    """The best approximation of (N, F) ``features`` by their mean and ``rank`` directions.

    Ranks above N or F are lowered to them. The singular values are split evenly between the two
    factors, so that neither runs into float16's ends before the features do.
    """
    num_rows, num_features = features.shape
    rank = min(rank, num_features, max(num_rows, 1))
    if not num_rows:
        return LowRankCode(
            np.zeros((0, rank), np.float16),
            np.zeros((rank, num_features), np.float16),
            np.zeros(num_features, np.float16),
        )
    mean = to_half(features.mean(axis=0, dtype=np.float64), "a level's mean")
    centered = features.astype(np.float64) - mean.astype(np.float64)
    # F is small, so the F x F second moments give the right singular vectors at once.
    moments, vectors = np.linalg.eigh(centered.T @ centered / num_rows)
    deviations = np.sqrt(np.maximum(moments[::-1][:rank], 0.0))
    directions = _canonical_signs(vectors[:, ::-1][:, :rank].T)
    basis = to_half(directions * np.sqrt(deviations)[:, None], "a basis")
    coefficients = to_half(centered @ _pseudo_inverse(basis), "a coefficient")
    return LowRankCode(coefficients, basis, mean)


def _pseudo_inverse(basis: HalfArray) -> DoubleArray:
    """(F, r): the coefficients that serve the rounded (r, F) ``basis`` best, by least squares.

    Directions too weak for float16 have become zero rows and get the coefficient zero.
    """
    inverse: DoubleArray = np.linalg.pinv(basis.astype(np.float64), rcond=1e-6)
    return inverse


def _canonical_signs(directions: DoubleArray) -> DoubleArray:
    """Each row with its largest entry positive: an SVD leaves the sign open."""
    largest = np.abs(directions).argmax(axis=1)
    signs = np.sign(directions[np.arange(len(directions)), largest])
    signed: DoubleArray = directions * signs[:, None]
    return signed

"""A field coded without learning: what rate control tells from before any learning begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from nfcodec.arrays import FloatArray
from nfcodec.codes import VQCode
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.model.packed import PackedIntegers
from nfcodec.quantize.contract import to_half, with_codes
from nfcodec.quantize.vq.entropy_constrained import InitialRates
from nfcodec.quantize.vq.rounding import in_steps, network_in_steps

#: A codebook (K, F), and which of its codes each vector takes.
_Codes: TypeAlias = tuple[FloatArray, npt.NDArray[np.uint16]]


def code_without_learning(
    field: Field, opening: InitialRates, matrices: Sequence[FloatArray], price: float
) -> CodedField:
    """``field`` as it is coded where a bit costs ``price``, without learning."""
    found = []
    for level, trial, matrix in zip(field.levels, opening.trials, matrices, strict=True):
        vectors = level.features
        found.append(trial.code(vectors, matrix, price) if len(vectors) else _one(vectors))
    return _coded(field, found)


def smallest_code(field: Field) -> CodedField:
    """``field`` with one code for each level: what every file of it holds."""
    return _coded(field, [_one(level.features) for level in field.levels])


def _one(vectors: FloatArray) -> _Codes:
    width = vectors.shape[1]
    book = vectors.mean(axis=0, keepdims=True) if len(vectors) else np.zeros((1, width))
    return book.astype(np.float32), np.zeros(len(vectors), np.uint16)


def _coded(field: Field, found: Sequence[_Codes]) -> CodedField:
    codes = []
    for book, index in found:
        bits = max(1, (len(book) - 1).bit_length())
        half = to_half(in_steps(book), "a codebook")
        codes.append(VQCode(PackedIntegers.pack(index, bits), half))
    networks = tuple(network_in_steps(network) for network in field.networks)
    return with_codes(replace(field, networks=networks), codes)


def size_upper_bound(field: Field, bits: int) -> float:
    """More than indices, codebooks and networks can take."""
    levels = sum(
        len(level.features) * bits / 8 + 2 * level.num_features * min(2**bits, len(level.features))
        for level in field.levels
    )
    layers = [layer for network in field.networks for layer in network.layers]
    values = sum(v.size for layer in layers for v in (layer.weight, layer.bias) if v is not None)
    return float(levels + 2 * values) + 4096.0

"""A field coded without learning: what rate control tells from before any learning begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nfcodec.coded import CodedField, PackedIntegers, VQCode
from nfcodec.field import Field, FloatArray
from nfcodec.quantize.contract import to_half, with_codes
from nfcodec.quantize.entropy_constrained import Opening
from nfcodec.quantize.steps import in_steps, network_in_steps


def draft(
    field: Field, opening: Opening, matrices: Sequence[FloatArray], price: float | None
) -> CodedField:
    """``field`` as it is coded at ``price`` without learning; at None with one code per level."""
    codes = []
    for level, trial, found in zip(field.levels, opening.trials, matrices, strict=True):
        vectors = level.features
        if price is None or not len(vectors):
            width = vectors.shape[1]
            book = vectors.mean(axis=0, keepdims=True) if len(vectors) else np.zeros((1, width))
            index = np.zeros(len(vectors), np.uint16)
        else:
            book, index = trial.code(vectors, found, price)
        bits = max(1, (len(book) - 1).bit_length())
        half = to_half(in_steps(book.astype(np.float32)), "a codebook")
        codes.append(VQCode(PackedIntegers.pack(index, bits), half))
    networks = tuple(network_in_steps(network) for network in field.networks)
    return with_codes(replace(field, networks=networks), codes)


def most_bytes(field: Field, bits: int) -> float:
    """More than indices, codebooks and networks can take."""
    levels = sum(
        len(level.features) * bits / 8 + 2 * level.num_features * min(2**bits, len(level.features))
        for level in field.levels
    )
    layers = [layer for network in field.networks for layer in network.layers]
    values = sum(v.size for layer in layers for v in (layer.weight, layer.bias) if v is not None)
    return float(levels + 2 * values) + 4096.0

"""Hashed indices, VQ-AD's table 3: a corner's code is a spatial hash of where it is.

As in instant-ngp, a level with no more corners than codes has a code for each of them. Codes and
networks learn under the same supervision, for as many steps as the learned methods take, from the
mean of the vectors that share a code. Nothing is stored for the corners: codes as float16, by
nfcodec's own coder of float16 tables.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import torch
from peer_codecs import Arrays
from torch import Tensor, nn

from nfcodec.coding import networks
from nfcodec.container import Builder, Cursor
from nfcodec.entropy import float16
from nfcodec.evaluate import FieldModule
from nfcodec.evaluate.device import pick
from nfcodec.evaluate.locators import Locator
from nfcodec.evaluate.storage import LevelStorage, interpolate
from nfcodec.fit.loop import adam, fit
from nfcodec.layouts import corner_coordinates
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.model.protocols import Layout
from nfcodec.quantize.contract import HALF_MAX, Context, half_networks
from nfcodec.quantize.learning.supervision import objective_for
from rate.skeleton import fill

#: instant-ngp's primes (Müller et al. 2022, equation 4).
_PRIMES = np.array([1, 2654435761, 805459861], np.uint64)
#: Learning rates: of codes in units of their level's deviation, and of networks, as VQ-AD has them.
_CODE_RATE, _NETWORK_RATE = 0.02, 3e-3

Index = npt.NDArray[np.int64]


def indices(layout: Layout, bits: int) -> Index:
    """(N,) the code of each corner."""
    if layout.num_rows <= 1 << bits:
        return np.arange(layout.num_rows)
    coordinates = corner_coordinates(layout).astype(np.uint64)
    mixed = np.bitwise_xor.reduce(coordinates * _PRIMES[: coordinates.shape[1]], axis=1)
    return (mixed & np.uint64((1 << bits) - 1)).astype(np.int64)


class HashedRows(LevelStorage):
    """(N, F) vectors, each one of the rows of a trainable codebook, by a fixed index."""

    def __init__(self, vectors: npt.NDArray[np.float32], index: Index) -> None:
        super().__init__(vectors.shape[1])
        size = int(index.max(initial=0)) + 1
        counts = np.maximum(np.bincount(index, minlength=size), 1)[:, None]
        sums = np.zeros((size, self.num_features))
        np.add.at(sums, index, vectors)
        self.codebook = nn.Parameter(torch.from_numpy((sums / counts).astype(np.float32)))
        self.index: Tensor
        self.register_buffer("index", torch.from_numpy(index))

    def forward(self, u: Tensor, locator: Locator) -> Tensor:
        return interpolate(u, self.codebook[self.index], locator, locator(u))


def learn(field: Field, bits: int, steps: int, context: Context) -> tuple[Field, list[Index]]:
    """``field`` with learned networks, and codes at the corners, both with float16's values."""
    module = FieldModule(field, pick(context.device))
    index = [indices(level.layout, bits) for level in field.levels]
    rates = []
    for position, (level, each) in enumerate(zip(field.levels, index, strict=True)):
        rows = HashedRows(level.features, each).to(module.device)
        module.rows[position] = rows
        spread = float(level.features.std()) or 1.0
        rates.append(([rows.codebook], _CODE_RATE * spread))
    objective = objective_for(field, module, context, steps)
    optimizer = adam([*rates, ([*module.networks.parameters()], _NETWORK_RATE)])
    fit(
        module,
        objective,
        optimizer,
        steps,
        label=f"hashed {bits} bits",
        seed=context.seed,
        progress=context.progress,
    )
    features = []
    for rows, each in zip(module.rows, index, strict=True):
        assert isinstance(rows, HashedRows)
        codes = rows.codebook.detach().cpu().numpy().clip(-HALF_MAX, HALF_MAX)
        features.append(codes.astype(np.float16).astype(np.float32)[each])
    learned = replace(
        field.with_features(features), networks=tuple(n.to_network() for n in module.networks)
    )
    return replace(learned, networks=half_networks(learned)), index


def to_bytes(field: Field, index: list[Index], bits: int) -> bytes:
    """What the file holds besides the skeleton."""
    data = Builder()
    data.fields("I", bits)
    data.append(networks.encode(field.networks))
    for level, each in zip(field.levels, index, strict=True):
        codes = np.zeros((int(each.max(initial=0)) + 1, level.num_features), np.float16)
        codes[each] = level.features
        data.append(float16.encode(codes))
    return data.data


def from_bytes(skeleton: CodedField, data: bytes) -> Field:
    """The inverse of :func:`to_bytes`."""
    cursor = Cursor(data)
    (bits,) = cursor.fields("I")
    weights = networks.decode(cursor, skeleton.networks)
    levels = []
    for level in skeleton.levels:
        index = indices(level.layout, bits)
        codes = float16.decode(cursor, int(index.max(initial=0)) + 1, level.num_features)
        levels.append(codes.astype(np.float32)[index].T)
    cursor.finish()
    arrays = [a for n in weights for v in n.layers for a in (v.weight, v.bias) if a is not None]
    return fill(skeleton, Arrays(levels, arrays))

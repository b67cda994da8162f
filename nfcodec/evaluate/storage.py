"""How a level's vectors are held in memory while it is evaluated, and read from there.

Codes stay coded: each has its storage in :mod:`nfcodec.evaluate.codes`. Rows of a code without one
are held as float32.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from nfcodec.evaluate import kernels
from nfcodec.evaluate.locators import Locator
from nfcodec.evaluate.lookup import Interpolate, mix_rows, rows_of
from nfcodec.model.coded import CodedLevel
from nfcodec.model.field import Level
from nfcodec.model.protocols import Code
from nfcodec.registry import Parts


class LevelStorage(nn.Module):
    """Vectors of one level. ``num_features``: the width F of what :meth:`forward` gives."""

    def __init__(self, num_features: int) -> None:
        super().__init__()
        self.num_features = num_features

    def forward(self, u: Tensor, locator: Locator) -> Tensor:
        """(P, D) points to (P, F) interpolated vectors."""
        raise NotImplementedError


class FloatRows(LevelStorage):
    """Trainable float32 vectors."""

    def __init__(self, features: Tensor) -> None:
        super().__init__(int(features.shape[1]))
        self.features = nn.Parameter(features)

    def forward(self, u: Tensor, locator: Locator) -> Tensor:
        return interpolate(u, self.features, locator, locator(u))


class CodedStorage(LevelStorage):
    """Base of what reads coded vectors: differentiable in the points, not in the codes."""

    def forward(self, u: Tensor, locator: Locator) -> Tensor:
        rows, at = locator(u)
        if u.requires_grad:
            at = locator.moved(at, u)
        elif u.device.type == "cpu" and locator.multilinear:
            out = torch.zeros((rows.shape[0], self.gathered), dtype=torch.float32)
            self.gather(rows.numpy(), at.numpy(), out.numpy())
            return self.finish(out, rows, lambda: locator.weights(at))
        return mix_rows(self.vectors(rows), rows, locator.weights(at))

    @property
    def gathered(self) -> int:
        """Width of what :meth:`gather` adds to."""
        return self.num_features

    def vectors(self, rows: Tensor) -> Tensor:
        """(P, C) rows to (P, C, F) float32 vectors, by tensor operations."""
        raise NotImplementedError

    def gather(self, rows: np.ndarray, frac: np.ndarray, out: np.ndarray) -> None:
        """The CPU kernel: add the mixed vectors to ``out``."""
        raise NotImplementedError

    def finish(self, out: Tensor, rows: Tensor, weights: Callable[[], Tensor]) -> Tensor:
        """What is left to do after :meth:`gather`; ``weights`` gives those of ``rows`` (P, C)."""
        return out


class DecodedStorage(CodedStorage):
    """The float32 vectors of a code that has no storage of its own."""

    def __init__(self, code: Code) -> None:
        super().__init__(code.num_features)
        self.values: Tensor
        self.register_buffer("values", torch.from_numpy(code.decode_rows()))

    def vectors(self, rows: Tensor) -> Tensor:
        return rows_of(self.values, rows)

    def gather(self, rows: np.ndarray, frac: np.ndarray, out: np.ndarray) -> None:
        kernels.gather_float32(rows, frac, self.values.numpy(), out)


STORAGES: Parts[Callable[..., CodedStorage]] = Parts("nfcodec.storages")


def storage_of(level: Level | CodedLevel) -> LevelStorage:
    """The storage for a level in the form that it has."""
    if isinstance(level, Level):
        return FloatRows(torch.from_numpy(np.array(level.features, np.float32)))
    return (STORAGES.find(level.code) or DecodedStorage)(level.code)


def interpolate(
    u: Tensor, values: Tensor, locator: Locator, located: tuple[Tensor, Tensor]
) -> Tensor:
    """``values`` (N, F) float32 interpolated at ``u``: (P, F), differentiable in both.

    ``located`` is what ``locator`` gave for ``u``; the derivative by ``u`` is that of the cell.
    """
    rows, at = located
    if values.device.type == "cpu" and locator.multilinear:
        found: Any = Interpolate.apply(u, values, rows, at, locator.scale)  # type: ignore[no-untyped-call]
        return torch.as_tensor(found)
    if u.requires_grad:
        at = locator.moved(at, u)
    return mix_rows(rows_of(values, rows), rows, locator.weights(at))

"""Locators: the rows that points touch, found fast.

Each layout has one in :mod:`nfcodec.evaluate.layouts`, with a Numba kernel for the CPU and tensor
operations for other devices. A layout without one is located by its own definition
(:meth:`nfcodec.model.protocols.Layout.locate`), on the CPU.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from nfcodec.errors import UnsupportedError
from nfcodec.evaluate.lookup import corner_weights
from nfcodec.model.protocols import Layout
from nfcodec.registry import Parts


class Locator(nn.Module):
    """Finds the C rows around points for one level.

    ``scale``: (D,) how fast positions within a cell change with the point.
    """

    #: Whether weights are multi-linear in the position within a cell of 2^D corners.
    multilinear = True

    def __init__(self, scale: npt.NDArray[np.floating]) -> None:
        super().__init__()
        self.scale = torch.from_numpy(scale.astype(np.float32))

    def forward(self, u: Tensor) -> tuple[Tensor, Tensor]:
        """(P, D) points in [-1, 1] to rows (P, C) int32 and cell positions (P, D) float32."""
        if u.device.type == "cpu":
            return self.on_cpu(u.detach().float().contiguous())
        return self.as_tensor_operations(u)

    def on_cpu(self, u: Tensor) -> tuple[Tensor, Tensor]:
        """The CPU kernel."""
        raise NotImplementedError

    def as_tensor_operations(self, u: Tensor) -> tuple[Tensor, Tensor]:
        """The same on any device."""
        raise NotImplementedError

    def weights(self, at: Tensor) -> Tensor:
        """Cell positions, the second part of what :meth:`forward` gives, to weights (P, C)."""
        return corner_weights(at)

    def moved(self, at: Tensor, u: Tensor) -> Tensor:
        """Cell positions ``at`` of ``u`` as they depend on ``u``: differentiable in it."""
        return at + (u - u.detach()) * self.scale.to(u.device)


LOCATORS: Parts[Callable[..., Locator]] = Parts("nfcodec.locators")


class DefinedLocator(Locator):
    """Locates by the layout's own definition, in float64 on the CPU; not differentiable in points.

    Its cell positions are the weights themselves.
    """

    multilinear = False

    def __init__(self, layout: Layout) -> None:
        super().__init__(np.ones(layout.dims))
        self.layout = layout

    def on_cpu(self, u: Tensor) -> tuple[Tensor, Tensor]:
        rows, weights = self.layout.locate(u.numpy().astype(np.float64))
        return torch.from_numpy(rows).int(), torch.from_numpy(weights).float()

    def as_tensor_operations(self, u: Tensor) -> tuple[Tensor, Tensor]:
        rows, weights = self.on_cpu(u.detach().float().cpu().contiguous())
        return rows.to(u.device), weights.to(u.device)

    def weights(self, at: Tensor) -> Tensor:
        return at

    def moved(self, at: Tensor, u: Tensor) -> Tensor:
        raise UnsupportedError(
            f"the layout {self.layout.name!r} has no locator, so that slopes of its levels are not "
            "known; register one with nfcodec.evaluate.locators.LOCATORS"
        )


def locator_of(layout: Layout) -> Locator:
    """The locator registered for the class of ``layout``, else a :class:`DefinedLocator`."""
    return (LOCATORS.find(layout) or DefinedLocator)(layout)


def surrounding(at: Tensor, extent: Tensor, clamped: bool) -> tuple[Tensor, Tensor, Tensor]:
    """The lattice points around ``at`` (P, D), in lattice units.

    ``extent``: (D,) points of the lattice. ``clamped``: move points outside to the border, and let
    the last lattice point belong to the last cell.

    Returns sites (P, 2^D) int64, x fastest, whether each is on the lattice, cell positions (P, D).
    """
    dims = at.shape[1]
    if clamped:
        at = torch.minimum(at.clamp_min(0.0), (extent - 1).to(at.dtype))
    at = torch.minimum(at.clamp_min(-2.0), (extent + 1).to(at.dtype))
    # What NaN becomes is out of bounds.
    base = torch.minimum(torch.floor(at).long().clamp_min(0 if clamped else -2), extent + 1)
    if clamped:
        base = torch.where((base == extent - 1) & (extent > 1), extent - 2, base)
    corner = torch.arange(1 << dims, device=at.device)
    offsets = torch.stack([(corner >> d) & 1 for d in range(dims)], dim=1)
    coordinates = base[:, None, :] + offsets
    inside = ((coordinates >= 0) & (coordinates < extent)).all(dim=2)
    site = torch.zeros_like(inside, dtype=torch.long)
    for d in reversed(range(dims)):
        site = site * extent[d] + coordinates[..., d]
    return site, inside, at - base

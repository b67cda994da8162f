"""Locating points on a dense lattice."""

from __future__ import annotations

import numpy as np
import torch
from numba import prange
from torch import Tensor

from nfcodec.evaluate.locators import LOCATORS, Locator, surrounding
from nfcodec.jit import Array, parallel
from nfcodec.layouts import DenseLayout


@LOCATORS.register(DenseLayout)
class DenseLocator(Locator):
    """The 2^D lattice points around a point."""

    def __init__(self, layout: DenseLayout) -> None:
        extent = np.array(layout.shape[::-1], np.int64)
        super().__init__((extent - float(layout.align_corners)) * np.float64(0.5))
        self.layout, self.extent = layout, extent

    def on_cpu(self, u: Tensor) -> tuple[Tensor, Tensor]:
        points, dims = u.shape
        rows = torch.empty((points, 1 << dims), dtype=torch.int32)
        frac = torch.empty((points, dims), dtype=torch.float32)
        locate_dense(
            u.numpy(), self.extent, self.layout.align_corners, self.layout.padding == "border",
            rows.numpy(), frac.numpy(),
        )  # fmt: skip
        return rows, frac

    def as_tensor_operations(self, u: Tensor) -> tuple[Tensor, Tensor]:
        u = u.detach().float()
        extent = torch.from_numpy(self.extent).to(u.device)
        if self.layout.align_corners:
            at = (u + 1.0) * 0.5 * (extent - 1)
        else:
            at = ((u + 1.0) * extent - 1.0) * 0.5
        site, inside, frac = surrounding(at, extent, self.layout.padding == "border")
        return torch.where(inside, site, -1).int(), frac


@parallel
def locate_dense(
    u: Array, shape: Array, align_corners: bool, border: bool, rows: Array, frac: Array
) -> None:
    """Points ``u`` (P, D) in [-1, 1] to ``rows`` (P, C) int32 and ``frac`` (P, D) float32.

    ``shape``: (D,) int64 corners along x, y(, z). ``border``: clamp points to the lattice.
    """
    points, dims = u.shape
    for p in prange(points):
        base = np.empty(3, np.int64)
        for d in range(dims):
            n = shape[d]
            if align_corners:
                g = (u[p, d] + 1.0) * 0.5 * (n - 1)
            else:
                g = ((u[p, d] + 1.0) * n - 1.0) * 0.5
            if border:
                g = min(max(g, 0.0), float(n - 1))
            g = min(max(g, -2.0), n + 1.0)
            b = min(max(int(np.floor(g)), -2), n + 1)  # what NaN becomes is out of bounds
            if border and b == n - 1 and n > 1:
                b = n - 2
            base[d] = b
            frac[p, d] = g - b
        for c in range(1 << dims):
            row = np.int64(0)
            inside = True
            for k in range(dims):
                d = dims - 1 - k
                i = base[d] + ((c >> d) & 1)
                if i < 0 or i >= shape[d]:
                    inside = False
                row = row * shape[d] + i
            rows[p, c] = row if inside else -1

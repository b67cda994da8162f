"""Interpolating lookups for PyTorch: the Numba kernels on the CPU, tensor operations elsewhere.

The tensor operations run on every device and are what the kernels are tested against. Measured
choice: ``docs/decisions/0008-lookup-kernel.md``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from nfcodec.evaluate import kernels
from nfcodec.layouts import corner_index
from nfcodec.layouts.bitmap import WORDS_PER_BLOCK
from nfcodec.model.field import DenseLayout, Layout


class Locator(nn.Module):
    """Finds the corners around points for one level."""

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        self.layout = layout
        self.blocks: Tensor
        if isinstance(layout, DenseLayout):
            self.extent = np.array(layout.shape[::-1], np.int64)
            blocks = np.zeros((0, 1 + WORDS_PER_BLOCK), np.uint32)
            steps = self.extent - 1.0 if layout.align_corners else self.extent.astype(np.float64)
        else:
            bitmap = corner_index(layout)
            assert bitmap is not None
            self.extent = np.full(3, 2**layout.depth + 1, np.int64)
            blocks = bitmap.blocks
            steps = self.extent - 1.0
        # int32 because PyTorch has few operations on uint32; the bits are the same.
        self.register_buffer("blocks", torch.from_numpy(blocks.view(np.int32)), persistent=False)
        #: Lattice units per unit of u, (D,).
        self.scale = torch.from_numpy((steps * 0.5).astype(np.float32))

    def forward(self, u: Tensor) -> tuple[Tensor, Tensor]:
        """(P, D) points in [-1, 1] to rows (P, 2^D) int32 and cell positions (P, D) float32."""
        if u.device.type == "cpu":
            return self._on_cpu(u)
        return self.as_tensor_operations(u)

    def _on_cpu(self, u: Tensor) -> tuple[Tensor, Tensor]:
        points, dims = u.shape
        rows = torch.empty((points, 1 << dims), dtype=torch.int32)
        frac = torch.empty((points, dims), dtype=torch.float32)
        at = u.detach().float().contiguous().numpy()
        layout = self.layout
        if isinstance(layout, DenseLayout):
            kernels.locate_dense(
                at, self.extent, layout.align_corners, layout.padding == "border",
                rows.numpy(), frac.numpy(),
            )  # fmt: skip
        else:
            blocks = self.blocks.numpy().view(np.uint32)
            kernels.locate_octree(at, layout.depth, blocks, rows.numpy(), frac.numpy())
        return rows, frac

    def as_tensor_operations(self, u: Tensor) -> tuple[Tensor, Tensor]:
        """The same on any device."""
        u = u.detach().float()
        dims = u.shape[1]
        extent = torch.from_numpy(self.extent).to(u.device)
        layout = self.layout
        dense = layout if isinstance(layout, DenseLayout) else None
        if dense is None or dense.align_corners:
            at = (u + 1.0) * 0.5 * (extent - 1)
        else:
            at = ((u + 1.0) * extent - 1.0) * 0.5
        clamped = dense is None or dense.padding == "border"
        if clamped:
            at = torch.minimum(at.clamp_min(0.0), (extent - 1).to(at.dtype))
        at = torch.minimum(at.clamp_min(-2.0), (extent + 1).to(at.dtype))
        # What NaN becomes is out of bounds.
        base = torch.minimum(torch.floor(at).long().clamp_min(0 if clamped else -2), extent + 1)
        if clamped:  # the last corner belongs to the last cell
            base = torch.where((base == extent - 1) & (extent > 1), extent - 2, base)
        frac = at - base
        corner = torch.arange(1 << dims, device=u.device)
        offsets = torch.stack([(corner >> d) & 1 for d in range(dims)], dim=1)
        coordinates = base[:, None, :] + offsets
        inside = ((coordinates >= 0) & (coordinates < extent)).all(dim=2)
        site = torch.zeros_like(inside, dtype=torch.long)
        for d in reversed(range(dims)):
            site = site * extent[d] + coordinates[..., d]
        if dense is None:
            at = site >> 5
            block, inner = at // WORDS_PER_BLOCK, at % WORDS_PER_BLOCK
            word = self.blocks[block, 1 + inner].long() & 0xFFFFFFFF
            bit = torch.ones_like(site) << (site & 31)
            inside &= (word & bit) != 0
            site = (self.blocks[block, 0].long() & 0xFFFFFFFF) + _popcount(word & (bit - 1))
            for earlier in range(WORDS_PER_BLOCK - 1):
                word = self.blocks[block, 1 + earlier].long() & 0xFFFFFFFF
                site += _popcount(word).masked_fill_(inner <= earlier, 0)
        return torch.where(inside, site, -1).int(), frac


def _popcount(w: Tensor) -> Tensor:
    w = w - ((w >> 1) & 0x55555555)
    w = (w & 0x33333333) + ((w >> 2) & 0x33333333)
    w = (w + (w >> 4)) & 0x0F0F0F0F
    return ((w * 0x01010101) >> 24) & 0xFF


def corner_weights(frac: Tensor) -> Tensor:
    """Interpolation weights (P, 2^D) of cell positions (P, D); differentiable."""
    dims = frac.shape[1]
    weights = torch.ones((frac.shape[0], 1), dtype=frac.dtype, device=frac.device)
    for d in range(dims):
        f = frac[:, d : d + 1]
        weights = torch.cat([weights * (1 - f), weights * f], dim=1)
    return weights


def mix_rows(vectors: Tensor, rows: Tensor, frac: Tensor) -> Tensor:
    """Weighted sums (P, F) of corner ``vectors`` (P, 2^D, F); missing corners count as zero."""
    weights = corner_weights(frac).masked_fill(rows < 0, 0.0)
    return torch.einsum("pc,pcf->pf", weights, vectors)


class _Interpolate(torch.autograd.Function):
    """``values`` (N, F) at located points; differentiable in values and in ``u`` (once)."""

    @staticmethod
    def forward(  # type: ignore[override]
        ctx: Any, u: Tensor, values: Tensor, rows: Tensor, frac: Tensor, scale: Tensor
    ) -> Tensor:
        ctx.save_for_backward(values, rows, frac, scale)
        out = torch.zeros((rows.shape[0], values.shape[1]), dtype=torch.float32)
        kernels.gather_float32(rows.numpy(), frac.numpy(), values.detach().numpy(), out.numpy())
        return out

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:  # type: ignore[override]
        values, rows, frac, scale = ctx.saved_tensors
        grad = grad.contiguous()
        located = rows.numpy(), frac.numpy()
        grad_u = grad_values = None
        if ctx.needs_input_grad[1]:
            # NumPy's zeros cost nothing until they are written to: the sums touch few of the rows.
            grad_values = torch.from_numpy(np.zeros(values.shape, np.float32))
            kernels.scatter(*located, grad.numpy(), kernels.num_parts(), grad_values.numpy())
        if ctx.needs_input_grad[0]:
            grad_u = torch.zeros_like(frac)
            kernels.gather_position_grad(
                *located, values.detach().numpy(), grad.numpy(), grad_u.numpy()
            )
            grad_u *= scale
        return grad_u, grad_values, None, None, None


def interpolate(
    u: Tensor, values: Tensor, locator: Locator, located: tuple[Tensor, Tensor]
) -> Tensor:
    """``values`` (N, F) float32 interpolated at ``u``: (P, F), differentiable in both.

    ``located`` is what ``locator`` gave for ``u``; the derivative by ``u`` is that of the cell.
    """
    rows, frac = located
    if values.device.type == "cpu":
        return _Interpolate.apply(u, values, rows, frac, locator.scale)  # type: ignore[no-any-return,no-untyped-call]
    if u.requires_grad:
        scale = locator.scale.to(u.device)
        frac = frac + (u - u.detach()) * scale
    return mix_rows(values[rows.clamp_min(0).long()], rows, frac)

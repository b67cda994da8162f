"""Weighted sums of the vectors around points, for PyTorch.

Numba kernels on the CPU, tensor operations elsewhere: these run on every device and are what the
kernels are tested against. Measured choice: ``docs/decisions/0008-lookup-kernel.md``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from nfcodec.evaluate import kernels


def corner_weights(frac: Tensor) -> Tensor:
    """Interpolation weights (P, 2^D) of cell positions (P, D); differentiable."""
    dims = frac.shape[1]
    weights = torch.ones((frac.shape[0], 1), dtype=frac.dtype, device=frac.device)
    for d in range(dims):
        f = frac[:, d : d + 1]
        weights = torch.cat([weights * (1 - f), weights * f], dim=1)
    return weights


def rows_of(values: Tensor, rows: Tensor) -> Tensor:
    """(P, C, F) rows of ``values`` (N, F); what stands for missing ones, of -1, has no meaning."""
    if not len(values):  # a level without vectors, all of whose rows are missing
        return values.new_zeros((*rows.shape, values.shape[1]))
    return values[rows.clamp_min(0).long()]


def mix_rows(vectors: Tensor, rows: Tensor, weights: Tensor) -> Tensor:
    """Weighted sums (P, F) of ``vectors`` (P, C, F) by (P, C); missing rows count as zero."""
    return torch.einsum("pc,pcf->pf", weights.masked_fill(rows < 0, 0.0), vectors)


class Interpolate(torch.autograd.Function):
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

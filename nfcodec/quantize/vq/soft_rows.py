"""Trainable codes: the soft indices of VQ-AD (Variable Bitrate Neural Fields, section 3.2).

Every corner has a logit for each of its candidate codes. Forward, the corner takes the code of its
largest logit; backward, the logits get the gradient of the softmax mixture (straight through).
VQ-AD keeps 2^b logits per corner. Here a corner has at most ``MAX_CANDIDATES``: the codes that
serve it best to begin with. Up to 4 bits that is every code, the paper's method exactly; above,
memory no longer grows with the number of codes.

Beyond the paper, a corner's choice may carry a price for the bits that its code will cost, so that
corners which hardly matter take the codes that are cheap to write.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from numba import prange
from torch import Tensor, nn

from nfcodec.arrays import FloatArray
from nfcodec.evaluate.locators import Locator
from nfcodec.evaluate.networks import rounded
from nfcodec.evaluate.storage import LevelStorage, interpolate
from nfcodec.jit import Array, parallel

#: Codes a corner can choose from.
MAX_CANDIDATES = 16
#: How far below the first the last logit of a corner may start.
_LEAST = 10.0


class SoftRows(LevelStorage):
    """(N, F) vectors, each one of the K rows of a trainable codebook."""

    def __init__(
        self,
        codebook: FloatArray,
        candidates: npt.NDArray[np.int16],
        costs: FloatArray,
        sharpness: float,
    ) -> None:
        """Start from ``codebook`` (K, F) with every corner at its cheapest code.

        ``candidates``: (N, C) the codes that each corner may choose from, cheapest first;
        ``costs``: (N, C) what it loses by them. ``sharpness``: how fast logits fall with the cost,
        in units of the level's mean cost of the cheapest.
        """
        super().__init__(int(codebook.shape[1]))
        self.num_codes = len(codebook)
        unit = float(costs[:, 0].mean()) if costs.size else 1.0
        logits = -sharpness * (costs - costs[:, :1]) / max(unit, 1e-30)
        # What is out of reach stays within the reach of a learning rate.
        logits = np.maximum(logits, -_LEAST)
        self.codebook = nn.Parameter(torch.from_numpy(np.array(codebook, np.float32)))
        self.logits = nn.Parameter(torch.from_numpy(logits.astype(np.float32)))
        self.candidates: Tensor
        self.register_buffer("candidates", torch.from_numpy(np.array(candidates, np.int16)))
        #: What one bit costs, in units of the loss; set before each backward pass.
        self.price = 0.0
        #: Codes are rounded to multiples of this; 0: not rounded.
        self.step = 0.0
        self.lengths: Tensor
        self.register_buffer("lengths", torch.zeros(len(codebook)))

    def get_extra_state(self) -> float:
        return self.step

    def set_extra_state(self, state: float) -> None:
        self.step = float(state)

    def codes(self) -> Tensor:
        """(K, F) the codebook as it is used."""
        return rounded(self.codebook, self.step)

    def indices(self) -> Tensor:
        """(N,) int64: the code that each corner takes."""
        return _chosen(self.logits.detach(), self.candidates)

    def freeze(self) -> None:
        """Every corner keeps the code that it has; codes go on learning."""
        self.logits.requires_grad_(False)

    def forward(self, u: Tensor, locator: Locator) -> Tensor:
        vectors = _Select.apply(self.codes(), self.logits, self)  # type: ignore[no-untyped-call]
        return interpolate(u, vectors, locator, locator(u))

    @torch.no_grad()
    def measure(self) -> None:
        """Set ``lengths`` (K,) to the bits that each code costs at its present frequency."""
        counts = torch.bincount(self.indices(), minlength=self.num_codes).float()
        self.lengths.copy_(torch.log2((counts.sum() + self.num_codes) / (counts + 1.0)))

    @torch.no_grad()
    def revive(self, generator: torch.Generator) -> int:
        """Give codes that no corner takes a part of the busiest codes' corners; how many.

        A dead code becomes a near copy of a busy one, and half of that one's corners may choose
        between them with equal logits.
        """
        index = self.indices()
        counts = torch.bincount(index, minlength=self.num_codes)
        dead = (counts == 0).nonzero()[:, 0].tolist()
        busy = torch.argsort(counts, descending=True, stable=True).tolist()
        if not len(index):
            return 0
        spread = self.codebook[counts > 0].std(dim=0, correction=0)
        revived = 0
        for code, source in zip(dead, busy, strict=False):
            if counts[source] < 4:
                break
            noise = torch.randn(self.num_features, generator=generator).to(spread.device)
            self.codebook[code] = self.codebook[source] + 0.05 * noise * spread
            members = (index == source).nonzero()[:, 0]
            coin = torch.rand(len(members), generator=generator).to(spread.device)
            members = members[coin < 0.5]
            logits, candidates = self.logits[members], self.candidates[members]
            # The dead code takes its own slot if it is a candidate, else the least likely one.
            own = candidates == code
            slot = torch.where(own.any(dim=1), own.int().argmax(dim=1), logits.argmin(dim=1))
            top = logits.amax(dim=1)
            rows = torch.arange(len(members), device=spread.device)
            logits[rows, slot] = top + 1e-3
            candidates[rows, slot] = code
            self.logits[members], self.candidates[members] = logits, candidates
            revived += 1
        return revived


class _Select(torch.autograd.Function):
    """(K, F) codebook and (N, C) logits of ``rows`` to (N, F) vectors, straight through."""

    @staticmethod
    def forward(  # type: ignore[override]
        ctx: Any, codebook: Tensor, logits: Tensor, rows: SoftRows
    ) -> Tensor:
        index = _chosen(logits, rows.candidates)
        ctx.save_for_backward(codebook, logits, rows.candidates, index)
        ctx.rows = rows
        return codebook[index]

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:  # type: ignore[override]
        codebook, logits, candidates, index = ctx.saved_tensors
        price = ctx.rows.price * ctx.rows.lengths
        grad_codes = torch.zeros_like(codebook).index_add_(0, index, grad)
        if not ctx.needs_input_grad[1]:
            return grad_codes, None, None
        if grad.device.type == "cpu":
            grad_logits = torch.zeros_like(logits)
            _logit_grad(
                grad.contiguous().numpy(), codebook.detach().numpy(), logits.detach().numpy(),
                candidates.numpy(), price.numpy(), grad_logits.numpy(),
            )  # fmt: skip
        else:
            grad_logits = logit_grad(grad, codebook, logits, candidates, price)
        return grad_codes, grad_logits, None


def logit_grad(
    grad: Tensor, codebook: Tensor, logits: Tensor, candidates: Tensor, price: Tensor
) -> Tensor:
    """(N, C) gradient of the logits given that of the vectors (N, F): the softmax's Jacobian.

    ``price``: (K,) what a code costs by itself.
    """
    p = torch.softmax(logits, dim=1)
    along = torch.stack(
        [
            (grad * codebook[candidates[:, c].long()]).sum(dim=1) + price[candidates[:, c].long()]
            for c in range(logits.shape[1])
        ],
        dim=1,
    )
    return p * (along - (p * along).sum(dim=1, keepdim=True))


def _chosen(logits: Tensor, candidates: Tensor) -> Tensor:
    best = logits.argmax(dim=1, keepdim=True)
    return candidates.gather(1, best)[:, 0].long()


@parallel
def _logit_grad(
    grad: Array, codebook: Array, logits: Array, candidates: Array, price: Array, out: Array
) -> None:
    corners, width = grad.shape
    slots = logits.shape[1]
    priced = np.any(price != 0)
    for n in prange(corners):
        touched = bool(priced)
        for f in range(width):
            if grad[n, f] != 0:
                touched = True
        if touched:
            top = logits[n, 0]
            for c in range(1, slots):
                top = max(top, logits[n, c])
            total = np.float32(0.0)
            mean = np.float32(0.0)
            for c in range(slots):
                code = candidates[n, c]
                dot = price[code]
                for f in range(width):
                    dot += grad[n, f] * codebook[code, f]
                p = np.exp(logits[n, c] - top)
                total += p
                mean += p * dot
                out[n, c] = dot
            mean /= total
            for c in range(slots):
                out[n, c] = np.exp(logits[n, c] - top) / total * (out[n, c] - mean)

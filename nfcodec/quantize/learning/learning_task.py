"""A field while its codes learn: what it is at present, and how to go back to what it was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from nfcodec.entropy.tables import entropy
from nfcodec.evaluate import FieldModule
from nfcodec.evaluate.networks import NetworkModule
from nfcodec.evaluate.storage import FloatRows, storage_of
from nfcodec.model.coded import CodedField
from nfcodec.progress import Progress
from nfcodec.quantize.learning.supervision import Objective
from nfcodec.quantize.vq.entropy_constrained import InitialRates
from nfcodec.quantize.vq.soft_rows import SoftRows


@dataclass(frozen=True)
class LearningTask:
    """What is being coded, as what leads it to a target sees it.

    ``coded``: what ``module``, which ``objective`` evaluates, is as a coded field at present;
    ``open``: what rates are in store for the levels that are not coded yet.
    ``value_bits``: that a value of a code takes in the file. ``last``: positions of the levels of
    the last stage, the finest LOD's. ``early``: how much dearer a bit is in the others.
    """

    module: FieldModule
    objective: Objective
    coded: Callable[[], CodedField]
    open: Callable[[], InitialRates]
    bits: int
    value_bits: float
    last: list[int]
    early: float
    seed: int
    progress: Progress

    def held(self) -> dict[str, Any]:
        """All that is learned, for :meth:`restore`."""
        return {
            name: value.detach().cpu().clone() if isinstance(value, Tensor) else value
            for name, value in self.module.state_dict().items()
            if name.startswith(("rows.", "networks."))
        }

    def restore(self, held: dict[str, Any]) -> None:
        """Make everything what it was; indices that were learned stay."""
        for position in range(len(self.module.rows)):
            free = held.get(f"rows.{position}.features")
            rows: FloatRows | SoftRows
            if free is not None:
                rows = FloatRows(torch.zeros_like(free))
            else:
                codebook = held[f"rows.{position}.codebook"].numpy()
                candidates = held[f"rows.{position}.candidates"].numpy()
                rows = SoftRows(codebook, candidates, np.zeros(candidates.shape, np.float32), 1.0)
                rows.freeze()
            self.module.rows[position] = rows.to(self.module.device)
        self.module.load_state_dict(held, strict=False)

    def start_over(self) -> None:
        """Make everything what it was before any learning."""
        module = self.module
        levels: Sequence[Any] = module.field.levels
        for position, level in enumerate(levels):
            module.rows[position] = storage_of(level).to(module.device)
        for position, network in enumerate(module.field.networks):
            module.networks[position] = NetworkModule(network).to(module.device)

    def coded_bits(self) -> list[float]:
        """Bits of each level that is coded: of indices, at zero order, and of codes."""
        found = []
        for rows in self.module.rows:
            if isinstance(rows, SoftRows):
                counts = np.bincount(rows.indices().cpu().numpy(), minlength=rows.num_codes)
                codes = np.count_nonzero(counts) * rows.num_features
                found.append(float(entropy(counts) * counts.sum() + self.value_bits * codes))
        return found

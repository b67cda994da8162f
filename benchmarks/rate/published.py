"""VQ-AD as its authors describe it: every index, every codebook and the networks learn together.

``nfcodec -m vqad`` is that method with what was found since: LODs one after the other, first codes
chosen by what their errors cost, and a small price on bits. This is what it is to be compared with:
each corner has 2^b logits, codebooks start from k-means and logits from distances, everything
learns at once, and each step draws one LOD (Variable Bitrate Neural Fields, section 3.2).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from nfcodec.arrays import FloatArray
from nfcodec.codes import VQCode
from nfcodec.evaluate import FieldModule
from nfcodec.evaluate.device import pick
from nfcodec.fit.loop import adam, fit
from nfcodec.fit.radiance import PhotometricLoss
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.model.packed import PackedIntegers
from nfcodec.quantize.contract import HALF_MAX, Context, Quantizer, to_half, with_codes
from nfcodec.quantize.learning.supervision import objective_for
from nfcodec.quantize.vq.kmeans import fit_codebook
from nfcodec.quantize.vq.soft_rows import SoftRows

#: Learning rates: those of ``nfcodec -m vqad``; of codes in units of their level's deviation.
_LOGIT_RATE, _CODE_RATE, _NETWORK_RATE = 0.07, 0.02, 3e-3
#: Corners whose distances from all codes are looked at together.
_CHUNK = 1 << 14


@dataclass(frozen=True)
class PublishedVQAD(Quantizer):
    """2^bits codes per level with 2^bits logits per corner, learned at once."""

    name: ClassVar[str] = "vqad-published"
    summary: ClassVar[str] = "VQ-AD as published"
    learns: ClassVar[bool] = True
    rate: ClassVar[str] = "bits"

    bits: int = 4
    steps: int = 2000

    def quantize(self, field: Field, context: Context) -> CodedField:
        module = FieldModule(field, pick(context.device))
        objective = objective_for(field, module, context, self.steps)
        if isinstance(objective, PhotometricLoss):
            objective.finest_share = 1.0 / field.num_lods
        rates = []
        for position, level in enumerate(field.levels):
            rows = self._rows(level.features, context.seed).to(module.device)
            module.rows[position] = rows
            spread = float(level.features.std()) or 1.0
            rates += [([rows.logits], _LOGIT_RATE), ([rows.codebook], _CODE_RATE * spread)]
        fit(
            module,
            objective,
            adam([*rates, ([*module.networks.parameters()], _NETWORK_RATE)]),
            self.steps,
            label=f"{self.name} {self.bits} bits",
            seed=context.seed,
            progress=context.progress,
        )
        codes = []
        for number, rows in enumerate(module.rows):
            assert isinstance(rows, SoftRows)
            codebook = rows.codebook.detach().cpu().numpy().clip(-HALF_MAX, HALF_MAX)
            indices = rows.indices().cpu().numpy().astype(np.uint16)
            half = to_half(codebook, f"the codebook of level {number}")
            codes.append(VQCode(PackedIntegers.pack(indices, self.bits), half))
        networks = tuple(network.to_network() for network in module.networks)
        return with_codes(replace(field, networks=networks), codes)

    def _rows(self, vectors: FloatArray, seed: int) -> SoftRows:
        """All codes of k-means as candidates, by their distance from each corner's vector."""
        codebook, _ = fit_codebook(vectors, 2**self.bits, seed, fast=True)
        order = np.empty((len(vectors), len(codebook)), np.int16)
        costs = np.empty(order.shape, np.float32)
        for start in range(0, len(vectors), _CHUNK):
            part = vectors[start : start + _CHUNK]
            apart = (codebook**2).sum(1) - 2.0 * part @ codebook.T + (part**2).sum(1)[:, None]
            order[start : start + _CHUNK] = np.argsort(apart, axis=1, kind="stable")
            costs[start : start + _CHUNK] = np.sort(apart, axis=1)
        return SoftRows(codebook, order, np.maximum(costs, 0.0), 1.0)

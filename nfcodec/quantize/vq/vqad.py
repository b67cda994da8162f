"""VQ-AD: codebooks, indices and decoder learned together (Variable Bitrate Neural Fields).

LODs are coded one at a time, coarse to fine: while one learns, with the codes that cost least to
start from, coarser ones keep their indices and what finer ones hold, still plain numbers, makes up
for what is lost.

The supervision is the user's own data or, without any, the field itself: its rendered views for a
radiance field, its values and slopes for a distance, its values for a scalar field.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from nfcodec.codes import VQCode
from nfcodec.evaluate import FieldModule
from nfcodec.evaluate.networks import NetworkModule
from nfcodec.evaluate.storage import FloatRows
from nfcodec.fit.checkpoint import Checkpoint
from nfcodec.fit.loop import Loss, adam, fit
from nfcodec.methods import VQADOptions
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.model.kinds import kind_of
from nfcodec.model.packed import PackedIntegers
from nfcodec.model.protocols import Code
from nfcodec.progress import Progress, Whole
from nfcodec.quantize.contract import (
    HALF_MAX,
    Context,
    Quantizer,
    to_half,
    with_codes,
)
from nfcodec.quantize.learning.fingerprint import fingerprint
from nfcodec.quantize.learning.learning_rates import network_rates
from nfcodec.quantize.learning.stages import Stage, allocate_codes, read_index, stages_of
from nfcodec.quantize.learning.supervision import Objective
from nfcodec.quantize.learning.task import EncodingTask, RatePolicy
from nfcodec.quantize.rate.estimates import BATCHES, VALUE_BITS
from nfcodec.quantize.steering import Again
from nfcodec.quantize.vq.entropy_constrained import fit_priced_codes
from nfcodec.quantize.vq.kmeans import drop_unused, fit_codebook, sort_codebook
from nfcodec.quantize.vq.rounding import (
    LEARNED_CODES,
    LEARNED_NETWORK,
    in_steps,
    network_in_steps,
    step_for,
    worthwhile_step,
)
from nfcodec.quantize.vq.sensitivity import (
    ROUND,
    cheapest,
    fit_codes,
    mean_costs,
    mean_eigenvalues,
    measure,
    rounded,
)
from nfcodec.quantize.vq.soft_rows import MAX_CANDIDATES, SoftRows

#: When, as shares of a stage's steps, codes without corners are revived.
_REVIVALS = (0.1, 0.2, 0.3, 0.45)
#: Learning rate of a corner's logits.
_LOGIT_RATE = 0.07
#: Learning rate of codes, relative to the spread of their level's values.
_CODE_RATE = 0.02
#: Learning rate of vectors that are not coded yet, relative to the same.
_FREE_RATE = 0.02
#: Learning rate of networks, relative to the size of their weights.
_NETWORK_RATE = 3e-3
#: How clearly a corner's first code is its cheapest one; see SoftRows.
_SHARPNESS = 1.0
#: Rounds of k-means with sensitivities.
_ROUNDS = 6
#: What one bit per corner may cost: this share of the loss. The distortion's own slope, where a bit
#: more lowers the loss by about a fifth, is several times as steep: only corners that hardly matter
#: are moved.
_BIT_PRICE = 0.02
#: How many times dearer a bit is in coarse LODs, whose errors finer ones still make up for.
_EARLY_PRICE = 2.0
#: The same for distances, of which finer LODs make up for more.
_EARLY_PRICE_DISTANCE = 8.0
#: Rounds of fitting codes to what errors cost and to what writing the codes costs.
_PRICED_ROUNDS = 16
#: Steps between two looks at how often each code is taken.
_MEASURE_EVERY = 10


class VQAD(VQADOptions, Quantizer):
    """Codes fields by :class:`nfcodec.methods.VQADOptions`."""

    def quantize(self, field: Field, context: Context) -> CodedField:
        if not field.levels:
            return with_codes(field, [])
        checkpoint, state = self._checkpoint(field, context)
        task = self._task(field, context, state)
        stages = stages_of(task.field, self.steps)
        while True:
            self._learn_stages(task, stages, context, checkpoint, state)
            state = None
            if task.control is None:
                return self._coded(task.field, task.module)
            last, number = stages[-1], len(stages) - 1
            code = partial(self._code, task, last.levels, context.seed + number)
            while (outcome := task.control.ended()) is Again.LAST:
                task.control.code_last(code)
                self._learn(task, last, number, context, context.progress, checkpoint, None)
            if isinstance(outcome, CodedField):
                return outcome

    def _learn_stages(
        self, task: EncodingTask, stages: list[Stage], context: Context,
        checkpoint: Checkpoint | None, state: dict[str, Any] | None,
    ) -> None:  # fmt: skip
        """Code and learn one LOD after the other, or go on where ``state`` was kept."""
        module, control, price = task.module, task.control, task.price
        first = 0 if state is None else read_index(state, "stage", len(stages), context.resume)
        whole = Whole(context.progress, f"{self.name} {self.bits} bits", self.steps)
        behind = 0
        for number, stage in enumerate(stages):
            code = partial(self._code, task, stage.levels, context.seed + number)
            if state is not None:
                allocate_codes(module, stage.levels, state, context.resume)
            elif control is None:
                early = 1.0 if stage is stages[-1] else _early_price(task.field)
                code(price and price * early)
            elif stage is stages[-1]:
                control.code_last(code)
            else:
                code(control.early_price())
            if number >= first:
                self._learn(task, stage, number, context, whole.part(behind), checkpoint, state)
                state = None
            for position in stage.levels:
                _soft(module, position).freeze()
            behind += stage.steps
        whole.finish()

    def _task(self, field: Field, context: Context, state: dict[str, Any] | None) -> EncodingTask:
        if self.rate_weight is None:
            return EncodingTask.of(field, context, self.steps, hidden=True)
        policy = RatePolicy(self.bits, self.rate_weight, _early_price(field), self._coded)
        if state is None:
            return policy.task(field, context, self.steps)
        return policy.resumed(field, context, self.steps, state)

    def _code(self, task: EncodingTask, levels: list[int], seed: int, price: float | None) -> None:
        """Replace the vectors of ``levels`` by the codes that cost least, ready to learn."""
        module, objective = task.module, task.objective
        finest = module.num_lods - 1
        features = []
        for position in levels:
            rows = module.rows[position]
            assert isinstance(rows, FloatRows)
            features.append(rows.features)
        matrices = measure(features, lambda g: objective.outputs(finest, g)[0], BATCHES, seed)
        for position, tensor, found in zip(levels, features, matrices, strict=True):
            # What was still free to learn may have left the range that files can hold.
            vectors = tensor.detach().cpu().numpy().clip(-HALF_MAX, HALF_MAX)
            found = rounded(found, vectors.shape[1], ROUND)
            codebook, _ = fit_codebook(vectors, 2**self.bits, seed, fast=True)
            codebook = fit_codes(vectors, codebook, found, _ROUNDS, seed)
            surcharge = None
            if price is not None and len(vectors):
                codebook, surcharge = fit_priced_codes(
                    vectors, codebook, found, price, VALUE_BITS * vectors.shape[1], _PRICED_ROUNDS,
                    seed,
                )  # fmt: skip
            count = min(MAX_CANDIDATES, len(codebook))
            index, costs = cheapest(vectors, codebook, found, count, surcharge)
            # In units of the corner's own sensitivity: that of one that hardly matters is as sure
            # of its first code as others are. Else all of them drift, and together they matter.
            costs = costs / mean_eigenvalues(found, vectors.shape[1])[:, None]
            rows = SoftRows(codebook, index, costs, _SHARPNESS)
            module.rows[position] = rows.to(module.device)

    def _learn(
        self, task: EncodingTask, stage: Stage, number: int, context: Context, progress: Progress,
        checkpoint: Checkpoint | None, state: dict[str, Any] | None,
    ) -> None:  # fmt: skip
        """Learn the new indices, all codebooks, the networks and what is still free."""
        module, control = task.module, task.control
        new = [_soft(module, position) for position in stage.levels]
        coded = [rows for rows in module.rows if isinstance(rows, SoftRows)]
        free = [rows for rows in module.rows if isinstance(rows, FloatRows)]
        if self.rate_weight is not None and not free and state is None:
            _learn_in_steps(module, coded, task.objective, task.bit_price, context.seed)
        optimizer = adam(
            [
                ([rows.logits for rows in new], _LOGIT_RATE),
                *(([rows.codebook], _CODE_RATE * _spread(rows.codebook)) for rows in coded),
                *(([rows.features], _FREE_RATE * _spread(rows.features)) for rows in free),
                *network_rates(module, _NETWORK_RATE),
            ]
        )
        revivals = {max(1, round(share * stage.steps)) for share in _REVIVALS}
        price = _BIT_PRICE
        if self.rate_weight is not None:
            # Codes that nobody takes are not worth their bytes.
            revivals = set()
            price = self.rate_weight if control is None else control.weight
        corners = max(task.corners, 1)
        kept: dict[str, Any] = {"stage": number, "finest": task.field.num_lods - 1}
        if control is not None:
            kept["control"] = control.saved()

        def tend(done: int) -> None:
            if done % _MEASURE_EVERY == 0:
                for level in new:
                    level.measure()
            if done in revivals:
                generator = torch.Generator().manual_seed(context.seed + done)
                for level in new:
                    level.revive(generator)
            if control is not None and not free:
                priced.share = control.look(done, stage.steps) / corners
                kept["control"] = control.saved()

        least = 0.0 if control is None else control.loss
        priced = _Priced(task.objective, new, price / corners, least)
        fit(
            module, priced, optimizer, stage.steps, label=f"{self.name} {self.bits} bits",
            seed=context.seed + number, progress=progress,
            checkpoint=checkpoint, stage=kept, state=state, after_step=tend,
        )  # fmt: skip

    def _checkpoint(
        self, field: Field, context: Context
    ) -> tuple[Checkpoint | None, dict[str, Any] | None]:
        if context.resume is None:
            return None, None
        work = {**asdict(self), "work": f"encode {self.name}, one LOD at a time"}
        if context.steering is not None:
            work |= context.steering.to_json()
        checkpoint = Checkpoint(context.resume, {**work, **fingerprint(field, context)})
        return checkpoint, checkpoint.load()

    def _coded(self, field: Field, module: FieldModule) -> CodedField:
        codes: list[Code] = []
        for number, rows in enumerate(module.rows):
            assert isinstance(rows, SoftRows)
            # What was learned may have left the range that files can hold.
            codebook = rows.codes().detach().cpu().numpy().clip(-HALF_MAX, HALF_MAX)
            indices = rows.indices().cpu().numpy().astype(np.uint16)
            bits = self.bits
            if self.rate_weight is not None and len(indices):
                if rows.step == 0.0:  # not learned in steps yet
                    codebook = in_steps(codebook)
                # Codes that are alike once rounded are one code.
                codebook, merged = np.unique(codebook, axis=0, return_inverse=True)
                indices = merged.reshape(-1)[indices].astype(np.uint16)
            if len(indices):
                codebook, indices = drop_unused(*sort_codebook(codebook, indices))
            if self.rate_weight is not None:
                bits = max(1, (len(codebook) - 1).bit_length())
            half = to_half(codebook, f"the codebook of level {number}")
            codes.append(VQCode(PackedIntegers.pack(indices, bits), half))
        networks = []
        for network in module.networks:
            assert isinstance(network, NetworkModule)
            plain = network.to_network()
            if self.rate_weight is not None:
                plain = network_in_steps(plain, network.steps)
            networks.append(plain)
        return with_codes(replace(field, networks=tuple(networks)), codes)


class _Priced:
    """An objective that also lets every corner pay for the bits of its code.

    ``share``: what one bit of one corner may cost, as a share of the loss; of ``least`` at least.
    """

    def __init__(
        self, objective: Objective, rows: list[SoftRows], share: float, least: float
    ) -> None:
        self.objective, self.rows, self.share, self.least = objective, rows, share, least

    def __call__(self, step: int, generator: torch.Generator) -> Loss:
        loss = self.objective(step, generator)
        for level in self.rows:
            level.price = self.share * max(float(loss.value.detach()), self.least)
        return loss


def _learn_in_steps(
    module: FieldModule, coded: list[SoftRows], objective: Objective, price: float, seed: int
) -> None:
    """From now on networks and codes are used as files will hold them.

    ``price``: of one bit, in the units of what errors of ``objective``'s outputs cost.
    """
    values = [*(rows.codebook for rows in coded), *module.networks.parameters()]
    finest = module.num_lods - 1
    costs = mean_costs(values, lambda g: objective.outputs(finest, g)[0], BATCHES, seed)
    most = {id(one): worthwhile_step(cost, price) for one, cost in zip(values, costs, strict=True)}

    def step(of: Tensor, parts: int) -> float:
        return step_for(of.detach().cpu().numpy(), parts, most[id(of)])

    for network in module.networks:
        assert isinstance(network, NetworkModule)
        network.round_to(lambda parameter: step(parameter, LEARNED_NETWORK))
    for rows in coded:
        rows.step = step(rows.codebook, LEARNED_CODES)


def _early_price(field: Field) -> float:
    return _EARLY_PRICE_DISTANCE if kind_of(field).is_distance else _EARLY_PRICE


def _soft(module: FieldModule, position: int) -> SoftRows:
    rows = module.rows[position]
    assert isinstance(rows, SoftRows)
    return rows


def _spread(tensor: Tensor) -> float:
    """Standard deviation of all values; one if they are all alike."""
    spread = float(tensor.detach().std()) if tensor.numel() > 1 else 0.0
    return spread if spread > 0.0 else 1.0

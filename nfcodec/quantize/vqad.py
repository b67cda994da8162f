"""VQ-AD: codebooks, indices and decoder learned together (Variable Bitrate Neural Fields).

LODs are coded one at a time, coarse to fine: while one learns, with the codes that cost least to
start from, coarser ones keep their indices and what finer ones hold, still plain numbers, makes up
for what is lost.

The supervision is the user's own data or, without any, the field itself: its rendered views for a
radiance field, its values and slopes for a distance, its values for a scalar field.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch
from torch import Tensor

from nfcodec.coded import Code, CodedField, PackedIntegers, VQCode
from nfcodec.errors import DamagedFileError, UsageError
from nfcodec.evaluate import FieldModule
from nfcodec.evaluate.device import pick
from nfcodec.evaluate.networks import NetworkModule
from nfcodec.evaluate.rows import FloatRows
from nfcodec.field import Field, FloatArray
from nfcodec.fit.checkpoint import Checkpoint
from nfcodec.fit.loop import Loss, adam, fit
from nfcodec.fit.radiance import PhotometricLoss, sight
from nfcodec.progress import Progress, Whole
from nfcodec.quantize.contract import (
    HALF_MAX,
    Context,
    Quantizer,
    check_bits,
    check_rate_weight,
    to_half,
    with_codes,
)
from nfcodec.quantize.entropy_constrained import Opening, RateTrial, fit_priced_codes
from nfcodec.quantize.identity import identity
from nfcodec.quantize.kmeans import drop_unused, fit_codebook, sort_codebook
from nfcodec.quantize.rate_control import RateControl, Work
from nfcodec.quantize.sensitivity import (
    ROUND,
    cheapest,
    fit_codes,
    mean_eigenvalues,
    measure,
    rounded,
)
from nfcodec.quantize.soft_rows import MAX_CANDIDATES, SoftRows
from nfcodec.quantize.steps import (
    LEARNED_CODES,
    LEARNED_NETWORK,
    in_steps,
    network_in_steps,
    step_for,
)
from nfcodec.quantize.supervision import Objective, objective_for
from nfcodec.quantize.visibility import without_hidden

#: When, as shares of a stage's steps, codes without corners are revived.
_REVIVALS = (0.1, 0.2, 0.3, 0.45)
#: Learning rates. Those of codes and of vectors that are not coded yet are relative to the spread
#: of the level's values.
_LOGIT_RATE, _CODE_RATE, _FREE_RATE, _NETWORK_RATE = 0.07, 0.02, 0.02, 3e-3
#: Share of all steps before the finest LOD is coded.
_EARLY_SHARE = 0.45
#: How clearly a corner's first code is its cheapest one; see SoftRows.
_SHARPNESS = 1.0
#: Batches that sensitivities are estimated from, and rounds of k-means with them.
_BATCHES, _ROUNDS = 32, 6
#: What one bit per corner may cost: this share of the loss. The distortion's own slope, where a bit
#: more lowers the loss by about a fifth, is several times as steep: only corners that hardly matter
#: are moved.
_BIT_PRICE = 0.02
#: Entropy-constrained coding: batches in which the field's own errors are looked at; how much
#: dearer a bit is in coarse LODs, whose errors finer ones still make up for; the bits that one
#: value of a code takes in the file; rounds of fitting.
_LOOKS, _EARLY_PRICE, _VALUE_BITS, _PRICED_ROUNDS = 8, 2.0, 5.5, 16
#: Steps between two looks at how often each code is taken.
_MEASURE_EVERY = 10


@dataclass(frozen=True)
class VQAD(Quantizer):
    """``2^bits`` code vectors per level, learned with the indices and the networks.

    ``rate_weight``: entropy-constrained if it is given. One bit per corner is then spent where it
    lowers the loss by this share; codes that are not worth their bytes are left out, and what the
    file holds of codes and networks is rounded to what it is worth.
    """

    name: ClassVar[str] = "vqad"
    summary: ClassVar[str] = "learned vector quantisation (VQ-AD)"
    learns: ClassVar[bool] = True
    rate: ClassVar[str] = "bits"

    bits: int = 4
    steps: int = 2000
    rate_weight: float | None = None

    def __post_init__(self) -> None:
        check_bits(self.bits)
        check_rate_weight(self.rate_weight)
        if isinstance(self.steps, bool) or not isinstance(self.steps, int) or self.steps < 1:
            raise UsageError(f"steps must be a whole number from 1, got {self.steps}")

    def quantize(self, field: Field, context: Context) -> CodedField:
        if not field.levels:
            return with_codes(field, [])
        checkpoint, state = self._checkpoint(field, context)
        module = FieldModule(field, pick(context.device))
        objective = objective_for(field, module, context, self.steps)
        if self.rate_weight is not None and isinstance(objective, PhotometricLoss):
            field = without_hidden(field, module, objective.bank, context.progress)
            module = FieldModule(field, module.device)
            objective = objective.of(module)
        if isinstance(objective, PhotometricLoss):
            seen = sight(module, objective.bank, context.progress)
            objective = objective.of(module, seen)
        stages = _stages(field, self.steps)
        first = 0 if state is None else _stage_of(state, context, stages)
        price, control = None, None
        if self.rate_weight is not None:
            opening, matrices = self._opening(module, objective, context.seed)
            if context.goal is None:
                price = opening.price(self.rate_weight)
            else:
                control = RateControl(context.goal, opening, Work(
                    module, objective, lambda: self._coded(field, module),
                    lambda: self._opening(module, objective, context.seed)[0], self.bits,
                    _VALUE_BITS, stages[-1].levels, _EARLY_PRICE, context.seed, context.progress,
                ))  # fmt: skip
                if state is None:
                    control.begin(field, matrices)
                else:
                    control.resume(state)
            del matrices
        whole = Whole(context.progress, f"{self.name} {self.bits} bits", self.steps)
        behind = 0
        for number, stage in enumerate(stages):
            if number < first or (number == first and state is not None):
                assert state is not None
                _install_blank(module, stage.levels, state, context)
            else:
                code = partial(self._code, module, objective, stage.levels, context.seed + number)
                last = number == len(stages) - 1
                if control is None:
                    code(price and price * (1.0 if last else _EARLY_PRICE))
                elif last:
                    control.code_last(code)
                else:
                    code(control.early_price())
            if number >= first:
                self._learn(
                    module, objective, stage, number, context, whole.part(behind),
                    checkpoint, state if number == first else None, control,
                )  # fmt: skip
            for position in stage.levels:
                _soft(module, position).freeze()
            behind += stage.steps
        whole.finish()
        if control is None:
            return self._coded(field, module)
        while (coded := control.ended()) is None:
            control.code_last(
                partial(self._code, module, objective, stage.levels, context.seed + number)
            )
            self._learn(
                module, objective, stage, number, context, context.progress, checkpoint, None,
                control,
            )  # fmt: skip
        return coded

    def _code(
        self, module: FieldModule, objective: Objective, levels: list[int], seed: int,
        price: float | None,
    ) -> None:  # fmt: skip
        """Replace the vectors of ``levels`` by the codes that cost least, ready to learn."""
        finest = module.num_lods - 1
        features = []
        for position in levels:
            rows = module.rows[position]
            assert isinstance(rows, FloatRows)
            features.append(rows.features)
        matrices = measure(features, lambda g: objective.outputs(finest, g)[0], _BATCHES, seed)
        for position, tensor, found in zip(levels, features, matrices, strict=True):
            # What was still free to learn may have left the range that files can hold.
            vectors = tensor.detach().cpu().numpy().clip(-HALF_MAX, HALF_MAX)
            found = rounded(found, vectors.shape[1], ROUND)
            codebook, _ = fit_codebook(vectors, 2**self.bits, seed, fast=True)
            codebook = fit_codes(vectors, codebook, found, _ROUNDS, seed)
            surcharge = None
            if price is not None and len(vectors):
                codebook, surcharge = fit_priced_codes(
                    vectors, codebook, found, price, _VALUE_BITS * vectors.shape[1], _PRICED_ROUNDS,
                    seed,
                )  # fmt: skip
            count = min(MAX_CANDIDATES, len(codebook))
            index, costs = cheapest(vectors, codebook, found, count, surcharge)
            # In units of the corner's own sensitivity: that of one that hardly matters is as sure
            # of its first code as others are. Else all of them drift, and together they matter.
            costs = costs / mean_eigenvalues(found, vectors.shape[1])[:, None]
            rows = SoftRows(codebook, index, costs, _SHARPNESS)
            module.rows[position] = rows.to(module.device)

    def _opening(
        self, module: FieldModule, objective: Objective, seed: int
    ) -> tuple[Opening, list[FloatArray]]:
        """What bits and errors are worth before anything is coded, and what errors cost."""
        finest = module.num_lods - 1
        features = [rows.features for rows in module.rows if isinstance(rows, FloatRows)]
        matrices = measure(features, lambda g: objective.outputs(finest, g)[0], _BATCHES, seed)
        trials = [
            RateTrial(tensor.detach().cpu().numpy(), found, self.bits, _VALUE_BITS, seed)
            for tensor, found in zip(features, matrices, strict=True)
        ]
        generator = torch.Generator().manual_seed(seed)
        present, outputs = 0.0, 0
        with torch.no_grad():
            for _ in range(_LOOKS):
                found, wanted = objective.outputs(finest, generator)
                present += float((found - wanted).square().sum()) * (_BATCHES / _LOOKS)
                outputs += found.numel() * _BATCHES // _LOOKS
        corners = sum(map(len, features))
        return Opening(trials, present, outputs, objective.norm, corners), matrices

    def _learn(
        self, module: FieldModule, objective: Objective, stage: _Stage, number: int,
        context: Context, progress: Progress, checkpoint: Checkpoint | None,
        state: dict[str, Any] | None, control: RateControl | None,
    ) -> None:  # fmt: skip
        """Learn the new indices, all codebooks, the networks and what is still free."""
        new = [_soft(module, position) for position in stage.levels]
        coded = [rows for rows in module.rows if isinstance(rows, SoftRows)]
        free = [rows for rows in module.rows if isinstance(rows, FloatRows)]
        if self.rate_weight is not None and not free and state is None:
            _learn_in_steps(module, coded)
        optimizer = adam(
            [
                ([rows.logits for rows in new], _LOGIT_RATE),
                *(([rows.codebook], _CODE_RATE * _spread(rows.codebook)) for rows in coded),
                *(([rows.features], _FREE_RATE * _spread(rows.features)) for rows in free),
                ([*module.networks.parameters()], _NETWORK_RATE),
            ]
        )
        revivals = {max(1, round(share * stage.steps)) for share in _REVIVALS}
        price = _BIT_PRICE
        if self.rate_weight is not None:
            # Codes that nobody takes are not worth their bytes.
            revivals = set()
            price = self.rate_weight if control is None else control.weight
        corners = max(_corners(module), 1)
        kept: dict[str, Any] = {"stage": number}
        if control is not None:
            kept["control"] = control.state

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

        least = 0.0 if control is None else control.loss
        priced = _Priced(objective, new, price / corners, least)
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
        if context.goal is not None:
            work |= context.goal.to_json()
        checkpoint = Checkpoint(context.resume, {**work, **identity(field, context)})
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
                # Codes that are alike once rounded are one code.
                codebook, merged = np.unique(in_steps(codebook), axis=0, return_inverse=True)
                indices = merged.reshape(-1)[indices].astype(np.uint16)
            if len(indices):
                codebook, indices = drop_unused(*sort_codebook(codebook, indices))
            if self.rate_weight is not None:
                bits = max(1, (len(codebook) - 1).bit_length())
            half = to_half(codebook, f"the codebook of level {number}")
            codes.append(VQCode(PackedIntegers.pack(indices, bits), half))
        networks = tuple(n.to_network() for n in module.networks if isinstance(n, NetworkModule))
        if self.rate_weight is not None:
            networks = tuple(network_in_steps(network) for network in networks)
        return with_codes(replace(field, networks=networks), codes)


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


def _learn_in_steps(module: FieldModule, coded: list[SoftRows]) -> None:
    """From now on networks and codes are used as files will hold them."""
    for network in module.networks:
        assert isinstance(network, NetworkModule)
        network.round_to(lambda values: step_for(values, LEARNED_NETWORK))
    for rows in coded:
        rows.step = step_for(rows.codebook.detach().cpu().numpy(), LEARNED_CODES)


class _Stage(NamedTuple):
    """``levels``: positions of those coded first in it; ``steps`` to learn for."""

    levels: list[int]
    steps: int


def _stages(field: Field, steps: int) -> list[_Stage]:
    """One stage per LOD, coarse to fine; the finest gets what the others leave of ``steps``."""
    lods = [level.lod for level in field.levels]
    levels = [[n for n, lod in enumerate(lods) if lod == k] for k in range(field.num_lods)]
    early = int(_EARLY_SHARE * steps / max(len(levels) - 1, 1))
    last = len(levels) - 1
    return [
        _Stage(positions, steps - early * last if k == last else early)
        for k, positions in enumerate(levels)
    ]


def _stage_of(state: dict[str, Any], context: Context, stages: list[_Stage]) -> int:
    """The stage that interrupted work was at."""
    number = state.get("stage")
    if not isinstance(number, int) or not 0 <= number < len(stages):
        raise DamagedFileError(
            f"{context.resume}: says stage {number!r}, and this work has {len(stages)}; "
            "delete it to start anew"
        )
    return number


def _install_blank(
    module: FieldModule, levels: list[int], state: dict[str, Any], context: Context
) -> None:
    """Codes of the shapes that a checkpoint holds, for it to be loaded into."""
    for position in levels:
        try:
            codebook = state["module"][f"rows.{position}.codebook"]
            candidates = state["module"][f"rows.{position}.candidates"]
            blank = SoftRows(
                np.zeros(codebook.shape, np.float32), candidates.numpy(),
                np.zeros(candidates.shape, np.float32), 1.0,
            )  # fmt: skip
        except (KeyError, TypeError, AttributeError, IndexError) as error:
            raise DamagedFileError(
                f"{context.resume}: does not fit this work (level {position} is missing); "
                "delete it to start anew"
            ) from error
        module.rows[position] = blank.to(module.device)


def _soft(module: FieldModule, position: int) -> SoftRows:
    rows = module.rows[position]
    assert isinstance(rows, SoftRows)
    return rows


def _corners(module: FieldModule) -> int:
    """Vectors in all levels."""
    held = ("logits", "features")
    return sum(len(value) for name, value in module.named_parameters() if name.endswith(held))


def _spread(tensor: Tensor) -> float:
    """Standard deviation of all values; one if they are all alike."""
    spread = float(tensor.detach().std()) if tensor.numel() > 1 else 0.0
    return spread if spread > 0.0 else 1.0

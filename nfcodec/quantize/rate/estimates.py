"""What rates are in store for a field before it is coded, and which of its LODs are worth theirs.

At a low rate most of a file is what every code needs: networks, and octrees that say where the
finest voxels are. A field drawn at a coarser LOD is then the better image for the bytes
(docs/decisions/0023-lods-worth-coding.md).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from nfcodec.arrays import FloatArray
from nfcodec.codes.vq import vq_or_none
from nfcodec.combine import combine_of
from nfcodec.entropy.tables import entropy
from nfcodec.evaluate import FieldModule
from nfcodec.evaluate.storage import FloatRows
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.model.kinds import kind_of
from nfcodec.quantize.learning.supervision import Objective
from nfcodec.quantize.steering import RateModel
from nfcodec.quantize.vq.entropy_constrained import InitialRates, RateTrial
from nfcodec.quantize.vq.sensitivity import measure

#: Batches that sensitivities are estimated from.
BATCHES = 32
#: Bits that one value of a code takes in the file.
VALUE_BITS = 5.5
#: Batches in which a field's own errors are looked at.
_LOOKS = 8
#: What learning leaves of the errors that codes make before they are learned.
_LEFT = 0.37
#: Bits of an index, of all that it has, from which on the rate has nothing to choose.
_EVEN = 0.95
#: What LODs have to bring the cost down to, to be left out: estimates before learning are rough.
_CLEARLY = 0.97


def estimate_rates(
    module: FieldModule, objective: Objective, bits: int, seed: int, corners: int
) -> tuple[InitialRates, list[FloatArray]]:
    """What bits and errors are worth before anything is coded, and what errors cost.

    ``bits``: of an index at most. ``corners``: that the price of a bit is shared by.
    """
    finest = module.num_lods - 1
    features = [rows.features for rows in module.rows if isinstance(rows, FloatRows)]
    matrices = measure(features, lambda g: objective.outputs(finest, g)[0], BATCHES, seed)
    trials = [
        RateTrial(tensor.detach().cpu().numpy(), found, bits, VALUE_BITS, seed)
        for tensor, found in zip(features, matrices, strict=True)
    ]
    squares, outputs = _errors(objective, finest, seed)
    present = squares * (BATCHES / _LOOKS)
    return InitialRates(
        trials, present, outputs * BATCHES // _LOOKS, objective.norm, corners
    ), matrices


def wants_more_codes(coded: CodedField, bits: int) -> bool:
    """Whether ``2^bits`` codes a level were too few for a rate to choose from.

    They are if the corners of the largest level share them almost evenly: a lower price of a bit
    would change hardly anything.
    """
    codes = [code for level in coded.levels if (code := vq_or_none(level.code))]
    if not codes:
        return False
    indices = max(codes, key=lambda code: code.indices.count).indices.unpack()
    return entropy(np.bincount(indices)) >= _EVEN * bits


def coarser(field: Field, lods: int) -> Field:
    """``field`` with its first ``lods`` levels of detail, at least :func:`min_lods`, alone."""
    grids = (
        replace(grid, levels=tuple(level for level in grid.levels if level.lod < lods))
        for grid in field.grids
    )
    return replace(field, grids=tuple(grids))


def min_lods(field: Field) -> int:
    """How many LODs of ``field`` are a field of their own, with the same networks.

    Where levels' vectors are joined rather than added up, all of them are needed. So are all of a
    field with an image stage, which has learned from the finest.
    """
    if kind_of(field).has_image_stage or any(
        combine_of(grid).keeps_channels for grid in field.grids
    ):
        return field.num_lods
    return 1 + max(min(level.lod for level in grid.levels) for grid in field.grids)


def lods_worth_coding(
    field: Field, objective: Objective, rates: InitialRates, price: float, seed: int,
    files: RateModel,
) -> int:  # fmt: skip
    """How many of the field's LODs are worth coding where a bit costs ``price``.

    Of each number of LODs the cost is that of the errors at the finest of them, of those that codes
    add, and of the file's bits, as ``files`` tell. ``objective`` evaluates the field as it is. A
    field with an empty level is kept whole, and one whose loss is of absolute errors, a distance:
    squared errors do not tell what coarse LODs lose of a surface.
    """
    least = min_lods(field)
    full = all(len(level.features) for level in field.levels)
    if least == field.num_lods or not full or objective.norm != 2:
        return field.num_lods
    # Initial rates may be of a part of the outputs: of the rays that meet the field, for one, where
    # coarse LODs are met by others too.
    plain, share = objective.everywhere()
    unit = share / max(rates.outputs, 1)
    outcomes = [trial.at(price) for trial in rates.trials]
    costs = {}
    for lods in range(least, field.num_lods + 1):
        kept = [
            outcome
            for outcome, level in zip(outcomes, field.levels, strict=True)
            if level.lod < lods
        ]
        squares, outputs = _errors(plain, lods - 1, seed)
        # What the metadata takes is the same for all.
        bits = 8.0 * files.floor(coarser(field, lods)) + sum(one.bits for one in kept)
        costs[lods] = squares / max(outputs, 1) + unit * (
            _LEFT * sum(one.error for one in kept) + price * bits
        )
    best = min(costs, key=lambda lods: costs[lods])
    return best if costs[best] < _CLEARLY * costs[field.num_lods] else field.num_lods


@torch.no_grad()
def _errors(objective: Objective, lod: int, seed: int) -> tuple[float, int]:
    """The sum of squared errors over some batches at ``lod``, and how many outputs that is."""
    generator = torch.Generator().manual_seed(seed)
    squares, outputs = 0.0, 0
    for _ in range(_LOOKS):
        found, wanted = objective.outputs(lod, generator)
        squares += float((found - wanted).square().sum())
        outputs += found.numel()
    return squares, outputs

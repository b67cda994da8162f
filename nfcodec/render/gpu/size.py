"""How large a field's GPU programs get, which nothing in the format bounds.

Levels, columns of weights and terms of low-rank vectors are unrolled, so that a small hostile file
may ask for programs that no driver compiles in a sensible time. The size is counted in what one
column of four weights takes to compile: with llvmpipe about 0.8 ms. The page counts the same
(``web/src/gpu/describe.ts``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nfcodec.codes import LowRankCode
from nfcodec.errors import LimitError
from nfcodec.model.coded import CodedField, CodedLevel
from nfcodec.model.field import Field, Level
from nfcodec.model.networks import Network

#: About 13 s with llvmpipe; 150 levels, or 16 layers of 900 columns, are below it.
MAX_PROGRAM_SIZE = 16_000

#: Measured: a level, a channel of it, a layer, and a value that is encoded for a network.
_LEVEL, _CHANNEL, _LAYER, _ENTRY = 100, 2, 10, 4


def check_program_size(subject: Field | CodedField) -> None:
    """LimitError if the programs of ``subject`` would be larger than ``MAX_PROGRAM_SIZE``."""
    size = program_size(subject)
    if size > MAX_PROGRAM_SIZE:
        raise LimitError(
            f"the field's levels and networks make GPU programs of size {size:,}; the limit is "
            f"{MAX_PROGRAM_SIZE:,}; use --device cpu"
        )


def program_size(subject: Field | CodedField) -> int:
    """The size of a field's programs, from its header alone."""
    levels: Sequence[Level | CodedLevel] = subject.levels
    return sum(map(_level_size, levels)) + sum(map(_network_size, subject.networks))


def _level_size(level: Level | CodedLevel) -> int:
    code: Any = level.code if isinstance(level, CodedLevel) else None
    terms = len(code.basis) * level.num_features if isinstance(code, LowRankCode) else 0
    return _LEVEL + _CHANNEL * level.num_features + terms


def _network_size(network: Network) -> int:
    inputs = [int(layer.weight.shape[1]) for layer in network.layers]
    return _ENTRY * inputs[0] + sum(_LAYER + columns for columns in inputs)

"""One LOD is coded at a time, coarse to fine (docs/decisions/0013-one-lod-at-a-time.md)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from nfcodec.errors import DamagedFileError
from nfcodec.evaluate import FieldModule
from nfcodec.model.field import Field
from nfcodec.quantize.vq.soft_rows import SoftRows

#: Share of all steps before the finest LOD is coded.
_EARLY_SHARE = 0.45


class Stage(NamedTuple):
    """``levels``: positions of those coded first in it; ``steps`` to learn for."""

    levels: list[int]
    steps: int


def stages_of(field: Field, steps: int) -> list[Stage]:
    """One stage per LOD, coarse to fine; the finest gets what the others leave of ``steps``."""
    lods = [level.lod for level in field.levels]
    levels = [[n for n, lod in enumerate(lods) if lod == k] for k in range(field.num_lods)]
    early = int(_EARLY_SHARE * steps / max(len(levels) - 1, 1))
    last = len(levels) - 1
    return [
        Stage(positions, steps - early * last if k == last else early)
        for k, positions in enumerate(levels)
    ]


def read_index(
    state: dict[str, Any], name: str, below: int, path: Path | None, least: int = 0
) -> int:
    """The whole number ``name`` in a checkpoint's ``state``, from ``least`` and below ``below``.

    DamagedFileError names the checkpoint's ``path`` if there is no such number.
    """
    number = state.get(name)
    if isinstance(number, bool) or not isinstance(number, int) or not least <= number < below:
        raise DamagedFileError(
            f"{path}: says {name} {number!r}, which this work does not have; delete it to start "
            "anew"
        )
    return number


def allocate_codes(
    module: FieldModule, levels: list[int], state: dict[str, Any], path: Path | None
) -> None:
    """Codes of the shapes that a checkpoint holds, for it to be loaded into."""
    for position in levels:
        try:
            codebook = state["module"][f"rows.{position}.codebook"]
            candidates = state["module"][f"rows.{position}.candidates"].detach()
            if candidates.dtype != torch.int16:
                raise ValueError("candidates of another type")
            if candidates.numel() and not 0 <= candidates.min() <= candidates.max() < len(codebook):
                raise ValueError("candidates that are no codes")
            blank = SoftRows(
                np.zeros(codebook.shape, np.float32), candidates.numpy(),
                np.zeros(candidates.shape, np.float32), 1.0,
            )  # fmt: skip
        except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
            raise DamagedFileError(
                f"{path}: does not fit this work (the codes of level {position}); "
                "delete it to start over"
            ) from error
        module.rows[position] = blank.to(module.device)

"""Codes on a GPU: the table entry and the stored words of each.

A code that is drawn has a part here and, unless it is rows of halves, a case in
``shaders/codes.wgsl``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from nfcodec.arrays import FloatArray
from nfcodec.codes import Float16Code, LatticeCode, LowRankCode, VQCode
from nfcodec.errors import UnsupportedError
from nfcodec.model.coded import CodedLevel
from nfcodec.model.field import Level
from nfcodec.registry import Parts
from nfcodec.render.gpu.tables import Members, Words, tag


class CodePart(Protocol):
    """How a level's vectors lie in GPU memory."""

    def members(self) -> Members:
        """What the table says of them (``struct Level`` of ``tables.json``)."""

    def lengths(self) -> Mapping[str, int]:
        """Words of the sections ``codes``, ``vectors`` and ``basis``, in the order of placing."""

    def words(self) -> Mapping[str, Words]:
        """The words of each section; what is shorter than planned is followed by zeros."""


CODES: Parts[Callable[[Any], CodePart]] = Parts("nfcodec.gpu.codes")


def part_of(level: Level | CodedLevel) -> CodePart:
    """How the vectors of a level are drawn; UnsupportedError if programs do not know their code."""
    if isinstance(level, Level):
        return Float32Part(level.features)
    part = CODES.find(level.code)
    if part is None:
        raise UnsupportedError(
            f"the GPU does not draw levels of code {level.code.name!r}; use --device cpu"
        )
    return part(level.code)


class Float32Part:
    """The (N, F) float32 vectors of a level that is not coded."""

    def __init__(self, values: FloatArray) -> None:
        self.values = values
        self.pitch = values.shape[1] + values.shape[1] % 2

    def members(self) -> Members:
        return {"code_tag": tag("CODE", "float32"), "pitch": self.pitch}

    def lengths(self) -> Mapping[str, int]:
        return {"vectors": len(self.values) * self.pitch}

    def words(self) -> Mapping[str, Words]:
        rows = np.pad(self.values, ((0, 0), (0, self.values.shape[1] % 2)))
        return {"vectors": rows.astype("<f4").reshape(-1).view(np.uint32)}


@CODES.register(Float16Code)
class Float16Part:
    def __init__(self, code: Float16Code) -> None:
        self.code, self.pitch = code, -(-code.num_features // 2)

    def members(self) -> Members:
        return {"code_tag": tag("CODE", self.code.name), "pitch": self.pitch}

    def lengths(self) -> Mapping[str, int]:
        return {"vectors": self.code.num_rows * self.pitch}

    def words(self) -> Mapping[str, Words]:
        return {"vectors": half_words(self.code.values)}


@CODES.register(VQCode)
class VQPart:
    def __init__(self, code: VQCode) -> None:
        self.code, self.bits, self.pitch = code, code.indices.bits, -(-code.num_features // 2)

    def members(self) -> Members:
        return {"code_tag": tag("CODE", self.code.name), "bits": self.bits, "pitch": self.pitch}

    def lengths(self) -> Mapping[str, int]:
        # An index that straddles two words is read with the next word: the last needs a spare one.
        spare = int(32 % self.bits != 0)
        codes = -(-self.code.num_rows * self.bits // 32) + spare
        return {"codes": codes, "vectors": len(self.code.codebook) * self.pitch}

    def words(self) -> Mapping[str, Words]:
        return {"codes": self.code.indices.words, "vectors": half_words(self.code.codebook)}


@CODES.register(LowRankCode)
class LowRankPart:
    def __init__(self, code: LowRankCode) -> None:
        self.code, self.rank = code, len(code.basis)
        self.pitch = -(-self.rank // 2)

    def members(self) -> Members:
        return {"code_tag": tag("CODE", self.code.name), "rank": self.rank, "pitch": self.pitch}

    def lengths(self) -> Mapping[str, int]:
        basis = (1 + self.rank) * -(-self.code.num_features // 2)
        return {"vectors": self.code.num_rows * self.pitch, "basis": basis}

    def words(self) -> Mapping[str, Words]:
        """Coefficients, then the mean and each row of the basis."""
        basis = np.concatenate([self.code.mean[None], self.code.basis])
        return {"vectors": half_words(self.code.coefficients), "basis": half_words(basis)}


@CODES.register(LatticeCode)
class LatticePart:
    """The values of a lattice as halves, made once: interpolation is all that is left to do."""

    def __init__(self, code: LatticeCode) -> None:
        self.code, self.pitch = code, -(-code.num_features // 2)

    def members(self) -> Members:
        return {"code_tag": tag("CODE", Float16Code.name), "pitch": self.pitch}

    def lengths(self) -> Mapping[str, int]:
        return {"vectors": self.code.num_rows * self.pitch}

    def words(self) -> Mapping[str, Words]:
        rows = self.code.decode_rows()
        most = float(np.finfo(np.float16).max)
        return {"vectors": half_words(np.clip(rows, -most, most).astype(np.float16))}


def half_words(rows: npt.NDArray[np.float16]) -> Words:
    """(N, F) float16 as words of two, each row from a new word on: (N * ceil(F / 2),)."""
    padded = np.pad(rows, ((0, 0), (0, rows.shape[1] % 2)))
    return np.ascontiguousarray(padded).reshape(-1).astype("<f2", copy=False).view("<u4")

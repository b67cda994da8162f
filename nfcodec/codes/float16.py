"""The code ``float16``: vectors as they are, in half precision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nfcodec.arrays import FloatArray, HalfArray, need_half
from nfcodec.model.protocols import Described


@dataclass(frozen=True, eq=False)
class Float16Code:
    """Uncompressed: ``values`` (N, F) float16."""

    values: HalfArray

    tag: ClassVar[int] = 0
    name: ClassVar[str] = "float16"

    @property
    def num_rows(self) -> int:
        return int(self.values.shape[0])

    @property
    def num_features(self) -> int:
        return int(self.values.shape[1])

    @property
    def nbytes(self) -> int:
        return int(self.values.nbytes)

    @property
    def paper_bytes(self) -> int:
        return self.nbytes

    def decode_rows(self, start: int = 0, stop: int | None = None) -> FloatArray:
        """Rows ``start`` to ``stop`` as float32 vectors (N, F)."""
        return self.values[start:stop].astype(np.float32)

    def check(self, where: str) -> None:
        """Raise InvalidFieldError unless the values are a finite (N, F) array."""
        need_half(self.values, 2, f"{where}: values")

    def describe(self) -> Described:
        return {}

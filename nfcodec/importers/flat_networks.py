"""tiny-cuda-nn's networks in flat vectors; no source of its own.

Matrices one after the other, each row by row (out, in), without biases; inputs and outputs padded
to multiples of 16, or of 8 in old files and on old machines. Padding of an input that is no grid is
1, and so a bias; that of a grid is 0. Padded outputs mean nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nfcodec.errors import InvalidFieldError
from nfcodec.importers.layers import Linear
from nfcodec.model.protocols import Array64


@dataclass(frozen=True)
class Flat:
    """A network of ``hidden`` layers of ``width`` between ``inputs`` and ``outputs`` values."""

    inputs: int
    outputs: int
    width: int
    hidden: int
    padding: int = 16

    @property
    def shapes(self) -> list[tuple[int, int]]:
        """(out, in) of its matrices, padded."""
        entering, leaving = (self._padded(n) for n in (self.inputs, self.outputs))
        if not self.hidden:
            return [(leaving, entering)]
        inner = [(self.width, self.width)] * (self.hidden - 1)
        return [(self.width, entering), *inner, (leaving, self.width)]

    @property
    def count(self) -> int:
        """Numbers of its vector."""
        return sum(out * into for out, into in self.shapes)

    def _padded(self, count: int) -> int:
        return -(-count // self.padding) * self.padding

    def layers(self, values: Array64, name: str, ones: bool = True) -> list[Linear]:
        """Its layers. ``ones``: padded inputs are 1, which makes them a bias; else 0.

        InvalidFieldError if ``values`` are not as many as it has.
        """
        if len(values) != self.count:
            raise InvalidFieldError(
                f"{name}: {len(values):,} parameters, where {self.inputs} inputs, {self.hidden} "
                f"layers of {self.width} and {self.outputs} outputs take {self.count:,}"
            )
        found, at = [], 0
        for i, (out, into) in enumerate(self.shapes):
            matrix = values[at : at + out * into].reshape(out, into)
            at += out * into
            bias = np.zeros(out)
            if not i:
                if ones:
                    bias = matrix[:, self.inputs :].sum(axis=1)
                matrix = matrix[:, : self.inputs]
            if i == len(self.shapes) - 1:
                matrix, bias = matrix[: self.outputs], bias[: self.outputs]
            found.append(Linear(matrix, bias, name))
        return found

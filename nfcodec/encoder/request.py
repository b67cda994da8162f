"""What a file is to be: how it is coded, and what it has to meet."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nfcodec.errors import UsageError
from nfcodec.methods import MethodOptions, VQADOptions, configure, taking

if TYPE_CHECKING:
    from nfcodec.data import FieldData
    from nfcodec.model.kinds import ImageStage


@dataclass(frozen=True)
class Size:
    """A file of at most ``bytes``, preview and metadata included, and at most 2 % less.

    ``bits``: the widest index; by default what a file of this size can use.
    """

    bytes: int
    bits: int | None = None

    def __post_init__(self) -> None:
        if self.bytes < 1:
            raise UsageError(f"a file cannot have {self.bytes} bytes")


@dataclass(frozen=True)
class Quality:
    """Codes of ``psnr`` dB, within 0.1 dB.

    :func:`nfcodec.encoder.quality.measure_of` says what it is measured on.
    """

    psnr: float

    def __post_init__(self) -> None:
        if not math.isfinite(self.psnr):
            raise UsageError(f"a PSNR of {self.psnr} dB is no target")


@dataclass(frozen=True, eq=False)
class EncodeRequest:
    """How to code a field.

    Attributes:
        method: the method's options; the price of its bits is found if there is a ``target``.
        layers: that the indices of each level arrive in, 1 to 8; by default as few as are worth
            drawing (:mod:`nfcodec.encoder.layers`).
        preview: put a small image at the end of the file, for programs that cannot draw fields.
        data: images or a mesh that codes are learned from; by default the field itself.
        test_data: held-out images that a target quality of a ``nerf`` is measured on.
        seed: source of every random choice; the same seed gives the same file.
        resume: where learning keeps its state, so that interrupted work goes on.
        image: stands in the file for the field's own image stage, parts of which another file has.
    """

    method: MethodOptions = field(default_factory=VQADOptions)
    target: Size | Quality | None = None
    layers: int | None = None
    preview: bool = True
    data: FieldData | None = None
    test_data: FieldData | None = None
    seed: int = 0
    device: str = "auto"
    resume: Path | None = None
    image: ImageStage | None = None

    def __post_init__(self) -> None:
        if self.target is not None and "rate_weight" not in self.method.options():
            users = ", ".join(taking("rate_weight"))
            raise UsageError(
                f"method {self.method.name!r} cannot be led to a size or quality; {users} can"
            )

    @staticmethod
    def of(
        method: str | None = None, *, target: Size | Quality | None = None,
        bits: int | None = None, rank: int | None = None, steps: int | None = None,
        rate_weight: float | None = None, **others: Any,
    ) -> EncodeRequest:  # fmt: skip
        """A request by the names of things: ``method`` is "vqad" by default, "ecq" for a target.

        Options that are None are the method's own. ``others``: attributes of the request.
        UsageError: an unknown method, an option it does not take, a value out of range.
        """
        if target is not None and rate_weight is not None:
            raise UsageError("a target and a rate weight exclude each other")
        if isinstance(target, Size) and bits is not None:
            target = replace(target, bits=bits)
        name = method or ("vqad" if target is None else "ecq")
        options = configure(name, bits=bits, rank=rank, steps=steps, rate_weight=rate_weight)
        return EncodeRequest(options, target, **others)

"""A field coded to a file: the story that the command, the Python interface, sweeps and benchmarks
share.

::

    check ──▶ quantize ──▶ measure ──▶ choose layers ──▶ draw the preview ──▶ write
                 ▲                          │
                 └── sizes, for a target ───┘
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from nfcodec import quantize
from nfcodec.check.field import check_field
from nfcodec.coding.storable import check_storable
from nfcodec.encoder.assemble import Assembly, with_image
from nfcodec.encoder.goals import Goal, QualityGoal, SizeGoal
from nfcodec.encoder.quality import CodeQuality, with_metrics
from nfcodec.encoder.rate_model import Written
from nfcodec.encoder.request import EncodeRequest, Quality, Size
from nfcodec.encoder.steering import GoalSteering
from nfcodec.methods import MAX_BITS, MethodOptions
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.progress import Progress
from nfcodec.quantize.contract import half_image

if TYPE_CHECKING:
    from nfcodec.data import FieldData

#: An index of b bits that learned without a price takes at least this share of them in the file.
_USED = 0.65
#: The weight that stands for codes of a variable rate until the target has led to one.
_STEERED = 0.1


@dataclass(frozen=True, eq=False)
class EncodedFile:
    """``data``: the file. ``coded``: the field in it.

    ``quality``: in dB, if that was the target; ``measure``: the name of what it is, as
    :func:`nfcodec.rd.compare.compare` has it.
    """

    data: bytes
    coded: CodedField
    quality: float | None = None
    measure: str | None = None


def encode_file(
    field: Field, request: EncodeRequest | None = None, progress: Progress | None = None
) -> EncodedFile:
    """Code ``field`` as a ``.nfc`` file.

    UsageError: metadata that no file can hold, numbers too large for float16, options that do not
    suit the field, data of the wrong kind, or a target that cannot be met. InvalidFieldError: the
    field is not sound. LimitError: no decoder would read it.
    """
    return _Encoding(field, request or EncodeRequest(), progress).file()


def encode(
    field: Field,
    method: str = "vqad",
    *,
    bits: int | None = None,
    rank: int | None = None,
    steps: int | None = None,
    rate_weight: float | None = None,
    data: FieldData | None = None,
    seed: int = 0,
    device: str = "auto",
    progress: Progress | None = None,
    resume: str | os.PathLike[str] | None = None,
) -> CodedField:
    """Code ``field`` by ``method``: "vqad", "ecq", "kmeans", "lra" or "float16".

    :func:`nfcodec.save` writes the result, to the same file as the ``encode`` command. For a target
    size or quality see :func:`encode_file`.

    Args:
        bits: width of the indices, 1 to 12, for the VQ methods.
        rank: 1 to the number of features, for "lra".
        steps: of learning, for "vqad" and "ecq".
        rate_weight: for the same, the share of the loss by which one more bit per vector has to
            lower it; "vqad" has codes of fixed rate without it.
        data: posed images or a mesh to learn from; by default the field itself.
        resume: a file in which learning keeps its state, so that interrupted work goes on.

    :mod:`nfcodec.methods` states the defaults. The method and its options are recorded under
    "encoding" in the metadata, and what coding cost under "metrics". Errors as
    :func:`encode_file`.
    """
    request = EncodeRequest.of(
        method, bits=bits, rank=rank, steps=steps, rate_weight=rate_weight, data=data, seed=seed,
        device=device, resume=None if resume is None else Path(resume),
    )  # fmt: skip
    return _Encoding(field, request, progress).coded()


class _Encoding:
    """One field on its way to a file. What is measured or coded is kept, and not done again."""

    def __init__(self, field: Field, request: EncodeRequest, progress: Progress | None) -> None:
        self.field, self.request, self.progress = field, request, progress
        self.assembly = Assembly(request.layers, request.preview, request.seed, request.device)
        self.goal = self._goal()
        self._near: bytes | None = None

    def coded(self) -> CodedField:
        """The field's codes, with what they cost."""
        check_field(self.field, "the field to encode")
        check_storable(self.field, "the field to encode")
        return self.quality.stated(self._quantized())

    def file(self) -> EncodedFile:
        coded, goal = self.coded(), self.goal
        if goal is None:
            stored = self._stored(coded)
            return EncodedFile(self.assembly.file(stored, coded).to_bytes(), stored)
        written = self._meeting(coded, goal)
        value = written.size if goal.in_bytes else self.quality.psnr(coded)
        if not goal.suffices(value):  # what has no codes comes to what it comes to
            raise goal.unmet(f"the field has no codes to choose, and comes to {goal.text(value)}")
        if goal.in_bytes:
            return EncodedFile(written.to_bytes(), coded)
        return EncodedFile(written.to_bytes(), coded, value, self.quality.name)

    @cached_property
    def quality(self) -> CodeQuality:
        request = self.request
        return CodeQuality(self.field, request.test_data, request.seed, request.device)

    def _goal(self) -> Goal | None:
        target = self.request.target
        if isinstance(target, Size):
            return SizeGoal(target.bytes, self._size, self._sizes_near)
        if isinstance(target, Quality):
            return QualityGoal(target.psnr, self._psnr, lambda _: self._psnr)
        return None

    def _quantized(self) -> CodedField:
        request, method, goal = self.request, self.request.method, self.goal
        if goal is not None:
            method = replace(method, rate_weight=_STEERED)  # type: ignore[call-arg]
        if isinstance(request.target, Size):
            bits = request.target.bits or _bits_for(self.field, request.target.bytes, method)
            method = replace(method, bits=bits)  # type: ignore[call-arg]
        return quantize.encode(
            self.field, method, data=request.data, seed=request.seed, device=request.device,
            progress=self.progress, resume=request.resume, rates=self.assembly.rates,
            steering=None if goal is None else GoalSteering(goal),
        )  # fmt: skip

    def _stored(self, coded: CodedField) -> CodedField:
        """``coded`` without the parts of its image stage that another file has."""
        if self.request.image is None:
            return coded
        return replace(coded, image=half_image(self.request.image))

    def _meeting(self, coded: CodedField, goal: Goal) -> Written:
        """The file of ``coded``, whose own layers and preview must not take it off a size."""
        found = self.assembly.file(coded)
        if goal.in_bytes and not goal.meets(found.size):
            return with_image(self.assembly.plain(coded), self._near)  # as when it was measured
        return found

    def _psnr(self, coded: CodedField) -> float:
        return self.quality.psnr(coded)

    def _size(self, coded: CodedField) -> float:
        """Bytes of the file, preview and all."""
        coded = with_metrics(coded)
        written = self.assembly.plain(coded)
        return with_image(written, self.assembly.image(coded, written.size)).size

    def _sizes_near(self, coded: CodedField) -> Callable[[CodedField], float]:
        """:meth:`_size` with the preview of ``coded``: others' may differ by a step of quality."""
        coded = with_metrics(coded)
        written = self.assembly.plain(coded)
        self._near = self.assembly.image(coded, written.size)
        more = with_image(written, self._near).size - written.size
        return lambda other: self.assembly.plain(with_metrics(other)).size + more


def _bits_for(field: Field, size: int, method: MethodOptions) -> int:
    """Bits of an index that ``size`` bytes leave room for, the method's own at least."""
    least = type(method)().values()["bits"]
    corners = sum(len(level.features) for level in field.levels)
    room = 8.0 * size / max(corners, 1)
    return next((b for b in range(least, MAX_BITS, 2) if room < _USED * b), MAX_BITS)

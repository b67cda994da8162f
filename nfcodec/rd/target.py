"""A field coded to a file of a wanted size, or to a wanted quality, both measured as they are."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from nfcodec import coding, quantize
from nfcodec.coding import previews
from nfcodec.coding.file import LayerCount
from nfcodec.errors import UsageError
from nfcodec.metrics.fields import FieldMetrics
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.progress import Progress
from nfcodec.quantize.contract import MAX_BITS
from nfcodec.quantize.goals import Goal, QualityGoal, SizeGoal
from nfcodec.rd import layers as layering

if TYPE_CHECKING:
    from nfcodec.data import FieldData

#: Gives the image to put at a file's end, if any, for the file's length without it.
Image = Callable[[CodedField, int], "bytes | None"]

#: Stands in for a figure until it is measured; no number takes more bytes.
_ANY = 0.1
#: An index of b bits that learned without a price takes at least this share of them in the file.
_USED = 0.65


@dataclass(frozen=True, eq=False)
class Coded:
    """``data``: the file, as it is to be written, of ``field``. ``quality``: in dB, if that was
    the target; ``measure``: the name of what it is, as :func:`nfcodec.rd.compare.compare` has it.
    """

    field: CodedField
    data: bytes
    quality: float | None = None
    measure: str | None = None


def encode(
    field: Field,
    *,
    size: int | None = None,
    psnr: float | None = None,
    method: str = "ecq",
    bits: int | None = None,
    steps: int | None = None,
    data: FieldData | None = None,
    test_data: FieldData | None = None,
    image: Image | None = None,
    seed: int = 0,
    device: str = "auto",
    progress: Progress | None = None,
    resume: str | Path | None = None,
    layers: int | None = None,
) -> Coded:
    """Code ``field`` to a file of ``size`` bytes, at most 2 % less, or to a ``psnr`` +- 0.1 dB.

    Sizes are those of the whole file: ``image`` and metadata included. Qualities are those of
    the whole field's LODs together: :func:`measure_of` says which.

    Args:
        method: "ecq" or "vqad".
        bits: of an index at most; by default as many as a file of ``size`` may have a use for.
        data: what codes are learned from; by default the field itself.
        test_data: held-out views that ``psnr`` is of, for a ``nerf``.
        image: draws the file's preview; by default there is none.
        layers: of the indices, 1 to 8; by default as few as each are worth drawing
            (:func:`nfcodec.rd.layers.single`).
        steps, seed, device, progress, resume: as for :func:`nfcodec.quantize.encode`.

    Raises UsageError if the target cannot be met, and what :func:`nfcodec.quantize.encode` raises.
    """
    if (size is None) == (psnr is None):
        raise UsageError("give a size or a PSNR to code to, and not both")
    files = _Files(FieldMetrics(field, data=test_data, seed=seed, device=device), image, layers)
    goal: Goal
    if size is not None:
        if size < 1:
            raise UsageError(f"a file cannot have {size} bytes")
        goal = SizeGoal(size, files.size, files.near)
        bits = bits or _bits_for(field, size, method)
    else:
        assert psnr is not None
        if not math.isfinite(psnr):
            raise UsageError(f"a PSNR of {psnr} dB is no target")
        goal = QualityGoal(psnr, files.quality, lambda _: files.quality)
    coded = quantize.encode(
        field, method, bits=bits, steps=steps, data=data, seed=seed, device=device,
        progress=progress, resume=resume, goal=goal,
    )  # fmt: skip
    coded = files.measured(coded)
    written = files.whole(coded, goal)
    value = len(written) if size is not None else files.quality(coded)
    if not goal.suffices(value):  # what has no codes comes to what it comes to
        raise UsageError(
            f"--{goal.option} {goal.text(goal.target)} cannot be met: the field has no codes to "
            f"choose, and comes to {goal.text(value)}"
        )
    if size is not None:
        return Coded(coded, written)
    return Coded(coded, written, value, files.name)


def measure_of(field: Field, test_data: FieldData | None) -> str:
    """What a PSNR target is measured on, by its name in :func:`nfcodec.rd.compare.compare`.

    ``psnr`` on the views of ``test_data``; without them, of a ``nerf``, ``view_psnr``: its
    images from a turn around it; of a 3-D ``sdf``, ``near_value_psnr``: distances near its
    surface; of others ``value_psnr``: values at random points. None of these places was learned
    from as such.
    """
    if field.is_radiance:
        return "view_psnr" if test_data is None else "psnr"
    return "near_value_psnr" if field.kind == "sdf" and field.dims == 3 else "value_psnr"


def _bits_for(field: Field, size: int, method: str) -> int | None:
    """Bits of an index that ``size`` bytes leave room for; None: the method's own default."""
    default = quantize.configure(method).to_json().get("bits")
    if default is None:
        return None
    corners = sum(len(level.features) for level in field.levels)
    room = 8.0 * size / max(corners, 1)
    return next((b for b in range(default, MAX_BITS, 2) if room < _USED * b), MAX_BITS)


class _Files:
    """The files and qualities of the codes of one field."""

    def __init__(self, stick: FieldMetrics, image: Image | None, layers: int | None = None) -> None:
        self.stick, self.image, self.layers = stick, image, layers
        self._near: bytes | None = None

    @cached_property
    def name(self) -> str:
        """What :meth:`quality` is; a distance without a surface is looked at everywhere."""
        field = self.stick.module.field
        assert isinstance(field, Field)
        name = measure_of(field, self.stick.images)
        if name == "near_value_psnr" and self.stick.near_value_psnr(self.stick.module) is None:
            return "value_psnr"
        return name

    def quality(self, coded: CodedField) -> float:
        module = self.stick.module_of(coded)
        found: float | None
        if self.name == "psnr":
            found = self.stick.on_data(module)["psnr"]
        else:
            found = getattr(self.stick, self.name)(module)
        if found is None or not math.isfinite(found):
            raise UsageError("the field is empty: there is no PSNR to code it to")
        return float(found)

    def size(self, coded: CodedField) -> float:
        """Bytes of the file, preview and all."""
        return len(self._with_image(*self._plain(coded)))

    def near(self, coded: CodedField) -> Callable[[CodedField], float]:
        """:meth:`size` with the preview of ``coded``: others' may differ by a step of quality."""
        field, data = self._plain(coded)
        self._near = None if self.image is None else self.image(field, len(data))
        preview = self._near
        more = 0 if preview is None else len(previews.add(data, preview)) - len(data)
        return lambda other: len(self._plain(other)[1]) + more

    def measured(self, coded: CodedField) -> CodedField:
        """``coded`` with what coding cost, the PSNR of its values, as metadata ``metrics``."""
        psnr = self.stick.value_psnr(self.stick.module_of(coded))
        if psnr is None or not math.isfinite(psnr):
            return coded
        return _with_metrics(coded, round(float(psnr), 3))

    def whole(self, coded: CodedField, goal: Goal) -> bytes:
        """The file of ``coded``, whose own preview must not take it off a goal."""
        data = coding.to_bytes(coded, layers=self._layers(coded))
        found = self._with_image(coded, data)
        low, high = goal.accepted
        if isinstance(goal, SizeGoal) and not low <= goal.distance(len(found)) <= high:
            data = coding.to_bytes(coded, layers=self.layers)  # as it was when it was measured
            return data if self._near is None else previews.add(data, self._near)
        return found

    def _layers(self, coded: CodedField) -> LayerCount:
        if self.layers is not None:
            return self.layers
        return layering.single(coded, self.stick.seed, self.stick.device)

    def _plain(self, coded: CodedField) -> tuple[CodedField, bytes]:
        field = _with_metrics(coded, _ANY)
        return field, coding.to_bytes(field, layers=self.layers)

    def _with_image(self, coded: CodedField, data: bytes) -> bytes:
        preview = None if self.image is None else self.image(coded, len(data))
        return data if preview is None else previews.add(data, preview)


def _with_metrics(coded: CodedField, value_psnr: float) -> CodedField:
    return replace(coded, metadata={**coded.metadata, "metrics": {"value_psnr": value_psnr}})

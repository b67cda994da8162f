"""A volume coded to a file without learning: under a bound, at a PSNR, or of a size."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from nfcodec import coding
from nfcodec._version import __version__
from nfcodec.codes import LatticeCode
from nfcodec.data.volumes import Volume, as_type
from nfcodec.encoder.encode_file import EncodedFile
from nfcodec.entropy.lattice import MAX_STEP
from nfcodec.errors import UsageError
from nfcodec.layouts import DenseLayout
from nfcodec.model.coded import CodedField, CodedLevel
from nfcodec.model.field import Grid, Occupancy
from nfcodec.progress import Progress, Silent
from nfcodec.quantize.lattice.arrays import Steps, code_channels
from nfcodec.quantize.lattice.closed_loop import Floats
from nfcodec.quantize.lattice.distances import identity_network

#: Steps have so many units: predictions are rounded to a sixteenth or less of them.
_BOUND_UNITS, _UNITS = 16, 32
#: What is tried under a bound: by how much coarser octaves are finer, each than the next. For the
#: mean error also with which dead zone: what is nearly as predicted stays so. Sparse volumes take
#: the first, noise the second; docs/decisions/0047-volumes.md has the sweep.
_BOUND_GROWTHS = (1.0, 1.4)
_SHAPES = ((1.8, 0.38), (1.0, 0.5))
#: Tries of a search for a PSNR or a size at most, and how near is near enough: dB, or share.
_TRIES = 10
_NEAR_PSNR, _NEAR_SIZE = 0.03, 0.01
#: How far below a bound rounding in float32 may need to stay, tried in turn.
_ROOM = (1.0, 1 - 1e-6, 1 - 1e-4, 0.99, 0.9, 0.6)


@dataclass(frozen=True)
class VolumeRequest:
    """How a volume is coded: to exactly one of three targets.

    ``max_error``: a bound for every value, as a share of their range; 0 for no error at all, which
    whole numbers alone can have. ``target_psnr``: in dB, of the range. ``target_size``: the most
    bytes of the file. UsageError for several targets or values out of range.
    """

    max_error: float | None = None
    target_psnr: float | None = None
    target_size: int | None = None

    def __post_init__(self) -> None:
        given = [value for value in vars(self).values() if value is not None]
        if len(given) > 1:
            raise UsageError(
                "--max-error, --target-psnr and --target-size exclude each other: give one"
            )
        if self.max_error is not None and not 0 <= self.max_error <= 0.5:
            raise UsageError(
                f"a max-error of {100 * self.max_error:g}% of the range; it must be from 0 to 50%"
            )


#: Without a target: what is hard to tell from the original in any picture of it.
DEFAULT = VolumeRequest(max_error=0.005)


def encode_volume(
    volume: Volume, request: VolumeRequest = DEFAULT, progress: Progress | None = None
) -> EncodedFile:
    """Code ``volume`` as a ``.nfc`` file, whose field is its values interpolated.

    A bound is verified at every value of what decoding gives. UsageError if a target cannot be met.
    """
    encoding = _Encoding(volume, Silent() if progress is None else progress)
    if request.target_psnr is not None:
        return encoding.at_psnr(request.target_psnr)
    if request.target_size is not None:
        return encoding.of_size(request.target_size)
    assert request.max_error is not None
    return encoding.within(request.max_error)


class _Tried(NamedTuple):
    """Steps, and what they lead to."""

    steps: Steps
    code: LatticeCode


class _Encoding:
    """One volume on its way to a file."""

    def __init__(self, volume: Volume, progress: Progress) -> None:
        self.volume, self.progress = volume, progress
        values = volume.values
        channels = values if values.ndim == 4 else values[None]
        if values.ndim == 2:
            channels = values[None, None]
        self.truth: Floats = channels.astype(np.float64)
        there = ~np.isnan(self.truth)
        self.known: npt.NDArray[np.bool_] | None = None
        if not there.all():
            if not (there == there[:1]).all():
                raise UsageError(
                    f"{volume.source}: channels have NaN at different places; encode each channel "
                    "as a file of its own"
                )
            self.known = there[0]
        found = self.truth[there]
        self.low, self.high = float(found.min()), float(found.max())
        self.spread = self.high - self.low
        self.whole = bool((found == np.rint(found)).all()) and max(-self.low, self.high) < MAX_STEP
        # Zero stays zero where it may be the background.
        far = max(abs(self.low), abs(self.high)) > 4 * self.spread
        self.offset = float(np.float32((self.low + self.high) / 2)) if far else 0.0
        if self.known is not None:
            self.truth = np.where(there, self.truth, self.offset)
        self.integer = values.dtype.kind in "ui"

    def within(self, share: float) -> EncodedFile:
        """The smallest file found whose every value is within ``share`` of the range."""
        bound = share * self.spread
        if not self.spread:
            return self._file(self._code(Steps(1.0, self.low, 1)), share)
        if not bound and not self.whole:
            raise UsageError(
                f"{self.volume.source}: --max-error 0 is for whole numbers below "
                f"{MAX_STEP:,}; these are not: give a bound above 0"
            )
        best: tuple[int, _Tried] | None = None
        ways = self._ways(bound)
        self.progress.start("coding", len(ways))
        for done, way in enumerate(ways):
            for room in _ROOM:
                tried = self._code(way(room))
                if self._worst(tried.code) <= bound:
                    size = len(self._bytes(tried, share))
                    if best is None or size < best[0]:
                        best = size, tried
                    break
            self.progress.update(done + 1)
        self.progress.finish()
        if best is None:
            raise UsageError(
                f"{self.volume.source}: float32 cannot hold values of {self.low:g} to "
                f"{self.high:g} within {bound:g}: give a larger --max-error"
            )
        return self._file(best[1], share)

    def _ways(self, bound: float) -> list[Callable[[float], Steps]]:
        """Steps that may keep a bound, given the share of it that they use."""
        found: list[Callable[[float], Steps]] = []
        if self.whole:
            odd = 2 * math.floor(bound) + 1
            if odd <= MAX_STEP:
                found.append(lambda _: Steps(1.0, 0.0, odd))
        if not self.integer and bound:
            reach = max(self.high - self.offset, self.offset - self.low)
            for growth in _BOUND_GROWTHS:
                # Fewer units to a step where integers of 24 bits would not reach.
                units = _BOUND_UNITS
                while units > 1 and reach * units / (2 * bound) > MAX_STEP / 2:
                    units //= 2
                if reach * units / (2 * bound) <= MAX_STEP / 2:
                    found.append(
                        lambda room, units=units, growth=growth: Steps(  # type: ignore[misc]
                            _single(2 * bound * room / units), self.offset, units, growth
                        )
                    )
        return found

    def at_psnr(self, psnr: float) -> EncodedFile:
        """The file of largest steps whose mean error comes to ``psnr`` dB of the range."""
        if not self.spread:
            return self.within(0.0)
        aim = self.spread * math.sqrt(12) * 10 ** (-psnr / 20)
        found = [
            self._search(
                shape, math.log(aim) - 1.0, math.log(aim) + 2.5,
                lambda tried: self._psnr(tried.code) - psnr, _NEAR_PSNR,
            )
            for shape in _SHAPES
        ]  # fmt: skip
        best = min(
            (tried for tried in found if tried is not None),
            key=lambda tried: len(self._bytes(tried, None)),
            default=None,
        )
        if best is None:
            raise UsageError(
                f"{self.volume.source}: {psnr:g} dB cannot be reached in float32; give less, or "
                "--max-error 0 for whole numbers"
            )
        return self._file(best, None)

    def of_size(self, size: int) -> EncodedFile:
        """The file of smallest steps that has at most ``size`` bytes."""
        least = math.log(self._least_step())
        best = self._search(
            _SHAPES[0], math.log(2 * max(self.spread, 1e-30)), least,
            lambda tried: math.log(size / len(self._bytes(tried, None))), _NEAR_SIZE,
        )  # fmt: skip
        if best is None:
            raise UsageError(
                f"{self.volume.source}: no file of {size:,} bytes can be made; the smallest takes "
                f"{len(self._bytes(self._code(self._steps(2 * self.spread)), None)):,}"
            )
        return self._file(best, None)

    def _search(
        self,
        shape: tuple[float, float],
        good: float,
        bad: float,
        margin: Callable[[_Tried], float],
        near: float,
    ) -> _Tried | None:  # fmt: skip
        """What a step leads to whose ``margin``, from 0 up, is small; None if ``good`` has none.

        ``shape``: growth and rounding. ``good``, ``bad``: logarithms of a step with a margin and of
        one without. The next try is where a line through the last ones has a margin of half
        ``near``, or else the middle.
        """
        best = self._code(self._steps(math.exp(good), shape))
        above, below = margin(best), -math.inf
        if above < 0:
            return None
        self.progress.start("searching", _TRIES)
        for done in range(_TRIES):
            if above < near:
                break
            share = 0.5
            if math.isfinite(above - below) and done % 3:  # a third of the tries halve what is left
                share = min(max((above - near / 2) / (above - below), 0.02), 0.98)
            middle = good + share * (bad - good)
            tried = self._code(self._steps(math.exp(middle), shape))
            found = margin(tried)
            if found >= 0:
                best, good, above = tried, middle, found
            else:
                bad, below = middle, found
            self.progress.update(done + 1)
        self.progress.finish()
        return best

    def _least_step(self) -> float:
        reach = max(self.high - self.offset, self.offset - self.low, 1e-30)
        return 2 * reach * _UNITS / MAX_STEP

    def _steps(self, step: float, shape: tuple[float, float] = _SHAPES[0]) -> Steps:
        step = max(step, self._least_step())
        return Steps(_single(step / _UNITS), self.offset, _UNITS, *shape)

    def _code(self, steps: Steps) -> _Tried:
        return _Tried(steps, code_channels(self.truth, self.known, steps))

    def _errors(self, code: LatticeCode) -> Floats:
        """(N, F) errors of what decoding gives, where there are values."""
        rows = as_type(code.decode_rows(), self.volume.values.dtype).astype(np.float64)
        wrong: Floats = rows - self.truth.reshape(len(self.truth), -1).T
        return wrong if self.known is None else wrong[self.known.reshape(-1)]

    def _worst(self, code: LatticeCode) -> float:
        return float(np.abs(self._errors(code)).max())

    def _psnr(self, code: LatticeCode) -> float:
        mean = float((self._errors(code) ** 2).mean())
        return 20 * math.log10(self.spread / math.sqrt(mean)) if mean else math.inf

    def _bytes(self, tried: _Tried, share: float | None) -> bytes:
        return coding.to_bytes(self._field(tried.code, share))

    def _file(self, tried: _Tried, share: float | None) -> EncodedFile:
        field = self._field(tried.code, share)
        return EncodedFile(
            coding.to_bytes(field), field, self._psnr(tried.code) if self.spread else math.inf,
            "psnr",
        )  # fmt: skip

    def _field(self, code: LatticeCode, share: float | None) -> CodedField:
        shape = self.volume.values.shape[-3:]
        sides = np.array([max(n - 1, 1) for n in reversed(shape)], np.float64)
        encoding: dict[str, Any] = {"method": "lattice"}
        if share is not None:
            encoding["max_error"] = share
        return CodedField(
            kind="scalar",
            bounds=np.stack([np.zeros(len(shape)), sides]),
            grids=(Grid((CodedLevel(DenseLayout(tuple(map(int, shape))), 0, code),), "finest"),),
            networks=(identity_network(code.num_features, "value"),),
            occupancy=None if self.known is None else Occupancy(self.known.reshape(shape)),
            metadata={
                "encoding": encoding,
                "tool": f"nfcodec {__version__}",
                "volume": {"dtype": self.volume.values.dtype.name, "axes": self.volume.values.ndim},
            },
        )


def _single(value: float) -> float:
    """The float32 next to ``value`` that is not above it."""
    found = np.float32(value)
    return float(np.nextafter(found, np.float32(0)) if float(found) > value else found)

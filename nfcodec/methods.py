"""The methods that code a field, and the options that each takes.

Options are stated here once: commands, the Python interface and the records of files take them from
here. Nothing heavy loads with this module; a method's own module loads when a field is coded.

Other distributions bring methods by entry points of the group ``nfcodec.methods``: each is named as
its method and loads a subclass of :class:`MethodOptions`; :func:`nfcodec.quantize.method_class`
finds what codes fields by these options.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass, field
from typing import Any, ClassVar

from nfcodec.errors import UsageError

#: Codebooks hold 2^b vectors, b in this range.
MIN_BITS, MAX_BITS = 1, 12


@dataclass(frozen=True)
class OptionInfo:
    """What users need to know of an option.

    ``name``: as commands call it. ``help``: what it is, without its default. ``least``, ``most``:
    its range, which begins above ``least`` if ``above`` is set. ``unset``: what None stands for.
    """

    name: str
    help: str
    least: float
    most: float | None = None
    whole: bool = True
    above: bool = False
    short: str | None = None
    unset: str | None = None

    def check(self, value: object) -> None:
        """UsageError unless ``value`` is a number in range, or None where that is a choice."""
        if value is None and self.unset is not None:
            return
        kinds = (int,) if self.whole else (int, float)
        number = isinstance(value, kinds) and not isinstance(value, bool)
        if not number or not self._within(float(value)):  # type: ignore[arg-type]
            what = "a whole number" if self.whole else "a number"
            raise UsageError(f"{self.name} must be {what} {self._range()}, got {value}")

    def _within(self, value: float) -> bool:
        low = value > self.least if self.above else value >= self.least
        return low and value <= (math.inf if self.most is None else self.most)

    def _range(self) -> str:
        if self.most is None:
            return f"of at least {self.least:g}"
        if self.above:
            return f"above {self.least:g} and at most {self.most:g}"
        return f"from {self.least:g} to {self.most:g}"


_BITS = OptionInfo("bits", "Bits of an index", MIN_BITS, MAX_BITS, short="b")
_STEPS = OptionInfo("steps", "Training steps", 1)
_RANK = OptionInfo("rank", "Rank of the approximation", 1, unset="half of the features")
_RATE_WEIGHT = OptionInfo(
    "lambda",
    "Share of the loss by which a bit more per vector has to lower it: more is smaller",
    0.0, 100.0, whole=False, above=True, unset="codes of fixed rate unless it is given",
)  # fmt: skip


def _option(info: OptionInfo, default: Any) -> Any:
    return field(default=default, metadata={"info": info})


@dataclass(frozen=True)
class MethodOptions:
    """The options of one method: a frozen, JSON-able configuration.

    ``name`` is the one users type. ``learns``: whether the method learns, from data if there are
    any, and can be resumed. ``rate``: the option that a rate-distortion curve of the method goes
    along, "" if there is one rate only.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    learns: ClassVar[bool] = False
    rate: ClassVar[str] = ""

    def __post_init__(self) -> None:
        for name, info in self.infos().items():
            info.check(getattr(self, name))

    def to_json(self) -> dict[str, Any]:
        """The method and its options, as recorded in the coded field's metadata."""
        return {"method": self.name, **self.values()}

    def values(self) -> dict[str, Any]:
        """The options by name."""
        return {name: getattr(self, name) for name in self.options()}

    @classmethod
    def options(cls) -> tuple[str, ...]:
        """The names of the options the method takes."""
        return tuple(option.name for option in dataclasses.fields(cls))

    @classmethod
    def infos(cls) -> dict[str, OptionInfo]:
        """What users need to know of each option, by its name."""
        return {
            option.name: option.metadata["info"]
            for option in dataclasses.fields(cls)
            if "info" in option.metadata
        }


@dataclass(frozen=True)
class VQADOptions(MethodOptions):
    """``2^bits`` code vectors per level, learned with the indices and the networks.

    ``rate_weight``: entropy-constrained if it is given. One bit per corner is then spent where it
    lowers the loss by this share; codes that are not worth their bytes are left out, and what the
    file holds of codes and networks is rounded to what it is worth.
    """

    name: ClassVar[str] = "vqad"
    summary: ClassVar[str] = "learned vector quantization (VQ-AD)"
    learns: ClassVar[bool] = True
    rate: ClassVar[str] = "bits"

    bits: int = _option(_BITS, 4)
    steps: int = _option(_STEPS, 2000)
    rate_weight: float | None = _option(_RATE_WEIGHT, None)


@dataclass(frozen=True)
class ECQOptions(VQADOptions):
    """VQ-AD with at most ``2^bits`` codes per level, of which the rate leaves what pays.

    ``rate_weight`` sets the rate, as for :class:`VQADOptions`.
    """

    name: ClassVar[str] = "ecq"
    summary: ClassVar[str] = "entropy-constrained learned vector quantization"
    rate: ClassVar[str] = "rate_weight"

    bits: int = _option(_BITS, 6)
    rate_weight: float | None = _option(_RATE_WEIGHT, 0.1)


@dataclass(frozen=True)
class KMeansOptions(MethodOptions):
    """``2^bits`` code vectors per level, every corner at its nearest one."""

    name: ClassVar[str] = "kmeans"
    summary: ClassVar[str] = "k-means vector quantization per level"
    rate: ClassVar[str] = "bits"

    bits: int = _option(_BITS, 4)


@dataclass(frozen=True)
class LowRankOptions(MethodOptions):
    """``rank`` of F features kept per corner; None keeps half of them, at least one.

    A level with fewer features or corners than ``rank`` keeps as many as it has.
    """

    name: ClassVar[str] = "lra"
    summary: ClassVar[str] = "truncated SVD per level, factors in float16"
    rate: ClassVar[str] = "rank"

    rank: int | None = _option(_RANK, None)


@dataclass(frozen=True)
class Float16Options(MethodOptions):
    """Every feature rounded to the nearest float16."""

    name: ClassVar[str] = "float16"
    summary: ClassVar[str] = "uncompressed features in float16"


#: Options by the name of their method, in the order in which users read of them.
METHODS: dict[str, type[MethodOptions]] = {
    cls.name: cls
    for cls in (VQADOptions, ECQOptions, KMeansOptions, LowRankOptions, Float16Options)
}


def options_of(method: str) -> type[MethodOptions]:
    """The class of a method's options; UsageError names the methods there are if it is not one."""
    if method not in METHODS:
        from importlib.metadata import entry_points  # slow, and rarely needed

        for entry in entry_points(group="nfcodec.methods", name=method):
            METHODS[method] = entry.load()
    if method not in METHODS:
        raise UsageError(f"there is no method {method!r}; choose one of {', '.join(METHODS)}")
    return METHODS[method]


def configure(method: str, **options: Any) -> MethodOptions:
    """``method`` with the ``options`` that are not None; its own defaults stand for the others.

    UsageError: an unknown method, an option it does not take, or a value out of range.
    """
    cls = options_of(method)
    given = {name: value for name, value in options.items() if value is not None}
    for name in given:
        if name not in cls.options():
            takes = ", ".join(cls.options()) or "no options"
            raise UsageError(f"method {method!r} does not take {name!r}; it takes {takes}")
    return cls(**given)


def taking(option: str) -> list[str]:
    """The methods that take ``option``."""
    return [name for name, cls in METHODS.items() if option in cls.options()]

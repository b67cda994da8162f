"""Field to CodedField: the lossy step. One module per method behind one small contract.

Importing this package is cheap: a method's module loads when the method is first asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from nfcodec._version import __version__
from nfcodec.check.field import check_field
from nfcodec.coding.storable import check_metadata_storable
from nfcodec.errors import UsageError
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.progress import Progress, Silent
from nfcodec.quantize.contract import Context, Quantizer, check_range
from nfcodec.quantize.unit_box import UnitBox
from nfcodec.quantize.unit_form import OutputScale, unit_form

if TYPE_CHECKING:
    from nfcodec.data import FieldData
    from nfcodec.quantize.goals import Goal

#: Method names and the class of each, as "module:class".
METHODS: Mapping[str, str] = MappingProxyType(
    {
        "vqad": "nfcodec.quantize.vqad:VQAD",
        "ecq": "nfcodec.quantize.ecq:ECQ",
        "kmeans": "nfcodec.quantize.kmeans:KMeans",
        "lra": "nfcodec.quantize.lowrank:LowRank",
        "float16": "nfcodec.quantize.float16:Float16",
    }
)


def method_class(method: str) -> type[Quantizer]:
    """The class of ``method``; UsageError names the methods there are if it is not one."""
    if method not in METHODS:
        raise UsageError(f"there is no method {method!r}; choose one of {', '.join(METHODS)}")
    module, name = METHODS[method].split(":")
    cls: type[Quantizer] = getattr(import_module(module), name)
    return cls


def configure(method: str, **options: Any) -> Quantizer:
    """``method`` with the ``options`` that are not None; its own defaults stand for the others.

    UsageError: an unknown method, an option it has no use for, or a value out of range.
    """
    cls = method_class(method)
    given = {name: value for name, value in options.items() if value is not None}
    for name in given:
        if name not in cls.options():
            takes = ", ".join(cls.options()) or "no options"
            raise UsageError(f"method {method!r} has no use for {name!r}; it takes {takes}")
    return cls(**given)


def encode(
    field: Field,
    method: str = "vqad",
    *,
    bits: int | None = None,
    rank: int | None = None,
    data: FieldData | None = None,
    steps: int | None = None,
    rate_weight: float | None = None,
    seed: int = 0,
    device: str = "auto",
    progress: Progress | None = None,
    resume: str | Path | None = None,
    goal: Goal | None = None,
) -> CodedField:
    """Code ``field`` by ``method``: "vqad", "ecq", "kmeans", "lra" or "float16".

    ``bits`` (1..12, default 4, for ``ecq`` 6): width of the indices, for the VQ methods. ``rank``
    (1..F, default half of F): for ``lra``. ``data``: posed images or a mesh to learn from, and
    ``steps`` of learning, for ``vqad`` and ``ecq``. ``rate_weight``: for the same, the share of
    the loss by which one more bit per vector has to lower it; ``ecq`` takes 0.1 by default,
    ``vqad`` fixed-rate codes. ``resume``: a file in which learning keeps its state, so that
    interrupted work goes on; the result is the same. ``goal``: a size or quality that the result
    is to meet, for ``ecq`` and ``vqad``, in place of ``rate_weight``;
    :func:`nfcodec.rd.target.encode` makes one. The method and its options are recorded under
    "encoding" in the metadata.

    UsageError: an unknown method, an option it has no use for or out of range, numbers too large
    for float16, metadata that no file can hold, or a goal that cannot be met. InvalidFieldError:
    the field is not sound (NaN, shapes that disagree).
    """
    if goal is not None:
        if "rate_weight" not in method_class(method).options():
            raise UsageError(f"method {method!r} cannot be steered to a size or quality")
        if rate_weight is not None:
            raise UsageError("a goal and a rate weight exclude each other")
        rate_weight = 0.1  # for codes of variable rate; the goal says of which
    quantizer = configure(method, bits=bits, rank=rank, steps=steps, rate_weight=rate_weight)
    if not quantizer.learns:
        for name, value in (("data", data), ("resume", resume)):
            if value is not None:
                raise UsageError(f"method {method!r} does not learn and has no use for {name!r}")
    check_field(field, "the field to encode")
    field, outputs = unit_form(field)
    check_range(field)
    check_metadata_storable(field.metadata, "the field to encode")
    quantizer.check(field)
    box = UnitBox.of(field) if quantizer.learns else None
    finished = partial(
        _finished, box=box, outputs=outputs, quantizer=quantizer, seed=seed, goal=goal
    )
    if box is not None:
        field, data = box.field, box.data(data)
    if goal is not None:
        goal = goal.of(finished)
    context = Context(
        data=data,
        device=device,
        seed=seed,
        progress=Silent() if progress is None else progress,
        resume=None if resume is None else Path(resume),
        goal=goal,
    )
    return finished(quantizer.quantize(field, context))


def _finished(
    coded: CodedField, box: UnitBox | None, outputs: OutputScale | None, quantizer: Quantizer,
    seed: int, goal: Goal | None,
) -> CodedField:  # fmt: skip
    """``coded`` with the units of its outputs, and with what its file says of how it was made."""
    if box is not None:
        coded = box.undone(coded)
    if outputs is not None:
        coded = outputs.of(coded)
    kept = dict(coded.metadata)
    # Where the field was trained from matters to encoders alone, and takes kilobytes.
    kept.pop("viewpoints", None)
    # What was measured on the field is not true of its codes.
    if "metrics" in kept:
        kept["source_metrics"] = kept.pop("metrics")
    kept["encoding"] = {**quantizer.to_json(), "seed": seed}
    if goal is not None:
        # Which weight led to it changed from step to step.
        kept["encoding"] = {**kept["encoding"], "rate_weight": None, **goal.to_json()}
    kept["tool"] = f"nfcodec {__version__}"
    return replace(coded, metadata=kept)


__all__ = ["METHODS", "Context", "Quantizer", "configure", "encode", "method_class"]

"""Field to CodedField: the lossy step. One module per method behind one small contract.

The caller supplies what codes cost in a file and where learning should lead: see
:mod:`nfcodec.quantize.steering`. Importing this package is cheap: a method's module loads when the
method is first used.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nfcodec._version import __version__
from nfcodec.check.field import check_field
from nfcodec.errors import UsageError
from nfcodec.methods import METHODS, MethodOptions, configure, options_of
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.progress import Progress, Silent
from nfcodec.quantize.contract import Context, Quantizer, check_range
from nfcodec.quantize.units.unit_box import UnitBox
from nfcodec.quantize.units.unit_form import OutputScale, unit_form

if TYPE_CHECKING:
    from nfcodec.data import FieldData
    from nfcodec.quantize.steering import RateModel, Steering


#: What codes fields by each method, as "module:class". Other distributions bring theirs by entry
#: points of the group ``nfcodec.quantizers``.
_QUANTIZERS = {
    "vqad": "nfcodec.quantize.vq.vqad:VQAD",
    "ecq": "nfcodec.quantize.vq.ecq:ECQ",
    "kmeans": "nfcodec.quantize.vq.kmeans:KMeans",
    "lra": "nfcodec.quantize.lowrank:LowRank",
    "float16": "nfcodec.quantize.float16:Float16",
}


def method_class(method: str) -> type[Quantizer]:
    """The class that codes fields by ``method``; UsageError if there is no such method."""
    options_of(method)
    cls: type[Quantizer]
    if method in _QUANTIZERS:
        module, name = _QUANTIZERS[method].split(":")
        cls = getattr(import_module(module), name)
        return cls
    from importlib.metadata import entry_points  # slow, and rarely needed

    (entry,) = entry_points(group="nfcodec.quantizers", name=method)
    cls = entry.load()
    return cls


def quantizer_for(options: MethodOptions) -> Quantizer:
    """What codes fields by these options."""
    return method_class(options.name)(**options.values())


def encode(
    field: Field,
    method: str | MethodOptions = "vqad",
    *,
    data: FieldData | None = None,
    seed: int = 0,
    device: str = "auto",
    progress: Progress | None = None,
    resume: str | Path | None = None,
    rates: RateModel | None = None,
    steering: Steering | None = None,
    **options: Any,
) -> CodedField:
    """Code ``field``: the lossy step alone, of which :mod:`nfcodec.encoder` makes a file.

    Args:
        method: a method's options, or its name, with ``options`` for it.
        data: posed images or a mesh to learn from, for methods that learn.
        resume: a file in which learning keeps its state, so that interrupted work goes on; the
            result is the same.
        rates: what a file takes beside its codes, to leave out LODs that are not worth their bytes
            where bits have a price; without it all are kept.
        steering: a target that the result is to meet, for methods of a variable rate.

    The method and its options are recorded under "encoding" in the metadata.

    UsageError: an unknown method, an option it does not take or out of range, numbers too large
    for float16, or a target that cannot be met. InvalidFieldError: the field is not sound (NaN,
    shapes that disagree).
    """
    if isinstance(method, str):
        method = configure(method, **options)
    elif options:
        raise TypeError(f"options belong into {method!r}, not beside it")
    quantizer = quantizer_for(method)
    if not quantizer.learns:
        for name, value in (("data", data), ("resume", resume)):
            if value is not None:
                raise UsageError(
                    f"method {method.name!r} does not learn and does not take {name!r}"
                )
    check_field(field, "the field to encode")
    field, outputs = unit_form(field)
    check_range(field)
    quantizer.check(field)
    box = UnitBox.of(field) if quantizer.learns else None
    finished = partial(
        _finished, box=box, outputs=outputs, quantizer=quantizer, seed=seed, steering=steering
    )
    if box is not None:
        field, data = box.field, box.data(data)
    context = Context(
        data=data,
        device=device,
        seed=seed,
        progress=Silent() if progress is None else progress,
        resume=None if resume is None else Path(resume),
        rates=rates,
        steering=None if steering is None else steering.of(finished),
    )
    return finished(quantizer.quantize(field, context))


def _finished(
    coded: CodedField, box: UnitBox | None, outputs: OutputScale | None, quantizer: Quantizer,
    seed: int, steering: Steering | None,
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
    if steering is not None:
        # Which weight led to it changed from step to step.
        kept["encoding"] = {**kept["encoding"], "rate_weight": None, **steering.to_json()}
    kept["tool"] = f"nfcodec {__version__}"
    return replace(coded, metadata=kept)


__all__ = [
    "METHODS", "Context", "Quantizer", "configure", "encode", "method_class", "quantizer_for",
]  # fmt: skip

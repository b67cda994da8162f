"""Parts of the codec that an ablation turns off, and how.

A part that is an option is set; one that is a function or a constant of the package has something
stand in for it while a field is coded. A switch whose function or constant is not there (any more)
is named as such by :meth:`Switch.missing`, and left out rather than measured as if it were off.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any
from unittest.mock import patch

#: Stands in for a function by giving its first argument back.
UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Switch:
    """One part, turned off.

    ``stand_ins``: {"module:name": value}, :data:`UNCHANGED` for a function that then changes
    nothing. ``options``: of ``encode``, over those of the whole codec; ``bits``: the knob instead
    of lambda, if its values are given. ``written``: options of ``coding.to_bytes`` by which the
    whole codec's file is written anew. ``one_lod``: True for a single level of detail.
    """

    what: str
    stand_ins: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    bits: tuple[int, ...] = ()
    written: Mapping[str, Any] = field(default_factory=dict)
    one_lod: bool = False

    def missing(self) -> list[str]:
        """The stand-ins whose originals this version of nfcodec does not have."""
        return [target for target in self.stand_ins if not _exists(target)]


SWITCHES: dict[str, Switch] = {
    "rate term": Switch(
        "codes chosen by what errors cost alone; rate by the number of codes",
        options={"rate_weight": 1e-6},
        bits=(2, 3, 4, 6),
    ),
    "importance": Switch(
        "no voxel is left out for how little it shows",
        stand_ins={"nfcodec.quantize.learning.task:prune_invisible_voxels": UNCHANGED},
    ),
    "layers": Switch("indices in one layer", written={"layers": 1}),
    "quality layers": Switch("the indices of every level in one layer", written={"layers": 1}),
    "decoder coding": Switch(
        "networks learned and stored in float16 instead of steps",
        stand_ins={
            "nfcodec.quantize.vq.vqad:_learn_in_steps": UNCHANGED,
            "nfcodec.quantize.vq.vqad:network_in_steps": UNCHANGED,
        },
    ),
    "levels of detail": Switch(
        "one level of detail: every step learns the finest, and the file has one chunk of levels",
        stand_ins={"nfcodec.quantize.learning.supervision:FINEST_SHARE": 1.0},
        one_lod=True,
    ),
}


@contextmanager
def applied(stand_ins: Mapping[str, Any]) -> Iterator[None]:
    """Meanwhile the named functions and constants of the package are what stands in for them.

    AttributeError if one is not there.
    """
    with ExitStack() as stack:
        for target, value in stand_ins.items():
            module, name = target.split(":")
            value = _unchanged if value == UNCHANGED else value
            stack.enter_context(patch.object(import_module(module), name, value))
        yield


def _unchanged(value: Any, *_: Any, **__: Any) -> Any:
    return value


def _exists(target: str) -> bool:
    module, name = target.split(":")
    try:
        return hasattr(import_module(module), name)
    except ImportError:
        return False

"""nfcodec: a codec for neural fields.

>>> import nfcodec
>>> field = nfcodec.load("scene.pt")
>>> coded = nfcodec.encode(field, method="vqad", bits=4)
>>> nfcodec.save(coded, "scene.nfc")
>>> coded = nfcodec.open("scene.nfc")
>>> image = nfcodec.render.render(coded, nfcodec.render.views.camera(coded))

Importing this module is cheap: heavy parts load when first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from nfcodec._version import __version__

_LAZY = {
    "CodedField": "nfcodec.model.coded",
    "EncodeRequest": "nfcodec.encoder.request",
    "Field": "nfcodec.model.field",
    "LatticeRequest": "nfcodec.encoder.lattice_request",
    "NfcodecError": "nfcodec.errors",
    "Quality": "nfcodec.encoder.request",
    "Size": "nfcodec.encoder.request",
    "batch": "nfcodec.cli.batch_jobs",
    "compare": "nfcodec.rd.compare",
    "encode": "nfcodec.encoder.encode_file",
    "encode_distances": "nfcodec.encoder.distances",
    "encode_file": "nfcodec.encoder.encode_file",
    "encode_mesh": "nfcodec.encoder.distances",
    "export": "nfcodec.exporters",
    "load": "nfcodec.importers",
    "module": "nfcodec.evaluate.module",
    "open": "nfcodec.coding",
    "refit": "nfcodec.train.refit",
    "save": "nfcodec.encoder.assemble",
    "verify": "nfcodec.coding",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(_load(name, _LAZY[name]), name)
    if name == "render":
        _load(name, "nfcodec.render.images")
        _load(name, "nfcodec.render.views")
        return _load(name, "nfcodec.render")
    raise AttributeError(f"module 'nfcodec' has no attribute {name!r}")


def _load(name: str, module: str) -> Any:
    """Import ``module``; MissingPackageError if a package that it needs is not installed."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        from nfcodec.optional import missing

        raise missing(error, f"nfcodec.{name}") or error from error


def __dir__() -> list[str]:
    return sorted([*globals(), *_LAZY, "render"])


__all__ = ["__version__", "render", *_LAZY]

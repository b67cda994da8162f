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

import os
from importlib import import_module
from typing import Any

from nfcodec._version import __version__

# OpenMP threads that spin while they wait make learning several times slower on a busy machine, and
# gain a tenth at most on an idle one. OpenMP reads this when PyTorch or Numba loads it: before
# any other module of this package.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")


_LAYERS = ("default", "safe", "threadsafe", "forksafe", "tbb", "omp", "workqueue")


def _drop_senseless_settings() -> None:
    """Ignore settings of Numba's threads with which it cannot start them."""
    threads = os.environ.get("NUMBA_NUM_THREADS", "1").strip()
    layer = os.environ.get("NUMBA_THREADING_LAYER", "default").strip()
    for name, sound, values in (
        ("NUMBA_NUM_THREADS", threads.isdecimal() and 1 <= int(threads) <= 4096, "1 to 4096"),
        ("NUMBA_THREADING_LAYER", layer in _LAYERS, ", ".join(_LAYERS)),
    ):
        if not sound:
            import logging  # not at the top: importing this module is to stay cheap

            text = "nfcodec: warning: %s=%s is ignored: it is none of %s"
            logging.getLogger("nfcodec").warning(text, name, os.environ.pop(name), values)


_drop_senseless_settings()

_LAZY = {
    "CodedField": "nfcodec.model.coded",
    "Field": "nfcodec.model.field",
    "NfcodecError": "nfcodec.errors",
    "compare": "nfcodec.rd.compare",
    "encode": "nfcodec.quantize",
    "export": "nfcodec.exporters",
    "load": "nfcodec.importers",
    "open": "nfcodec.coding",
    "save": "nfcodec.coding",
    "verify": "nfcodec.coding",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    if name == "render":
        import_module("nfcodec.render.images")
        import_module("nfcodec.render.views")
        return import_module("nfcodec.render")
    raise AttributeError(f"module 'nfcodec' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_LAZY, "render"])


__all__ = ["__version__", "render", *_LAZY]

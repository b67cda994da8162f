"""Settings of threads that the command line makes for its own process and what it starts.

The package itself sets nothing: a program that imports it decides about its own threads.
"""

from __future__ import annotations

import logging
import os

_LAYERS = ("default", "safe", "threadsafe", "forksafe", "tbb", "omp", "workqueue")


def prepare() -> None:
    """Set how threads wait, before anything loads OpenMP, and drop settings that cannot work."""
    # OpenMP threads that spin while they wait make learning several times slower on a busy machine
    # and gain a tenth at most on an idle one. OpenMP reads this when PyTorch or Numba loads it.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    _drop_senseless_settings()


def _drop_senseless_settings() -> None:
    """Ignore settings of Numba's threads with which it cannot start them."""
    threads = os.environ.get("NUMBA_NUM_THREADS", "1").strip()
    layer = os.environ.get("NUMBA_THREADING_LAYER", "default").strip()
    for name, sound, values in (
        ("NUMBA_NUM_THREADS", threads.isdecimal() and 1 <= int(threads) <= 4096, "1 to 4096"),
        ("NUMBA_THREADING_LAYER", layer in _LAYERS, ", ".join(_LAYERS)),
    ):
        if not sound:
            text = "nfcodec: warning: %s=%s is ignored: it is none of %s"
            logging.getLogger("nfcodec").warning(text, name, os.environ.pop(name), values)

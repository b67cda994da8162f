"""Loading Numba quickly, for verbs that run for a fraction of a second."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

#: What Numba imports only to see whether it is there: SciPy for the BLAS behind ``np.dot``, cffi
#: for foreign functions. No kernel here uses either; together they take a third of the time.
UNUSED = ("scipy", "cffi")


@contextmanager
def numba_alone() -> Iterator[None]:
    """While this lasts, Numba is loaded, if it is, without what it only looks at.

    For the command line alone: compiled code of this process has no ``np.dot`` afterwards.
    """
    modules: dict[str, Any] = sys.modules  # None stands for a module that cannot be imported
    hidden = [] if "numba" in modules else [name for name in UNUSED if name not in modules]
    modules.update(dict.fromkeys(hidden))
    try:
        yield
    finally:
        for name in hidden:
            del modules[name]

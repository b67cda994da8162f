"""matplotlib for images without a window."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

from nfcodec.errors import NfcodecError
from nfcodec.optional import need

_BACKEND = "MPLBACKEND"


def matplotlib(*modules: str) -> Any:
    """matplotlib, with ``modules`` of it loaded; NfcodecError if they cannot be.

    The back-end that a notebook or a desktop left in ``MPLBACKEND`` draws windows, which nothing
    here does, and importing matplotlib fails where that back-end is not installed.
    """
    stated = None if "matplotlib" in sys.modules else os.environ.pop(_BACKEND, None)
    need("matplotlib", "drawing plots and color maps")
    try:
        found = import_module("matplotlib")
        for module in modules:
            import_module(f"matplotlib.{module}")
        return found
    except Exception as error:  # anything a broken installation raises
        raise NfcodecError(
            f"cannot draw: matplotlib does not load ({type(error).__name__}: "
            f"{' '.join(str(error).split())[:200]}); install it again with "
            "`pip install --force-reinstall matplotlib`"
        ) from error
    finally:
        if stated is not None:
            os.environ[_BACKEND] = stated

"""The GPU that tests draw on, if this machine has one."""

from __future__ import annotations

import functools
import os
from typing import Any

import pytest

from nfcodec.errors import UsageError

REQUIRED = "NFCODEC_REQUIRE_GPU_TESTS"


@functools.cache
def _found() -> tuple[Any, str]:
    from nfcodec.render.gpu.device import request_device

    try:
        return request_device(), ""
    except UsageError as error:
        return None, str(error)


def device() -> Any:
    """One device for all tests; skips, or fails if ``NFCODEC_REQUIRE_GPU_TESTS`` is 1."""
    found, why = _found()
    if found is None:
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(f"{REQUIRED} is 1, but: {why}")
        pytest.skip(why)
    return found

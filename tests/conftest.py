"""Fixtures that every test folder shares."""

from __future__ import annotations

import logging
import os
import signal
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

_ROOT = Path(__file__).resolve().parent.parent
if str(_ROOT) not in sys.path:  # `from tests.fields import ...` from any working directory
    sys.path.insert(0, str(_ROOT))

# A busy machine is no failure.
settings.register_profile("busy", deadline=None)
settings.load_profile("busy")

# A job in the background of a shell is born deaf to Ctrl-C, and so would be what it starts.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by where they are: those in a browser or Node, and those on a graphics adapter."""
    for item in items:
        folder, name = item.path.parent.name, item.path.name
        if folder == "web" or name.startswith("test_browser"):
            item.add_marker("browser")
        if folder == "render" and name == "test_gpu.py":
            item.add_marker("gpu")


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    """Tests share the machine: one thread each, where torch or Numba is in use at all."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.get_num_threads() != 1:
        torch.set_num_threads(1)
    numba = sys.modules.get("numba")  # a second thread on a busy core costs a hundred times more
    if numba is not None and numba.get_num_threads() != 1:
        numba.set_num_threads(1)


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real data; the test is skipped where there is none.

    ``NFCODEC_DATA`` names it; by default it is ``../shared/data`` beside the checkout.
    """
    named = os.environ.get("NFCODEC_DATA")
    folder = Path(named) if named else _ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        wanted = "NFCODEC_DATA names no folder" if named else "NFCODEC_DATA is not set"
        pytest.skip(f"needs the real data sets: {wanted} ({folder})")
    return folder


@pytest.fixture(autouse=True)
def plain_messages() -> Iterator[None]:
    """What the command line does to log records and warnings holds for no other test.

    Fixtures of whole sessions call it too, so the state before a test is none to go back to.
    """
    log = logging.getLogger("nfcodec")
    log.handlers.clear()
    log.propagate = True
    log.setLevel(logging.NOTSET)
    with warnings.catch_warnings():
        yield

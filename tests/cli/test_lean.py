"""Verbs that only read load what they need and no more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from nfcodec import coding
from nfcodec.cli.lean import UNUSED, numba_alone
from tests.fields import random_coded

#: Runs the command line and says which packages it has loaded.
SCRIPT = """
import sys
from nfcodec.cli.app import run
code = run(sys.argv[1:])
print(code, *(name for name, module in sys.modules.items() if module and "." not in name))
"""


@pytest.mark.parametrize("verb", ["info", "verify"])
def test_reading_loads_numba_without_scipy(verb: str, tmp_path: Path) -> None:
    path = tmp_path / "field.nfc"
    coding.save(random_coded(), path)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, verb, path], capture_output=True, text=True, check=True
    )
    code, *modules = done.stdout.splitlines()[-1].split()
    assert code == "0"
    assert "numba" in modules  # else this tests nothing
    assert {*modules}.isdisjoint({*UNUSED, "torch", "h5py"})


def test_what_was_hidden_can_be_imported_again() -> None:
    script = (
        "from nfcodec.cli.lean import numba_alone\n"
        "with numba_alone():\n"
        "    try: import scipy\n"
        "    except ImportError: print('hidden')\n"
        "import scipy"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "hidden\n"), done.stderr


def test_nothing_is_hidden_once_numba_is_loaded() -> None:
    import numba

    assert numba
    with numba_alone():
        assert all(sys.modules.get(name, numba) is not None for name in UNUSED)

"""Drawing does not depend on the window system that matplotlib is told of."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from nfcodec.errors import NfcodecError
from nfcodec.render import headless

_DRAW = """
import os
from nfcodec.rd import figure
from nfcodec.render import scalar
table = scalar.color_table("viridis")
assert scalar.color_bar(40, 0.0, 1.0, table, (1.0, 1.0, 1.0)).shape[0] == 40
figure.check()
print(os.environ["MPLBACKEND"])
"""


def test_a_back_end_that_is_not_there_does_not_matter() -> None:
    stated = "module://matplotlib_inline.missing_backend"
    done = subprocess.run(
        [sys.executable, "-c", _DRAW], env={**os.environ, "MPLBACKEND": stated},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == stated  # as it was, for programs that are started from here


def test_a_broken_installation_is_told() -> None:
    with pytest.raises(NfcodecError, match=r"cannot draw: .*no_such_module.*install it again"):
        headless.matplotlib("no_such_module")

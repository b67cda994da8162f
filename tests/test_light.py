"""What ``nfcodec-core`` without extras can do: read, and say what the rest needs.

Each test runs in a process in which the packages of all extras cannot be imported.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nfcodec import coding
from nfcodec.optional import EXTRAS, MissingPackageError, missing, need
from tests.fields import random_coded

ROOT = Path(__file__).resolve().parent.parent

#: Refuses the packages named in its first argument, then runs the command line on the others.
COMMAND = """
import sys
class Refusing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in refused:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
refused = set(sys.argv.pop(1).split(","))
sys.meta_path.insert(0, Refusing())
"""
MAIN = COMMAND + "from nfcodec.cli import main; main()"


def run(script: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, ",".join(EXTRAS), *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "NUMBA_NUM_THREADS": "1"},
    )


@pytest.fixture(scope="module")
def coded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("light") / "field.nfc"
    coding.save(random_coded(), path)
    return path


def test_info_verify_and_view_need_no_extra(coded: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    for arguments in (["info", coded], ["verify", coded], ["view", coded, "--export", site]):
        done = run(MAIN, *arguments)
        assert (done.returncode, done.stderr) == (0, "")
    assert (site / coded.name).read_bytes() == coded.read_bytes()


def test_decode_to_npz_needs_no_extra(coded: Path, tmp_path: Path) -> None:
    out = tmp_path / "field.npz"
    done = run(MAIN, "decode", coded, "-o", out)
    assert (done.returncode, done.stderr) == (0, "")
    level = coding.open(coded).levels[0]
    with np.load(out) as arrays:
        np.testing.assert_array_equal(arrays["grids/0/levels/0/features"], level.code.decode_rows())
    assert run(MAIN, "info", out).returncode == 0


def test_opening_needs_no_extra(coded: Path) -> None:
    script = "import nfcodec; print(nfcodec.open(sys.argv[1]).levels[0].code.decode_rows().shape)"
    done = run(COMMAND + script, coded)
    assert done.stderr == ""
    assert done.stdout.startswith("(")


@pytest.mark.parametrize(
    ("suffix", "package", "extra"),
    [(".pt", "torch", "learn"), (".h5", "h5py", "hdf5"), (".ply", "torch", "learn")],
)
def test_what_needs_an_extra_says_which(
    coded: Path, suffix: str, package: str, extra: str, tmp_path: Path
) -> None:
    done = run(MAIN, "decode", coded, "-o", tmp_path / f"out{suffix}")
    assert done.returncode == 1
    assert f"needs the package {package}, which is not installed" in done.stderr
    assert f"pip install 'nfcodec-core[{extra}]'" in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("verb", ["encode", "render"])
def test_verbs_that_need_an_extra_say_which(coded: Path, verb: str, tmp_path: Path) -> None:
    out = tmp_path / ("out.nfc" if verb == "encode" else "out.png")
    source = ROOT / "examples" / "fields" / "ornament.pt" if verb == "encode" else coded
    done = run(MAIN, verb, source, "-o", out)
    assert done.returncode == 1
    assert "`pip install nfcodec` for all that encoding needs" in done.stderr
    assert "defect" not in done.stderr


def test_names_at_the_top_that_need_an_extra_say_which() -> None:
    done = run(COMMAND + "import nfcodec; nfcodec.render")
    assert "MissingPackageError: nfcodec.render needs the package torch" in done.stderr


def test_a_package_that_is_no_extra_stays_a_defect() -> None:
    assert missing(ModuleNotFoundError("no", name="nfcodec.gone")) is None
    with pytest.raises(ModuleNotFoundError) as caught:
        need("nfcodec.gone", "this")
    assert not isinstance(caught.value, MissingPackageError)

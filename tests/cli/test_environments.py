"""Surroundings that users do not choose: streams, terminals, signals, folders, locales."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nfcodec.cli import app, signals
from nfcodec.cli.console import console
from nfcodec.progress import Silent
from tests.cli.conftest import Run

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX shell")
#: The command line, as ``sh`` is to be given it.
NFCODEC = f"{sys.executable} -m nfcodec"


def sh(script: str, folder: Path, **environment: str | None) -> subprocess.CompletedProcess[str]:
    """Run a script in ``folder``; None removes a variable from the environment."""
    full = {**os.environ, "OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1", **environment}
    return subprocess.run(
        ["sh", "-c", script], cwd=folder, capture_output=True, text=True, errors="replace",
        env={name: value for name, value in full.items() if value is not None},
    )  # fmt: skip


@pytest.fixture
def work(fields: Path, tmp_path: Path) -> Path:
    """A folder with a small field, plain and coded."""
    for name in ("scalar.pt", "scalar.nfc"):
        shutil.copy(fields / name, tmp_path / name)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("closed", ["<&- >&- 2>&-", ">&-", "2>&-"])
def test_closed_streams_do_not_matter(work: Path, closed: str) -> None:
    done = sh(f"exec {NFCODEC} decode scalar.nfc -o a.h5 {closed}", work)
    assert done.returncode == 0, done.stderr
    # HDF5 tells of its errors on the number of standard error, which must not be the file's.
    assert (work / "a.h5").read_bytes()[:8] == b"\x89HDF\r\n\x1a\n"


def test_a_reader_that_has_seen_enough_does_not_hide_what_follows(work: Path) -> None:
    (work / "bad.nfc").write_bytes(b"no field")
    done = sh(f"({NFCODEC} verify scalar.nfc bad.nfc; echo $? >&2) | true", work)
    assert done.stderr.strip().endswith("\n3")
    done = sh(f"({NFCODEC} --help; echo $? >&2) | true", work)
    assert done.stderr == "0\n"


def test_messages_that_nobody_reads_do_not_end_the_work(work: Path) -> None:
    done = sh(f"{{ {{ {NFCODEC} info missing.nfc 2>&1 >&3; echo $? >&3; }} | true; }} 3>&1", work)
    assert done.stdout == "2\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_results_that_cannot_be_written_are_an_error(work: Path) -> None:
    done = sh(f"{NFCODEC} info scalar.nfc > /dev/full", work)
    assert done.returncode == 1
    assert done.stderr.startswith("nfcodec: error: standard output cannot be written: No space")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "environment",
    [{"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"LC_ALL": "C"},
     {"LC_ALL": "tr_TR.UTF-8"}, {"PYTHONIOENCODING": "latin-1"}],
    ids=lambda environment: " ".join(environment.values()),
)  # fmt: skip
def test_names_that_the_locale_has_no_letters_for(work: Path, environment: dict[str, str]) -> None:
    shutil.copy(work / "scalar.nfc", work / "vé😀.nfc")
    done = sh(f"{NFCODEC} verify 'vé😀.nfc' | cat", work, **environment)
    assert done.stdout.startswith("v")
    assert done.stdout.endswith(".nfc: sound\n")
    assert done.stderr == ""


def test_no_bar_where_the_cursor_cannot_go_back(monkeypatch: pytest.MonkeyPatch) -> None:
    console.reset()
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert not isinstance(console.progress(), Silent)
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(console.progress(), Silent)
    console.reset()


def test_a_terminal_that_goes_does_not_end_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    from nfcodec.cli.bar import Bar

    class Gone:
        encoding = "utf-8"

        def write(self, text: str = "") -> int:
            raise OSError(errno.EPIPE, "gone")

        flush = isatty = fileno = write

    monkeypatch.setattr(sys, "stderr", Gone())
    bar = Bar()
    bar.start("work", 3)
    for done in (1, 2, 3):
        bar.update(done, loss=1.0)
    bar.finish()


def test_the_command_line_runs_in_any_thread(nfcodec: Run, work: Path) -> None:
    codes: list[int] = []
    thread = threading.Thread(target=lambda: codes.append(app.run(["info", "missing.nfc"])))
    thread.start()
    thread.join()
    assert codes == [2]


@pytest.mark.slow
def test_a_working_folder_that_is_gone(work: Path) -> None:
    (work / "gone").mkdir()
    inside = f"cd gone && rmdir ../gone && {NFCODEC}"
    done = sh(f"{inside} decode {work}/scalar.nfc -o {work}/a.pt", work)
    assert (done.returncode, done.stderr) == (0, "")
    (work / "gone").mkdir()
    done = sh(f"{inside} decode {work}/scalar.nfc -o b.pt", work)
    assert done.returncode == 2
    assert "'b.pt' is relative to the working folder, which has been deleted" in done.stderr


@pytest.mark.slow
def test_neither_home_nor_user_nor_temporary_folder(work: Path) -> None:
    script = (
        "import os, pwd\n"
        "def nobody(*_): raise KeyError('uid not found')\n"
        "pwd.getpwuid = pwd.getpwnam = nobody\n"
        "from nfcodec.cli.app import run\n"
        "import sys; sys.exit(run(['render', 'scalar.nfc', '-o', 'a.png', '--size', '8x8']))"
    )
    done = sh(
        f'{sys.executable} -c "$SCRIPT"', work, SCRIPT=script, HOME=None, USER=None, LOGNAME=None,
        TMPDIR="/nowhere", MPLCONFIGDIR="/dev/null/x", XDG_CACHE_HOME="/dev/null/x",
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def restored() -> Iterator[None]:
    """Handlers as they were, whatever a test does."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_polite_signals_unwind(restored: None, number: int, code: int) -> None:
    handler = signal.getsignal(number)
    with pytest.raises(signals.Terminated) as caught, signals.polite():
        try:
            os.kill(os.getpid(), number)
        finally:  # a shell that ends sends another, which must not hit what is put in order
            os.kill(os.getpid(), signal.SIGHUP)
            ended = True
    assert ended
    assert caught.value.code == code
    assert signal.getsignal(number) == handler


def test_what_nohup_ignores_stays_ignored(restored: None) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with signals.polite():
        os.kill(os.getpid(), signal.SIGHUP)


def test_a_signal_that_a_callback_swallows_comes_again(restored: None) -> None:
    def callback() -> int:
        os.kill(os.getpid(), signal.SIGTERM)
        return 0

    called = ctypes.CFUNCTYPE(ctypes.c_int)(callback)
    with pytest.raises(signals.Terminated), signals.polite():
        called()
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            time.sleep(0.01)


def test_a_second_run_on_the_same_output_is_refused(nfcodec: Run, work: Path) -> None:
    from nfcodec.aside import claimed

    for verb in (["encode", work / "scalar.pt", "-o", work / "b.nfc"],
                 ["rd-curve", work / "scalar.pt", "-m", "kmeans", "-o", work / "rd"]):  # fmt: skip
        target = Path(verb[-1])
        if verb[0] == "rd-curve":
            target.mkdir()
        with claimed(target):
            nfcodec(*verb).expect(2, "another run is at work", target.name)


def test_the_exit_code_survives_a_signal_at_the_end(work: Path) -> None:
    script = (
        "import atexit, os, signal\n"
        "from nfcodec.cli import app, main, signals\n"
        "def ends(_): raise signals.Terminated(signal.SIGHUP)\n"
        "app.cli.invoke = ends\n"
        "atexit.register(os.kill, os.getpid(), signal.SIGHUP)\n"
        "main(['info', 'scalar.nfc'])"
    )
    done = sh(f'{sys.executable} -c "$SCRIPT"', work, SCRIPT=script)
    assert (done.returncode, done.stderr) == (129, "nfcodec: interrupted; nothing was written\n")

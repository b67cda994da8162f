"""How the command line behaves whatever the verb: help, streams, exit codes, interruption."""

from __future__ import annotations

import logging
import os
import re
import resource
import select
import signal
import struct
import subprocess
import sys
import time
import warnings
from pathlib import Path

import click
import pytest

from nfcodec._version import __version__
from nfcodec.cli import app, signals
from nfcodec.cli.console import size, table
from nfcodec.cli.options import Listed, Size, Vector
from nfcodec.errors import DamagedFileError, LimitError, UnsupportedError, UsageError
from tests.cli.conftest import Run, shell

VERBS = ["train", "encode", "info", "verify", "decode", "compare", "render", "view", "rd-curve",
         "batch"]  # fmt: skip
TRAINED = ["nerf", "sdf", "vqvae", "vq-nerf"]
LEAVES = [*([verb] for verb in VERBS if verb != "train"), *(["train", name] for name in TRAINED)]


def test_help_is_quick_and_loads_nothing_heavy() -> None:
    script = (
        "import sys\nfrom nfcodec.cli.app import run\ncode = run(['--help'])\n"
        "heavy = {'torch', 'numpy', 'scipy', 'numba', 'sklearn', 'h5py'} & set(sys.modules)\n"
        "sys.exit(code or ' '.join(heavy) or 0)"
    )
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr
    listed = done.stdout.split("Commands:")[1]
    assert re.findall(r"^  ([a-z-]+)  ", listed, re.M)[: len(VERBS)] == VERBS
    # Processor time: the machine may be busy with other things.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.5


def test_the_help_of_train_lists_all_that_is_trained(nfcodec: Run) -> None:
    about, listed = nfcodec("train", "--help").out.split("Commands:")
    assert re.findall(r"^  ([a-z-]+)  ", listed, re.M) == TRAINED
    words = set(re.findall(r"[\w-]+", about))
    assert {"nerf", "sdf"} <= words  # guests are only listed


@pytest.mark.parametrize("verb", LEAVES, ids=" ".join)
def test_each_verb_has_help_with_examples(nfcodec: Run, verb: list[str]) -> None:
    found = nfcodec(*verb, "--help")
    assert (found.code, found.err) == (0, "")
    assert f"  nfcodec {' '.join(verb)} " in found.out.split("Examples:")[1]


@pytest.mark.parametrize("verb", LEAVES, ids=" ".join)
def test_examples_in_help_use_options_that_exist(verb: list[str]) -> None:
    context = click.Context(app.cli)
    command: click.Command = app.cli
    for name in verb:
        assert isinstance(command, click.Group)
        command = command.get_command(context, name)  # type: ignore[assignment]
    known = {
        option
        for parameter in command.get_params(click.Context(command))
        for option in (*parameter.opts, *parameter.secondary_opts)
    }
    for line in str(command.epilog).split("\n"):
        if line.startswith("  nfcodec"):
            for option in re.findall(r"(?<= )--?[a-z][a-z-]*", line):
                assert option in known, line


def test_version(nfcodec: Run) -> None:
    assert nfcodec("--version").out == f"nfcodec, version {__version__}\n"


def test_no_verb_shows_help_as_a_usage_error(nfcodec: Run) -> None:
    found = nfcodec()
    assert found.code == 2
    assert "Commands:" in found.out + found.err


@pytest.mark.parametrize("arguments", [["encode"], ["enkode", "x"], ["info", "--nonsense", "x"]])
def test_usage_errors_are_one_line(nfcodec: Run, arguments: list[str]) -> None:
    nfcodec(*arguments).expect(2, "--help")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("so"), 2), (DamagedFileError("so"), 3), (UnsupportedError("so"), 4),
        (LimitError("so"), 5), (MemoryError(), 1), (OSError(28, "No space left"), 1),
        (PermissionError(13, "Permission denied"), 1), (FileNotFoundError(2, "No such file"), 2),
        (ZeroDivisionError("so"), 1),
    ],
)  # fmt: skip
def test_errors_become_exit_codes(
    nfcodec: Run, monkeypatch: pytest.MonkeyPatch, fields: Path, error: Exception, code: int
) -> None:
    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr("nfcodec.coding.describe", broken)
    nfcodec("info", fields / "nerf.nfc").expect(code)
    told = nfcodec("-vv", "info", fields / "nerf.nfc")
    assert told.code == code
    assert "Traceback" in told.err
    assert "nfcodec: error: " in told.err


def test_a_failure_tells_of_the_state_that_is_kept(
    nfcodec: Run, monkeypatch: pytest.MonkeyPatch, fields: Path, tmp_path: Path
) -> None:
    def full(*_: object, **__: object) -> None:
        (tmp_path / "a.nfc.resume").write_bytes(b"a state")
        raise OSError(28, "No space left")

    monkeypatch.setattr("nfcodec.quantize.encode", full)
    found = nfcodec("encode", fields / "scalar.pt", "-o", tmp_path / "a.nfc", "--steps", "2")
    found.expect(1, "no space left", "with --resume to go on", "a.nfc.resume")


def test_traceback_on_request_of_the_environment(
    nfcodec: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NFCODEC_DEBUG", "1")
    assert "Traceback" in nfcodec("info", tmp_path / "missing.nfc").err


def test_interruption_has_its_own_code(
    nfcodec: Run, monkeypatch: pytest.MonkeyPatch, fields: Path
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("nfcodec.coding.describe", interrupt)
    found = nfcodec("info", fields / "nerf.nfc")
    assert (found.code, found.out) == (130, "")
    assert found.err.strip() == "nfcodec: interrupted; nothing was written"


def test_warnings_and_log_lines_go_to_stderr(
    nfcodec: Run, monkeypatch: pytest.MonkeyPatch, fields: Path
) -> None:
    def talk(*_: object) -> None:
        logging.getLogger("nfcodec").info("detail")
        logging.getLogger("nfcodec").warning("careful")
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            for _ in range(2):  # is said once
                warnings.warn_explicit("3 frames missing", UserWarning, app.__file__, 1)
            warnings.warn_explicit("of no interest", UserWarning, "numpy.py", 1)
        raise UsageError("done")

    monkeypatch.setattr("nfcodec.coding.verify", talk)
    path = fields / "nerf.nfc"
    lines = ["warning: careful", "warning: 3 frames missing", "error: done"]
    assert nfcodec("verify", path).err.split("\n")[:-1] == [f"nfcodec: {line}" for line in lines]
    assert "nfcodec: detail" in nfcodec("verify", path, "-v").err
    assert nfcodec("-q", "verify", path).err == "nfcodec: error: done\n"


@pytest.mark.slow
def test_a_closed_pipe_is_no_error(fields: Path) -> None:
    command = f"{sys.executable} -m nfcodec info {fields / 'nerf.nfc'} --json | true"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_nothing_but_results_when_stderr_is_no_terminal(nfcodec: Run, fields: Path) -> None:
    found = nfcodec("render", fields / "sdf.nfc", "-o", fields / "quiet.png", "--size", "8x8")
    assert (found.code, found.err) == (0, "")
    assert found.out == f"{fields / 'quiet.png'}: 8x8\n"


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs pseudo-terminals")
def test_progress_is_drawn_on_a_terminal(fields: Path, tmp_path: Path) -> None:
    import fcntl
    import termios

    leader, follower = os.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    done = subprocess.run(
        [sys.executable, "-m", "nfcodec", "render", str(fields / "nerf.pt"), "--size", "96x96",
         "-o", str(tmp_path / "a.png")],
        stdout=subprocess.PIPE, stderr=follower, check=True,
    )  # fmt: skip
    assert select.select([leader], [], [], 5)[0], "nothing was drawn"
    drawn = os.read(leader, 1 << 16).decode()
    os.close(follower)
    os.close(leader)
    assert "render" in drawn
    assert "100%" in drawn
    assert b"%" not in done.stdout


def test_completion_is_available() -> None:
    process = shell(env={"_NFCODEC_COMPLETE": "bash_source"})
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "_nfcodec_completion" in out


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_stopped_midway_leaves_nothing(
    fields: Path, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    process = shell(
        "render", fields / "nerf.pt", "-o", tmp_path / "turn.gif", "--orbit", "5000",
        "--size", "48x48", cwd=tmp_path,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not list(tmp_path.iterdir()):  # the temporary file says that drawing has begun
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == code, err
    assert list(tmp_path.iterdir()) == []
    assert "Traceback" not in err


def test_help_states_how_many_steps_are_the_default() -> None:
    from nfcodec.quantize.vq.ecq import ECQ
    from nfcodec.quantize.vq.vqad import VQAD
    from nfcodec.train.nerf import NerfSettings
    from nfcodec.train.sdf import SdfSettings

    assert VQAD.steps == ECQ.steps
    wanted = {
        ("train", "nerf"): NerfSettings.steps, ("train", "sdf"): SdfSettings.steps,
        ("encode",): VQAD.steps, ("rd-curve",): VQAD.steps,
    }  # fmt: skip
    for verb, steps in wanted.items():
        command: click.Command = app.cli
        for name in verb:
            assert isinstance(command, click.Group)
            command = command.commands[name]
        (option,) = (one for one in command.params if one.name == "steps")
        assert isinstance(option, click.Option)
        assert re.match(rf"Training steps(;| \(vqad, ecq:) {steps}\b", str(option.help))


def test_value_types() -> None:
    assert Vector().convert("1,-2,3.5", None, None) == (1.0, -2.0, 3.5)
    assert Size().convert("640x480", None, None) == (640, 480)
    assert Listed(click.IntRange(1, 12)).convert("4, 6,4", None, None) == (4, 6)
    for kind, text in ((Vector(), "1,2"), (Size(), "0x4"), (Size(), "640"), (Size(), "99999x9")):
        with pytest.raises(click.BadParameter):
            kind.convert(text, None, None)
    with pytest.raises(click.BadParameter):
        Listed(click.IntRange(1, 12)).convert("4,13", None, None)


def test_text_for_people() -> None:
    assert [size(n) for n in (999, 1500, 131_204, 4_200_000)] == [
        "999 bytes", "1.5 kB", "131.2 kB", "4.2 MB",
    ]  # fmt: skip
    assert table([("a", 1), ("bcd", 22)], ("name", "n")) == "name   n\na      1\nbcd   22"


def test_help_lists_every_exit_code() -> None:
    from nfcodec import errors

    listed = {int(line.split()[0]) for line in app.EPILOG.splitlines() if line[2:3].isdigit()}
    used = {
        cls.exit_code
        for cls in vars(errors).values()
        if isinstance(cls, type) and issubclass(cls, errors.NfcodecError)
    }
    assert listed == used | {0, signals.INTERRUPTED, *signals.POLITE.values()}

"""Whether work that is killed goes on to the same result: kill -9 at random moments, then again.

    python benchmarks/faults.py [--kills 40] [--only nerf,sdf,vqad,ecq,rd-curve]

Each work is small, keeps its state every fifth of a second instead of every half a minute, and is
run in processes forked from a warm one, so that a kill costs seconds. A chain begins one work in
an empty folder and kills it with signal 9, again and again, each time at a moment drawn evenly
from the processor time that it usually takes, and gives the same command with ``--resume``; it
ends when the work does. After every kill there may be no output but the whole one, no record of a
point may be lost and the state may not go back. At the end the output must equal that of the work
without interruption, byte for byte, and nothing else may be left. A chain's record is written to
``benchmarks/results/faults.json``, and what that has already from this commit is not run again.
"""

from __future__ import annotations

import os

os.environ.setdefault("NUMBA_THREADING_LAYER", "workqueue")  # which survives a fork
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("NUMBA_NUM_THREADS", "1")

import argparse
import contextlib
import io
import json
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from common import RESULTS, commit, write

from nfcodec.cli.console import table

ROOT = Path(__file__).resolve().parents[1]
#: Seconds from one state to the next.
EVERY = 0.2
#: Kills of a chain at most; far more than there are by chance.
MOST = 60


@dataclass(frozen=True)
class Work:
    """A command line: what it reads is made by ``prepare`` in the folder it is given."""

    arguments: tuple[str, ...]
    prepare: Callable[[Path], None]
    output: str
    resume: bool = True

    def command(self, folder: Path, again: bool) -> list[str]:
        """The command line in ``folder``, given ``again`` after an interruption."""
        words = [word.replace("@", str(folder)) for word in self.arguments]
        return [*words, *(["--resume"] if again and self.resume else [])]


def photographs(folder: Path) -> None:
    """A ball from 12 sides, 24 x 24 pixels."""
    from PIL import Image

    from tests.train.scenes import ball

    posed = ball()
    for split, pick in (("train", slice(None)), ("test", slice(0, 3))):
        frames = []
        for name, camera, image in zip(
            posed.names[pick], posed.cameras[pick], posed.images[pick], strict=True
        ):
            Image.fromarray(image).save(folder / f"{name}.png")
            frames.append({"file_path": name, "transform_matrix": camera.pose.tolist()})
        content = {"camera_angle_x": 0.7, "frames": frames}
        (folder / f"transforms_{split}.json").write_text(json.dumps(content))


def mesh(folder: Path) -> None:
    """A torus."""
    from nfcodec.exporters import mesh_files
    from nfcodec.exporters.bricks import Surface
    from tests.data.shapes import torus

    shape = torus()
    mesh_files.write(
        Surface(shape.vertices.astype(np.float32), shape.faces, None), folder / "m.ply"
    )


def field(folder: Path) -> None:
    """A field of distances, not trained."""
    from nfcodec import exporters
    from tests.fields import random_field

    exporters.export(random_field("sdf", "octree"), folder / "f.pt")


WORKS = {
    "nerf": Work(
        ("train", "nerf", "@", "-o", "@/out.pt", "--steps", "150", "-q"), photographs, "out.pt"
    ),
    "sdf": Work(
        ("train", "sdf", "@/m.ply", "-o", "@/out.pt", "--steps", "150", "-q"), mesh, "out.pt"
    ),
    "vqad": Work(
        ("encode", "@/f.pt", "-b", "3", "--steps", "80", "-o", "@/out.nfc", "-q"), field, "out.nfc"
    ),
    "ecq": Work(
        ("encode", "@/f.pt", "-m", "ecq", "-b", "4", "--steps", "60", "-o", "@/out.nfc", "-q"),
        field, "out.nfc",
    ),
    "rd-curve": Work(
        ("rd-curve", "@/f.pt", "-m", "kmeans,vqad", "-b", "1,2", "--steps", "20", "-j", "1",
         "-o", "@/rd", "-q"),
        field, "rd/rd.json", resume=False,
    ),
}  # fmt: skip


def shrink() -> None:
    """Make the works small and their states frequent, in this process and those it forks."""
    import numba
    import torch

    from nfcodec.fit import banks, checkpoint
    from nfcodec.quantize.learning import supervision
    from nfcodec.rd import sweep
    from nfcodec.train import nerf, sdf

    torch.set_num_threads(1)
    numba.set_num_threads(1)
    checkpoint.Checkpoint.__init__.__defaults__ = (EVERY,)
    small = {"depths": (2, 3, 4), "features": 4, "hidden": 16}
    nerf.NerfSettings = partial(nerf.NerfSettings, samples_per_step=4096, **small)  # type: ignore
    sdf.SdfSettings = partial(sdf.SdfSettings, samples=4096, **small)  # type: ignore
    banks.TEACHER_SIZE = 24
    supervision.TEACHER_VIEWS, supervision.TEACHER_POINTS = 12, 1 << 14
    sweep.POINTS = 1 << 12


def prepared(work: Work, place: str) -> Path:
    """A folder with what the work reads; its name is always the same, as fields may tell of it."""
    folder = Path(place) / "work"
    folder.mkdir()
    work.prepare(folder)
    return folder


def start(command: Sequence[str], log: Path) -> int:
    """Fork a process that runs ``nfcodec``; its number."""
    child = os.fork()
    if child:
        return child
    try:
        said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(said, 1)
        os.dup2(said, 2)
        from nfcodec.cli.app import run

        code = run(command)
    except BaseException:
        code = 99
    os._exit(code)


def warm_up(work: Work) -> None:
    """Do the work in this process, so that those it forks need not load what it needs."""
    from nfcodec.cli.app import run

    with tempfile.TemporaryDirectory() as name, contextlib.redirect_stdout(io.StringIO()):
        if code := run(work.command(prepared(work, name), again=False)):
            raise SystemExit(f"faults: {work.arguments} ended with {code}")


def finish(child: int) -> int:
    """Wait for a process; its exit code, negative the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def result(work: Work, folder: Path) -> dict[str, Any]:
    """What must not depend on interruptions: each file that was made, without the time it took."""
    found: dict[str, Any] = {}
    paths = folder.joinpath("rd").rglob("*") if not work.resume else [folder / work.output]
    for path in paths:
        if path.is_file() and path.suffix in (".pt", ".nfc", ".csv", ".png"):
            found[path.name] = path.read_bytes()
        elif path.is_file() and path.suffix == ".json":
            found[path.name] = _without_times(json.loads(path.read_text()), folder)
    return found


def _without_times(value: Any, folder: Path) -> Any:
    if isinstance(value, dict):
        return {k: _without_times(v, folder) for k, v in value.items() if k != "seconds"}
    if isinstance(value, list):
        return [_without_times(item, folder) for item in value]
    return value.replace(str(folder), "@") if isinstance(value, str) else value


@dataclass
class Standing:
    """What has landed so far in a chain; ``check`` finds what was lost since."""

    work: Work
    folder: Path
    wanted: dict[str, Any]

    def __post_init__(self) -> None:
        self.progress: tuple[int, int] = (0, 0)
        self.records: set[str] = set()
        self.faults: list[str] = []

    def check(self) -> None:
        from nfcodec.fit import checkpoint

        output = self.folder / self.work.output
        if self.work.resume and output.exists() and result(self.work, self.folder) != self.wanted:
            self.faults.append("an output that is not the whole one")
        for state in self.folder.rglob("*.resume"):
            if ".part" in state.name:
                continue
            try:
                kept = checkpoint._read(state)
            except Exception as error:
                self.faults.append(f"a state that cannot be read: {error}")
                continue
            if self.work.resume:
                now = (int(kept.get("stage", 0)), int(kept["step"]))
                if now < self.progress:
                    self.faults.append(f"a state that went back from {self.progress} to {now}")
                self.progress = now
        done = set()
        for record in self.folder.glob("rd/points/*.json"):
            if ".part" not in record.name and json.loads(record.read_text())["points"]:
                done.add(record.name)
        if self.records - done:
            self.faults.append(f"points that were lost: {sorted(self.records - done)}")
        self.records = done


def chain(
    work: Work, seed: int, wanted: dict[str, Any], usual: float, most: int = MOST
) -> dict[str, Any]:
    """One chain of kills, ``most`` at most, each within ``usual`` seconds of the processor."""
    random = np.random.default_rng(seed)
    begun = time.perf_counter()
    kills, parts = [], 0
    with tempfile.TemporaryDirectory(prefix="faults-") as name:
        folder, log = prepared(work, name), Path(name) / "log"
        before = {path.name for path in folder.rglob("*")}
        standing = Standing(work, folder, wanted)
        for number in range(most + 1):
            moment = float(random.uniform(0.0, usual))
            child = start(work.command(folder, again=number > 0), log)
            code = _kill_after(child, moment) if number < most else finish(child)
            if code != -signal.SIGKILL:
                break
            kills.append(round(moment, 3))
            parts += sum(".part" in path.name for path in folder.rglob("*"))
            standing.check()
            if work.resume and (folder / work.output).exists():
                code = 0  # killed as it ended
                break
        left = {path.name for path in folder.rglob("*")} - before - _made(work, folder)
        same = result(work, folder) == wanted
        said = log.read_text()[-300:]
    return {
        "seed": seed,
        "kills": kills,
        "exit": code,
        "identical": same,
        "faults": standing.faults,
        "half_written_after_kills": parts,
        "left_behind": sorted(left),
        "seconds": round(time.perf_counter() - begun, 1),
        **({} if same and code == 0 else {"said": said}),
    }


def _made(work: Work, folder: Path) -> set[str]:
    """Names that the finished work has."""
    if work.resume:
        return {work.output}
    return {"rd", "points"} | {
        path.name
        for path in folder.glob("rd/**/*")
        if path.suffix in (".json", ".nfc", ".csv", ".png", ".svg") and ".part" not in path.name
    }


def _kill_after(child: int, moment: float) -> int:
    """Kill a process after some seconds of the processor; its exit code, if it ended before."""
    while _spent(child) < moment:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    return finish(child)


def _spent(child: int) -> float:
    """Seconds of the processor that a process has had: its clock, by the number Linux gives it."""
    return time.clock_gettime(~child << 3 | 2)


def reference(work: Work, times: int = 2) -> tuple[dict[str, Any], float]:
    """The result without interruption, and the seconds of the processor, the last time."""
    results, seconds = [], 0.0
    for _ in range(times):
        with tempfile.TemporaryDirectory(prefix="faults-") as name:
            folder, log = prepared(work, name), Path(name) / "log"
            _, status, usage = os.wait4(start(work.command(folder, again=False), log), 0)
            code, seconds = os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime
            if code:
                raise SystemExit(f"faults: {work.arguments} ended with {code}: {log.read_text()}")
            results.append(result(work, folder))
    if results[0] != results[-1]:
        raise SystemExit(f"faults: {work.arguments} gives another result each time")
    return results[0], seconds


def summary(chains: dict[str, list[dict[str, Any]]]) -> str:
    """A table for people."""
    rows = [
        (
            name,
            sum(len(c["kills"]) for c in done),
            len(done),
            sum(c["identical"] and not c["exit"] for c in done),
            sum(len(c["faults"]) for c in done),
            sum(c["half_written_after_kills"] for c in done),
            sum(len(c["left_behind"]) for c in done),
            round(sum(c["seconds"] for c in done)),
        )
        for name, done in chains.items()
    ]
    heads = (
        "work",
        "kills",
        "works",
        "identical",
        "lost",
        "half-written",
        "left behind",
        "seconds",
    )
    return table(rows, heads)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=40, help="of each work")
    parser.add_argument("--only", default=",".join(WORKS), help="works, with commas between")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    settings = {
        "state_every_seconds": EVERY,
        "works": {name: " ".join(work.arguments) for name, work in WORKS.items()},
    }
    chains = known(settings)
    shrink()
    for name in options.only.split(","):
        work = WORKS[name]
        done = chains.setdefault(name, [])
        if sum(len(each["kills"]) for each in done) >= options.kills:
            continue
        warm_up(work)
        wanted, usual = reference(work)
        print(f"{name}: {usual:.1f} s of the processor without interruption", file=sys.stderr)
        while sum(len(each["kills"]) for each in done) < options.kills:
            done.append(chain(work, len(done), wanted, usual))
            write("faults", settings, {"chains": chains})
    print(summary(chains), file=sys.stderr)


def known(settings: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Chains that were run before, by this commit under these ``settings``."""
    path = RESULTS / "faults.json"
    if not path.is_file():
        return {}
    document = json.loads(path.read_text("utf-8"))
    same = document["settings"] == settings and document["machine"]["commit"] == commit()
    return dict(document["results"]["chains"]) if same else {}


if __name__ == "__main__":
    main()

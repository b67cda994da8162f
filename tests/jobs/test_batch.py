"""Batches with a command of the tests: what is kept, repeated, copied and refused."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from nfcodec.errors import UsageError
from nfcodec.jobs import journal
from nfcodec.jobs.batch import Batch
from nfcodec.jobs.job import WORK, Job, Result
from nfcodec.jobs.local import LocalWorkers
from nfcodec.jobs.manifest import ManifestError
from tests.jobs import fakes
from tests.jobs.fakes import job


def inputs(folder: Path, count: int) -> list[Path]:
    folder.mkdir(exist_ok=True)
    paths = [folder / f"f{number:03d}.in" for number in range(count)]
    for number, path in enumerate(paths):
        path.write_bytes(f"content {number}\n".encode())
    return paths


def run(jobs: Sequence[Job], out: Path, workers: int = 2, **options: Any) -> list[Result]:
    executor = LocalWorkers(workers, memory=1 << 40, devices=options.pop("devices", ()))
    return list(Batch(jobs, out, executor, fakes.run, **options))


def states(results: Sequence[Result]) -> Counter[str]:
    return Counter(result.state for result in results)


def test_what_is_done_is_not_done_again(tmp_path: Path) -> None:
    paths, out = inputs(tmp_path / "in", 4), tmp_path / "out"
    results = run([job(path) for path in paths], out)
    assert states(results) == {"done": 4}
    for path in paths:
        assert (out / f"{path.stem}.out").read_bytes() == path.read_bytes()
    assert len({result.figures["pid"] for result in results}) <= 2
    assert {result.figures["path"] for result in results} == {
        str(out / f"{path.stem}.out") for path in paths
    }
    assert states(run([job(path) for path in paths], out)) == {"kept": 4}
    # Another time stamp is no change, other content is, and so is an output that is gone.
    os.utime(paths[0])
    paths[1].write_bytes(b"other content\n")
    (out / "f002.out").unlink()
    assert states(run([job(path) for path in paths], out)) == {"kept": 2, "done": 2}
    assert (out / "f001.out").read_bytes() == b"other content\n"
    assert states(run([job(path, times=2) for path in paths], out)) == {"done": 4}
    assert len(journal.Known(out).results) == 9
    assert [path.name for path in (out / WORK).iterdir()] == ["inputs.jsonl"]


def test_files_that_move_are_copied_and_not_made_again(tmp_path: Path) -> None:
    paths, out = inputs(tmp_path / "in", 2), tmp_path / "out"
    log = tmp_path / "log"
    run([job(path, log=str(log)) for path in paths], out)
    moved = [path.rename(path.with_name(f"moved{path.name}")) for path in paths]
    results = run([job(path, log=str(log)) for path in moved], out)
    assert states(results) == {"done": 2}
    assert (out / "movedf001.out").read_bytes() == b"content 1\n"
    assert len(log.read_text().splitlines()) == 2
    assert states(run([job(path, log=str(log)) for path in moved], out)) == {"kept": 2}


def test_alike_jobs_of_one_batch_run_once(tmp_path: Path) -> None:
    first, out = inputs(tmp_path / "in", 1)[0], tmp_path / "out"
    log = tmp_path / "log"
    twin = first.with_name("twin.in")
    twin.write_bytes(first.read_bytes())
    assert states(run([job(p, log=str(log)) for p in (first, twin)], out)) == {"done": 2}
    assert (out / "twin.out").read_bytes() == (out / "f000.out").read_bytes()
    assert len(log.read_text().splitlines()) == 1


def test_a_failure_leaves_the_rest_alone_and_can_be_run_again(tmp_path: Path) -> None:
    paths, out = inputs(tmp_path / "in", 3), tmp_path / "out"
    jobs = [job(paths[0]), job(paths[1], fail="is damaged"), job(paths[2])]
    results = {result.output: result for result in run(jobs, out)}
    assert states([*results.values()]) == {"done": 2, "failed": 1}
    failed = results["f001.out"]
    assert failed.error == f"{out / 'f001.out'}: is damaged"
    assert (failed.code, failed.notes, failed.bytes) == (3, ("a warning",), None)
    assert not (out / "f001.out").exists()
    new = inputs(tmp_path / "in", 4)[3]
    jobs = [*jobs, job(new)]
    assert [r.output for r in run(jobs, out, only="failed")] == ["f001.out"]
    assert [r.output for r in run(jobs, out, only="new")] == ["f003.out"]
    assert states(run(jobs, out)) == {"kept": 3, "failed": 1}


def test_shards_are_all_jobs_once(tmp_path: Path) -> None:
    jobs, out = [job(path) for path in inputs(tmp_path / "in", 5)], tmp_path / "out"
    parts = [run(jobs, out, shard=(k, 3)) for k in (1, 2, 3)]
    assert [len(part) for part in parts] == [2, 2, 1]
    assert {result.output for part in parts for result in part} == {j.output for j in jobs}
    assert [path.name for path in journal.journals(out)] == [
        f"results.{k}-of-3.jsonl" for k in (1, 2, 3)
    ]
    assert states(run(jobs, out)) == {"kept": 5}


def test_a_file_of_somebody_else_is_not_replaced(tmp_path: Path) -> None:
    path, out = inputs(tmp_path / "in", 1)[0], tmp_path / "out"
    out.mkdir()
    (out / "f000.out").write_text("mine")
    with pytest.raises(ManifestError, match="was made by no batch; pass --overwrite"):
        run([job(path)], out)
    assert (out / "f000.out").read_text() == "mine"
    assert states(run([job(path)], out, overwrite=True)) == {"done": 1}


def test_inputs_that_vanish_and_folders_that_cannot_be_written(tmp_path: Path) -> None:
    paths, out = inputs(tmp_path / "in", 2), tmp_path / "out"
    jobs = [job(path) for path in paths]
    paths[1].unlink()
    with pytest.raises(ManifestError, match=r"job f001: .*f001\.in: there is no such file"):
        run(jobs, out)
    assert not (out / "f000.out").exists()
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"the output folder .* cannot be written"):
        run(jobs[:1], tmp_path / "file" / "out")


def test_two_runs_do_not_work_in_one_folder(tmp_path: Path) -> None:
    paths, out = inputs(tmp_path / "in", 2), tmp_path / "out"
    executor = LocalWorkers(1, memory=1 << 40)
    found = iter(Batch([job(path) for path in paths], out, executor, fakes.run))
    next(found)
    with pytest.raises(UsageError, match="another run is at work"):
        run([job(paths[0])], out)
    found.close()
    assert states(run([job(path) for path in paths], out)) == {"kept": 1, "done": 1}


def test_a_journal_that_a_crash_cut_is_mended(tmp_path: Path) -> None:
    paths, out = inputs(tmp_path / "in", 2), tmp_path / "out"
    jobs = [job(path) for path in paths]
    run(jobs, out)
    book = out / "results.jsonl"
    book.write_bytes(book.read_bytes()[:-40])
    with pytest.raises(ManifestError, match="was made by no batch"):  # it might be anybody's
        run(jobs, out)
    assert states(run(jobs, out, overwrite=True)) == {"kept": 1, "done": 1}
    assert all(json.loads(line) for line in book.read_text().splitlines())


def test_a_worker_that_dies_costs_one_retry(tmp_path: Path) -> None:
    paths, out = inputs(tmp_path / "in", 6), tmp_path / "out"
    jobs = [job(path, sleep=0.05) for path in paths]
    jobs[2] = job(paths[2], die=str(tmp_path / "died"))
    results = {result.output: result for result in run(jobs, out)}
    assert states([*results.values()]) == {"done": 6}
    assert {name: r.attempts for name, r in results.items() if r.attempts > 1} == {"f002.out": 2}
    assert (out / "f002.out").read_bytes() == b"content 2\n"


def test_a_job_that_kills_its_workers_fails_alone(tmp_path: Path) -> None:
    paths, out = inputs(tmp_path / "in", 3), tmp_path / "out"
    jobs = [job(path) for path in paths]
    jobs[1] = job(paths[1], die="always")
    results = {result.output: result for result in run(jobs, out)}
    assert states([*results.values()]) == {"done": 2, "failed": 1}
    failed = results["f001.out"]
    assert failed.attempts == 2
    assert "its worker died 2 times, the last by signal SIGKILL" in str(failed.error)


def test_devices_go_round(tmp_path: Path) -> None:
    jobs = [job(path, sleep=0.3) for path in inputs(tmp_path / "in", 4)]
    results = run(jobs, tmp_path / "out", devices=("cuda:0", "cuda:1"))
    assert {result.figures["device"] for result in results} == {"cuda:0", "cuda:1"}


def test_workers_are_killed_at_random(tmp_path: Path) -> None:
    """Each output is there, whole, and made once: what is finished is committed."""
    count, kills = 120, 12
    paths, out, log = inputs(tmp_path / "in", count), tmp_path / "out", tmp_path / "log"
    jobs = [job(path, log=str(log), sleep=0.02) for path in paths]
    executor = LocalWorkers(2, memory=1 << 40, retries=kills)
    dice, left = random.Random(4), [kills]
    over = threading.Event()

    def kill() -> None:
        while left[0] and not over.wait(dice.uniform(0.05, 0.5)):
            victims = children(os.getpid())
            if victims:
                os.kill(dice.choice(victims), signal.SIGKILL)
                left[0] -= 1

    killer = threading.Thread(target=kill)
    killer.start()
    results = list(Batch(jobs, out, executor, fakes.run))
    over.set()
    killer.join()
    assert states(results) == {"done": count}
    assert left[0] < kills
    whole(out, paths)
    assert len(journal.Known(out).results) == count


PARENT = """
import sys
from pathlib import Path
from nfcodec.jobs.batch import Batch
from nfcodec.jobs.local import LocalWorkers
from tests.jobs import fakes
if __name__ == "__main__":
    source, out, log = map(Path, sys.argv[1:])
    jobs = [fakes.job(p, log=str(log), sleep=0.02) for p in sorted(source.iterdir())]
    print(*(r.state for r in Batch(jobs, out, LocalWorkers(2, 1 << 40), fakes.run)))
"""


def test_the_batch_is_killed_at_random(tmp_path: Path) -> None:
    """Runs that follow go on with it; nothing is lost, damaged, or written down twice."""
    count = 60
    paths, out, log = inputs(tmp_path / "in", count), tmp_path / "out", tmp_path / "log"
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    command = [sys.executable, str(script), str(tmp_path / "in"), str(out), str(log)]
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    dice = random.Random(5)
    for _ in range(4):
        parent = subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.DEVNULL)
        time.sleep(dice.uniform(0.8, 2.0))
        parent.kill()
        parent.wait()
    done = subprocess.run(
        command, cwd=root, env=environment, check=True, capture_output=True, text=True
    )
    assert set(done.stdout.split()) <= {"kept", "done"}
    whole(out, paths)
    rows = [result.key for path in journal.journals(out) for result in journal.lines(path)]
    assert len(rows) == len(set(rows)) == count


def children(pid: int) -> list[int]:
    """Workers of this process, by the system; none where it does not say."""
    found = []
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        found += [int(number) for number in tasks.read_text().split()]
    named = {number: Path(f"/proc/{number}/cmdline") for number in found}
    return [n for n, path in named.items() if b"spawn_main" in path.read_bytes()]


def whole(out: Path, paths: Sequence[Path]) -> None:
    for path in paths:
        assert (out / f"{path.stem}.out").read_bytes() == path.read_bytes()
    assert {path.name for path in out.iterdir()} == {
        WORK, "results.jsonl", *(f"{path.stem}.out" for path in paths)
    }  # fmt: skip
    assert [path.name for path in (out / WORK).iterdir()] == ["inputs.jsonl"]

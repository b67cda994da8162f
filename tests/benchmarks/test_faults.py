"""A short run of the kills that ``benchmarks/faults.py`` does by the hundred."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nfcodec.rd import bench

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs fork and Linux's clocks")
ROOT = Path(__file__).resolve().parents[2]

#: In a process of its own: a fork of one with threads, as the tests' may be, is not sound.
CHAINS = """
import json, sys
sys.path[:0] = [sys.argv[1] + "/benchmarks", sys.argv[1]]
import faults
faults.shrink()
found = {}
for name in sys.argv[2:]:
    work = faults.WORKS[name]
    faults.warm_up(work)
    wanted, usual = faults.reference(work, times=1)
    found[name] = faults.chain(work, 0, wanted, 0.7 * usual, most=4)
print(json.dumps(found))
"""


@pytest.mark.slow
def test_killed_work_goes_on_to_the_same_result() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CHAINS, str(ROOT), "nerf"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert sum(len(chain["kills"]) for chain in found.values()) >= 1
    for chain in found.values():
        assert (chain["exit"], chain["identical"]) == (0, True), chain
        assert (chain["faults"], chain["left_behind"]) == ([], []), chain


#: Starts a worker that would live on, says its number, and is killed.
PARENT = """
import multiprocessing, time
from nfcodec.rd.bench import _end_with_parent
if __name__ == "__main__":
    worker = multiprocessing.get_context("spawn").Process(target=_end_with_parent)
    worker.start()
    print(worker.pid, flush=True)
    time.sleep(60)
"""


def test_workers_of_a_curve_end_with_the_process_that_is_killed(tmp_path: Path) -> None:
    assert multiprocessing.parent_process() is None
    assert bench._end_with_parent() is None  # not a worker: nothing to wait for
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    parent = subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()
    deadline = time.monotonic() + 60
    while _runs(worker):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _runs(number: int) -> bool:
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"

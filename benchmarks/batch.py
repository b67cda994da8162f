"""`nfcodec batch` on many small fields: files per minute, what kills cost, and memory over time.

::

    python benchmarks/batch.py --fields 1000 --alone 100 --kills 50 --parents 10

``rate``: small fields coded by k-means with 1 and 2 workers, and one by one by `nfcodec encode`, as
a shell loop would. ``kills``, ``parents``: the same batch while workers, or the batch itself, get
signal 9 at random moments; the outputs are compared with those of the undisturbed batch.
``memory``: jobs that state more memory together than the batch may take, and what ran beside what.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from common import write

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
NFCODEC = [sys.executable, "-m", "nfcodec"]
METHOD = ["-m", "kmeans", "-b", "4"]
GIB = 1 << 30


def make(folder: Path, count: int) -> None:
    """``count`` fields with dense lattices of a few thousand vertices, no two alike."""
    from nfcodec.exporters import export
    from tests.fields import random_field

    folder.mkdir(parents=True)
    for seed in range(count):
        kind = "sdf" if seed % 2 else "scalar"
        export(random_field(kind, "dense", seed=seed, levels=2), folder / f"f{seed:04d}.pt")


def start(assets: Path, out: Path, *options: object) -> subprocess.Popen[str]:
    words = [*NFCODEC, "batch", assets, "-o", out, "--json", *options]
    return subprocess.Popen(
        [str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )


def finished(process: subprocess.Popen[str]) -> dict[str, Any]:
    out, _ = process.communicate()
    assert process.returncode == 0, (process.returncode, out[-500:])
    return dict(json.loads(out))


def timed(work: Callable[[], object], files: int) -> dict[str, float]:
    begun, used = time.perf_counter(), sum(os.times()[2:4])
    work()
    seconds, cpu = time.perf_counter() - begun, sum(os.times()[2:4]) - used
    return {
        "files": files, "seconds": round(seconds, 1), "cpu_seconds": round(cpu, 1),
        "files_per_minute": round(60 * files / seconds, 1),
        "files_per_cpu_minute": round(60 * files / cpu, 1),
    }  # fmt: skip


def rate(assets: Path, folder: Path, alone: int) -> dict[str, Any]:
    fields = sorted(assets.iterdir())

    def loop() -> None:
        (folder / "alone").mkdir()
        for path in fields[:alone]:
            output = folder / "alone" / f"{path.stem}.nfc"
            command = [*NFCODEC, "encode", str(path), "-o", str(output), *METHOD, "-q"]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    found: dict[str, Any] = {"loop": timed(loop, alone)}
    for workers in (1, 2):
        out = folder / f"workers{workers}"
        found[f"workers_{workers}"] = timed(
            lambda out=out, j=workers: finished(start(assets, out, "-j", j, *METHOD)),  # type: ignore[misc]
            len(fields),
        )
    same = digests(folder / "workers1")
    assert same == digests(folder / "workers2")
    assert digests(folder / "alone").items() <= same.items()
    return found


def workers_of(pid: int) -> list[int]:
    found = []
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [int(number) for number in tasks.read_text().split()]
    return found


def kills(assets: Path, out: Path, whole: dict[str, str], count: int, gap: float) -> dict[str, Any]:
    """Kill workers ``count`` times; what came of it."""
    dice, left = random.Random(1), count
    process = start(assets, out, "-j", 2, "--retries", 10, *METHOD)
    while left and process.poll() is None:
        time.sleep(dice.uniform(0.2, gap))
        if victims := workers_of(process.pid):
            with contextlib.suppress(OSError):
                os.kill(dice.choice(victims), signal.SIGKILL)
                left -= 1
    found = finished(process)
    retried = sum(result["attempts"] - 1 for result in found["results"])
    return {"kills": count - left, "jobs_tried_again": retried, **state(out, whole)}


def parents(
    assets: Path, out: Path, whole: dict[str, str], count: int, gap: float
) -> dict[str, Any]:
    """Kill the batch ``count`` times, and start it again each time; what came of it."""
    dice, killed = random.Random(2), 0
    for _ in range(count):
        process = start(assets, out, "-j", 2, *METHOD)
        time.sleep(dice.uniform(1.0, gap))
        killed += process.poll() is None
        process.kill()
        process.communicate()
    finished(start(assets, out, "-j", 2, *METHOD))
    return {"kills": killed, **state(out, whole)}


def state(out: Path, whole: dict[str, str]) -> dict[str, int]:
    """How many outputs are as they should be, and how many jobs were written down twice."""
    found = digests(out)
    rows = [json.loads(line) for line in (out / "results.jsonl").read_text().splitlines()]
    done = [row["job"] for row in rows if row["state"] == "done"]
    return {
        "fields": len(whole), "missing": len(whole.keys() - found.keys()),
        "damaged": sum(found[name] != whole[name] for name in found),
        "done_twice": len(done) - len(set(done)), "failed": len(rows) - len(done),
    }  # fmt: skip


def digests(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.nfc")
    }


def memory(assets: Path, folder: Path) -> dict[str, Any]:
    """Eight jobs of 1 to 7 GiB with 6 GiB to share: when each ran."""
    stated = [1, 2, 3, 4, 5, 7, 1, 2]
    lines = [
        {"input": str(path), "output": f"{path.stem}.nfc", "memory": size * GIB}
        for path, size in zip(sorted(assets.iterdir()), stated, strict=False)
    ]
    manifest = folder / "memory.jsonl"
    manifest.write_text("".join(json.dumps(line) + "\n" for line in lines))
    found = finished(start(manifest, folder / "memory", "-j", 4, "--memory", "6GiB", *METHOD))
    begun = min(result["started"] for result in found["results"])
    spans = (
        (result["started"] - begun, result["seconds"], result["foreseen"] / GIB)
        for result in found["results"]
    )
    rows = sorted((round(a, 2), round(a + length, 2), size) for a, length, size in spans)
    most = max(sum(s for a, b, s in rows if a <= start < b) for start, _, _ in rows)
    return {"limit_gib": 6, "most_at_once_gib": most, "from_to_gib": rows}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--fields", type=int, default=1000)
    parser.add_argument("--alone", type=int, default=100, help="fields coded one by one")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--parents", type=int, default=10)
    parser.add_argument("--gap", type=float, default=20.0, help="most seconds between kills")
    options = parser.parse_args()
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        assets = folder / "assets"
        make(assets, options.fields)
        results["rate"] = rate(assets, folder, options.alone)
        write("batch", vars(options), results)  # after each part: the next takes its time
        whole = digests(folder / "workers1")
        results["memory"] = memory(assets, folder)
        write("batch", vars(options), results)
        results["kills"] = kills(assets, folder / "kills", whole, options.kills, options.gap)
        write("batch", vars(options), results)
        results["parents"] = parents(
            assets, folder / "parents", whole, options.parents, options.gap
        )
    write("batch", vars(options), results)
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()

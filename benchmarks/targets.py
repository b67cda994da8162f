"""Whether files meet the sizes and qualities they are asked for, and what that takes.

    python benchmarks/targets.py lego lego.pt [--data lego_200/]
        --sizes 30000,60000,90000 --psnrs 26,27,28 [--steps 2000]

Every target is one ``nfcodec encode`` in a process of its own. Sizes are those of the file on the
disk; qualities are measured again, from the file, by ``nfcodec compare``. Without ``--data`` the
field teaches itself. Targets that ``benchmarks/results/targets_NAME.json`` has already from this
commit are not run again.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from common import RESULTS, commit, write

from nfcodec import files
from nfcodec.encoder.quality import measure_of
from nfcodec.rd import inputs


def run(*arguments: str) -> dict[str, Any]:
    """``nfcodec`` with ``arguments``: ``exit`` code, JSON (``found``) or ``error``, and cost."""
    start = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "nfcodec", *arguments, "--json"], stdout=out, stderr=said
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        for stream in (out, said):
            stream.seek(0)
        answer: dict[str, Any] = {
            "exit": process.returncode,
            "seconds": round(time.perf_counter() - start, 1),
            "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 1),
            "peak_rss": usage.ru_maxrss * 1024,
        }
        if process.returncode:
            # It may have been killed, as for want of memory.
            last = said.read().strip().splitlines()[-1:] or ["it said nothing"]
            return {**answer, "error": f"{arguments[0]} ended with {process.returncode}: {last[0]}"}
        return {**answer, "found": json.loads(out.read())}


def coded(options: argparse.Namespace, kind: str, wanted: float) -> dict[str, Any]:
    """One target (``kind`` is "size" or "psnr") and what came of it."""
    data = [] if options.data is None else ["--data", options.data]
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/coded.nfc"
        done = run(
            "encode",
            options.field,
            "-o",
            file,
            f"--target-{kind}",
            f"{wanted:g}",
            *data,
            "--steps",
            str(options.steps),
        )
        record = {"target": kind, "wanted": wanted, **done}
        record.pop("found", None)
        if done["exit"]:
            return {**record, "met": False}
        record["bytes"] = Path(file).stat().st_size
        measured = run("compare", options.field, file, *data)
        if measured["exit"]:
            raise SystemExit(f"targets: {kind} {wanted:g} cannot be measured: {measured['error']}")
        found = measured["found"]
    field = files.require_plain(options.field)
    if field.kind == "nerf" and data:
        measure, quality = "psnr", found["test"]["psnr"]
    else:
        measure = measure_of(field, None)
        quality = found["between"][measure]
    record |= {"measure": measure, "quality": quality}
    if kind == "size":
        return {**record, "met": 0.98 * wanted <= record["bytes"] <= wanted}
    return {**record, "met": abs(quality - wanted) <= 0.1}


def numbers(text: str) -> list[float]:
    """A parser of ``1,2,3``."""
    return [float(part) for part in text.split(",") if part]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", help="of the result")
    parser.add_argument("field", help="a trained field")
    parser.add_argument("--data", help="images or mesh to learn from and to measure on")
    parser.add_argument("--sizes", type=numbers, default=[], help="bytes")
    parser.add_argument("--psnrs", type=numbers, default=[], help="dB")
    parser.add_argument("--steps", type=int, default=2000, help="of learning")
    options = parser.parse_args()
    name = f"targets_{options.name}"
    settings = {
        "field": Path(options.field).name,
        "digest": inputs.digest(options.field),
        "steps": options.steps,
        "data": options.data and Path(options.data).name,
    }
    records = known(name, settings)
    there = {(record["target"], record["wanted"]) for record in records}
    wanted = [("size", each) for each in options.sizes] + [("psnr", each) for each in options.psnrs]
    for kind, value in wanted:
        if (kind, value) not in there:
            records.append(coded(options, kind, value))
            write(name, settings, {"targets": records})


def known(name: str, settings: dict[str, Any]) -> list[dict[str, Any]]:
    """Targets that were run before, by this commit under these ``settings``."""
    path = RESULTS / f"{name}.json"
    if not path.is_file():
        return []
    document = json.loads(path.read_text("utf-8"))
    same = document["settings"] == settings and document["machine"]["commit"] == commit()
    return document["results"]["targets"] if same else []


if __name__ == "__main__":
    main()

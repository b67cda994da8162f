"""The parts of ``gpu_day.sh``: tests, training, coding and drawing on one device.

Each part has a time limit and writes its figures before the next one begins; a part that fails is
recorded with its error, and the others go on. ``--small`` does all of it on any device, with a
scene of the examples at 48 x 48 and few steps, and writes ``gpu_day_small.json``.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from common import interleaved, ratio, write
from targets import run

ROOT = Path(__file__).resolve().parent.parent
#: What runs on the card in `auto` mode; the rest of the suite computes on the CPU everywhere.
TESTS = ("tests/test_cuda.py", "tests/evaluate", "tests/fit", "tests/train", "tests/quantize",
         "tests/render")  # fmt: skip
Figures = dict[str, Any]


@dataclass(frozen=True)
class Day:
    """What is to be done. ``size``: of images, pixels a side. ``seconds``: of a part at most."""

    data: str
    folder: Path
    device: str
    steps: tuple[str, ...]
    tests: tuple[str, ...]
    size: int
    rounds: int
    seconds: int

    @property
    def field(self) -> str:
        return str(self.folder / "field.pt")

    def coded(self, method: str) -> str:
        return str(self.folder / f"{method}.nfc")


def tests(day: Day) -> Figures:
    """The tests that use a device, with this one."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "auto", *day.tests, "-rs"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=day.seconds,
        env={**os.environ, "NFCODEC_TEST_DEVICE": day.device},
    )  # fmt: skip
    lines = done.stdout.strip().splitlines()
    failed = [line for line in lines if line.startswith(("FAILED", "ERROR"))]
    return {"exit": done.returncode, "summary": lines[-1] if lines else "", "failed": failed}


def training(day: Day) -> Figures:
    """``train nerf``: seconds, and quality on the held-out views."""
    return _verb("train", "nerf", day.data, "-o", day.field, "--device", day.device, *day.steps)


def coding(day: Day) -> Figures:
    """``encode`` by VQ-AD at 4 bits and by ``ecq``: seconds, bytes, quality."""
    found: Figures = {}
    for name, options in (("vqad", ("-b", "4")), ("ecq", ("-m", "ecq"))):
        file = day.coded(name)
        done = _verb("encode", day.field, "-o", file, "--data", day.data, "--device", day.device,
                     "--no-preview", *options, *day.steps)  # fmt: skip
        judged = _verb("compare", day.field, file, "--data", day.data, "--device", day.device)
        found[name] = {
            "seconds": done["seconds"], "peak_rss": done["peak_rss"],
            "bytes": Path(file).stat().st_size, "psnr": judged["found"]["test"]["psnr"],
        }  # fmt: skip
    return found


def drawing_by_torch(day: Day) -> Figures:
    """Frames a second and memory of the coded field and of float16, by PyTorch."""
    from nfcodec.evaluate import FieldModule
    from nfcodec.evaluate.device import pick

    device = pick(day.device)
    coded, half = _pair(day)
    modules = {"coded": FieldModule(coded, device), "float16": FieldModule(half, device)}
    memory = {form: module.parameter_bytes() for form, module in modules.items()}

    def finish() -> None:
        if device.type == "cuda":
            torch.cuda.synchronize(device)

    found = _drawn(day, modules, finish)
    found["field_bytes"] = memory
    if device.type == "cuda":
        found["peak_bytes"] = torch.cuda.max_memory_allocated(device)
    return found


def drawing_by_wgpu(day: Day) -> Figures:
    """The same by wgpu: WebGPU's programs, natively."""
    from nfcodec.render.gpu import Renderer
    from nfcodec.render.gpu.device import adapter_name, request_device

    device = request_device()
    coded, half = _pair(day)
    renderers = {"coded": Renderer(coded, device), "float16": Renderer(half, device)}
    found = _drawn(day, renderers, lambda: None)
    found["adapter"] = adapter_name(device.adapter)
    found["field_bytes"] = {form: drawn.field_bytes for form, drawn in renderers.items()}
    return found


PARTS: dict[str, Callable[[Day], Figures]] = {
    "tests": tests, "training": training, "coding": coding,
    "drawing by torch": drawing_by_torch, "drawing by wgpu": drawing_by_wgpu,
}  # fmt: skip


def _drawn(day: Day, drawn: dict[str, Any], finish: Callable[[], None]) -> Figures:
    from nfcodec.render import render, views

    camera = views.camera(_pair(day)[0], size=(day.size, day.size))

    def draw(form: str) -> Callable[[], None]:
        def once() -> None:
            render(drawn[form], camera)
            finish()

        return once

    times = interleaved({form: draw(form) for form in drawn}, day.rounds)
    return {
        "image": f"{day.size} x {day.size}",
        **{form: taken.summary() for form, taken in times.items()},
        "frames_per_second": {
            form: round(1e3 / taken.summary()["ms"], 2) for form, taken in times.items()
        },
        "coded_over_float16_time": ratio(times["coded"], times["float16"]),
    }


def _pair(day: Day) -> tuple[Any, Any]:
    """The field in 4-bit codes, and the vectors that they stand for in float16."""
    from nfcodec import coding
    from nfcodec.model.coded import to_field
    from nfcodec.quantize import encode

    coded = coding.open(day.coded("vqad"))
    return coded, encode(to_field(coded), "float16")


def _verb(*words: str) -> Figures:
    done = run(*words)
    if done["exit"]:
        raise RuntimeError(done["error"])
    return done


def card(device: str) -> Figures:
    """The card's name, memory and driver, or that there is none."""
    if not device.startswith("cuda"):
        return {"name": "none: CPU"}
    about = torch.cuda.get_device_properties(device)
    driver = subprocess.run(
        ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"],
        capture_output=True, text=True, check=False,
    ).stdout.strip()  # fmt: skip
    return {"name": about.name, "bytes": about.total_memory, "driver": driver,
            "cuda": torch.version.cuda}  # fmt: skip


def small_scene(folder: Path) -> str:
    """A few views of the example scene."""
    scene = folder / "still_life"
    script = ROOT / "examples" / "scenes" / "still_life.py"
    subprocess.run(
        [sys.executable, str(script), str(scene), "--train", "8", "--test", "2", "--size", "48"],
        check=True, capture_output=True,
    )  # fmt: skip
    return str(scene)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", help="NeRF-Synthetic lego at 400 x 400")
    parser.add_argument("--small", action="store_true", help="a small scene, few steps, any device")
    parser.add_argument("--only", default=",".join(PARTS), help="parts to do")
    options = parser.parse_args()
    if (options.data is None) != options.small:
        parser.error("give a data set, or --small")
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cpu" and not options.small:
        parser.error("PyTorch sees no CUDA device; --small tries the script on a CPU")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        day = Day(options.data or "", folder, device, (), TESTS, 800, 5, 240)
        if options.small:
            day = Day(small_scene(folder), folder, device, ("--steps", "20"), TESTS[:1], 64, 2, 240)
        return work(day, options.only.split(","), "gpu_day_small" if options.small else "gpu_day")


def work(day: Day, parts: list[str], name: str) -> int:
    """Do ``parts`` of the day; 1 if one of them failed."""
    results: Figures = {"card": card(day.device)}
    for part in parts:
        start = time.perf_counter()
        try:
            found = PARTS[part](day)
        except Exception as error:  # the other parts are worth having
            found = {"error": f"{type(error).__name__}: {error}"[-2000:]}
        results[part] = {**found, "part_seconds": round(time.perf_counter() - start, 1)}
        write(name, {"device": day.device, "data": Path(day.data).name, "size": day.size}, results)
    wrong = [part for part in parts if "error" in results[part] or results[part].get("exit")]
    for part in wrong:
        print(f"gpu_day: {part} failed", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

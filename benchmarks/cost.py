"""What learning costs against the number of corners: seconds per step and peak memory.

    python benchmarks/cost.py [--method ecq] [--depths 6,7,8,9] [--steps 100]

Made-up distance fields of one shape at four octree depths are coded from themselves, in a fresh
process each. A step costs the median over those in which the finest LOD is learned, which are the
dearest; what is no step (preparing what is learned from, choosing codes, writing) is told apart.
Each cost is fitted by a line, with R^2, and by a power of the number of corners. Times are of the
processor, all threads together, so that other work on the machine counts little.
Writes ``benchmarks/results/cost.json`` and ``cost.md``.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from common import RESULTS, fresh, peak_bytes, write

from nfcodec import coding
from nfcodec.encoder.encode_file import encode
from nfcodec.layouts import OctreeLayout, corner_coordinates, octree
from nfcodec.model.field import Field, Grid, Level
from nfcodec.model.networks import Input, Layer, Network
from nfcodec.progress import Silent
from nfcodec.quantize.learning.stages import stages_of

FEATURES, HIDDEN, COARSEST, RADIUS = 8, 64, 4, 0.6
#: Low enough for the codes of a made-up field, whose corners say much, to stay alive.
RATE_WEIGHT = 0.003


def shell(depth: int) -> OctreeLayout:
    """The voxels near a sphere."""
    side = 1 << depth
    axis = (np.arange(side, dtype=np.float32) + 0.5) / side * 2 - 1
    squares = axis**2
    distance = np.sqrt(squares[:, None, None] + squares[:, None] + squares) - RADIUS
    return octree.from_cells(np.abs(distance) < 1.5 / side)


def made_up_field(depth: int, seed: int = 0) -> Field:
    """A distance field with an octree level at every depth up to ``depth``."""
    rng = np.random.default_rng(seed)
    finest = shell(depth)
    levels = []
    for number, at in enumerate(range(COARSEST, depth + 1)):
        layout = finest if at == depth else octree.coarsen(finest, at)
        u = corner_coordinates(layout) / np.float32(1 << at) * 2 - 1
        waves = rng.normal(scale=4.0, size=(3, FEATURES)).astype(np.float32)
        features = np.sin(u.astype(np.float32) @ waves) / (1 << number)
        features += 0.1 / (1 << number) * rng.standard_normal(features.shape, np.float32)
        levels.append(Level(layout, number, features.astype(np.float32)))

    def layer(outputs: int, inputs: int, activation: str) -> Layer:
        weight = rng.normal(scale=np.sqrt(1.0 / inputs), size=(outputs, inputs))
        return Layer(weight.astype(np.float32), np.zeros(outputs, np.float32), activation)

    network = Network(
        "distance",
        (Input("features"), Input("position")),
        (layer(HIDDEN, FEATURES + 3, "relu"), layer(1, HIDDEN, "none")),
    )
    bounds = np.array([[-1.0] * 3, [1.0] * 3])
    return Field("sdf", bounds, (Grid(tuple(levels)),), (network,))


class Clock(Silent):
    """What the processor had done, in seconds, when each step was behind."""

    def __init__(self) -> None:
        self.at: dict[int, float] = {}

    def update(self, done: int, **figures: float) -> None:
        self.at[done] = time.process_time()


def costs_of_steps(at: Mapping[int, float], stages: Sequence[int]) -> tuple[float, float]:
    """The median cost of a step of the last stage, and what all steps cost together.

    ``at``: seconds when each step was behind. ``stages``: the number of steps of each, two or more:
    the first is left out, which has its stage's beginning in it, and counted like the others.
    """
    behind, together = 0, 0.0
    for steps in stages:
        took = [at[done] - at[done - 1] for done in range(behind + 2, behind + steps + 1)]
        together += sum(took) * steps / len(took)
        behind += steps
    return statistics.median(took), together


def measured(method: str, depth: int, steps: int) -> dict[str, Any]:
    """In its own process: one field coded and written."""
    field, clock = made_up_field(depth), Clock()
    stages = [stage.steps for stage in stages_of(field, steps)]
    if min(stages) < 2:
        raise SystemExit(f"stages of {stages} steps cannot be timed: ask for more --steps")
    before, cpu, wall = peak_bytes(), time.process_time(), time.perf_counter()
    weight = {"rate_weight": RATE_WEIGHT} if method == "ecq" else {}
    coded = encode(field, method, steps=steps, device="cpu", progress=clock, **weight)
    coding.to_bytes(coded)
    step, together = costs_of_steps(clock.at, stages)
    return {
        "corners": sum(len(level.features) for level in field.levels),
        "cpu_seconds_per_step": step,
        "cpu_seconds_besides_steps": time.process_time() - cpu - together,
        "seconds": time.perf_counter() - wall,
        "peak_rss": peak_bytes(),
        "peak_rss_before": before,
    }


def fitted(corners: Sequence[float], costs: Sequence[float]) -> dict[str, float]:
    """``costs`` as ``constant + slope x corners`` with ``r2``; ``exponent``: the slope of their
    logarithms; ``last_exponent``: that between the two largest fields, where constants fade."""
    x, y = np.asarray(corners, float), np.asarray(costs, float)
    slope, constant = np.polyfit(x, y, 1)
    spread = float(np.square(y - y.mean()).sum())
    rest = float(np.square(y - constant - slope * x).sum())
    found = {"constant": float(constant), "slope": float(slope)}
    found["r2"] = 1.0 - rest / spread if spread else 1.0
    positive = y > 0
    if positive.sum() >= 2:
        lx, ly = np.log(x[positive]), np.log(y[positive])
        found["exponent"] = float(np.polyfit(lx, ly, 1)[0])
        found["last_exponent"] = float((ly[-1] - ly[-2]) / (lx[-1] - lx[-2]))
    return found


_SHOWN = {
    "cpu_seconds_per_step": ("s per step", 1.0),
    "cpu_seconds_besides_steps": ("s besides steps", 1.0),
    "peak_rss": ("peak RSS, GB", 1e-9),
}


def markdown(document: dict[str, Any]) -> str:
    """The table of a results document."""
    settings, results = document["settings"], document["results"]
    lines = [f"# {settings['method']}: cost against the number of corners", ""]
    lines.append("Made-up distance fields, coded from themselves; seconds of the processor.")
    lines += ["", "| corners | " + " | ".join(name for name, _ in _SHOWN.values()) + " |"]
    lines.append("| --- " * (1 + len(_SHOWN)) + "|")
    for row in results["fields"]:
        cells = [f"{row[key] * unit:.4g}" for key, (_, unit) in _SHOWN.items()]
        lines.append(f"| {row['corners']:,} | " + " | ".join(cells) + " |")
    lines += ["", "| | constant | per million corners | R² | exponent | of the two largest |"]
    lines.append("| --- " * 6 + "|")
    for key, (name, unit) in _SHOWN.items():
        fit = results["fits"][key]
        cells = [fit["constant"] * unit, fit["slope"] * unit * 1e6, fit["r2"]]
        cells += [fit.get("exponent", float("nan")), fit.get("last_exponent", float("nan"))]
        lines.append(f"| {name} | " + " | ".join(f"{cell:.4g}" for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--method", default="ecq")
    parser.add_argument("--depths", default="6,7,8,9", help="of the octrees")
    parser.add_argument("--steps", type=int, default=100, help="of learning")
    parser.add_argument("--output", default="cost", help="name of the result")
    parser.add_argument("--worker", nargs=2, type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        print(json.dumps(measured(options.method, *options.worker)))
        return
    rows = []
    for depth in map(int, options.depths.split(",")):
        worker = ("--worker", str(depth), str(options.steps))
        rows.append({"depth": depth, **fresh(__file__, "--method", options.method, *worker)})
        print(rows[-1], flush=True)
    corners = [row["corners"] for row in rows]
    fits = {key: fitted(corners, [row[key] for row in rows]) for key in _SHOWN}
    settings = {"method": options.method, "steps": options.steps, "features": FEATURES}
    path = write(options.output, settings, {"fields": rows, "fits": fits})
    table = markdown(json.loads(path.read_text()))
    (RESULTS / f"{options.output}.md").write_text(table, "utf-8")
    print(Path(path).with_suffix(".md").read_text())


if __name__ == "__main__":
    main()

"""What learning costs against the number of corners: seconds per step and peak memory.

    python benchmarks/cost.py [--method ecq] [--depths 6,7,8,9] [--steps 20,60]

Made-up distance fields of one shape at four octree depths are coded from themselves, in a fresh
process each, with two numbers of steps: their difference is the cost of a step, and what is left
that of starting. Each cost is fitted by a line, with R^2, and by a power of the number of corners.
Times are of the processor, all threads together, so that other work on the machine counts little.
Writes ``benchmarks/results/cost.json`` and ``cost.md``.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from common import RESULTS, fresh, peak_bytes, write

from nfcodec import quantize, stream
from nfcodec.field import Field, Grid, Input, Layer, Level, Network, OctreeLayout
from nfcodec.layouts import corner_coordinates, octree

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
        "distance", (Input("features"), Input("position")),
        (layer(HIDDEN, FEATURES + 3, "relu"), layer(1, HIDDEN, "none")),
    )  # fmt: skip
    bounds = np.array([[-1.0] * 3, [1.0] * 3])
    return Field("sdf", bounds, (Grid(tuple(levels)),), (network,))


def measured(method: str, depth: int, steps: int) -> dict[str, Any]:
    """In its own process: one field coded and written."""
    field = made_up_field(depth)
    before, cpu, wall = peak_bytes(), time.process_time(), time.perf_counter()
    weight = {"rate_weight": RATE_WEIGHT} if method == "ecq" else {}
    stream.to_bytes(quantize.encode(field, method, steps=steps, device="cpu", **weight))
    return {
        "corners": sum(len(level.features) for level in field.levels),
        "cpu_seconds": time.process_time() - cpu, "seconds": time.perf_counter() - wall,
        "peak_rss": peak_bytes(), "peak_rss_before": before,
    }  # fmt: skip


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


def row_of(few: dict[str, Any], many: dict[str, Any], steps: Sequence[int]) -> dict[str, Any]:
    """The costs of one field from its two runs."""
    per_step = (many["cpu_seconds"] - few["cpu_seconds"]) / (steps[1] - steps[0])
    return {
        "corners": many["corners"],
        "cpu_seconds_per_step": per_step,
        "cpu_seconds_besides_steps": few["cpu_seconds"] - per_step * steps[0],
        "seconds": many["seconds"],
        "peak_rss": max(few["peak_rss"], many["peak_rss"]),
        "peak_rss_before": many["peak_rss_before"],
    }


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
    parser.add_argument("--steps", default="20,60", help="of learning, few and many")
    parser.add_argument("--output", default="cost", help="name of the result")
    parser.add_argument("--worker", nargs=2, type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        print(json.dumps(measured(options.method, *options.worker)))
        return
    steps = [int(each) for each in options.steps.split(",")]
    rows = []
    for depth in map(int, options.depths.split(",")):
        few, many = (
            fresh(__file__, "--method", options.method, "--worker", str(depth), str(each))
            for each in steps
        )
        rows.append({"depth": depth, **row_of(few, many, steps)})
        print(rows[-1], flush=True)
    corners = [row["corners"] for row in rows]
    fits = {key: fitted(corners, [row[key] for row in rows]) for key in _SHOWN}
    settings = {"method": options.method, "steps": steps, "features": FEATURES}
    path = write(options.output, settings, {"fields": rows, "fits": fits})
    table = markdown(json.loads(path.read_text()))
    (RESULTS / f"{options.output}.md").write_text(table, "utf-8")
    print(Path(path).with_suffix(".md").read_text())


if __name__ == "__main__":
    main()

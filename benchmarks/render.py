"""Images of a coded field against the same field in float16: time and memory.

    python benchmarks/render.py --nerf lego.pt [--nerf-coded lego.nfc] [--sdf spot.pt]
        [--scalar volume.pt] [--sizes 200 400] [--rounds 5] [--threads 1]

Both are drawn by the same code from the same skeleton with the same camera, in turns. Without
``--nerf-coded`` the field is coded by k-means at 4 bits; how codes were found does not matter for
speed, but that both draw the same samples does, so densities must stay alike. Fields that are not
given are made up (see :func:`made_up`). Writes ``benchmarks/results/render.json``.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from common import interleaved, ratio, set_threads, write

from nfcodec import coding
from nfcodec.evaluate import FieldModule
from nfcodec.evaluate.reference import evaluate
from nfcodec.importers import load
from nfcodec.layouts import DenseLayout, corner_coordinates, octree
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field, Grid, Level
from nfcodec.model.networks import Encoding, Input, Layer, Network
from nfcodec.quantize import encode
from nfcodec.render import render, views

#: The bars: float16's time over the coded field's, and the coded field's memory over float16's.
SPEED_BAR, MEMORY_BAR = 0.8, 0.25


def made_up(kind: str) -> Field:
    """A field with a shape in it: an SDF of a sphere with bumps, or a smooth scalar volume.

    The decoder passes the first feature through, so no training is needed; the other features are
    noise that it hardly looks at, for them to cost what they cost.
    """
    rng = np.random.default_rng(0)
    width, hidden = 8, 64
    if kind == "sdf":
        axis = (np.arange(128) + 0.5) / 64 - 1.0
        z, y, x = np.meshgrid(axis, axis, axis, indexing="ij", sparse=True)
        finest = octree.from_cells(np.abs(_bumpy(x, y, z)) < 0.03)
        layouts = [octree.coarsen(finest, depth) for depth in (5, 6, 7)]
        # The coarsest level covers the whole box, so that there is a distance everywhere.
        layouts[0] = octree.from_cells(np.ones((32, 32, 32), np.bool_))
        levels = []
        for lod, layout in enumerate(layouts):
            features = 0.01 * rng.normal(size=(layout.num_rows, width))
            at = corner_coordinates(layout) / 2 ** (layout.depth - 1) - 1.0
            features[:, 0] = _bumpy(*at.T) if lod == 0 else 0.0
            levels.append(Level(layout, lod, features.astype(np.float32)))
    else:
        side = 96
        dense = DenseLayout((side,) * 3)
        features = 0.01 * rng.normal(size=(side**3, width))
        at = corner_coordinates(dense) / (side - 1) * 2.0 - 1.0
        features[:, 0] = np.sin(4.0 * at[:, 0]) * np.sin(5.0 * at[:, 1]) * np.cos(3.0 * at[:, 2])
        levels = [Level(dense, 0, features.astype(np.float32))]
    first = 1e-3 * rng.normal(size=(hidden, width))
    first[0, 0], first[1, 0] = 1.0, -1.0
    last = np.zeros((1, hidden))
    last[0, 0], last[0, 1] = 1.0, -1.0
    layers = (
        Layer(first.astype(np.float32), None, "relu"),
        Layer(last.astype(np.float32), None, "none"),
    )
    network = Network("values", (Input("features", Encoding()),), layers)
    bounds = np.array([[-1.0] * 3, [1.0] * 3])
    return Field("sdf" if kind == "sdf" else "scalar", bounds, (Grid(tuple(levels)),), (network,))


def _bumpy(x: Any, y: Any, z: Any) -> Any:
    radius = np.sqrt(x * x + y * y + z * z)
    return radius - 0.6 - 0.03 * np.sin(9.0 * x) * np.sin(9.0 * y) * np.sin(9.0 * z)


def coded_pair(field: Field, path: str | None) -> tuple[str, CodedField, CodedField]:
    """The field in 4-bit codes and in float16, on one skeleton, and what is drawn.

    The float16 field holds the vectors that the codes stand for, if those come from a file: so
    both are the same field, drawn through the same samples.
    """
    from nfcodec.model.coded import to_field

    if path is not None:
        coded = coding.open(path)
        return Path(path).name, coded, encode(to_field(coded), "float16")
    coded = encode(field, "kmeans", bits=4)
    return "k-means, 4 bits", coded, encode(to_field(coded), "float16")


def held_bytes(module: FieldModule) -> dict[str, int]:
    """Bytes by what they are for; ``occupancy`` is not in :meth:`FieldModule.parameter_bytes`."""

    def of(part: torch.nn.Module) -> int:
        tensors = (*part.parameters(), *part.buffers())
        return sum(t.numel() * t.element_size() for t in tensors)

    found = {
        "features or codes": of(module.rows),
        "corner lookup": of(module.locators),
        "networks": of(module.networks),
    }
    assert sum(found.values()) == module.parameter_bytes()
    return {**found, "parameter_bytes": module.parameter_bytes(), "occupancy": of(module.occupied)}


def measure(
    name: str, field: Field, path: str | None, sizes: list[int], rounds: int
) -> dict[str, Any]:
    """One kind of field: images in turns at each size, memory, and that both agree."""
    what, coded, half = coded_pair(field, path)
    modules = {"coded": FieldModule(coded), "float16": FieldModule(half)}
    assert coded.levels[0].num_features == half.levels[0].num_features
    rng = np.random.default_rng(0)
    low, high = field.bounds
    points = rng.uniform(low, high, (256, 3))
    directions = np.tile([0.0, 0.0, 1.0], (256, 1))
    agree = np.abs(evaluate(coded, points, directions) - evaluate(half, points, directions)).max()
    held = {form: held_bytes(module) for form, module in modules.items()}
    result: dict[str, Any] = {
        "field": name,
        "codes": what,
        "corners": [level.code.num_rows for level in coded.levels],
        "features": coded.levels[0].num_features,
        "largest_difference": float(agree),
        "memory": {
            **held,
            "coded_over_float16": _share(held, "parameter_bytes"),
            "coded_over_float16_with_occupancy": _share(held, "parameter_bytes", "occupancy"),
            "codes_over_float16_features": _share(held, "features or codes"),
        },
        "images": {},
    }
    for size in sizes:
        camera = views.camera(field, size=(size, size))
        images: dict[str, Any] = {}

        def draw(form: str, images: dict[str, Any] = images, camera: Any = camera) -> None:
            images[form] = render(modules[form], camera)

        cases: dict[str, Callable[[], object]] = {
            form: (lambda form=form: draw(form)) for form in modules
        }
        times = interleaved(cases, rounds)
        difference = float(np.abs(images["coded"] - images["float16"]).max())
        result["images"][f"{size} x {size}"] = {
            **{form: taken.summary() for form, taken in times.items()},
            "float16_over_coded": ratio(times["float16"], times["coded"], "cpu"),
            "float16_over_coded_by_clock": ratio(times["float16"], times["coded"]),
            "largest_difference": round(difference, 4),
        }
    return result


def _share(held: dict[str, dict[str, int]], *names: str) -> float:
    coded, half = (sum(held[form][name] for name in names) for form in ("coded", "float16"))
    return round(coded / half, 4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nerf", help="a trained radiance field")
    parser.add_argument("--nerf-coded", help="the same field, coded at 4 bits")
    parser.add_argument("--sdf", help="a trained SDF")
    parser.add_argument("--scalar", help="a trained scalar field")
    parser.add_argument("--sizes", type=int, nargs="+", default=[200, 400])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    set_threads(options.threads)
    results: dict[str, Any] = {}
    for kind in ("nerf", "sdf", "scalar"):
        path = getattr(options, kind)
        if path is None and kind == "nerf":
            continue
        field = made_up(kind) if path is None else load(path)
        name = "made up" if path is None else Path(path).name
        coded = options.nerf_coded if kind == "nerf" else None
        results[kind] = measure(name, field, coded, options.sizes, options.rounds)
    ratios = [
        image["float16_over_coded"]["median"]
        for case in results.values()
        for image in case["images"].values()
    ]
    shares = {kind: case["memory"]["coded_over_float16"] for kind, case in results.items()}
    results["bars"] = {
        "float16_over_coded": {
            "bar": SPEED_BAR,
            "least": min(ratios),
            "met": min(ratios) >= SPEED_BAR,
        },
        "coded_over_float16_memory": {
            "bar": MEMORY_BAR,
            **shares,
            "met": max(shares.values()) <= MEMORY_BAR,
        },
    }
    settings = {"threads": options.threads, "rounds": options.rounds}
    write("render", settings, results)


if __name__ == "__main__":
    main()

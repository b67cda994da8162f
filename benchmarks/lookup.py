"""The lookup kernel, forward and backward, against what else could do its work on a CPU.

    python benchmarks/lookup.py [--field lego.pt] [--rounds 9] [--threads 1 2]

The work is that of training: 65,536 points in a dense lattice of 128^3 corners x 16 features,
forward, and backward to the features. Octree and coded lookups are timed on ``--field``, or on a
sphere's octree without it. Writes ``benchmarks/results/lookup.json``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from common import fresh, interleaved, ratio, set_threads, write
from torch import Tensor
from torch.nn import functional

from nfcodec.codes import Float16Code, VQCode
from nfcodec.evaluate.locators import locator_of
from nfcodec.evaluate.lookup import corner_weights, mix_rows
from nfcodec.evaluate.storage import interpolate, storage_of
from nfcodec.layouts import DenseLayout, OctreeLayout, corner_coordinates, octree
from nfcodec.model.coded import CodedLevel
from nfcodec.model.field import Level
from nfcodec.model.packed import PackedIntegers

SIDE, FEATURES, POINTS = 128, 16, 65_536
#: The bar: times as fast as grid_sample, forward and backward.
BAR = 5.0

Lookup = Callable[[Tensor], Tensor]


def uniform(rng: np.random.Generator) -> Tensor:
    """Points anywhere, each far from the one before: the worst case for caches."""
    return torch.from_numpy(rng.uniform(-1.0, 1.0, (POINTS, 3)).astype(np.float32))


def along_rays(rng: np.random.Generator) -> Tensor:
    """Points in order along 512 random chords of the box, as rays sample it."""
    start, end = rng.uniform(-1.0, 1.0, (2, 512, 1, 3))
    at = np.linspace(0.0, 1.0, POINTS // 512)[None, :, None]
    points = (start + (end - start) * at).reshape(-1, 3)
    return torch.from_numpy(points.astype(np.float32))


def dense_cases(u: Tensor, values: Tensor) -> dict[str, tuple[Lookup, Tensor]]:
    """By name: a lookup of the points ``u`` and the (trainable) values it reads."""
    layout = DenseLayout((SIDE,) * 3)
    locator = locator_of(layout)

    def ours(v: Tensor) -> Tensor:
        return interpolate(u, v, locator, locator(u))

    def tensor_operations(v: Tensor) -> Tensor:
        rows, frac = locator.as_tensor_operations(u)
        return mix_rows(v[rows.clamp_min(0).long()], rows, corner_weights(frac))

    def embedding_bag(v: Tensor) -> Tensor:
        rows, frac = locator.as_tensor_operations(u)
        weights = torch.ones((len(u), 1))
        for d in range(3):
            f = frac[:, d : d + 1]
            weights = torch.cat([weights * (1.0 - f), weights * f], dim=1)
        return functional.embedding_bag(
            rows.clamp_min(0).long(), v, per_sample_weights=weights, mode="sum"
        )

    def grid_sample(volume: Tensor) -> Tensor:
        at = u.reshape(1, 1, 1, POINTS, 3)
        found = functional.grid_sample(volume, at, align_corners=True, padding_mode="border")
        return found.reshape(FEATURES, POINTS).T

    volume = values.T.reshape(1, FEATURES, SIDE, SIDE, SIDE).contiguous()
    cases = {
        "nfcodec": (ours, values),
        "grid_sample": (grid_sample, volume),
        "grid_sample, channels last": (
            grid_sample, volume.to(memory_format=torch.channels_last_3d)
        ),
        "embedding_bag": (embedding_bag, values),
        "tensor operations": (tensor_operations, values),
    }  # fmt: skip
    return {name: (lookup, v.clone().requires_grad_()) for name, (lookup, v) in cases.items()}


def time_dense(u: Tensor, threads: int, rounds: int) -> dict[str, Any]:
    """Forward, and forward with backward, of every case; ratios to ours."""
    set_threads(threads)
    values = torch.randn(SIDE**3, FEATURES, generator=torch.Generator().manual_seed(0))
    cases = dense_cases(u, values)
    gradient = torch.randn(POINTS, FEATURES)
    _check_equal(cases)

    def forward(lookup: Lookup, v: Tensor) -> None:
        with torch.no_grad():
            lookup(v)

    def both(lookup: Lookup, v: Tensor) -> None:
        v.grad = None
        lookup(v).backward(gradient)

    work: dict[str, Callable[[], object]] = {}
    for name, case in cases.items():
        work[f"{name}: forward"] = lambda case=case: forward(*case)
        work[f"{name}: forward and backward"] = lambda case=case: both(*case)
    if threads == 1:  # Warp runs on one thread on CPUs
        work |= warp_cases(u, values, gradient)
    times = interleaved(work, rounds)
    return {
        name: {
            **taken.summary(),
            "times_ours": ratio(taken, times[f"nfcodec: {what}"]),
            "times_ours_cpu": ratio(taken, times[f"nfcodec: {what}"], "cpu"),
        }
        for name, taken in times.items()
        for what in [name.split(": ")[1]]
    }


def _check_equal(cases: dict[str, tuple[Lookup, Tensor]]) -> None:
    """All cases must do the same work, or their times mean nothing."""
    expected = None
    for name, (lookup, v) in cases.items():
        out = lookup(v)
        v.grad = None
        out.sum().backward()
        assert v.grad is not None
        flat = v.grad.reshape(FEATURES, -1).T if v.dim() == 5 else v.grad
        found = out.detach(), flat
        expected = expected or found
        for got, want in zip(found, expected, strict=True):
            if not torch.allclose(got, want, atol=2e-3):
                raise AssertionError(f"{name} gives other values")


def warp_cases(u: Tensor, values: Tensor, gradient: Tensor) -> dict[str, Callable[[], object]]:
    """The same as a kernel of NVIDIA Warp with its automatic adjoint; nothing without Warp."""
    try:
        import warp as wp
        from warp_kernel import interpolate_dense
    except ImportError:
        print("Warp is not installed: left out (pip install warp-lang)", file=sys.stderr)
        return {}
    wp.config.quiet = True
    wp.init()
    points = wp.from_torch(u, dtype=wp.vec3)
    features = wp.from_torch(values.clone(), requires_grad=True)
    out = wp.zeros((POINTS, FEATURES), dtype=float, device="cpu", requires_grad=True)
    seed = wp.from_torch(gradient)

    def launch() -> None:
        wp.launch(
            interpolate_dense, POINTS, inputs=[points, features, SIDE], outputs=[out], device="cpu"
        )

    def both() -> None:
        features.grad.zero_()
        tape = wp.Tape()
        with tape:
            launch()
        tape.backward(grads={out: seed})

    return {"warp: forward": launch, "warp: forward and backward": both}


def time_octree(levels: list[Level], threads: int, rounds: int) -> dict[str, Any]:
    """All levels of an octree at points in its finest voxels, forward, as they may be stored."""
    set_threads(threads)
    rng = np.random.default_rng(1)
    finest = levels[-1].layout
    assert isinstance(finest, OctreeLayout)
    sites = np.argwhere(octree.to_cells(finest))[:, ::-1]
    at = sites[rng.integers(0, len(sites), POINTS)] + rng.random((POINTS, 3))
    u = torch.from_numpy((at / 2**finest.depth * 2.0 - 1.0).astype(np.float32))
    locators = [locator_of(level.layout) for level in levels]
    width = levels[0].num_features

    def lookup(forms: list[Any]) -> Callable[[], object]:
        modules = [storage_of(form) for form in forms]

        @torch.no_grad()
        def run() -> Tensor:
            return sum(m(u, loc) for m, loc in zip(modules, locators, strict=True))  # type: ignore[return-value]

        return run

    @torch.no_grad()
    def tensor_operations() -> Tensor:
        total = torch.zeros((POINTS, width))
        for level, locator in zip(levels, locators, strict=True):
            rows, frac = locator.as_tensor_operations(u)
            values = torch.from_numpy(level.features)
            total += mix_rows(values[rows.clamp_min(0).long()], rows, corner_weights(frac))
        return total

    def coded(level: Level, bits: int) -> CodedLevel:
        rows = len(level.features)
        if bits == 16:
            return CodedLevel(level.layout, level.lod, Float16Code(level.features.astype("f2")))
        indices = PackedIntegers.pack(rng.integers(0, 2**bits, rows), bits)
        book = rng.normal(size=(2**bits, width)).astype(np.float16)
        return CodedLevel(level.layout, level.lod, VQCode(indices, book))

    cases: dict[str, Callable[[], object]] = {
        "float32": lookup(list(levels)),
        "float16": lookup([coded(v, 16) for v in levels]),
        "4-bit codes": lookup([coded(v, 4) for v in levels]),
        "8-bit codes": lookup([coded(v, 8) for v in levels]),
        "12-bit codes": lookup([coded(v, 12) for v in levels]),
        "tensor operations (float32)": tensor_operations,
    }
    times = interleaved(cases, rounds)
    return {
        name: {**taken.summary(), "times_float16": ratio(taken, times["float16"], "cpu")}
        for name, taken in times.items()
    }


def octree_levels(path: str | None) -> tuple[str, list[Level]]:
    """The levels of a field's first grid, or of a thin sphere's octree with random features."""
    if path is not None:
        from nfcodec.importers import load

        return Path(path).name, list(load(path).grids[0].levels)
    side = 128
    axis = (np.arange(side) + 0.5) / side * 2.0 - 1.0
    z, y, x = np.meshgrid(axis, axis, axis, indexing="ij", sparse=True)
    finest = octree.from_cells(np.abs(np.sqrt(x * x + y * y + z * z) - 0.7) < 0.04)
    rng = np.random.default_rng(0)
    levels = []
    for lod, depth in enumerate((4, 5, 6, 7)):
        layout = octree.coarsen(finest, depth)
        features = rng.normal(size=(layout.num_rows, 8)).astype(np.float32)
        levels.append(Level(layout, lod, features))
    return "a sphere's octree, random features", levels


def time_compiled(rounds: int) -> dict[str, Any]:
    """The tensor operations under torch.compile, in processes with and without a C++ compiler."""
    found: dict[str, Any] = {}
    hidden = {"CXX": "no-such-compiler", "TORCHINDUCTOR_FORCE_DISABLE_CACHES": "1"}
    arguments = ("--compiled", f"--rounds={rounds}")
    for what, environment in (("with a compiler", {}), ("without a compiler", hidden)):
        try:
            found[what] = fresh(__file__, *arguments, environment=environment)
        except RuntimeError as error:
            lines = [line for line in str(error).splitlines() if "Error: " in line]
            found[what] = {"fails": (lines or [str(error)])[-1].strip()}
    return found


def compiled(rounds: int) -> dict[str, Any]:
    """Times of torch.compile's version and ours in this process, one thread."""
    set_threads(1)
    u = uniform(np.random.default_rng(0))
    values = torch.randn(SIDE**3, FEATURES, generator=torch.Generator().manual_seed(0))
    cases = dense_cases(u, values)
    gradient = torch.randn(POINTS, FEATURES)
    lookup, v = cases["tensor operations"]
    by_compiler = torch.compile(lookup)
    ours, w = cases["nfcodec"]

    def both(run: Lookup, of: Tensor) -> None:
        of.grad = None
        run(of).backward(gradient)

    times = interleaved(
        {"torch.compile": lambda: both(by_compiler, v), "nfcodec": lambda: both(ours, w)}, rounds
    )
    return {
        "forward and backward": times["torch.compile"].summary(),
        "times_ours": ratio(times["torch.compile"], times["nfcodec"]),
        "times_ours_cpu": ratio(times["torch.compile"], times["nfcodec"], "cpu"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--field", help="a trained field with an octree, for the octree's part")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--compiled", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.compiled:
        import json

        print(json.dumps(compiled(options.rounds)))
        return
    results: dict[str, Any] = {"dense": {}, "octree": {}}
    rng = np.random.default_rng(0)
    name, levels = octree_levels(options.field)
    for threads in options.threads:
        for what, u in (("uniform", uniform(rng)), ("along rays", along_rays(rng))):
            key = f"{what}, {threads} thread{'s' * (threads > 1)}"
            results["dense"][key] = time_dense(u, threads, options.rounds)
        key = f"{threads} thread{'s' * (threads > 1)}"
        results["octree"][key] = time_octree(levels, threads, options.rounds)
    results["torch.compile, uniform, 1 thread"] = time_compiled(min(options.rounds, 5))
    measured = {
        work: case["grid_sample: forward and backward"]["times_ours"]["median"]
        for work, case in results["dense"].items()
    }
    met = all(times >= BAR for times in measured.values())
    results["bar"] = {"grid_sample_over_ours": BAR, **measured, "met": met}
    settings = {
        "lattice": [SIDE] * 3,
        "features": FEATURES,
        "points": POINTS,
        "rounds": options.rounds,
        "octree": name,
        "octree_corners": [len(corner_coordinates(v.layout)) for v in levels],
        "octree_features": levels[0].num_features,
    }
    write("lookup", settings, results)


if __name__ == "__main__":
    main()

"""How fast entropy-coded indices are decoded, from Python on one core, and how small they are.

    python benchmarks/entropy.py

About 300,000 indices on the corners of an octree around a bumpy sphere, features smooth in space
with noise, quantized to 2^b codes. Timed is everything from the section's bytes to the indices:
tables, contexts, grouping, the entropy coder and the way back to the order of the corners. Compiled
passes are compared with their NumPy reference, and both with indices coded without contexts.
"""

from __future__ import annotations

import functools

import numpy as np
from common import interleaved, ratio, set_threads, write

from nfcodec.container import Cursor
from nfcodec.entropy import compiled, contexts, fitting, symbols
from nfcodec.entropy.lattice import Lattice
from nfcodec.layouts import corner_coordinates, octree
from nfcodec.layouts.corners import corner_sites
from nfcodec.quantize.vq.kmeans import fit_codebook

ROUNDS = 15
DEPTH = 8


def shell() -> octree.OctreeLayout:
    axis = (np.arange(2**DEPTH, dtype=np.float32) + 0.5) / 2 ** (DEPTH - 1) - 1
    z, y, x = np.meshgrid(axis, axis, axis, indexing="ij")
    radius = 0.62 + 0.05 * np.sin(7 * x) * np.sin(5 * y) * np.sin(6 * z)
    return octree.from_cells(np.abs(np.sqrt(x * x + y * y + z * z) - radius) < 2.2 / 2**DEPTH)


def features(coordinates: np.ndarray, rng: np.random.Generator) -> np.ndarray:  # type: ignore[type-arg]
    u = coordinates / 2**DEPTH
    waves, phases = rng.normal(size=(4, 8, 3)) * 12, rng.uniform(0, 2 * np.pi, (4, 8))
    smooth = sum(np.sin(u @ waves[:, k].T + phases[:, k]) / np.sqrt(8) for k in range(8))
    return (smooth + rng.normal(size=smooth.shape) * 0.35).astype(np.float32)


def main() -> None:
    set_threads(1)
    rng = np.random.default_rng(0)
    layout = shell()
    vectors = features(corner_coordinates(layout), rng)
    sites = corner_sites(layout)
    shape = (2**DEPTH + 1,) * 3
    results = {}
    for bits in (2, 4, 6, 8):
        codebook, indices = fit_codebook(vectors, 1 << bits, seed=0, fast=True)
        plain = symbols.encode(indices, 1 << bits).getvalue()
        lattice = Lattice(sites, shape)
        section, _ = fitting.encode(indices, codebook.astype(np.float64), lattice, None)
        data = section.getvalue()

        def in_context(fast: bool, data: bytes = data, bits: int = bits) -> None:
            compiled.pays = lambda count: fast
            contexts.read(Cursor(data), 1 << bits, Lattice(sites, shape), _none)

        def zero_order(data: bytes = plain, bits: int = bits) -> None:
            symbols.decode(Cursor(data), sites.size, 1 << bits)

        cases = {
            "in context": functools.partial(in_context, True),
            "in context, NumPy": functools.partial(in_context, False),
            "zero order": zero_order,
        }
        times = interleaved(cases, ROUNDS)
        for name, case in times.items():
            size = len(plain) if name == "zero order" else section.size
            # The machine may be busy: the best round says what the code can do.
            best = min(case.cpu)
            results[f"{bits} bits, {name}"] = {
                **case.summary(),
                "million_symbols_per_second": round(len(indices) / best / 1e6, 1),
                "bits_per_index": round(8 * size / len(indices), 3),
            }
        results[f"{bits} bits, NumPy over compiled"] = ratio(
            times["in context, NumPy"], times["in context"], "cpu"
        )
    write("entropy", {"indices": int(sites.size), "rounds": ROUNDS, "threads": 1}, results)


def _none(position: int) -> contexts.Layer:
    raise ValueError(position)


if __name__ == "__main__":
    main()

"""How much memory learning 8-bit codes takes: 1 M corners x 16 features, in a process of its own.

    python benchmarks/vqad_memory.py [--bits 8] [--side 100] [--steps 20]

Writes the peak resident size to ``benchmarks/results/vqad_memory.json``. Memory does not depend on
how many steps are taken, so a few are enough.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np
import torch
from common import peak_bytes, write

from nfcodec import encode
from nfcodec.layouts import DenseLayout
from nfcodec.model.field import Field, Grid, Level
from nfcodec.model.networks import Input, Layer, Network

FEATURES, HIDDEN = 16, 64
#: What the product promises for 8 bits.
LIMIT_GB = 4.0


def made_up_field(side: int, seed: int = 0) -> Field:
    """A scalar field on ``side^3`` corners whose features vary smoothly in space, plus noise."""
    rng = np.random.default_rng(seed)
    axis = np.linspace(-1.0, 1.0, side, dtype=np.float32)
    z, y, x = np.meshgrid(axis, axis, axis, indexing="ij", sparse=True)
    features = np.empty((side, side, side, FEATURES), np.float32)
    for f in range(FEATURES):
        a, b, c, phase = rng.normal(scale=4.0, size=4).astype(np.float32)
        features[..., f] = np.sin(a * x + b * y + c * z + phase)
    features += 0.05 * rng.standard_normal(features.shape, dtype=np.float32)

    def layer(outputs: int, inputs: int, activation: str) -> Layer:
        weight = rng.normal(scale=np.sqrt(2.0 / inputs), size=(outputs, inputs))
        return Layer(weight.astype(np.float32), np.zeros(outputs, np.float32), activation)

    network = Network(
        "values", (Input("features"),), (layer(HIDDEN, FEATURES, "relu"), layer(1, HIDDEN, "none"))
    )
    bounds = np.array([[-1.0] * 3, [1.0] * 3])
    level = Level(DenseLayout((side,) * 3), 0, features.reshape(-1, FEATURES))
    return Field("scalar", bounds, (Grid((level,)),), (network,))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bits", type=int, default=8)
    parser.add_argument("--side", type=int, default=100, help="corners along each axis")
    parser.add_argument("--steps", type=int, default=20)
    options = parser.parse_args()
    field = made_up_field(options.side)
    before = peak_bytes()
    start = time.perf_counter()
    encode(field, "vqad", bits=options.bits, steps=options.steps, device="cpu")
    settings = {
        "bits": options.bits,
        "corners": options.side**3,
        "features": FEATURES,
        "steps": options.steps,
        "threads": torch.get_num_threads(),
    }
    result = {
        "seconds": round(time.perf_counter() - start, 1),
        "peak_rss_gb": round(peak_bytes() / 1e9, 3),
        "peak_rss_before_encoding_gb": round(before / 1e9, 3),
        "limit_gb": LIMIT_GB,
    }
    write("vqad_memory", settings, result)
    if result["peak_rss_gb"] >= LIMIT_GB:
        sys.exit(f"more than {LIMIT_GB} GB")


if __name__ == "__main__":
    main()

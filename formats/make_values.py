"""Write values of the golden files' fields that are not there yet.

    python formats/make_values.py

For each file of ``vectors/v1`` a JSON in ``vectors/v1-values`` with what the field gives at a few
points, at each level of detail, by :mod:`nfcodec.evaluate.reference`. They are informative: the
format fixes what a file decodes to, and docs/conventions.md in real numbers what that computes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from nfcodec import coding
from nfcodec.evaluate.reference import evaluate
from nfcodec.layouts import OctreeLayout, morton

VECTORS = Path(__file__).parent / "vectors" / "v1"
FOLDER = Path(__file__).parent / "vectors" / "v1-values"
POINTS = 6


def values(path: Path) -> dict[str, Any]:
    """Points inside the bounds, unit directions, and values by LOD, coarsest first."""
    field = coding.open(path)
    rng = np.random.default_rng(0)
    low, high = field.bounds
    share = rng.uniform(0.05, 0.95, (POINTS, field.dims)).round(3)
    octrees = [level.layout for level in field.levels if isinstance(level.layout, OctreeLayout)]
    if octrees:  # most of them inside the voxels that are there at every level
        finest = max(octrees, key=lambda layout: layout.depth)
        voxels = morton.decode(rng.choice(finest.voxels, POINTS - 1))
        share[:-1] = (voxels + share[:-1]) / 2**finest.depth
    elif field.occupancy is not None:
        cells = np.argwhere(field.occupancy.cells)[:, ::-1]
        size = field.occupancy.cells.shape[::-1]
        share[:-1] = (rng.choice(cells, POINTS - 1) + share[:-1]) / size
    points = (low + share * (high - low)).round(4)
    directions = rng.normal(size=(POINTS, 3))
    directions = (directions / np.linalg.norm(directions, axis=1, keepdims=True)).round(6)
    takes = any(i.source == "direction" for network in field.networks for i in network.inputs)
    found: dict[str, Any] = {"points": points.tolist()}
    if takes:
        found["directions"] = directions.tolist()
    found["values"] = [
        [
            [float(f"{value:.7g}") for value in row]
            for row in evaluate(field, points, directions if takes else None, lod=lod).tolist()
        ]
        for lod in range(field.num_lods)
    ]
    return found


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for path in sorted(VECTORS.glob("*.nfc")):
        target = FOLDER / f"{path.stem}.json"
        if not target.exists():
            rows = json.dumps(values(path)).replace("]], ", "]],\n ").replace("], [", "],\n  [")
            target.write_text(rows + "\n")


if __name__ == "__main__":
    main()

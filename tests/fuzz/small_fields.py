"""The smallest fields and checkpoints that have every part, as seeds."""

from __future__ import annotations

import io
import math
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from nfcodec.evaluate.reference import evaluate
from nfcodec.exporters import export
from nfcodec.layouts import DenseLayout, OctreeLayout, lattice_shape
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field, Grid, Level, Occupancy
from nfcodec.model.networks import Encoding, Input, Layer, Network
from tests.fuzz import scratch

#: Sites of a lattice that the reference evaluator may index.
_LATTICE = 1 << 16


def scalar() -> Field:
    """One lattice of 2 x 2 x 2 numbers and a network of two."""
    level = Level(DenseLayout((2, 2, 2)), 0, np.arange(8, dtype=np.float32)[:, None])
    layer = Layer(np.ones((1, 1), np.float32), np.zeros(1, np.float32), "none")
    networks = (Network("values", (Input("features"),), (layer,)),)
    return Field("scalar", np.array([[-1.0] * 3, [1.0] * 3]), (Grid((level,)),), networks)


def nerf() -> Field:
    """An octree of two levels, a placed grid, both networks, occupancy and metadata."""

    def layer(inputs: int, outputs: int, activation: str) -> Layer:
        weight = np.linspace(-1, 1, inputs * outputs, dtype=np.float32).reshape(outputs, inputs)
        return Layer(weight, None, activation)  # type: ignore[arg-type]

    def level(depth: int, voxels: list[int], lod: int) -> Level:
        layout = OctreeLayout(depth, np.array(voxels, np.uint64))
        return Level(layout, lod, np.ones((layout.num_rows, 1), np.float32))

    octrees = Grid((level(0, [0], 0), level(1, [1, 6], 1)))
    place = np.eye(3, 4, dtype=np.float32)
    placed = Level(DenseLayout((1, 2, 2), False, "zeros"), 0, np.ones((4, 1), np.float32), place)
    grids = (octrees, Grid((placed,), "concat"))
    view = Encoding("spherical_harmonics", degree=1)
    networks = (
        Network("density", (Input("features"),), (layer(2, 2, "softplus"),)),
        Network(
            "color",
            (Input("density", channels=(1, 2)), Input("direction", view)),
            (layer(2, 3, "relu"), layer(5, 3, "sigmoid")),
            skips=(1,),
        ),
    )
    cells = Occupancy(np.ones((1, 2, 1), np.bool_))
    metadata = {"name": "seed", "background": [1.0, 1.0, 1.0], "n": [None, True, {"a": 1}]}
    return Field("nerf", np.array([[-1.0] * 3, [1.0] * 3]), grids, networks, cells, metadata)


def exported(field: Field, suffix: str) -> bytes:
    path = scratch.folder("seeds") / f"seed{suffix}"
    export(field, path, overwrite=True)
    return path.read_bytes()


def saved(value: Any, *, legacy: bool = False) -> bytes:
    """``value`` as ``torch.save`` writes it, or wrote it before PyTorch 1.6."""
    import torch

    out = io.BytesIO()
    torch.save(value, out, _use_new_zipfile_serialization=not legacy)
    return out.getvalue()


def checkpoints() -> Mapping[str, Any]:
    """Checkpoints of other tools, and trees of our own, as ``torch.save`` takes them."""
    import torch

    grid = {"feature_grid": torch.ones(1, 1, 2, 2, 2)}
    decoder = {"decoder.0.linear.weight": torch.ones(2, 7), "decoder.0.linear.bias": torch.ones(2),
               "decoder.1.weight": torch.ones(1, 2, dtype=torch.bfloat16)}  # fmt: skip
    places = {
        "_scales": torch.zeros(2, 3),
        "_rotations": torch.ones(2, 4),
        "translations": torch.zeros(2, 3),
        "feature_grids": torch.ones(2, 1, 2, 2, 2).half(),
    }
    flat = {"decoder.params": torch.ones(16 * 32)}
    own = torch.load(_own_tree(), weights_only=True)
    return {
        "apmgsrn": {"state_dict": OrderedDict({**grid, **decoder}), "epoch": 3, "lr": 0.1},
        "amgsrn": OrderedDict({f"encoder.{name}": value for name, value in places.items()} | flat),
        "own": own,
    }


def _own_tree() -> Path:
    path = scratch.folder("seeds") / "own.pt"
    export(scalar(), path, overwrite=True)
    return path


def check(field: Field) -> None:
    """What was imported has values, and can be exported, and is then the same."""
    from nfcodec.fieldfile import document
    from tests.importers.helpers import same_field

    check_values(field)
    again = document.to_field(document.from_field(field), "again")
    assert same_field(field, again), "a field that was read is not what its own tree says"


def check_values(field: Field | CodedField) -> None:
    """A field that was read has values in the middle and at the corner of its box."""
    lattices = [math.prod(lattice_shape(level.layout)) for level in field.levels]
    if field.kind == "vq-nerf" or max(lattices, default=0) > _LATTICE:
        return
    points = np.stack([field.bounds.mean(axis=0), field.bounds[0]])
    directions = np.tile([0.0, 0.0, 1.0], (2, 1))
    with np.errstate(all="ignore"):
        values = evaluate(field, points, directions)
    assert values.shape[0] == 2
    assert values.ndim == 2

"""nerfstudio's nerfacto and instant-ngp: a ``NerfactoField`` in PyTorch or tiny-cuda-nn.

Facts (``fields/nerfacto_field.py``, ``models/nerfacto.py``, ``models/instant_ngp.py``, 0.3 to
1.1.5): L-infinity contraction to [-2, 2], or the box ``aabb``; density
``average_init_density * exp(o0)``, 0 where the position is not strictly inside; colors of the
harmonics, outputs 1 to 15 and the appearance embedding: its mean over the images (nerfacto), or
zeros (instant-ngp, whose switch is inverted: the tensors decide). In PyTorch the harmonics are
taken at (d + 1) / 2, all signs positive. Names of modules tell the implementation.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nfcodec.errors import InvalidFieldError, UnsupportedError
from nfcodec.importers import hash_grids, hashed, nerfstudio, notes
from nfcodec.importers.about import assume
from nfcodec.importers.blocks import Block, constant, harmonics, harmonics_of_torch, plain
from nfcodec.importers.flat_networks import Flat
from nfcodec.importers.hash_grids import HashGrid
from nfcodec.importers.layers import Linear, Part, Step, float32, network
from nfcodec.model.function import FieldFunction
from nfcodec.model.networks import Input
from nfcodec.model.protocols import Array64
from nfcodec.untrusted.source import InputFile, Source

NAME = "nerfstudio nerfacto or instant-ngp"
_OUTPUTS = 16
#: Names of the table and of the network in PyTorch, by version.
_TORCH = (
    ("mlp_base.model.0.hash_table", "mlp_base.model.1.layers.{}"),
    ("mlp_base_grid.hash_table", "mlp_base_mlp.layers.{}"),
)
#: Names of flat vectors: of network and grid together, or of the grid and of the network.
_FLAT = (
    ("mlp_base.model.params",),
    ("mlp_base_grid.tcnn_encoding.params", "mlp_base_mlp.tcnn_encoding.params"),
    ("mlp_base.params",),
)
_HEADS = ("mlp_head.tcnn_encoding.params", "mlp_head.params")
_WIDTHS = (16, 32, 64, 128, 256)
#: Half the side of the box that an unbounded scene is cut to, in nerfstudio's units: cameras lie
#: within 1.
_CUT = 2.0


def _part(file: InputFile) -> Part | None:
    for name in (*(pair[0] for pair in _TORCH), *(names[0] for names in _FLAT)):
        found = nerfstudio.part(file, f"field.{name}")
        if found is not None:
            return Part(found.tensors, found.prefix + "field.", found.source)
    return None


def recognize(file: InputFile) -> bool:
    return _part(file) is not None


def function(file: InputFile) -> FieldFunction:
    part = _part(file)
    assert part is not None
    embedded = part.shape("embedding_appearance.embedding.weight")
    torch = next((pair for pair in _TORCH if part.shape(pair[0]) is not None), None)
    grid, base = _torch_base(file, part, *torch) if torch else _flat_base(file, part)
    method = nerfstudio.config(file).get("method_name")
    is_ngp = isinstance(method, str) and method.startswith("instant-ngp")
    embedding = np.zeros(embedded[1] if embedded else 0)
    average = nerfstudio.flag(file, "use_average_appearance_embedding", True)
    if embedded and average and not is_ngp:
        embedding = part.array("embedding_appearance.embedding.weight", 2).mean(axis=0)
    if torch:
        head, directions = part.layers("mlp_head.layers.{}"), harmonics_of_torch()
    else:
        head, directions = _flat_head(file, part, len(embedding)), harmonics()
    nerfstudio.assume_config(
        file, "a density factor of 1 (nerfacto's is 0.01), contracted space, 16 vertices a side"
    )
    factor = nerfstudio.number(file, "average_init_density", 1.0)
    if not factor > 0.0:
        raise InvalidFieldError(f"{file.name}: average_init_density {factor:g} of config.yml")
    steps = [Step(layer, "relu") for layer in head[:-1]] + [Step(head[-1], "sigmoid")]
    features = Block((Input("features"),), np.eye(grid.width), np.zeros(grid.width))
    first = plain("base", 1, channels=(0, 1))
    blocks = [directions, plain("base", _OUTPUTS - 1, channels=(1, _OUTPUTS))]
    blocks += [constant(embedding)] if len(embedding) else []
    scaled = Linear(np.ones((1, 1)), np.array([np.log(factor)]), "density")
    networks = (
        network("base", (features,), [Step(base[0], "relu"), Step(base[1])]),
        network("density", (first,), [Step(scaled, "exp")]),
        network("color", blocks, steps),
    )
    contracted = not nerfstudio.flag(file, "disable_scene_contraction", False)
    half = _CUT
    box = (
        notes.cube(notes.half_side(file, half))
        if contracted
        else nerfstudio.box(Part(part.tensors, part.prefix.removesuffix("field."), part.source))
    )
    if contracted and "bounds" not in notes.notes(file):
        assume(
            file,
            f"an unbounded scene is cut to a cube of ±{half:g} in nerfstudio's units; for another "
            f"box write bounds into {notes.path_of(file).name} beside it",
        )
    encoder = _encoder(grid, None if contracted else box)
    about = nerfstudio.about(file, "instant-ngp" if is_ngp else "nerfacto")
    return hashed.function("nerf", box, encoder, networks, about)


def _encoder(grid: HashGrid, box: Array64 | None) -> hashed.Encoder:
    def encode(points: Any) -> Any:
        if box is None:
            largest = np.abs(points).max(axis=1, keepdims=True)
            safe = np.maximum(largest, 1.0)
            u = (np.where(largest < 1.0, points, (2.0 - 1.0 / safe) * points / safe) + 2.0) / 4.0
        else:
            low, high = box.astype(np.float32)
            u = (points - low) / (high - low)
        inside = ((u > 0.0) & (u < 1.0)).all(axis=1)
        return grid(float32(np.where(inside[:, None], u, 0.0))), inside

    return encode


def _sizes(file: InputFile, part: Part) -> tuple[int, int, int, int]:
    """Levels, the largest and the least number of vertices a side, log2 of the table."""
    named = [_whole(part, name) for name in ("num_levels", "max_res", "log2_hashmap_size")]
    levels, largest, log2_size = named
    base = int(nerfstudio.number(file, "base_res", 16))
    if not (1 <= levels <= 64 and 1 <= base <= largest <= 1 << 20 and 1 <= log2_size <= 28):
        raise InvalidFieldError(
            f"{file.name}: a hash grid of {levels} levels from {base} to {largest} vertices a side "
            f"and 2^{log2_size} entries"
        )
    return levels, largest, base, log2_size


def _whole(part: Part, name: str) -> int:
    found = part.tensors.get(part.prefix + name)
    if not isinstance(found, np.ndarray) or found.size != 1 or found.dtype.kind not in "iu":
        raise InvalidFieldError(
            f"{part.source}: field.{name} is missing, as before nerfstudio 0.1.19; the sizes of "
            "the hash grid are in no tensor then"
        )
    return int(found.reshape(-1)[0])


def _torch_base(
    file: InputFile, part: Part, table: str, layers: str
) -> tuple[HashGrid, list[Linear]]:
    levels, largest, base, _ = _sizes(file, part)
    values = float32(part.array(table, 2))
    return hash_grids.of_nerfstudio(values, levels, base, largest, file.name), _two(
        file, part.layers(layers)
    )


def _flat_base(file: InputFile, part: Part) -> tuple[HashGrid, list[Linear]]:
    """The grid and the network of flat vectors, whose width and padding their length decides."""
    levels, largest, base, log2_size = _sizes(file, part)
    growth = float(np.exp((np.log(largest) - np.log(base)) / max(levels - 1, 1)))
    features = int(nerfstudio.number(file, "features_per_level", 2))
    names = next(names for names in _FLAT if part.shape(names[0]) is not None)
    vectors = [part.array(name, 1) for name in names]
    for width in _WIDTHS:
        flat = Flat(levels * features, _OUTPUTS, width, 1)
        if len(vectors) == 2:
            grid, own = vectors
        else:
            own, grid = vectors[0][: flat.count], vectors[0][flat.count :]
        if len(own) != flat.count or not len(grid):
            continue
        try:
            found = hash_grids.of_tiny_cuda_nn(
                float32(grid), levels, features, log2_size, base, growth, file.name
            )
        except InvalidFieldError:
            continue
        return found, flat.layers(own, f"{file.name}: field.mlp_base", ones=False)
    raise InvalidFieldError(
        f"{file.name}: {sum(map(len, vectors)):,} parameters of field.mlp_base fit no network of "
        f"{', '.join(map(str, _WIDTHS))} and a hash grid of {levels} levels, 2^{log2_size} entries "
        f"and {base} to {largest} vertices a side; config.yml may be that of another run"
    )


def _flat_head(file: InputFile, part: Part, embedding: int) -> list[Linear]:
    name = next((name for name in _HEADS if part.shape(name) is not None), _HEADS[0])
    values = part.array(name, 1)
    fitting = [
        flat
        for width in _WIDTHS
        for hidden in (1, 2, 3)
        for flat in (Flat(_OUTPUTS * 2 - 1 + embedding, 3, width, hidden),)
        if flat.count == len(values)
    ]
    if len(fitting) != 1:
        raise InvalidFieldError(
            f"{file.name}: {len(values):,} parameters of field.{name} fit {len(fitting)} networks "
            f"of {_OUTPUTS * 2 - 1 + embedding} inputs"
        )
    return fitting[0].layers(values, f"{file.name}: field.{name}")


def _two(file: InputFile, layers: list[Linear]) -> list[Linear]:
    if len(layers) != 2 or len(layers[1].weight) != _OUTPUTS:
        raise UnsupportedError(
            f"{file.name}: a base network of {len(layers)} layers and "
            f"{len(layers[-1].weight)} outputs; 2 and {_OUTPUTS} are imported"
        )
    return layers


SOURCE = Source(NAME, "a radiance field of a hash grid", recognize, function=function)

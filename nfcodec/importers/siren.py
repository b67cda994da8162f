"""SIREN: networks of sines, as checkpoints of several code bases.

Facts: vsitzmann/siren ``modules.py``: ``net.net.{i}.0``, ``sin(30 (W x + b))`` after all layers but
the last. Its explorable notebook and copies: ``net.{i}.linear``, then ``net.{n}`` plain, the same
factor. lucidrains/siren-pytorch: ``layers.{i}`` and ``last_layer``, 30 at the first layer and 1 at
the others. The factor is in no file; notes may state ``omega`` and ``omega_hidden``. Shapes fill
[-1, 1]^3.
"""

from __future__ import annotations

from nfcodec.errors import UnsupportedError
from nfcodec.importers import notes
from nfcodec.importers.blocks import plain
from nfcodec.importers.layers import Linear, Part, Step, network
from nfcodec.importers.nerf_mlp import finest
from nfcodec.importers.sdf_mlp import finished
from nfcodec.model.field import Field
from nfcodec.untrusted.source import InputFile, Source

NAME = "SIREN"
OMEGA = 30.0
#: Patterns of layers, the name of the last one ("" if it is of the pattern), omega of hidden ones.
_FORMS = (
    ("net.net.{}.0", "", OMEGA),
    ("net.{}.0", "", OMEGA),
    ("net.{}.linear", "net.{}", OMEGA),
    ("layers.{}", "last_layer", 1.0),
)


def _found(file: InputFile) -> tuple[Part, list[str], float] | None:
    """The tensors, the names of layers, and omega of the hidden ones."""
    for pattern, last, omega in _FORMS:
        part = finest(file, (("*", ""),), pattern.format(0) + ".weight")
        if part is None:
            continue
        names = part.numbered(pattern)
        if last:
            names.append(last.format(len(names)))
        if len(names) > 1 and all(part.width(name) is not None for name in names):
            return part, names, omega
    return None


def recognize(file: InputFile) -> bool:
    return file.checkpoint is not None and _found(file) is not None


def read(file: InputFile) -> Field:
    found = _found(file)
    assert found is not None
    part, names, hidden = found
    return of_layers(file, [part.linear(name) for name in names], hidden)


def of_layers(file: InputFile, layers: list[Linear], hidden: float = OMEGA) -> Field:
    """The field of a network of sines; UnsupportedError unless it gives a distance of a point."""
    shape = (layers[0].weight.shape[1], len(layers[-1].weight))
    if shape != (3, 1):
        raise UnsupportedError(
            f"{file.name}: a SIREN of {shape[0]} inputs and {shape[1]} outputs; one of 3 inputs "
            "and a distance is imported"
        )
    omega = notes.number(file, "omega", OMEGA)
    hidden = notes.number(file, "omega_hidden", hidden)
    half = notes.half_side(file, 1.0)
    steps = [Step(layer, "sine", hidden if i else omega) for i, layer in enumerate(layers[:-1])]
    steps.append(Step(layers[-1]))
    return finished(file, NAME, [network("distance", (plain("position", 3, half),), steps)], half)


SOURCE = Source(NAME, "the distances of a surface, by a network of sines", recognize, read)

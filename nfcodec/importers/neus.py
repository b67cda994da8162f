"""NeuS: ``ckpt_300000.pth`` with ``sdf_network_fine``.

Facts (Totoro97/NeuS ``models/fields.py``): IDR's network of x * scale, its distance divided by
scale; the object lies in the unit sphere. ``scale`` is in the configuration alone, 1 in all of
NeuS's own; the color network and the background are not imported.
"""

from __future__ import annotations

from nfcodec.importers import notes
from nfcodec.importers.layers import Part
from nfcodec.importers.nerf_mlp import finest
from nfcodec.importers.sdf_mlp import encoded, finished, idr
from nfcodec.model.field import Field
from nfcodec.untrusted.source import InputFile, Source

NAME = "NeuS"


def _part(file: InputFile) -> Part | None:
    return finest(file, (("sdf_network_fine", ""),), "lin0.bias")


def recognize(file: InputFile) -> bool:
    return _part(file) is not None


def read(file: InputFile) -> Field:
    part = _part(file)
    assert part is not None
    half, scale = notes.half_side(file, 1.0), notes.number(file, "scale", 1.0)
    layers = part.layers("lin{}")
    position = encoded(layers[0].weight.shape[1], layers[0].name, half * scale)
    return finished(file, NAME, [idr([position], layers, scale)], half)


SOURCE = Source(NAME, "the distances of a surface from images", recognize, read)

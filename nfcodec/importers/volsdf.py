"""VolSDF and IDR: ``ModelParameters/latest.pth`` with ``implicit_network.lin*``.

Facts (lioryariv/idr ``implicit_differentiable_renderer.py``, lioryariv/volsdf
``model/network.py``): IDR's network in the unit sphere. VolSDF draws the smaller of its distance
and that to a bounding sphere of its configuration, which is left out here, as are colors and the
background.
"""

from __future__ import annotations

from nfcodec.importers import notes
from nfcodec.importers.layers import Part
from nfcodec.importers.nerf_mlp import finest
from nfcodec.importers.sdf_mlp import encoded, finished, idr
from nfcodec.model.field import Field
from nfcodec.untrusted.source import InputFile, Source

NAME = "VolSDF or IDR"


def _part(file: InputFile) -> Part | None:
    return finest(file, (("*", "implicit_network."),), "lin0.bias")


def recognize(file: InputFile) -> bool:
    return _part(file) is not None


def read(file: InputFile) -> Field:
    part = _part(file)
    assert part is not None
    half = notes.half_side(file, 1.0)
    layers = part.layers("lin{}")
    position = encoded(layers[0].weight.shape[1], layers[0].name, half)
    return finished(file, NAME, [idr([position], layers)], half)


SOURCE = Source(NAME, "the distances of a surface from images", recognize, read)

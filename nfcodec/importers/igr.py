"""IGR and SALD: ``ModelParameters/latest.pth`` with ``lin*`` that take x alone.

Facts (amosgropp/IGR ``model/network.py``): IDR's network without an encoding. Models of many shapes
take a code as well, which is not in the file.
"""

from __future__ import annotations

from nfcodec.errors import UnsupportedError
from nfcodec.importers import deepsdf, notes
from nfcodec.importers.blocks import plain
from nfcodec.importers.layers import Part
from nfcodec.importers.sdf_mlp import finished, idr
from nfcodec.model.field import Field
from nfcodec.untrusted.source import InputFile, Source

NAME = "IGR"


def _part(file: InputFile) -> Part | None:
    part = deepsdf.decoder(file)
    return None if part is None or deepsdf.is_deepsdf(file, part) else part


def recognize(file: InputFile) -> bool:
    return _part(file) is not None


def read(file: InputFile) -> Field:
    part = _part(file)
    assert part is not None
    if part.width("lin0") != 3:
        raise UnsupportedError(
            f"{file.name}: a network of distances that takes {part.width('lin0')} values, three "
            "of them a point; the others, a code, say which shape it is: of DeepSDF, put "
            "specs.json and LatentCodes/latest.pth where its experiments have them"
        )
    half = notes.half_side(file, 1.0)
    layers = part.layers("lin{}")
    return finished(file, NAME, [idr([plain("position", 3, half)], layers)], half)


SOURCE = Source(NAME, "the distances of a surface from points", recognize, read)

"""nerfstudio's neus and neus-facto, and sdfstudio's: ``field.glin*``.

Facts (``fields/sdf_field.py``, 1.1.5): IDR's network of the position, six bands 2 pi 2^k (sines
axis by axis, then cosines, without a copy) and the features of a grid, which are zeros if
``use_grid_feature`` is false, as in neus; then they are left out. Colors are not imported.
"""

from __future__ import annotations

from nfcodec.check.field import check_field
from nfcodec.errors import UnsupportedError
from nfcodec.importers import nerfstudio, notes
from nfcodec.importers.blocks import constant, frequency, plain
from nfcodec.importers.layers import Part
from nfcodec.importers.sdf_mlp import idr
from nfcodec.model.field import Field
from nfcodec.untrusted.source import InputFile, Source

NAME = "nerfstudio neus"
_BANDS = 6
_PLAIN = 3 + 6 * _BANDS


def _part(file: InputFile) -> Part | None:
    return nerfstudio.part(file, "field.glin0.bias")


def recognize(file: InputFile) -> bool:
    return _part(file) is not None


def read(file: InputFile) -> Field:
    part = _part(file)
    assert part is not None
    width = part.width("field.glin0") or 0
    settings = nerfstudio.config(file).get("sdf_field")
    uses_grid = isinstance(settings, dict) and settings.get("use_grid_feature") is True
    if uses_grid or width < _PLAIN:
        raise UnsupportedError(
            f"{file.name}: a distance that also depends on a hash grid of tiny-cuda-nn, as of "
            "neus-facto, which is not imported; extract a mesh where it was trained, and learn "
            "from that with `nfcodec train sdf`"
        )
    box = nerfstudio.box(part)
    half = notes.half_side(file, float(abs(box).max()))
    bands = [float(b) for b in nerfstudio.bands(_BANDS, _BANDS - 1.0)]
    blocks = [
        plain("position", 3, half),
        frequency("position", bands, "sines-axes", "", half),
        *([constant([0.0] * (width - _PLAIN))] if width > _PLAIN else []),
    ]
    network = idr(blocks, part.layers("field.glin{}"))
    field = Field("sdf", notes.cube(half), (), (network,), metadata=nerfstudio.about(file, "neus"))
    check_field(field, file.name)
    return field


SOURCE = Source(NAME, "the distances of a surface from images", recognize, read)

"""What fields take in files, level by level, for those who know no bytes."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from nfcodec import coding
from nfcodec.coding import previews
from nfcodec.coding.file import LayerCount
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.quantize.rate.drafts import smallest_code


class Cut(NamedTuple):
    lod: int
    layer: int
    size: int


class Written:
    def __init__(self, data: bytes) -> None:
        self.data = data

    @property
    def size(self) -> int:
        return len(self.data)

    @property
    def cuts(self) -> list[Cut]:
        cuts = coding.describe(self.data)["cuts"]
        return [Cut(cut["lod"], cut["layer"], cut["bytes"]) for cut in cuts]

    def prefix(self, lod: int, layer: int) -> CodedField:
        size = next(cut.size for cut in self.cuts if (cut.lod, cut.layer) == (lod, layer))
        return coding.open(self.data[:size])

    def with_preview(self, image: bytes) -> Written:
        return Written(previews.add(self.data, image))

    def to_bytes(self) -> bytes:
        return self.data


class FileRates:
    """Writes fields, and remembers how it coded their levels: a level that comes again, with the
    same codes, is not coded again. A :class:`nfcodec.quantize.steering.RateModel`."""

    def write(self, coded: CodedField, layers: LayerCount = None) -> Written:
        """The parts of a file of ``coded``, whose indices come in so many ``layers``."""
        return Written(coding.to_bytes(coded, layers=layers))

    def floor(self, field: Field) -> int:
        return self.write(replace(smallest_code(field), metadata={})).size

"""What fields take in files, level by level, for those who know no bytes."""

from __future__ import annotations

from dataclasses import replace

from nfcodec import coding
from nfcodec.coding import LevelCoder, Written
from nfcodec.coding.writer import LayerCount
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.quantize.rate.drafts import smallest_code

__all__ = ["FileRates", "Written"]


class FileRates:
    """Writes fields, and remembers how it coded their levels: a level that comes again, with the
    same codes, is not coded again. A :class:`nfcodec.quantize.steering.RateModel`."""

    def __init__(self) -> None:
        self.coder = LevelCoder()

    def write(self, coded: CodedField, layers: LayerCount = None) -> Written:
        """The parts of a file of ``coded`` with its indices in ``layers`` layers."""
        return coding.write(coded, layers=layers, coder=self.coder)

    def floor(self, field: Field) -> int:
        """Bytes of the smallest file of ``field``, without its metadata."""
        return self.write(replace(smallest_code(field), metadata={})).size

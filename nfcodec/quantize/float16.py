"""Uncompressed features in float16: the reference that other methods are measured against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from nfcodec.codes import Float16Code
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.quantize.contract import Context, Quantizer, to_half, with_codes


@dataclass(frozen=True)
class Float16(Quantizer):
    """Every feature rounded to the nearest float16."""

    name: ClassVar[str] = "float16"
    summary: ClassVar[str] = "uncompressed features in float16"

    def quantize(self, field: Field, context: Context) -> CodedField:
        return with_codes(
            field,
            [
                Float16Code(to_half(level.features, f"level {number} of the field"))
                for number, level in enumerate(field.levels)
            ],
        )

"""Uncompressed features in float16: the reference that other methods are measured against."""

from __future__ import annotations

from nfcodec.codes import Float16Code
from nfcodec.methods import Float16Options
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.quantize.contract import Context, Quantizer, to_half, with_codes


class Float16(Float16Options, Quantizer):
    """Codes fields by :class:`nfcodec.methods.Float16Options`."""

    def quantize(self, field: Field, context: Context) -> CodedField:
        return with_codes(
            field,
            [
                Float16Code(to_half(level.features, f"level {number} of the field"))
                for number, level in enumerate(field.levels)
            ],
        )

"""The coded data model: the skeleton of a field with every level's features in coded form.

Codes are small integers and float16 tables: what the file holds, and what renderers read. The
values a code stands for are exact: its ``decode_rows`` defines them, bit for bit.
"""

from __future__ import annotations

from dataclasses import dataclass

from nfcodec.arrays import FloatArray
from nfcodec.model.field import Field, Level, Skeleton, map_levels
from nfcodec.model.protocols import Code, Layout


@dataclass(frozen=True, eq=False)
class CodedLevel:
    """One level of a grid in coded form; see :class:`nfcodec.model.field.Level`."""

    layout: Layout
    lod: int
    code: Code
    transform: FloatArray | None = None

    @property
    def num_features(self) -> int:
        return self.code.num_features


@dataclass(frozen=True, eq=False)
class CodedField(Skeleton[CodedLevel]):
    """A field as a ``.nfc`` file holds it.

    Networks hold float32 arrays whose values are exactly representable in float16.
    ``total_lods``: LODs of the whole file, more than :attr:`num_lods` when only a prefix of it
    has been read; 0 means "the same".
    """

    total_lods: int = 0


def to_field(coded: CodedField) -> Field:
    """``coded`` in floating point: the same skeleton, levels as their codes decode them."""

    def plain(level: CodedLevel) -> Level:
        return Level(level.layout, level.lod, level.code.decode_rows(), level.transform)

    return Field(
        kind=coded.kind,
        bounds=coded.bounds,
        grids=map_levels(coded.grids, plain),
        networks=coded.networks,
        occupancy=coded.occupancy,
        metadata=coded.metadata,
        image=coded.image,
    )

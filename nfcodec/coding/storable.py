"""Whether a ``.nfc`` file can hold what encoding a field leaves as it is, asked before the work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nfcodec.codes import Float16Code
from nfcodec.coding import header as headers
from nfcodec.coding import metadata as stored
from nfcodec.errors import DamagedFileError, InvalidFieldError, LimitError, UsageError
from nfcodec.model.coded import CodedField, CodedLevel
from nfcodec.model.field import Field, Level, map_levels

#: Integers that CBOR holds without a tag.
_LEAST, _MOST = -(1 << 64), (1 << 64) - 1
#: What encoding does not keep.
_LEFT_OUT = ("viewpoints",)


def check_storable(field: Field, source: str) -> None:
    """Raise unless a ``.nfc`` file can hold the metadata, layouts and networks of ``field``.

    ``field`` must be sound. UsageError names the place in the metadata that cannot be stored;
    InvalidFieldError and LimitError are raised for what no decoder would read.
    """
    check_metadata_storable(field.metadata, source)

    def bare_level(level: Level) -> CodedLevel:
        nothing = _nothing(level.features.shape)
        return CodedLevel(level.layout, level.lod, nothing, level.transform)

    bare = CodedField(
        kind=field.kind, bounds=field.bounds, grids=map_levels(field.grids, bare_level),
        networks=field.networks, occupancy=field.occupancy, metadata={}, image=field.image,
    )  # fmt: skip
    try:
        headers.from_bytes(headers.to_bytes(bare))
    except LimitError as error:
        raise LimitError(f"{source}: {error}") from error
    except DamagedFileError as error:
        raise InvalidFieldError(f"{source}: a .nfc file cannot hold it: {error}") from error


def check_metadata_storable(metadata: Mapping[str, Any], source: str) -> None:
    """UsageError unless a ``.nfc`` file can hold what encoding keeps of ``metadata``."""
    kept = {key: value for key, value in metadata.items() if key not in _LEFT_OUT}
    _check_values(kept, source)
    try:
        stored.to_bytes(kept)
    except UsageError as error:
        raise UsageError(f"{source}: {error}") from error


def _nothing(shape: tuple[int, ...]) -> Float16Code:
    """A code of ``rows`` vectors that takes no memory."""
    return Float16Code(np.broadcast_to(np.float16(0), shape))


def _check_values(metadata: Mapping[str, Any], source: str) -> None:
    todo: list[tuple[str, Any]] = [("metadata", metadata)]
    while todo:
        where, value = todo.pop()
        if isinstance(value, Mapping):
            for key, item in value.items():
                _check_text(key, f"a key of {where}", source)
                todo.append((f"{where}[{key!r}]", item))
        elif isinstance(value, (list, tuple)):
            todo += [(f"{where}[{i}]", item) for i, item in enumerate(value)]
        elif isinstance(value, str):
            _check_text(value, where, source)
        elif type(value) is int and not _LEAST <= value <= _MOST:
            raise UsageError(
                f"{source}: {where} is an integer of {value.bit_length()} bits, which a .nfc file "
                "cannot hold: integers are below 2^64; shorten it, or make it a text"
            )


def _check_text(text: str, where: str, source: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UsageError(
            f"{source}: {where} is a text with surrogates, {text[:40]!r}, which a .nfc file cannot "
            "hold; it may come from a file name that is not UTF-8: rename it"
        ) from error

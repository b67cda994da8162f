"""Metadata <-> ``meta`` chunks: what a viewer wants first comes first, the rest at the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nfcodec.container import cbor, limits
from nfcodec.errors import DamagedFileError, UsageError

#: What a viewer wants before the first image, as long as it is small.
EARLY = ("background", "camera", "name", "render", "value_range")
_EARLY_BYTES = 512


def split(metadata: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What comes before the levels, and what after them."""
    early = {
        key: metadata[key]
        for key in EARLY
        if key in metadata and len(to_bytes({key: metadata[key]})) <= _EARLY_BYTES
    }
    return early, {key: value for key, value in metadata.items() if key not in early}


def to_bytes(metadata: Mapping[str, Any]) -> bytes:
    """The payload of a ``meta`` chunk; UsageError if a value cannot be stored."""
    try:
        data = cbor.dumps(dict(metadata))
    except (ValueError, DamagedFileError) as error:
        raise UsageError(
            f"metadata cannot be stored (integers need to be below 2^64, texts valid): {error}"
        ) from error
    if len(data) > limits.METADATA_BYTES:
        raise UsageError(f"metadata of {len(data):,} bytes; {limits.METADATA_BYTES:,} is the limit")
    return data


def add(found: dict[str, Any], data: bytes, items: cbor.Items) -> None:
    """Add the entries of one ``meta`` chunk to those ``found`` in others, whose ``items`` count."""
    tree = cbor.loads(data, "metadata", items)
    if not isinstance(tree, dict) or not all(isinstance(key, str) for key in tree):
        raise DamagedFileError("metadata is not a map with texts for keys")
    if found.keys() & tree.keys():
        raise DamagedFileError("metadata: an entry is there twice")
    found.update(tree)

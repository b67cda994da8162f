"""The limits that decoders keep (``formats/nfc-v1.md``, "Limits").

They are checked before anything is allocated. A file beyond one of them raises
:class:`~nfcodec.errors.LimitError`; the format itself would allow it. The numbers are those of
``limits.json`` beside this file, from where the decoder in ``web/`` takes them too: both refuse the
same files.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nfcodec.errors import LimitError

_SHARED: dict[str, Any] = json.loads(Path(__file__).with_name("limits.json").read_text("utf-8"))

HEADER_BYTES: int = _SHARED["headerBytes"]
METADATA_BYTES: int = _SHARED["metadataBytes"]
#: Items of the header, or of all metadata: values and keys.
ITEMS: int = _SHARED["items"]
CHUNKS: int = _SHARED["chunks"]
LODS: int = _SHARED["lods"]
GRIDS: int = _SHARED["grids"]
LEVELS: int = _SHARED["levels"]
#: Vectors of one level.
CORNERS: int = _SHARED["vectors"]
#: Occupied voxels of one octree level.
VOXELS: int = _SHARED["voxels"]
#: Feature values of all levels: vectors times features.
VALUES: int = _SHARED["values"]
OCTREE_DEPTH: int = _SHARED["depth"]
#: Cells along one side of a dense level or an occupancy grid.
SIDE: int = _SHARED["side"]
FEATURES: int = _SHARED["features"]
NETWORKS: int = _SHARED["networks"]
LAYERS: int = _SHARED["layers"]
INPUTS: int = _SHARED["inputs"]
#: Values that enter or leave a network layer.
WIDTH: int = _SHARED["width"]
FREQUENCIES: int = _SHARED["frequencies"]
OCCUPANCY_CELLS: int = _SHARED["cells"]
#: Rules of the format, not limits: bits of an index, characters of a network's name, bytes of an
#: image decoder's outline.
INDEX_BITS, NAME, OUTLINE_BYTES = 16, 64, 1 << 17

#: Work that no file may ask for, however long it is (``nfcodec/container/work.py``).
WORK: int = _SHARED["work"]["most"]
#: Work that any file may ask for, and what each byte of it allows beyond.
FREE_WORK: int = _SHARED["work"]["free"]
WORK_PER_BYTE: int = _SHARED["work"]["perByte"]

#: Everything a decoder holds of one file at once, by the estimate from its header.
DECODED_BYTES: int = _SHARED["memory"]["most"]
#: Bytes in that estimate, by what takes them.
ESTIMATE: dict[str, int] = {
    name: value for name, value in _SHARED["memory"].items() if name != "most"
}


def check(value: int, maximum: int, what: str) -> int:
    """``value``, or LimitError if it is above ``maximum``; ``what`` names it in the message."""
    if value > maximum:
        raise LimitError(f"{what} is {value:,}; this decoder's limit is {maximum:,}")
    return value

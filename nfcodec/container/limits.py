"""The limits that this decoder states and keeps (``formats/nfc-v1.md``, "Limits").

They are checked before anything is allocated. A file beyond one of them raises
:class:`~nfcodec.errors.LimitError`; the format itself would allow it.
"""

from __future__ import annotations

from nfcodec.errors import LimitError

HEADER_BYTES = 1 << 20
METADATA_BYTES = 1 << 24
#: The layers of a picture decoder without their numbers; as many as there may be take half of it.
OUTLINE_BYTES = 1 << 17
CHUNKS = 4096
LODS = 64
GRIDS = 4096
LEVELS = 4096
#: Vectors of one level.
CORNERS = 1 << 28
#: Occupied voxels of one octree level.
VOXELS = 1 << 28
OCTREE_DEPTH = 10
#: Cells along one side of a dense level or an occupancy grid.
SIDE = 1 << 16
FEATURES = 4096
INDEX_BITS = 16
NETWORKS = 16
LAYERS = 64
INPUTS = 16
#: Values that enter or leave a network layer.
WIDTH = 1 << 14
OCCUPANCY_CELLS = 1 << 30
#: Everything a decoder holds of one file: codes, tables, networks, topology and its corner lookup.
DECODED_BYTES = 8 << 30

#: Symbols of one file, and sites looked at for them (``nfcodec/stream/work.py``).
WORK = 1 << 30


def check(value: int, maximum: int, what: str) -> int:
    """``value``, or LimitError if it is above ``maximum``; ``what`` names it in the message."""
    if value > maximum:
        raise LimitError(f"{what} is {value:,}; this decoder's limit is {maximum:,}")
    return value

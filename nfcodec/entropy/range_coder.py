"""Bits with given chances <-> bytes (``nfc-v1.md`` §8), for the kernels of mixed counts.

The encoder collects decisions with their chances and makes the bytes at the end; the decoder reads
them one by one. Kernels take either as a :class:`Coder`, so that both run the same code.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from nfcodec.container import Builder, Cursor
from nfcodec.errors import DamagedFileError

Bytes = npt.NDArray[np.uint8]

#: Places in a coder's state: the value, the size of its range, the next byte to read, and how many
#: decisions have been collected.
VALUE, RANGE, NEXT, DONE = range(4)
FULL_RANGE = (1 << 32) - 1
#: The range is kept at or above this, a byte at a time.
MIN_RANGE = 1 << 24


class Coder(NamedTuple):
    """What kernels need of a decoder (``data``) or of an encoder (``chances`` and ``bits``).

    ``state``: (4,) int64, see :data:`VALUE` and those after it.
    """

    decoding: bool
    data: Bytes
    state: npt.NDArray[np.int64]
    chances: npt.NDArray[np.uint16]
    bits: Bytes


def encoder(decisions: int) -> Coder:
    """A coder that collects up to ``decisions``; :func:`write` makes bytes of them."""
    none = np.zeros(0, np.uint8)
    chances, bits = np.empty(decisions, np.uint16), np.empty(decisions, np.uint8)
    return Coder(False, none, np.zeros(4, np.int64), chances, bits)


def write(section: Builder, coder: Coder) -> None:
    """Append the bytes of the decisions that ``coder`` has collected."""
    from nfcodec.entropy.mixing_kernels import encode

    done = int(coder.state[DONE])
    data = encode(coder.chances[:done], coder.bits[:done])
    section.fields("I", data.size)
    section.array(data)


def read(cursor: Cursor) -> Coder:
    """A coder that reads what :func:`write` has written.

    DamagedFileError if no encoder begins like this.
    """
    (size,) = cursor.fields("I")
    data = cursor.octets(size)
    value = int.from_bytes(data[:4].tobytes(), "big")
    if data.size < 4 or value == FULL_RANGE:
        raise DamagedFileError("bytes of a range coder cannot begin like this")
    state = np.array([value, FULL_RANGE, 4, 0], np.int64)
    # A copy is writable, as all arguments are: one compiled version.
    return Coder(True, data.copy(), state, np.zeros(0, np.uint16), np.zeros(0, np.uint8))


def finish(coder: Coder) -> None:
    """DamagedFileError unless a decoder has used up exactly all bytes."""
    if coder.state[VALUE] or int(coder.state[NEXT]) != coder.data.size:
        raise DamagedFileError("bytes of a range coder are damaged (they do not end in zero)")

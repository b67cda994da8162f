"""Small unsigned integers, packed into 32-bit words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class PackedIntegers:
    """``count`` unsigned integers of ``bits`` bits (1..16), packed little end first.

    ``words``: (ceil(count * bits / 32),) uint32; value i occupies bits [i * bits, (i + 1) * bits)
    of the bit string that the words form, least significant bit first. Unused bits are zero.
    """

    bits: int
    count: int
    words: npt.NDArray[np.uint32]

    @staticmethod
    def pack(values: npt.NDArray[np.integer], bits: int) -> PackedIntegers:
        """Pack (N,) ``values``, each in [0, 2^bits); ValueError if one does not fit."""
        if not 1 <= bits <= 16:
            raise ValueError(f"bits must be 1..16, got {bits}")
        if values.ndim != 1:
            raise ValueError(f"expected a flat array, got shape {values.shape}")
        low, high = (int(values.min()), int(values.max())) if values.size else (0, 0)
        if low < 0 or high >> bits:
            raise ValueError(f"a value does not fit in {bits} bits")
        if low == high and values.size > _PERIOD:
            return PackedIntegers(bits, int(values.size), _repeated(low, bits, values.size))
        words = np.zeros((values.size * bits + 31) // 32, np.uint32)
        # Bit planes of 32 values at a time fill `bits` whole words.
        for start in range(0, values.size, _PACK_CHUNK):
            part = values[start : start + _PACK_CHUNK].astype(np.uint16)
            planes = ((part[:, None] >> np.arange(bits, dtype=np.uint16)) & 1).astype(np.uint8)
            raw = np.packbits(planes.reshape(-1), bitorder="little")
            raw = np.pad(raw, (0, -raw.size % 4))
            first = start * bits // 32
            words[first : first + raw.size // 4] = raw.view("<u4")
        return PackedIntegers(bits, int(values.size), words)

    def unpack(self) -> npt.NDArray[np.uint16]:
        """The (count,) values as uint16."""
        values = np.empty(self.count, np.uint16)
        for start in range(0, self.count, _PACK_CHUNK):
            index = np.arange(min(_PACK_CHUNK, self.count - start), dtype=np.int64) * self.bits
            word, shift = index >> 5, (index & 31).astype(np.uint64)
            first = start * self.bits // 32
            padded = np.append(self.words[first : first + int(word[-1]) + 2], np.uint32(0))
            both = padded[word] | (padded[word + 1].astype(np.uint64) << np.uint64(32))
            values[start : start + index.size] = both >> shift & np.uint64((1 << self.bits) - 1)
        return values

    def max(self) -> int:
        """The greatest value, 0 if there are none."""
        most = 0
        for start in range(0, self.count, _PACK_CHUNK):
            count = min(_PACK_CHUNK, self.count - start)
            first = start * self.bits // 32
            words = self.words[first : first + (count * self.bits + 31) // 32]
            whole = words[: count // _PERIOD * self.bits].reshape(-1, self.bits)
            if len(whole) > 1 and (whole == whole[0]).all():
                # The same over and over, as in levels of one value: once will do.
                words = np.concatenate([whole[0], words[whole.size :]])
                count = _PERIOD + count % _PERIOD
            most = max(most, int(PackedIntegers(self.bits, count, words).unpack().max()))
        return most

    @property
    def nbytes(self) -> int:
        return int(self.words.nbytes)


_PACK_CHUNK = 1 << 20  # a multiple of 32, so that chunks start on a word
_PERIOD = 32  # values after which a run of one value repeats itself in words


def _repeated(value: int, bits: int, count: int) -> npt.NDArray[np.uint32]:
    """The words of ``count`` times one ``value``."""
    once = PackedIntegers.pack(np.full(_PERIOD, value, np.uint16), bits).words
    words = np.resize(once, (count * bits + 31) // 32)
    spare = 32 * words.size - count * bits
    words[-1] &= np.uint32(0xFFFFFFFF) >> np.uint32(spare)
    return words

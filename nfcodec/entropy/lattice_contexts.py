"""Limits and contexts of lattices (``nfc-v1.md`` §8.4), for compiled code and for other code."""

from __future__ import annotations

#: Values are held within this, so that float32 has them all and predictions are exact in 32 bits.
MAX_VALUE = 1 << 24
#: A difference in steps is below ``2^(MAX_BITS + 1)``.
MAX_BITS = 24
#: Kinds of decisions: zero, sign, one for each bit of the size's length, the bit below the highest
#: one by length, and one for all lower bits.
ZERO, SIGN, LENGTH = 0, 1, 2
SECOND, LOWER = LENGTH + MAX_BITS - 1, LENGTH + 2 * MAX_BITS
KINDS = LOWER + 1
#: Sets of weights: zero, sign, the first bit of the length, all else.
SETS = 4

# Contexts of each input, and where its slots begin.
CONTEXTS = (4 * 7 * 7, 9 * 4 * 3, 9 * 6, 5 * 5 * 3, 5 * 9 * 3, 7 * 7 * 4)
SLOTS = sum(CONTEXTS) * KINDS

"""Symbols grouped by the model that codes them, so that each group is one call of the coder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from nfcodec.entropy.ans import Decoder, Model

Keys = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]


def split(
    keys: Keys, symbols: npt.NDArray[np.integer], models: Sequence[Model]
) -> Iterator[tuple[npt.NDArray[np.integer], Model]]:
    """(symbols, model) for each key that occurs, keys ascending, symbols in their order."""
    order = np.argsort(keys, kind="stable")  # a radix sort for these types
    ends = np.cumsum(np.bincount(keys, minlength=len(models)))
    ordered = symbols[order]
    start = 0
    for key, end in enumerate(ends.tolist()):
        if end > start:
            yield ordered[start:end], models[key]
        start = end


def decode(decoder: Decoder, keys: Keys, models: Sequence[Model]) -> npt.NDArray[np.uint16]:
    """The symbols that :func:`split` took apart, in their order."""
    counts = np.bincount(keys, minlength=len(models)).tolist()
    grouped = np.empty(keys.size, np.uint16)
    start = 0
    for key, count in enumerate(counts):
        if count:
            grouped[start : start + count] = decoder.decode(models[key], count)
            start += count
    symbols = np.empty(keys.size, np.uint16)
    symbols[np.argsort(keys, kind="stable")] = grouped
    return symbols

"""Symbols grouped by the model that codes them, so that each group is one call of the coder."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from nfcodec.entropy import ans, compiled
from nfcodec.entropy.ans import Frequencies, Model, Words

Keys = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]
Decoder = ans.Decoder | compiled.Decoder


class Models:
    """The models that keys choose among: ``frequencies`` (M, K), each row sums to 2^24."""

    def __init__(self, frequencies: Frequencies) -> None:
        self.frequencies = frequencies

    @functools.cached_property
    def one_by_one(self) -> list[Model]:
        return [Model(row) for row in self.frequencies]

    @functools.cached_property
    def tables(self) -> compiled.Tables:
        """The same for the compiled decoder."""
        return compiled.Tables(self.frequencies)


def decoder(words: Words, count: int) -> Decoder:
    """The decoder that will sooner have read the ``count`` symbols of ``words``."""
    return compiled.Decoder(words) if compiled.pays(count) else ans.Decoder(words)


def split(
    keys: Keys, symbols: npt.NDArray[np.integer], models: Models
) -> Iterator[tuple[npt.NDArray[np.integer], Model]]:
    """(symbols, model) for each key that occurs, keys ascending, symbols in their order."""
    order = np.argsort(keys, kind="stable")  # a radix sort for these types
    ends = np.cumsum(np.bincount(keys, minlength=len(models.frequencies)))
    ordered = symbols[order]
    start = 0
    for key, end in enumerate(ends.tolist()):
        if end > start:
            yield ordered[start:end], models.one_by_one[key]
        start = end


def decode(decoder: Decoder, keys: Keys, models: Models) -> npt.NDArray[np.uint16]:
    """The symbols that :func:`split` took apart, in their order."""
    if isinstance(decoder, compiled.Decoder):
        return decoder.groups(keys, models.tables)
    counts = np.bincount(keys, minlength=len(models.frequencies)).tolist()
    grouped = np.empty(keys.size, np.uint16)
    start = 0
    for model, count in zip(models.one_by_one, counts, strict=True):
        if count:
            grouped[start : start + count] = decoder.decode(model, count)
            start += count
    symbols = np.empty(keys.size, np.uint16)
    symbols[np.argsort(keys, kind="stable")] = grouped
    return symbols

"""The encoder's choice of classes, places, bins and tables for :mod:`nfcodec.entropy.contexts`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nfcodec.container import Builder
from nfcodec.entropy import clustering, contexts, tables
from nfcodec.entropy.contexts import ContextTable, Layer, Places, Rules, Surroundings
from nfcodec.entropy.lattice import Lattice, Volume

#: Bins per axis that are tried.
_BINS = ((4, 3, 2), (6, 4, 3), (8, 6, 4), (12, 8, 6))
#: Fewer symbols than this cannot pay for the tables.
MIN_SYMBOLS = 512
_WIDTH = 5


@dataclass(frozen=True)
class _Trial:
    """Rules, the contexts' classes by pass, their contexts, and the bits all this would take."""

    rules: Rules
    keys: list[npt.NDArray[np.uint8]]
    counts: npt.NDArray[np.int64]
    coarser: bool
    bits: float


def encode(
    symbols: npt.NDArray[np.uint16],
    vectors: npt.NDArray[np.float64],
    lattice: Lattice,
    coarser: tuple[int, Layer] | None,
) -> tuple[Builder, Layer]:
    """A section's fields for (N,) ``symbols`` of the sites of ``lattice``.

    ``vectors``: (K, F), what the symbols stand for: alike vectors are taken to be alike contexts.
    ``coarser``: the position and the layer of a coarser level, if there is one.
    """
    use = np.bincount(symbols, minlength=len(vectors))
    trials = []
    for groups in _group_counts(len(vectors)):
        class_of = np.arange(groups, dtype=np.uint8)
        if groups < len(vectors):
            class_of = clustering.group_vectors(vectors, use, groups)
        classes = class_of[symbols]
        for layer in [None] if coarser is None else [None, coarser[1]]:
            trials += _trials(vectors, use, class_of, groups, lattice, classes, layer)
    best = min(trials, key=lambda trial: trial.bits)
    classes = best.rules.class_of[symbols]
    groups = len(best.rules.places)
    section = Builder()
    split = groups < len(vectors)
    width = _best_width(best.counts)
    contexts.write(
        section,
        symbols,
        lattice.scatter(classes),
        best.keys,
        best.rules,
        coarser[0] if coarser is not None and best.coarser else None,
        np.stack([tables.quantize(row, width) for row in best.counts]),
        tables.quantize(use, width) if split else None,
        width,
    )
    return section, Layer(lattice, classes, groups)


def surroundings(
    vectors: npt.NDArray[np.float64],
    use: npt.NDArray[np.int64],
    class_of: npt.NDArray[np.uint8],
    groups: int,
    lattice: Lattice,
    classes: npt.NDArray[np.uint8],
    coarser: Layer | None,
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """(N,) number of the table that would code each site's class, and (C, G) what it counts.

    Takes what a section with these classes of codes (``class_of`` (K,), below ``groups``) would.
    """
    (trial,) = _trials(vectors, use, class_of, groups, lattice, classes, coarser, _BINS[2:3])
    return lattice.gather(trial.keys), trial.counts


def _group_counts(alphabet: int) -> tuple[int, ...]:
    if alphabet <= 32:
        return (alphabet,)
    return (alphabet, 32) if alphabet <= contexts.MAX_CLASSES else (64, 32)


def _trials(
    vectors: npt.NDArray[np.float64],
    use: npt.NDArray[np.int64],
    class_of: npt.NDArray[np.uint8],
    groups: int,
    lattice: Lattice,
    classes: npt.NDArray[np.uint8],
    coarser: Layer | None,
    most_bins: tuple[tuple[int, ...], ...] = _BINS,
) -> list[_Trial]:
    mass = np.bincount(class_of, use, groups).astype(np.int64)
    means = clustering.group_means(vectors, use, class_of, groups)
    axes = min(contexts.MAX_AXES, groups - 1, vectors.shape[1])
    along = clustering.principal_places(means, mass, axes)
    low, high = _range(along, mass)
    by_pass = lattice.scatter(classes)
    coarse_places = None
    if coarser is not None:
        coarse_places = _places(_coarse_means(lattice, by_pass, coarser, along), low, high)
    fixed = _within_bits(use, class_of, groups) + 5 * axes * groups
    if groups < len(vectors):
        fixed += len(vectors) * (_WIDTH + np.log2(groups))
    places = _places(along, low, high)
    around = Surroundings(lattice, places, coarser, coarse_places)
    totals = []
    for p in range(8):
        totals.append(around.totals(p))
        around.visit(p, by_pass[p])
    found = []
    for most in most_bins:
        bin_of = _even_bins(np.concatenate(totals), most[:axes])
        context_of = ContextTable(bin_of)
        keys = [context_of(total) for total in totals]
        counts = np.zeros((contexts.num_contexts(bin_of), groups), np.int64)
        for key, of_pass in zip(keys, by_pass, strict=True):
            flat = key.astype(np.int64) * groups + of_pass
            counts += np.bincount(flat, minlength=counts.size).reshape(counts.shape)
        cluster_of, bits = clustering.merge_contexts(counts, groups * _WIDTH, contexts.MAX_CLUSTERS)
        clusters = int(cluster_of.max()) + 1
        merged = np.zeros((clusters, groups), np.int64)
        np.add.at(merged, cluster_of, counts)
        bits += clusters * groups * _WIDTH + len(counts) * np.log2(clusters) + fixed
        rules = Rules(class_of, places, coarse_places, bin_of, cluster_of)
        found.append(
            _Trial(rules, [cluster_of[key] for key in keys], merged, coarser is not None, bits)
        )
    return found


def _even_bins(totals: Volume, most_bins: tuple[int, ...]) -> npt.NDArray[np.uint8]:
    """(axes, 32): bins of the mean places, each of about as many sites."""
    rows = []
    mean = contexts.mean_places()
    there = totals[totals >> np.uint32(24) > 0]
    for axis, most in enumerate(most_bins):
        means = mean[contexts.sums_on(there, axis)]
        share = np.bincount(means, minlength=contexts.PLACES) + 1e-9
        middle = (np.cumsum(share) - share / 2) / share.sum()
        # Numbered without gaps: a place that holds many sites leaves some bins empty.
        _, bins = np.unique((middle * most).astype(np.int64), return_inverse=True)
        rows.append(bins)
    return np.stack(rows).astype(np.uint8)


def _range(
    along: npt.NDArray[np.float64], mass: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The stretch of each axis that places cover: classes far out share the outermost ones."""
    share = mass / max(mass.sum(), 1)
    middle = share @ along
    spread = np.sqrt(share @ (along - middle) ** 2)
    low = np.maximum(along.min(0), middle - _SPREADS * spread)
    high = np.minimum(along.max(0), middle + _SPREADS * spread)
    return low, np.maximum(high, low + 1e-12)


_SPREADS = 2.5


def _places(
    along: npt.NDArray[np.float64],
    low: npt.NDArray[np.float64],
    high: npt.NDArray[np.float64],
) -> Places:
    count = 1 << contexts.PLACE_BITS
    places = np.floor((along - low) / (high - low) * count)
    return np.clip(places, 0, count - 1).astype(np.uint8)


def _coarse_means(
    lattice: Lattice,
    by_pass: list[npt.NDArray[np.uint8]],
    coarser: Layer,
    along: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """(G', axes): the mean place of the classes found above each coarser class."""
    spread = coarser.lattice.spread(coarser.classes.astype(np.uint32) + np.uint32(1))
    seen = [lattice.above(coarser.lattice, spread, p) for p in range(8)]
    above = np.concatenate(seen).astype(np.int64)
    places = along[np.concatenate(by_pass)]
    count = np.bincount(above, minlength=coarser.num_classes + 1)[1:]
    sums = [np.bincount(above, column, coarser.num_classes + 1)[1:] for column in places.T]
    return np.stack(sums, 1) / np.maximum(count, 1)[:, None]


def _within_bits(use: npt.NDArray[np.int64], class_of: npt.NDArray[np.uint8], groups: int) -> float:
    mass = np.bincount(class_of, use, groups)[class_of]
    seen = use > 0
    return float((use[seen] * np.log2(mass[seen] / use[seen])).sum())


def _best_width(counts: npt.NDArray[np.int64]) -> int:
    def bits(width: int) -> float:
        rows = [(row, tables.frequencies(tables.quantize(row, width))) for row in counts]
        return sum(tables.cost(row, freq) for row, freq in rows) + counts.size * width

    return min((4, 5, 6), key=bits)

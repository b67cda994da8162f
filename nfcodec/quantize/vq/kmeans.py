"""K-means vector quantization, one codebook per level (the baseline of VQ-AD, table 1)."""

from __future__ import annotations

import warnings
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from nfcodec.arrays import FloatArray
from nfcodec.codes import VQCode
from nfcodec.methods import KMeansOptions
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.model.packed import PackedIntegers
from nfcodec.quantize.contract import Context, Quantizer, with_codes

IndexArray: TypeAlias = npt.NDArray[np.uint16]

#: Distances computed at a time; 2 MB of them stay in the cache.
_CHUNK = 1 << 18
#: Vectors that k-means begins with, and products of corners and codes it may then spend.
_SAMPLE = 16_384
_WORK = 2_000_000_000


class KMeans(KMeansOptions, Quantizer):
    """Codes fields by :class:`nfcodec.methods.KMeansOptions`."""

    def quantize(self, field: Field, context: Context) -> CodedField:
        codes = []
        context.progress.start("k-means", len(field.levels))
        for number, level in enumerate(field.levels):
            codebook, indices = fit_codebook(level.features, 2**self.bits, context.seed)
            codes.append(
                VQCode(PackedIntegers.pack(indices, self.bits), codebook.astype(np.float16))
            )
            context.progress.update(number + 1)
        context.progress.finish()
        return with_codes(field, codes)


def fit_codebook(
    vectors: FloatArray,
    num_codes: int,
    seed: int = 0,
    *,
    fast: bool = False,
) -> tuple[FloatArray, IndexArray]:
    """A codebook for (N, F) ``vectors`` by k-means, and each vector's nearest code.

    Returns ``codebook`` (K, F) float32 of float16 values, sorted by :func:`sort_codebook`, and
    ``indices`` (N,) uint16. K is at most ``num_codes`` (at most 65,536) and less where there are
    fewer distinct vectors in float16, which are then coded exactly; every code is somebody's
    nearest, except that an empty level gets one code of zeros. ``fast`` fits on fewer vectors, for
    a codebook that training goes on to improve. ``vectors`` are within float16's range.
    """
    if not 1 <= num_codes <= 1 << 16:
        raise ValueError(f"num_codes must be 1..65536, got {num_codes}")
    if not len(vectors):
        return np.zeros((1, vectors.shape[1]), np.float32), np.zeros(0, np.uint16)
    distinct = _distinct_if_few(vectors, num_codes)
    if distinct is not None:
        codebook = distinct
    else:
        codebook = _centers(vectors, num_codes, seed, fast)
        codebook = np.unique(codebook.astype(np.float16), axis=0).astype(np.float32)
    codebook, indices = sort_codebook(codebook, nearest(vectors, codebook))
    return drop_unused(codebook, indices)


def nearest(vectors: FloatArray, codebook: FloatArray) -> IndexArray:
    """(N,) uint16: each vector's nearest code in Euclidean distance, the first of equals.

    Double precision, in pieces: memory does not grow with N x K.
    """
    codes = codebook.astype(np.float64)
    # |v - c|^2 / 2 without |v|^2 / 2, which all codes share, as one product: (-v, 1) . (c, |c|^2/2)
    table = np.concatenate([codes.T, 0.5 * np.einsum("kf,kf->k", codes, codes)[None]])
    indices = np.empty(len(vectors), np.uint16)
    step = max(1, _CHUNK // len(codes))
    for start in range(0, len(vectors), step):
        part = vectors[start : start + step]
        rows = np.ones((len(part), table.shape[0]))
        np.negative(part, out=rows[:, :-1])
        indices[start : start + step] = (rows @ table).argmin(axis=1)
    return indices


def sort_codebook(codebook: FloatArray, indices: IndexArray) -> tuple[FloatArray, IndexArray]:
    """The same codes in a canonical order: along the first principal axis of the vectors coded.

    Neighboring indices then mean similar vectors. ``codebook`` (K, F), ``indices`` (N,).
    """
    counts = np.bincount(indices, minlength=len(codebook)).astype(np.float64)
    codes = codebook.astype(np.float64)
    centered = codes - (counts @ codes) / max(counts.sum(), 1.0)
    axis = np.linalg.eigh((centered * counts[:, None]).T @ centered)[1][:, -1]
    axis *= np.sign(axis[np.abs(axis).argmax()])  # the eigenvector's sign is arbitrary
    # Ties are broken by the vectors' own values, so that the order depends on the set alone.
    order = np.lexsort([*codebook.T[::-1], centered @ axis])
    place = np.empty(len(order), np.uint16)
    place[order] = np.arange(len(order), dtype=np.uint16)
    return codebook[order], place[indices]


def drop_unused(codebook: FloatArray, indices: IndexArray) -> tuple[FloatArray, IndexArray]:
    """Without the codes that no index names; the order of the others stays."""
    used = np.zeros(len(codebook), np.bool_)
    used[indices] = True
    place = (np.cumsum(used) - 1).astype(np.uint16)
    return codebook[used], place[indices]


def _distinct_if_few(vectors: FloatArray, most: int) -> FloatArray | None:
    """The distinct float16 vectors if there are at most ``most``, else None."""
    half = vectors.astype(np.float16) + np.float16(0)  # -0 becomes 0
    # Most levels show enough distinct vectors in their first rows already.
    if len(np.unique(half[: 4 * most], axis=0)) > most:
        return None
    distinct = np.unique(half, axis=0)
    return distinct.astype(np.float32) if len(distinct) <= most else None


def _centers(vectors: FloatArray, num_codes: int, seed: int, fast: bool) -> FloatArray:
    """(K, F) centers by scikit-learn's k-means: a few vectors to begin with, then all of them.

    docs/decisions/0004-kmeans.md has the measurements behind the numbers here.
    """
    from sklearn.cluster import KMeans as Fit
    from sklearn.cluster import kmeans_plusplus
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    rng = np.random.default_rng(seed)
    sample = vectors
    if len(vectors) > _SAMPLE:
        sample = vectors[np.sort(rng.choice(len(vectors), _SAMPLE, replace=False))]
    affordable = _WORK // (len(vectors) * num_codes)
    steps = int(np.clip(affordable, 1, 2) if fast else np.clip(affordable, 3, 30))
    state = int(rng.integers(1 << 31))

    def plusplus(rows: FloatArray, count: int, random_state: Any) -> FloatArray:
        # Trying several vectors for each start is the better half of k-means++, and the dearer.
        trials = None if count <= 1024 else 1
        starts: FloatArray = kmeans_plusplus(
            rows, count, random_state=random_state, n_local_trials=trials
        )[0]
        return starts

    # One thread: with more, the order of scikit-learn's sums, and so the file, would vary.
    with threadpool_limits(1), warnings.catch_warnings():
        # Where many vectors are equal, some centers coincide; they are merged later.
        warnings.simplefilter("ignore", ConvergenceWarning)
        starts = 3 if num_codes <= 64 and not fast else 1
        fit = Fit(
            num_codes, init=plusplus, n_init=starts, max_iter=5 if fast else 20, random_state=state
        )
        centers = fit.fit(sample).cluster_centers_
        if sample is not vectors:
            fit = Fit(num_codes, init=centers, n_init=1, max_iter=steps, tol=1e-5)
            centers = fit.fit(vectors).cluster_centers_
    found: FloatArray = centers.astype(np.float32)
    return found

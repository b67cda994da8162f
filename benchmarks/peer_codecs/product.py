"""faiss's product quantization of a level's vectors; codes, codebooks and networks by Zstandard.

``code_bits``: of a vector, in sub-vectors of 8 bits each, or fewer bits in one. A level of fewer
vectors than codes has as many bits as it can fill.
"""

from __future__ import annotations

import faiss
import numpy as np

from peer_codecs import Arrays, Shape, Shapes, halves, join, split, unhalves
from peer_codecs.zstd import pack, unpack

NAME = "faiss PQ"
LIBRARIES = ("faiss-cpu", "zstandard")
KNOB = "code_bits"
VALUES = (128, 64, 32, 16, 8, 6, 4)


def _quantizer(shape: Shape, code_bits: int) -> faiss.ProductQuantizer:
    """The quantizer of a level of ``shape``, channels first, before it is trained."""
    width, rows = shape[0], int(np.prod(shape[1:]))
    # As many sub-vectors as divide the width, up to those wanted.
    parts = next(m for m in range(max(1, code_bits // 8), 0, -1) if width % m == 0)
    bits = min(8, code_bits // parts, int(np.log2(rows)))
    return faiss.ProductQuantizer(width, parts, bits)


def encode(arrays: Arrays, value: int) -> bytes:
    parts = []
    for level in arrays.levels:
        vectors = np.ascontiguousarray(level.reshape(len(level), -1).T)
        quantizer = _quantizer(level.shape, value)
        quantizer.cp.seed = 0
        quantizer.cp.min_points_per_centroid = 1
        quantizer.train(vectors)
        codebook = faiss.vector_to_array(quantizer.centroids).astype(np.float16)
        faiss.copy_array_to_vector(codebook.astype(np.float32), quantizer.centroids)
        parts += [codebook.tobytes(), quantizer.compute_codes(vectors).tobytes()]
    return join([np.uint32(value).tobytes(), *map(pack, [*parts, halves(arrays.networks)])])


def decode(data: bytes, shapes: Shapes) -> Arrays:
    head, *parts = split(data)
    *parts, networks = map(unpack, parts)
    code_bits = int(np.frombuffer(head, np.uint32)[0])
    levels = []
    for codebook, codes, shape in zip(parts[::2], parts[1::2], shapes.levels, strict=True):
        quantizer = _quantizer(shape, code_bits)
        values = np.frombuffer(codebook, np.float16).astype(np.float32)
        faiss.copy_array_to_vector(values, quantizer.centroids)
        rows = np.frombuffer(codes, np.uint8).reshape(-1, quantizer.code_size)
        vectors = quantizer.decode(np.ascontiguousarray(rows))
        levels.append(np.ascontiguousarray(vectors.T).reshape(shape))
    return Arrays(levels, unhalves(networks, shapes.networks))
